//go:build unix

package terminal

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// BenchmarkFlood prints lines of 61 bytes on a pty, one at a time, while a line of 200 characters is half typed.
func BenchmarkFlood(b *testing.B) {
	master, tty, err := pty.Open()
	if err != nil {
		b.Skipf("no pty: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	go io.Copy(io.Discard, master)
	terminal, err := Open(Config{In: tty, Out: tty, Env: xterm, Prompt: "> "})
	if err != nil {
		b.Fatal(err)
	}
	io.WriteString(master, strings.Repeat("half ", 40))
	readAll(terminal)
	line := fmt.Appendf(nil, "< %58s\n", "x")
	began := time.Now()
	b.SetBytes(int64(len(line)))
	b.ResetTimer()
	for range b.N {
		terminal.Write(line)
	}
	terminal.Close()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "lines/s")
}

// BenchmarkKey types a character at the end of a line and draws it.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{40, 4000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := newConsole(Config{Prompt: "> ", Env: xterm}, newPrintBuffer(1<<20))
			c.screen.resize(80, 24)
			c.active = true
			c.input([]byte(strings.Repeat("x", n)))
			c.press()
			var out []byte
			for range b.N {
				c.input([]byte("y\x7f"))
				c.press()
				out = c.frame(out[:0], time.Time{})
			}
		})
	}
}
