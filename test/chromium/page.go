// Package chromium drives a page in a headless Chromium over the Chrome DevTools Protocol, for tests.
package chromium

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

// timeout bounds what a test waits for; a passing test does not take that long.
const timeout = 2 * time.Minute

// Page is the page of a browser of its own. Failures end the test.
type Page struct {
	T             testing.TB                   // may be replaced by a subtest
	Debugger      string                       // URL of the remote debugging port, which also serves the developer tools
	Events        map[string][]json.RawMessage // events that the browser sent, by method
	ConsoleErrors []string                     // violations of the policy and exceptions in the console

	ctx  context.Context
	conn *websocket.Conn
	id   int // of the last command
}

// Start starts Chromium for a test, which is skipped if it is not installed.
func Start(t testing.TB) *Page {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // Chromium's child processes may still write to it
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "about:blank")
	command.WaitDelay = time.Second // child processes keep its standard error open
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		command.Wait()
	}()
	t.Cleanup(func() { <-ended })
	p := &Page{T: t, Events: map[string][]json.RawMessage{}, ctx: ctx}
	url := p.awaitDebugger(profile, ended)
	if p.conn, _, err = websocket.Dial(ctx, url, nil); err != nil {
		t.Fatal(err)
	}
	p.conn.SetReadLimit(-1)
	t.Cleanup(func() {
		wsjson.Write(ctx, p.conn, map[string]any{"id": 0, "method": "Browser.close"})
		p.conn.CloseNow()
	})
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		p.Do(domain+".enable", nil)
	}
	return p
}

// awaitDebugger waits until the browser has written its debugging port, and returns the debugger's URL for its first page.
func (p *Page) awaitDebugger(profile string, ended <-chan struct{}) string {
	p.T.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	for {
		written, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if port, _, ready := strings.Cut(string(written), "\n"); ready {
			p.Debugger = "http://127.0.0.1:" + port
			if url := firstPage(p.Debugger + "/json/list"); url != "" {
				return url
			}
		}
		select {
		case <-ended:
			p.T.Fatal("chromium ended at once")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func firstPage(list string) string {
	response, err := http.Get(list)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var targets []struct{ Type, WebSocketDebuggerURL string }
	json.NewDecoder(response.Body).Decode(&targets)
	for _, target := range targets {
		if target.Type == "page" {
			return target.WebSocketDebuggerURL
		}
	}
	return ""
}

type answer struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// Do sends a command and reads until its answer.
func (p *Page) Do(method string, params any) json.RawMessage {
	p.T.Helper()
	p.id++
	if err := wsjson.Write(p.ctx, p.conn, map[string]any{"id": p.id, "method": method, "params": params}); err != nil {
		p.T.Fatal(err)
	}
	for {
		var a answer
		if err := wsjson.Read(p.ctx, p.conn, &a); err != nil {
			p.T.Fatal(err)
		}
		if a.Error != nil {
			p.T.Fatalf("%s: %s", method, a.Error.Message)
		}
		if a.ID == p.id {
			return a.Result
		}
		p.Events[a.Method] = append(p.Events[a.Method], a.Params)
		if a.Method == "Log.entryAdded" || a.Method == "Runtime.exceptionThrown" {
			p.ConsoleErrors = append(p.ConsoleErrors, string(a.Params))
		}
	}
}

// Eval returns the value of a JavaScript expression; a promise is awaited.
func (p *Page) Eval(expression string) any {
	p.T.Helper()
	var a struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	json.Unmarshal(p.Do("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}), &a)
	if a.ExceptionDetails != nil {
		p.T.Fatalf("%s: %s", expression, a.ExceptionDetails.Exception.Description)
	}
	return a.Result.Value
}

// Until waits for an expression to be true.
func (p *Page) Until(expression string) {
	p.T.Helper()
	p.Eval(fmt.Sprintf(`new Promise((resolve, reject) => {
		let attempts = 6000;
		const poll = () => (%[1]s) ? resolve() : attempts-- ? setTimeout(poll, 10)
			: reject(new Error(%[2]q + " did not become true; the log is " + document.getElementById("log")?.innerText));
		poll();
	})`, expression, expression))
}

// Open navigates to a page, and returns when it has been loaded.
func (p *Page) Open(url string) {
	p.T.Helper()
	p.Do("Page.navigate", map[string]any{"url": url})
	p.Until(`document.readyState === "complete" && location.protocol !== "about:"`)
}
