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
	read       int  // number of bytes written to it that the vt has read
	stale      bool // a change of the size has left rows behind; where they end is unknown
}

// TestScreensOnAPTY runs every screen case on a real terminal, and changes its size.
func TestScreensOnAPTY(t *testing.T) {
	for _, m := range screenCases() {
		t.Run(m.name, func(t *testing.T) {
			c := Config{Prompt: "(you) ", Colors: Colors{Prompt: "1;32", Fold: "36", Suggestion: "90"}, Env: xterm, Frame: time.Millisecond}
			both := &comparison{ptyScreen: openPTY(t, m.width, m.height), simulation: newSimulation(t, m.width, m.height, c), vt: newVT(t, m.width, m.height)}
			terminal := both.open(c)
			defer terminal.Close()
			readAll(terminal)
			both.agree("the prompt")
			both.print(terminal, "before\n")
			both.typeKeys(m.typed)
			both.print(terminal, m.messages)
			both.change(m.width-5, m.height)
			both.print(terminal, "narrow\n")
			if !both.stale { // otherwise the two wrap different rows again
				both.change(m.width+9, m.height+2)
				both.print(terminal, "wide\n")
			}
			both.typeKeys(left + "x")
			both.typeKeys("\r")
		})
	}
}

func (both *comparison) print(terminal *Terminal, message string) {
	both.t.Helper()
	terminal.Write([]byte(message))
	both.simulation.print(message)
	both.agree("printing " + message)
}

func (both *comparison) typeKeys(keys string) {
	both.t.Helper()
	both.press(keys)
	both.simulation.press(keys)
	both.agree("typing " + keys)
}

func (both *comparison) change(width, height int) {
	both.t.Helper()
	both.vt.resize(width, height)
	both.vt.lenient = true
	if err := pty.Setsize(both.tty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		both.t.Fatal(err)
	}
	both.simulation.resize(width, height)
	before := len(both.written())
	syscall.Kill(os.Getpid(), syscall.SIGWINCH) // the pty is not our controlling terminal
	both.until("draw for another size", func() bool { return strings.LastIndex(both.written(), endFrame) >= before })
	both.agree("changing the size")
}

// agree waits until both screens are the same, and what has scrolled off them.
func (both *comparison) agree(what string) {
	both.t.Helper()
	both.stale = both.stale || both.simulation.stale
	both.simulation.frame()
	want := both.simulation.vt
	both.until("agree on "+what, func() bool {
		written := both.written()
		if end := strings.LastIndex(written, endFrame); end >= both.read {
			end += len(endFrame)
			both.vt.Write([]byte(written[both.read:end]))
			both.read = end
		}
		return slices.Equal(both.vt.screenRows(), want.screenRows()) && both.vt.x == want.x && both.vt.y-both.vt.top == want.y-want.top &&
			both.vt.style == "" && (both.stale || slices.Equal(both.vt.text(), want.text()))
	})
}
