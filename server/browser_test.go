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
	id         int
	complaints []string // of the console: a policy violated, an exception
}

// browse starts a Chromium of its own for the test, where there is one.
func browse(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here: the page is not tested in a browser")
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // its children may still write there
	command := exec.CommandContext(limited(t), program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "about:blank")
	command.WaitDelay = time.Second // children hold its standard error
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		command.Wait()
	}()
	t.Cleanup(func() { <-ended })
	b := &browser{testClient: dial(t, debuggerOf(t, profile, ended), nil)}
	t.Cleanup(func() { b.Write(b.ctx, websocket.MessageText, []byte(`{"id":0,"method":"Browser.close"}`)) })
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.do(domain+".enable", nil)
	}
	return b
}

// debuggerOf waits until the browser says where it is driven from, and gives the address of its first page.
func debuggerOf(t *testing.T, profile string, ended <-chan struct{}) string {
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
	answer, err := http.Get(list)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	var targets []struct{ Type, WebSocketDebuggerURL string }
	json.NewDecoder(answer.Body).Decode(&targets)
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
		if a.Method == "Log.entryAdded" || a.Method == "Runtime.exceptionThrown" {
			b.complaints = append(b.complaints, string(a.Params))
		}
	}
}

// eval is the value of an expression of JavaScript; a promise is awaited.
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
		let left = 6000;
		const look = () => (%[1]s) ? resolve() : left-- ? setTimeout(look, 10)
			: reject(new Error(%[2]q + " never came; the log is " + document.getElementById("log").innerText));
		look();
	})`, expression, expression))
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.do("Page.navigate", map[string]any{"url": url})
	b.until(`document.readyState === "complete" && location.protocol !== "about:"`)
}

// press presses keys on the keyboard: what is no name of a key is typed.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	codes := map[string]int{"Enter": 13, "Tab": 9}
	for _, key := range keys {
		code := codes[key]
		if code == 0 {
			b.do("Input.insertText", map[string]any{"text": key})
			continue
		}
		text := map[string]string{"Enter": "\r"}[key]
		b.do("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text})
		b.do("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code})
	}
}

// shown is true when the page's log has an entry that reads so, its time left out.
func shown(what, data string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#log li")].some((li) =>
		li.children[1].textContent === %q && li.children[2].textContent === %q)`, what, data)
}

const (
	focused = `document.activeElement.id`
	state   = `document.getElementById("state").textContent`
)

// TestPageInABrowser has the program and the page in the same chat, the page driven by the keyboard alone.
func TestPageInABrowser(t *testing.T) {
	wsx := buildProgram(t)
	s := serve(t, Options{Behaviour: "chat"})
	b := browse(t)
	b.open("http://" + s.Addr().String() + "/?name=bob")
	if got := b.eval(state); got != "CLOSED" {
		t.Errorf("the state is %v before connecting", got)
	}
	if got, want := b.eval(`document.getElementById("url").value`), s.URL()+"?name=bob"; got != want {
		t.Errorf("the address is %v, want %v", got, want)
	}
	b.press("Tab", "Enter") // into the address, which connects
	b.until(shown("\u2190 text", "Welcome bob."))
	b.until(shown("\u2190 text", "bob joined."))
	if state, focus := b.eval(state), b.eval(focused); state != "OPEN" || focus != "message" {
		t.Errorf("connected, the state is %v and the focus on %v", state, focus)
	}

	ann := runProgram(t, wsx, s.URL()+"?name=ann")
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	b.press("good morning", "Enter")
	b.until(shown("\u2190 text", "bob says: good morning"))
	ann.expect("bob says: good morning")
	ann.send("hello bob, from a terminal")
	b.until(shown("\u2190 text", "ann says: hello bob, from a terminal"))
	ann.expect("ann says: hello bob, from a terminal")
	b.resize(960, 500)
	b.shoot("page.png") // for the README

	b.press("hello <b>ann</b>", "Enter")
	b.until(shown("\u2192 text", "hello <b>ann</b>"))
	ann.expect("bob says: hello <b>ann</b>")
	ann.send("hello bob \u202e\u001b[2J")
	b.until(shown("\u2190 text", "ann says: hello bob \u202e\u001b[2J"))

	b.press("Tab", "Tab", "Tab") // Send, Clear log, and around again
	b.eval(`document.getElementById("disconnect").focus()`)
	b.press("Enter")
	b.until(shown("close", "1000"))
	ann.expect("ann says: hello bob \u202e\u001b[2J")
	ann.expect("bob left.")
	if state, focus := b.eval(state), b.eval(focused); state != "CLOSED" || focus != "connect" {
		t.Errorf("disconnected, the state is %v and the focus on %v", state, focus)
	}
	if len(b.complaints) > 0 {
		t.Errorf("the browser complains: %s", b.complaints)
	}
}

