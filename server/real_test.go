package server

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRealNodeHTTP2 serves the HTTP/2 client of Node, which is no code of ours.
func TestRealNodeHTTP2(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	s := serve(t, Options{HTTP2: true, Subprotocols: []string{"b"}})
	out, err := exec.CommandContext(limited(t), node, "testdata/http2_client.js", "http://"+s.Addr().String()).CombinedOutput()
	const want = "extended true\nstatus 200 b\nreceived 810568656c6c6f880203e8\n"
	if got := strings.ReplaceAll(string(out), "\r", ""); got != want || err != nil {
		t.Errorf("node printed %q (%v), want %q", got, err, want)
	}
}
