package recording

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// TestDeveloperTools imports a HAR into Chromium's developer tools, with the module of their Network panel.
func TestDeveloperTools(t *testing.T) {
	tools := openTools(t)
	har, _ := json.Marshal(string(exported(t, "har", recordingOf(t, "session.jsonl")))) // never fails for a string
	got := tools.evaluate(fmt.Sprintf(`import("/devtools/models/har/har.js").then(({HARFormat, Importer}) => {
		const log = new HARFormat.HARRoot(JSON.parse(%s)).log;
		return Importer.Importer.requestsFromHARLog(log).map((request) => [
			request.resourceType().name() + " " + request.statusCode + " " + request.url(),
			...request.frames().map((frame) => [frame.type, frame.opCode, frame.text, Math.round(frame.time)].join(" ")),
		].join("\n") + "\n").join("");
	})`, har))
	const want = `websocket 101 ws://127.0.0.1:8080/chat?name=A%20B&z
send 1 <hällo> 1795176000
receive 2 AAEC 1795176000
websocket 200 wss://example.com/
receive 1  1795176062
`
	if got != want {
		t.Errorf("imported:\n%s\nwanted:\n%s", got, want)
	}
}

// startChromium starts a browser, and returns its remote debugging port, which also serves its developer tools. Without Chromium the
// test is skipped.
func startChromium(t *testing.T) (port string) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // child processes may still write to it
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	command := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "about:blank")
	command.WaitDelay = time.Second // child processes keep its standard error open
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		command.Wait()
	})
	for ctx.Err() == nil {
		written, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if port, _, ready := strings.Cut(string(written), "\n"); ready {
			return port
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("chromium did not write its remote debugging port")
	return ""
}

// tools is a page with the developer tools, driven over the Chrome DevTools Protocol.
type tools struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func openTools(t *testing.T) *tools {
	port := startChromium(t)
	address := "http://127.0.0.1:" + port
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address+"/json/new?"+address+"/devtools/devtools_app.html", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var page struct{ WebSocketDebuggerURL string }
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(ctx, page.WebSocketDebuggerURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	opened := &tools{t, ctx, conn}
	for opened.evaluate(`location.port + " " + document.readyState`) != port+" complete" {
		time.Sleep(10 * time.Millisecond)
	}
	return opened
}

// evaluate returns the value of a JavaScript expression, or that of its promise.
func (o *tools) evaluate(expression string) string {
	o.t.Helper()
	command := map[string]any{
		"id": 1, "method": "Runtime.evaluate",
		"params": map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true},
	}
	if err := wsjson.Write(o.ctx, o.conn, command); err != nil {
		o.t.Fatal(err)
	}
	var response struct {
		Result struct {
			Result           struct{ Value any }
			ExceptionDetails json.RawMessage
		}
	}
	if err := wsjson.Read(o.ctx, o.conn, &response); err != nil || response.Result.ExceptionDetails != nil {
		o.t.Fatalf("%v: %s", err, response.Result.ExceptionDetails)
	}
	text, _ := response.Result.Result.Value.(string)
	return text
}
