//go:build unix

package terminal

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// comparison runs the same session on a real pty and on a simulation: both must show the same screen.
type comparison struct {
	*ptyScreen
	simulation *simulation
	vt         *vt  // what the pty shows
	read       int  // how much of what was written to it the vt has read
	stale      bool // a change of the size has left rows behind; where they end is unknown
}

// TestScreensOnAPTY plays every moment through a real terminal, and changes its size.
func TestScreensOnAPTY(t *testing.T) {
	for _, m := range screenCases() {
		t.Run(m.name, func(t *testing.T) {
			c := Config{Prompt: "(you) ", Colors: Colors{Prompt: "1;32", Fold: "36", Suggestion: "90"}, Env: xterm, Frame: time.Millisecond}
			tw := &comparison{ptyScreen: openPTY(t, m.width, m.height), simulation: newSimulation(t, m.width, m.height, c), vt: newVT(t, m.width, m.height)}
			terminal := tw.open(c)
			defer terminal.Close()
			readAll(terminal)
			tw.agree("the prompt")
			tw.print(terminal, "before\n")
			tw.typeKeys(m.typed)
			tw.print(terminal, m.messages)
			tw.change(m.width-5, m.height)
			tw.print(terminal, "narrow\n")
			if !tw.stale { // else the two have different rows to wrap anew
				tw.change(m.width+9, m.height+2)
				tw.print(terminal, "wide\n")
			}
			tw.typeKeys(left + "x")
			tw.typeKeys("\r")
		})
	}
}

func (tw *comparison) print(terminal *Terminal, message string) {
	tw.t.Helper()
	terminal.Print([]byte(message))
	tw.simulation.print(message)
	tw.agree("printing " + message)
}

func (tw *comparison) typeKeys(keys string) {
	tw.t.Helper()
	tw.press(keys)
	tw.simulation.press(keys)
	tw.agree("typing " + keys)
}

func (tw *comparison) change(width, height int) {
	tw.t.Helper()
	tw.vt.resize(width, height)
	tw.vt.lenient = true
	if err := pty.Setsize(tw.tty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		tw.t.Fatal(err)
	}
	tw.simulation.resize(width, height)
	before := len(tw.written())
	syscall.Kill(os.Getpid(), syscall.SIGWINCH) // the pty is not our controlling terminal
	tw.until("draw for another size", func() bool { return strings.LastIndex(tw.written(), endFrame) >= before })
	tw.agree("changing the size")
}

// agree waits until both screens are the same, and what has scrolled off them.
func (tw *comparison) agree(what string) {
	tw.t.Helper()
	tw.stale = tw.stale || tw.simulation.stale
	tw.simulation.frame()
	want := tw.simulation.vt
	tw.until("agree on "+what, func() bool {
		written := tw.written()
		if end := strings.LastIndex(written, endFrame); end >= tw.read {
			end += len(endFrame)
			tw.vt.Write([]byte(written[tw.read:end]))
			tw.read = end
		}
		return slices.Equal(tw.vt.screenRows(), want.screenRows()) && tw.vt.x == want.x && tw.vt.y-tw.vt.top == want.y-want.top &&
			tw.vt.style == "" && (tw.stale || slices.Equal(tw.vt.text(), want.text()))
	})
}
