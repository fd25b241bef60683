//go:build linux || darwin

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"wsx/server"
	"wsx/server/adversary"
)

// mostMemory is what the program may take while messages pass through it, in bytes of resident memory.
const mostMemory = 64 << 20

const million = 1_000_000

func TestAMillionLinesComeBackInOrder(t *testing.T) {
	for name, delay := range map[string]time.Duration{"reader at once": 0, "reader after 3 s": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "-q", echoURL(t))
			go func() { // ended by the end of its lines
				out := bufio.NewWriter(p.stdin)
				for i := range million {
					fmt.Fprintln(out, i)
				}
				out.Flush()
				p.stdin.Close()
			}()
			time.Sleep(delay) // the delay is the promise: nothing is lost for it
			lines := bufio.NewScanner(p.stdout)
			for i := range million {
				if !lines.Scan() || lines.Text() != strconv.Itoa(i) {
					t.Fatalf("line %d: got %q", i, lines.Text())
				}
			}
			if lines.Scan() {
				t.Fatalf("a line too many: %q", lines.Text())
			}
			p.end()
		})
	}
}

func TestAGigabyteIsReceivedInLittleMemory(t *testing.T) {
	bad := adversary.Start(t)
	p := start(t, "-q", "-f", "bytes", "-w", "-1", bad.URL("/count?n=1&size=1073741824&type=binary"))
	p.stdin.Close()
	n, err := io.Copy(io.Discard, p.stdout)
	if n != 1<<30 || err != nil {
		t.Errorf("received %d bytes, %v; want 1 GiB", n, err)
	}
	p.end()
}

func TestAGigabyteIsSentInLittleMemory(t *testing.T) {
	p := start(t, "-q", "--stream", echoURL(t))
	go func() { // ended by the end of its blocks
		for i := range 1 << 14 {
			p.stdin.Write(block(i))
		}
		p.stdin.Close()
	}()
	got := make([]byte, 1<<16)
	for i := range 1 << 14 {
		if _, err := io.ReadFull(p.stdout, got); err != nil || !bytes.Equal(got, block(i)) {
			t.Fatalf("block %d came back changed, or not at all: %v", i, err)
		}
	}
	p.end()
}

// block is the i-th of a stream whose blocks differ, 64 KiB.
func block(i int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%08x", i)), 1<<13)
}

func echoURL(t *testing.T) string {
	s, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s.URL()
}

// process is the program as it is built for users, without the race detector, whose memory would be counted.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	stderr bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	p := &process{t: t, cmd: exec.Command(build(t), args...)}
	p.cmd.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// end wants the program to have ended well, within the memory it may take.
func (p *process) end() {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%v: %s", err, p.stderr.String())
	}
	memory := p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "linux" {
		memory *= 1 << 10
	}
	if memory > mostMemory {
		p.t.Errorf("took %d bytes of memory, may take %d", memory, mostMemory)
	}
}

// build builds the program and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wsx")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}
