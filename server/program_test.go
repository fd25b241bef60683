package server

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is a wsx process as a client: it sends the lines of in, and prints messages to out.
type program struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

// buildProgram builds wsx, and returns its path. As it is slow, call it before anything with a timeout.
func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wsx")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "wsx/cmd/wsx")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the program cannot be built here: %v\n%s", err, out)
	}
	return path
}

// runProgram runs wsx, connected to a server, until the test ends.
func runProgram(t *testing.T, path, url string) *program {
	t.Helper()
	cmd := exec.CommandContext(testContext(t), path, "--wait", "-1", url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &program{t: t, in: in, out: bufio.NewScanner(out)}
}

func (p *program) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, text+"\n"); err != nil {
		p.t.Fatalf("send %q: %v", text, err)
	}
}

func (p *program) expect(want string) {
	p.t.Helper()
	if !p.out.Scan() || p.out.Text() != want {
		p.t.Fatalf("wsx printed %q (%v), want %q", p.out.Text(), p.out.Err(), want)
	}
}
