// Package k6 runs the scripts that wsx bench --print k6 writes in k6 itself. It is a module of its own, so that the program's
// go.mod stays short.
package k6

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// delay is the time that the server takes for an answer. It is long enough that the time of the programs and the machine is small in
// comparison.
const delay = 100 * time.Millisecond

// server answers each message after the delay, or in /room sends it to all.
func server(t *testing.T) (url string) {
	t.Helper()
	var mu sync.Mutex
	room := map[*websocket.Conn]bool{}
	upgrader := websocket.Upgrader{EnableCompression: true}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		mu.Lock()
		room[conn] = true
		mu.Unlock()
		defer func() {
			mu.Lock()
			delete(room, conn)
			mu.Unlock()
		}()
		for {
			kind, payload, err := conn.ReadMessage()
			if err != nil {
				return
			}
			time.AfterFunc(delay, func() {
				mu.Lock()
				defer mu.Unlock()
				for member := range room {
					if member == conn || r.URL.Path == "/room" {
						member.WriteMessage(kind, payload)
					}
				}
			})
		}
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// programs builds wsx and k6.
func programs(t *testing.T) (wsx, k6 string) {
	t.Helper()
	folder := t.TempDir()
	wsx, k6 = filepath.Join(folder, "wsx"), filepath.Join(folder, "k6")
	for _, b := range []struct{ dir, path, pkg string }{{"../../..", wsx, "./cmd/wsx"}, {".", k6, "go.k6.io/k6"}} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", b.path, b.pkg)
		build.Dir = b.dir
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", b.pkg, err, out)
		}
	}
	return wsx, k6
}

// run runs a program that must succeed, and returns its output.
func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		var text []byte
		if exit, failed := err.(*exec.ExitError); failed {
			text = exit.Stderr
		}
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(program), strings.Join(args, " "), err, out, text)
	}
	return out
}

// TestAgreement: k6 runs the script unchanged, and measures the same as wsx.
func TestAgreement(t *testing.T) {
	if testing.Short() {
		t.Skip("k6 takes minutes to build")
	}
	wsx, k6 := programs(t)
	url := server(t)
	payload := filepath.Join(t.TempDir(), "payload")
	if err := os.WriteFile(payload, []byte{0, 0x80, 0xff, '"', '\n', 0xe2}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"open", []string{"--connections", "10", "--rate", "50", url}},
		{"closed", []string{"--connections", "5", url}},
		{"matched", []string{"--connections", "5", "--rate", "50", "-x", `{"id":"{{.Conn}}-{{.Seq}}"}`, "--match", ".id", url}},
		{"binary", []string{"-b", "--size", "1KiB", "--connections", "5", "--rate", "50", url}},
		{"bytes", []string{"-b", "-x", "@" + payload, "--connections", "5", "--rate", "50", url}},
		{"compressed", []string{"--compress", "--size", "1KiB", "--connections", "5", "--rate", "50", url}},
		{"fanout", []string{"fanout", "--connections", "5", "--rate", "10", url + "/room"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"bench", "--duration", "3s", "--slo", "p99<30s,errors<1%"}, c.args...)
			script, summary := filepath.Join(t.TempDir(), "load.js"), filepath.Join(t.TempDir(), "summary.json")
			if err := os.WriteFile(script, run(t, wsx, append(args, "--print", "k6")...), 0o600); err != nil {
				t.Fatal(err)
			}
			for attempt := 1; ; attempt++ {
				run(t, k6, "run", "--quiet", "--summary-export", summary, script)
				byK6, byWsx := readSummary(t, summary), readReport(t, run(t, wsx, append(args, "--json")...))
				if agree(byK6.p50, byWsx.p50) && (c.name == "closed" || agree(byK6.received, byWsx.received)) {
					return
				}
				if attempt == attempts {
					t.Fatalf("k6 received %v with a median of %.1f ms, wsx %v with %.1f ms", byK6.received, byK6.p50, byWsx.received, byWsx.p50)
				}
			}
		})
	}
}

// attempts is the maximum number of measurements until both agree: other load of the machine only adds differences.
const attempts = 5

// agree reports whether two values differ by at most 10 %.
func agree(a, b float64) bool { return math.Abs(a-b) <= b/10 }

// result has the measurements of both programs.
type result struct{ p50, received float64 }

func readSummary(t *testing.T, path string) result {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Metrics struct {
			Latency  struct{ Med float64 }   `json:"ws_latency"`
			Received struct{ Count float64 } `json:"ws_received"`
		}
	}
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatal(err)
	}
	return result{s.Metrics.Latency.Med, s.Metrics.Received.Count}
}

func readReport(t *testing.T, out []byte) result {
	t.Helper()
	var r struct {
		Latency  struct{ P50 float64 }
		Received float64
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return result{r.Latency.P50, r.Received}
}