func TestPageShowsHowItEnds(t *testing.T) {
	s := serve(t, Options{MaxMessage: 10})
	b := browse(t)
	b.open("http://" + s.Addr().String())
	b.press("Tab", "Enter")
	b.until(state + ` === "OPEN"`)
	b.press("0123456789a", "Enter")
	b.until(shown("close", "1009 a message of more than 10 bytes"))

	b.eval(`document.getElementById("url").value = "ws://127.0.0.1:1/"`)
	b.press("Enter")
	b.until(shown("error", "the browser does not say why"))
	b.until(shown("close", "1006 (not clean)"))

	b.eval(`document.getElementById("url").value = "nonsense:"`)
	b.press("Enter")
	b.until(`document.querySelector("#log li:last-child").innerText.includes("The URL's scheme must be either")`)
	if got := b.eval(state); got != "CLOSED" {
		t.Errorf("the state is %v", got)
	}
}

// TestPageForEveryone looks at it light and dark, wide and narrow, and as a screen reader does.
func TestPageForEveryone(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	b := browse(t)
	b.open("http://" + s.Addr().String() + "/?name=ann")
	b.press("Tab", "Enter")
	b.until(shown("\u2190 text", "ann joined."))
	b.press("A message that is rather long: "+strings.Repeat("0123456789", 20), "Enter")
	b.until(`document.querySelectorAll("#log li").length === 6`)
	paper := map[string]any{}
	for _, scheme := range []string{"light", "dark"} {
		b.do("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
		paper[scheme] = b.eval(`getComputedStyle(document.body).backgroundColor`)
		for _, width := range []int{320, 1000} {
			b.resize(width, 640)
			if got := b.eval(`document.documentElement.scrollWidth`); got != float64(width) {
				t.Errorf("%d wide, it scrolls sideways over %v", width, got)
			}
			b.shoot(fmt.Sprintf("page-%s-%d.png", scheme, width))
		}
	}
	if paper["light"] == paper["dark"] {
		t.Errorf("light and dark are both %v", paper["light"])
	}
	b.expectNamed("textbox Address", "button Connect", "button Disconnect", "log Log", "textbox Message", "button Send", "status")
}

// resize changes the size of the page, in pixels.
func (b *browser) resize(width, height int) {
	b.t.Helper()
	b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
}

// shoot keeps a picture where the environment asks for pictures.
func (b *browser) shoot(name string) {
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

// expectNamed looks for roles and names in what assistive technology is told.
func (b *browser) expectNamed(wanted ...string) {
	b.t.Helper()
	var tree struct {
		Nodes []struct{ Role, Name struct{ Value string } }
	}
	json.Unmarshal(b.do("Accessibility.getFullAXTree", nil), &tree)
	there := map[string]bool{}
	for _, node := range tree.Nodes {
		there[strings.TrimSpace(node.Role.Value+" "+node.Name.Value)] = true
	}
	for _, want := range wanted {
		if !there[want] {
			b.t.Errorf("a screen reader is not told of %q, but of %v", want, there)
		}
	}
}
