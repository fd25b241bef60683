//go:build linux

package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wsx/server/servertest"
)

// maxMemory is the resident memory that the program may use for any messages, in bytes.
const maxMemory = 64 << 20

// TestMillionLinesInOrder echoes many times as many lines as the pipes and sockets in between can hold; in short mode, a tenth of a
// million.
func TestMillionLinesInOrder(t *testing.T) {
	count, wait := 1_000_000, 3*time.Second
	if testing.Short() {
		count, wait = 100_000, 300*time.Millisecond
	}
	for name, delay := range map[string]time.Duration{"reader at once": 0, "slow reader": wait} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "-q", echoURL(t))
			go func() { // ended by the end of its lines
				out := bufio.NewWriter(p.stdin)
				for i := range count {
					fmt.Fprintln(out, i)
				}
				out.Flush()
				p.stdin.Close()
			}()
			time.Sleep(delay) // a slow reader must not lose lines
			lines := bufio.NewScanner(p.stdout)
			for i := range count {
				if !lines.Scan() || lines.Text() != strconv.Itoa(i) {
					t.Fatalf("line %d: got %q", i, lines.Text())
				}
			}
			if lines.Scan() {
				t.Fatalf("an extra line: %q", lines.Text())
			}
			p.wantSuccess()
		})
	}
}

func TestReceiveGigabyteMemory(t *testing.T) {
	skipGigabyte(t)
	p := start(t, "-q", "-f", "bytes", "-w", "-1", gigabyteURL(t))
	p.stdin.Close()
	p.wantGigabyte()
	p.wantSuccess()
}

// TestHostileServerMemory: announced lengths, compression bombs and floods do not use much memory.
func TestHostileServerMemory(t *testing.T) {
	bad, program := servertest.Start(t), build(t)
	for _, row := range []struct {
		path string
		args []string
		exit int
		want string // on standard error
	}{
		{"/bomb", []string{"-f", "json", "--max-message", "1MiB"}, exitProtocol, "1009"},
		{"/bomb", []string{"-f", "raw", "--max-message", "1MiB"}, exitProtocol, "1009"},
		{"/bigheader", []string{"-f", "json"}, exitProtocol, "1009"},
		{"/emptyfragments?n=1000000", []string{"-f", "json"}, exitOK, ""},
		{"/pingflood?n=1000000", nil, exitOK, ""},
		{"/halfframe", []string{"-f", "bytes"}, exitLost, "lost"},
	} {
		t.Run(strings.Join(append(row.args, row.path), " "), func(t *testing.T) {
			p := startBuilt(t, program, append(row.args, "-w", "-1", bad.URL(row.path))...)
			p.stdin.Close()
			io.Copy(io.Discard, p.stdout)
			p.wantExit(row.exit)
			if !strings.Contains(p.stderr.String(), row.want) {
				t.Errorf("standard error %q, want %q", p.stderr.String(), row.want)
			}
		})
	}
}

// skipGigabyte skips tests that move a gibibyte in short mode.
func skipGigabyte(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves a gibibyte")
	}
}

// gigabyteURL starts a server that sends one message of 1 GiB in one frame, then Close.
func gigabyteURL(t *testing.T) string {
	return framesURL(t, func(w io.Writer) {
		w.Write([]byte{0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0})
		for i := range gigabyte / blockSize {
			w.Write(block(i))
		}
	})
}

// framesURL starts a server that writes frames to each client, then Close.
func framesURL(t testing.TB, write func(io.Writer)) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, stream, _ := w.(http.Hijacker).Hijack()
		defer conn.Close()
		accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(accept[:]))
		write(stream)
		stream.Write([]byte{0x88, 0})
		stream.Flush()
		io.Copy(io.Discard, stream)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

func TestSendGigabyteMemory(t *testing.T) {
	skipGigabyte(t)
	p := start(t, "-q", "--stream", "--no-compress", echoURL(t))
	go func() { // ended by the end of its blocks
		for i := range gigabyte / blockSize {
			p.stdin.Write(block(i))
		}
		p.stdin.Close()
	}()
	p.wantGigabyte()
	p.wantSuccess()
}

// wantGigabyte fails the test unless standard output has all blocks, in order, and nothing else.
func (p *process) wantGigabyte() {
	p.t.Helper()
	got := make([]byte, blockSize)
	for i := range gigabyte / blockSize {
		if n, err := io.ReadFull(p.stdout, got); err != nil || !bytes.Equal(got, block(i)) {
			p.t.Fatalf("block %d: %d bytes, %v; %v %s", i, n, err, p.cmd.Wait(), p.stderr.String())
		}
	}
	if n, _ := io.Copy(io.Discard, p.stdout); n > 0 {
		p.t.Errorf("%d extra bytes", n)
	}
}

const (
	gigabyte  = 1 << 30
	blockSize = 64 << 10
)

// block returns block i of a stream in which all blocks differ.
func block(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%08x", i), blockSize/8) }

// process is a process of the program, built without the race detector, which uses memory too.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	stderr bytes.Buffer
	maxRSS chan int64 // receives the peak memory, in bytes
	limit  int64      // of that
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startBuilt(t, build(t), args...)
}

func startBuilt(t *testing.T, program string, args ...string) *process {
	p := &process{t: t, cmd: exec.Command(program, args...), maxRSS: make(chan int64, 1), limit: maxMemory}
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
	go p.watch() // ended by the program's end
	return p
}

// watch reads the program's peak memory while it runs. The value of wait4 is useless: it includes the memory of the test itself, from
// before exec.
func (p *process) watch() {
	var peak int64
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		_, after, ok := strings.Cut(string(status), "VmHWM:")
		if err != nil || !ok {
			p.maxRSS <- peak
			return
		}
		fmt.Sscan(after, &peak)
		peak <<= 10
		time.Sleep(20 * time.Millisecond)
	}
}

// wantSuccess fails the test unless the program ends with exit code 0 and has used no more memory than its limit.
func (p *process) wantSuccess() {
	p.t.Helper()
	p.wantExit(exitOK)
}

// wantExit fails the test unless the program ends with an exit code and has used no more memory than its limit.
func (p *process) wantExit(code int) {
	p.t.Helper()
	if err := p.cmd.Wait(); p.cmd.ProcessState.ExitCode() != code {
		p.t.Errorf("%v, want exit code %d: %s", err, code, p.stderr.String())
	}
	if peak := <-p.maxRSS; peak > p.limit || peak == 0 {
		p.t.Errorf("used %d bytes of memory, limit %d", peak, p.limit)
	}
}

// build builds the program, once for all tests, and returns its path.
func build(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// buildOnce builds the program in the folder of testscript's commands, which is removed when all tests have ended.
// Without debugging information, which no test needs, linking takes half of the time.
var buildOnce = sync.OnceValues(func() (path string, err error) {
	tests, err := exec.LookPath("wsx")
	if err != nil {
		return "", err
	}
	path = filepath.Join(filepath.Dir(tests), "wsx-built")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %s", err, out)
	}
	return path, nil
})
