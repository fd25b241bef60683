package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// idleClients is the number of clients of BenchmarkIdle; the process needs at least as many open files.
const idleClients = 10_000

// serveAlone is the environment variable that makes this test binary the server of BenchmarkIdle.
const serveAlone = "SERVE_ALONE"

// serveUntilInputEnds runs the server that BenchmarkIdle measures.
func serveUntilInputEnds() {
	s, err := Listen(context.Background(), Options{Addr: "127.0.0.1:0"})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// BenchmarkIdle reports the memory of a server in a separate process with 10,000 clients that send nothing,
// and after each of them has sent a line.
func BenchmarkIdle(b *testing.B) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serveAlone+"=1")
	input, _ := command.StdinPipe()
	output, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer command.Wait()
	defer input.Close()
	addr, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	addr = strings.TrimSpace(addr)
	for b.Loop() {
		clients := make([]net.Conn, idleClients)
		for i := range clients {
			clients[i] = openRawAt(b, addr)
		}
		b.ReportMetric(residentMB(b, command.Process.Pid), "MB-idle")
		for _, c := range clients {
			io.WriteString(c, "\x81\x84\x00\x00\x00\x00line")
		}
		for _, c := range clients {
			if _, err := io.ReadFull(c, make([]byte, 6)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(residentMB(b, command.Process.Pid), "MB-after-a-line")
		for _, c := range clients {
			c.Close()
		}
	}
}

// residentMB returns the resident memory of a process, in 10^6 bytes.
func residentMB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, fs.ErrNotExist) {
		b.Skip("no /proc here to read a process's memory from")
	}
	_, rss, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rss, &kib); err != nil {
		b.Fatal(err)
	}
	return kib * 1024 / 1e6
}
