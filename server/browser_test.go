package server

import (
	"encoding/base64"
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
)

// browser is a page in a headless Chromium, driven over the Chrome DevTools Protocol.
type browser struct {
	*testClient
	id            int
	consoleErrors []string                     // violations of the policy and exceptions in the console
	events        map[string][]json.RawMessage // events that the browser sent, by method
}

// startBrowser starts Chromium for a test, which is skipped if it is not installed.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() && t.Name() != "TestPage" {
		t.Skip("one page in a browser is enough for -short")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not tested in a browser")
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // Chromium's child processes may still write to it
	command := exec.CommandContext(testContext(t), program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
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
	b := &browser{testClient: dial(t, debuggerURL(t, profile, ended), nil), events: map[string][]json.RawMessage{}}
	t.Cleanup(func() { b.Write(b.ctx, websocket.MessageText, []byte(`{"id":0,"method":"Browser.close"}`)) })
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.do(domain+".enable", nil)
	}
	return b
}

// debuggerURL waits until the browser has written its debugging port, and returns the debugger's URL for its first page.
func debuggerURL(t *testing.T, profile string, ended <-chan struct{}) string {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	for {
		written, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if port, _, ready := strings.Cut(string(written), "\n"); ready {
			if url := firstPage("http://127.0.0.1:" + port + "/json/list"); url != "" {
				return url
			}
		}
		select {
		case <-ended:
			t.Fatal("chromium ended at once")
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

// do sends a command and reads until its answer.
func (b *browser) do(method string, params any) json.RawMessage {
	b.t.Helper()
	b.id++
	command, err := json.Marshal(map[string]any{"id": b.id, "method": method, "params": params})
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(string(command))
	for {
		var a answer
		if err := json.Unmarshal([]byte(b.receive()), &a); err != nil {
			b.t.Fatal(err)
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if a.ID == b.id {
			return a.Result
		}
		b.events[a.Method] = append(b.events[a.Method], a.Params)
		if a.Method == "Log.entryAdded" || a.Method == "Runtime.exceptionThrown" {
			b.consoleErrors = append(b.consoleErrors, string(a.Params))
		}
	}
}

// eval returns the value of a JavaScript expression; a promise is awaited.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var a struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	json.Unmarshal(b.do("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}), &a)
	if a.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, a.ExceptionDetails.Exception.Description)
	}
	return a.Result.Value
}

// until waits for an expression to be true.
func (b *browser) until(expression string) {
	b.t.Helper()
	b.eval(fmt.Sprintf(`new Promise((resolve, reject) => {
		let attempts = 6000;
		const poll = () => (%[1]s) ? resolve() : attempts-- ? setTimeout(poll, 10)
			: reject(new Error(%[2]q + " did not become true; the log is " + document.getElementById("log")?.innerText));
		poll();
	})`, expression, expression))
}

// open navigates to a page, and returns when it has been loaded.
func (b *browser) open(url string) {
	b.t.Helper()
	b.do("Page.navigate", map[string]any{"url": url})
	b.until(`document.readyState === "complete" && location.protocol !== "about:"`)
}

// keyCodes are the keys that press knows by name, each with its virtual key code on Windows.
var keyCodes = map[string]int{
	"Enter": 13, "Tab": 9, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "KeyC": 67,
}

// press sends key events; an argument that is not the name of a key is typed as text.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		code := keyCodes[key]
		if code == 0 {
			b.do("Input.insertText", map[string]any{"text": key})
			continue
		}
		name, text := key, ""
		switch key {
		case "Enter":
			text = "\r"
		case "KeyC":
			name, text = "c", "c"
		}
		event := map[string]any{"type": "keyDown", "key": name, "code": key, "windowsVirtualKeyCode": code, "text": text}
		b.do("Input.dispatchKeyEvent", event)
		event["type"] = "keyUp"
		b.do("Input.dispatchKeyEvent", event)
	}
}

// resize changes the size of the page, in pixels.
func (b *browser) resize(width, height int) {
	b.t.Helper()
	b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
	b.until(fmt.Sprintf("innerWidth === %d && innerHeight === %d", width, height))
	b.eval(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`) // observers of the size have run
}

// setColourScheme selects a colour scheme, light or dark.
func (b *browser) setColourScheme(scheme string) {
	b.t.Helper()
	b.do("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
}

// savePicture writes a picture of the page into the folder that PAGE_PICTURES names, if it is set.
func (b *browser) savePicture(name string) {
	b.t.Helper()
	dir := os.Getenv("PAGE_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	json.Unmarshal(b.do("Page.captureScreenshot", map[string]any{"format": "png"}), &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// roles returns the roles and names of the accessibility tree.
func (b *browser) roles() map[string]bool {
	b.t.Helper()
	var tree struct {
		Nodes []struct{ Role, Name struct{ Value string } }
	}
	json.Unmarshal(b.do("Accessibility.getFullAXTree", nil), &tree)
	found := map[string]bool{}
	for _, node := range tree.Nodes {
		found[strings.TrimSpace(node.Role.Value+" "+node.Name.Value)] = true
	}
	return found
}
