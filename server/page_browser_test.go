package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	focused = `document.activeElement.id`
	state   = `document.getElementById("state").textContent`
	isOpen  = state + ` === "OPEN"`
)

// hasEntry is an expression that reports whether the log shows such an entry with the current filter.
func hasEntry(what, data string) string { return entriesWith(what, data) + " > 0" }

// entriesWith is an expression that counts the visible entries of the log.
func entriesWith(what, data string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#log li")].filter((li) => !li.hidden &&
		li.querySelector(".what").textContent === %q && li.querySelector(".data").textContent === %q).length`, what, data)
}

// last is an expression for a part of the last entry of the log.
func last(selector string) string {
	return fmt.Sprintf(`document.querySelector("#log li:last-child")?.querySelector(%q)`, selector)
}

// openPage opens the page of a server, and returns when it has connected.
func (b *browser) openPage(s *Server, query string) {
	b.T.Helper()
	b.Open("http://" + s.Addr().String() + "/" + query)
	b.Until(isOpen)
}

// sendMessage types a message and sends it.
func (b *browser) sendMessage(text string) {
	b.T.Helper()
	b.Until(focused + ` === "message"`)
	b.press(text, "Enter")
}

func (b *browser) expect(expression string, want any) {
	b.T.Helper()
	if got := b.Eval(expression); got != want {
		b.T.Errorf("%s is %v, want %v", expression, got, want)
	}
}

// TestPageInAChat runs the program and the page in the same chat. The page is controlled with the keyboard only.
func TestPageInAChat(t *testing.T) {
	wsx := buildProgram(t)
	s := serve(t, Options{Behaviour: "chat"})
	b := startBrowser(t)
	b.openPage(s, "?name=bob")
	b.expect(`document.getElementById("url").value`, s.URL()+"?name=bob")
	b.expect(`document.getElementById("name").value`, "bob")
	b.Until(hasEntry("\u2190 text", "Welcome bob."))
	b.Until(hasEntry("\u2190 text", "bob joined."))

	ann := runProgram(t, wsx, s.URL()+"?name=ann")
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	b.sendMessage("good morning")
	ann.expect("bob says: good morning")
	ann.send("hello bob, from a terminal")
	b.Until(hasEntry("\u2190 text", "ann says: hello bob, from a terminal"))
	ann.expect("ann says: hello bob, from a terminal")
	b.expect(entriesWith("\u2192 text", "good morning"), 1.0)
	b.expect(entriesWith("\u2190 text", "bob says: good morning"), 0.0) // it is shown once
	b.expect(`document.querySelector("#log .sent .mark").textContent`, "delivered")

	ann.send(`{"price":1.50,"for":"bob"}`)
	b.Until(hasEntry("\u2190 text", `ann says: {"price": 1.50, "for": "bob"}`))
	b.expect(last(".number")+".textContent", "1.50")
	ann.expect(`ann says: {"price":1.50,"for":"bob"}`)

	ann.send("<img src=x onerror=alert(1)> \u202e\u001b[2J")
	b.Until(hasEntry("\u2190 text", `ann says: <img src=x onerror=alert(1)> \u202e\u001b[2J`))
	ann.expect("ann says: <img src=x onerror=alert(1)> \u202e\u001b[2J")
	b.expect(`document.querySelectorAll("#log img").length`, 0.0)

	b.Eval(`document.getElementById("name").select()`)
	b.Eval(`document.getElementById("name").focus()`)
	b.press("bobby", "Enter")
	ann.expect("bob left.")
	ann.expect("bobby joined.")
	b.Until(hasEntry("\u2190 text", "Welcome bobby."))
	b.sendMessage("again")
	ann.expect("bobby says: again")
	b.Until(`document.querySelectorAll("#log .sent .mark").length === 2`)

	b.Eval(`document.getElementById("connect").focus()`)
	b.press("Enter")
	b.Until(entriesWith("close", "1000 normal closure") + " === 2")
	ann.expect("bobby left.")
	b.expect(state, "CLOSED")
	b.expect(focused, "connect")
	if len(b.ConsoleErrors) > 0 {
		t.Errorf("errors in the console: %s", b.ConsoleErrors)
	}
}

// TestPage opens the pages of several servers in one browser.
func TestPage(t *testing.T) {
	b := startBrowser(t)
	for _, row := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"JSON", pageShowsJSON},
		{"bytes", pageShowsBytes},
		{"history", pageHasHistory},
		{"filter", pageFilters},
		{"copy", pageCopies},
		{"ping", pagePings},
		{"end", pageShowsHowItEnded},
		{"failure", pageShowsWhyItFailed},
		{"resize", pageStaysAtTheEnd},
		{"flood", pageHandlesAFlood},
		{"itself", pageRequestsOnlyItsServer},
	} {
		t.Run(row.name, func(t *testing.T) {
			b.T = t
			b.resize(1000, 640)
			row.test(t, b)
		})
	}
}

func pageShowsJSON(t *testing.T, b *browser) {
	b.openPage(serve(t, Options{}), "")
	b.sendMessage(`{"op": "a","n":[1.0,12345678901234567890,-1e-7],"n":null,"yes":true,"text":"` + strings.Repeat("long ", 20) + `","<b>":{}}`)
	b.Until(receivedEntries + " === 1")
	b.expect(last(".json")+`.innerText.replace(/long /g, "").replace(/\s+/g, " ")`,
		`{ "op": "a", "n": [1.0, 12345678901234567890, -1e-7], "n": null, "yes": true, "text": "", "<b>": {} }`)
	b.expect(`[...`+last(".json")+`.querySelectorAll(".key")].map((key) => key.textContent).join()`, `"op","n","n","yes","text","<b>"`)
	for class, want := range map[string]string{"number": "1.0", "string": `"a"`, "word": "null"} {
		b.expect(last("."+class)+".textContent", want)
	}
	b.expect(`new Set([".key", ".string", ".number", ".word"].map((it) =>
		getComputedStyle(`+last(".json")+`.querySelector(it)).color)).size`, 4.0)

	// With the keyboard: focus the log, its last entry, the fold button, and fold.
	b.Eval(`document.getElementById("log").focus()`)
	b.press("ArrowUp", "ArrowRight", "Enter")
	b.expect(last(".members")+".hidden", true)
	b.expect(last(".gist")+".hidden", false)
	b.expect(`document.activeElement.getAttribute("aria-expanded")`, "false")
	b.expect(`document.activeElement.getAttribute("aria-label")`, "object with 6 members")
	b.press("Enter")
	b.expect(last(".members")+".hidden", false)
	b.press("Escape")
	b.expect(focused, "message")

	// The members of a large value are folded, and created when it is unfolded.
	row := `{"id":7,"text":"` + strings.Repeat("x", 60) + `"}`
	b.sendMessage(`{"rows":[` + strings.Repeat(row+",", 499) + row + `]}`)
	b.Until(receivedEntries + " === 2")
	b.expect(last(".json")+".querySelectorAll('.member').length", 1.0)
	b.Eval(last(".members .fold") + ".click()")
	b.expect(last(".json")+".querySelectorAll('.members .members .member').length > 99", true)
	b.Eval(last(".members .more") + ".click()")
	b.expect(last(".json")+".querySelectorAll('.members .members > .member').length", 200.0)

	for _, text := range []string{`{"a":`, "17", `{"a":1} x`, strings.Repeat("[", 5000)} { // not JSON, or shown without colours
		b.sendMessage(text)
		b.Until(last(".data") + ".textContent.startsWith(" + quoted(text[:2]) + ") && " + last(".json") + " === null")
	}
	b.sendMessage(strings.Repeat("[", 2000) + strings.Repeat("]", 2000))
	b.Until(last(".json") + "?.querySelector('.fold') != null")
}

// receivedEntries is the number of received messages in the log.
const receivedEntries = `document.querySelectorAll("#log li.received").length`

func quoted(text string) string {
	literal, _ := json.Marshal(text) // never fails for a string
	return string(literal)
}

func pageShowsBytes(t *testing.T, b *browser) {
	s := serve(t, Options{Behaviour: "broadcast"})
	b.openPage(s, "")
	other := dial(t, s.URL(), nil)
	other.write(websocket.MessageBinary, []byte("\x00\xff<script>0123456789"))
	b.Until(receivedEntries + " === 1")
	b.expect(last(".dump")+".textContent", ""+
		"00000000  00 ff 3c 73 63 72 69 70 74 3e 30 31 32 33 34 35  ..<script>012345\n"+
		"00000010  36 37 38 39                                      6789\n")
	b.resize(360, 640)
	b.Until(last(".dump") + ".textContent.split('\\n').length === 4")
	b.expect(last(".dump")+".textContent.split('\\n')[0]", "0000  00 ff 3c 73 63 72 69 70  ..<scrip")
	b.expect(last(".dump")+".scrollWidth <= "+last(".dump")+".clientWidth", true)
	other.write(websocket.MessageBinary, make([]byte, 1000))
	b.Until(last(".more") + "?.textContent === '… 744 more bytes'")
	b.Eval(last(".more") + ".click()")
	b.expect(last(".dump")+".textContent.split('\\n').length", 126.0)
}

func (c *testClient) write(kind websocket.MessageType, payload []byte) {
	c.t.Helper()
	if err := c.Write(c.ctx, kind, payload); err != nil {
		c.t.Fatal(err)
	}
}

func pageHasHistory(t *testing.T, b *browser) {
	const field = `document.getElementById("message").value`
	s := serve(t, Options{})
	b.openPage(s, "")
	for _, text := range []string{"one", "two", "two", " secret"} {
		b.sendMessage(text)
		b.Until(entriesWith("\u2190 text", text) + " > 0")
	}
	b.press("draft")
	for _, row := range []struct{ key, want string }{
		{"ArrowUp", "two"}, {"ArrowUp", "one"}, {"ArrowUp", "one"}, {"ArrowDown", "two"}, {"ArrowDown", "draft"}, {"ArrowDown", "draft"},
	} {
		b.press(row.key)
		b.expect(field, row.want)
	}
	b.openPage(s, "")
	b.Until(focused + ` === "message"`)
	b.press("ArrowUp")
	b.expect(field, "two")
	b.press("Enter")
	b.Until(hasEntry("\u2190 text", "two"))
}

func pageFilters(t *testing.T, b *browser) {
	b.openPage(serve(t, Options{}), "")
	for _, text := range []string{"apple", "Pear", "apple pie"} {
		b.sendMessage(text)
		b.Until(entriesWith("\u2190 text", text) + " === 1")
	}
	b.Eval(`document.getElementById("filter").focus()`)
	b.press("APPLE")
	b.Until(`document.getElementById("matches").textContent === "4 of 8 entries"`)
	b.expect(entriesWith("\u2190 text", "Pear"), 0.0)
	b.Eval(`document.getElementById("message").focus()`)
	b.sendMessage("pear again")
	b.sendMessage("apple again")
	b.Until(`document.getElementById("matches").textContent === "6 of 12 entries"`)
	b.expect(`document.getElementById("matches").getAttribute("role")`, "status")
}

func pageCopies(t *testing.T, b *browser) {
	s := serve(t, Options{Behaviour: "broadcast"})
	b.Do("Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}})
	b.openPage(s, "")
	other := dial(t, s.URL(), nil)
	for _, row := range []struct {
		kind    websocket.MessageType
		payload string
		want    string
	}{
		{websocket.MessageText, `{ "a":"\u001b and <b>` + "\u202e" + `" }`, `{ "a":"\u001b and <b>` + "\u202e" + `" }`},
		{websocket.MessageBinary, "\x00\xff", "00 ff"},
	} {
		other.write(row.kind, []byte(row.payload))
		b.Until(last(".copy") + " !== null && " + last(".copy") + " !== undefined")
		b.Eval(`document.getElementById("log").focus()`)
		b.press("ArrowUp", "KeyC")
		b.Until(last(".copy") + `.textContent === "Copied"`)
		b.expect("navigator.clipboard.readText()", row.want)
		b.Eval(`document.getElementById("clear").click()`)
	}
}

func pagePings(t *testing.T, b *browser) {
	for _, behaviour := range []string{"echo", "chat"} {
		b.openPage(serve(t, Options{Behaviour: behaviour}), "")
		b.Eval(`document.getElementById("ping").click()`)
		b.Until(`[...document.querySelectorAll("#log li.state")].some((li) => /^pong“ping 1” was echoed after [0-9.]+ ms$/.test(
			li.querySelector(".what").textContent + li.querySelector(".data").textContent))`)
	}
	b.expect(`document.getElementById("ping").getAttribute("aria-describedby")`, "ping-help")
	b.expect(`document.getElementById("ping-help").textContent.startsWith("A browser can neither send ping frames")`, true)
}

func pageShowsHowItEnded(t *testing.T, b *browser) {
	b.openPage(serve(t, Options{MaxMessage: 10}), "")
	b.sendMessage("0123456789a")
	b.Until(hasEntry("close", "1009 a message of more than 10 bytes"))
	b.Until(focused + ` === "connect"`)
	b.press("Enter")
	b.Until(isOpen)

	ends := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		if r.URL.Path == "/lost" {
			conn.CloseNow()
			return
		}
		conn.Close(4000, "<i>why</i>")
	}))
	defer ends.Close()
	for path, want := range map[string]string{"/lost": "1006 connection lost without a Close", "/closed": "4000 <i>why</i>"} {
		b.connectTo(strings.Replace(ends.URL, "http", "ws", 1) + path)
		b.Until(hasEntry("close", want))
	}
}

// connectTo connects the page to another address, with the keyboard.
func (b *browser) connectTo(address string) {
	b.T.Helper()
	b.Eval(`document.getElementById("url").focus()`)
	b.Eval(`document.getElementById("url").select()`)
	b.press(address, "Enter")
}

func pageShowsWhyItFailed(t *testing.T, b *browser) {
	b.openPage(serve(t, Options{}), "")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	host := strings.TrimPrefix(other.URL, "http://")
	hasError := func(beginning string) string {
		return `[...document.querySelectorAll("#log li.error .data")].some((it) => it.textContent.startsWith(` + quoted(beginning) + `))`
	}
	b.connectTo("ws://" + host + "/chat")
	b.Until(hasEntry("failed", "no connection to "+host))
	b.Until(hasError("a server answers at " + host + ", but did not open a WebSocket. Is the path right?"))
	b.expect(state, "CLOSED")

	free := freeAddress(t)
	b.connectTo("ws://" + free + "/it's")
	b.Until(hasError("no server answers at " + free + ". Is it running? In a terminal, wsx -v 'ws://" + free + "/it'\\''s' shows more."))
	b.connectTo("wss://" + free + "/")
	b.Until(hasError("no server answers at " + free + ", or this browser does not trust its certificate: open https://" + free))

	b.connectTo("nonsense:")
	b.Until(`document.querySelector("#log li:last-child").innerText.includes("The URL's scheme must be either")`)
	b.expect(state, "CLOSED")
}

// freeAddress returns an address where no server listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return strings.TrimPrefix(s.URL, "http://")
}

// atEnd is an expression that reports whether the end of the log is in view, and in the window.
const atEnd = `(() => {
	const log = document.getElementById("log"), end = document.querySelector("#log li:last-child").getBoundingClientRect();
	const box = log.getBoundingClientRect();
	return log.scrollHeight - log.scrollTop - log.clientHeight < 5 && end.bottom <= box.bottom + 1 && box.bottom <= innerHeight;
})()`

func pageStaysAtTheEnd(t *testing.T, b *browser) {
	s := serve(t, Options{Behaviour: "broadcast"})
	b.resize(1000, 500)
	b.openPage(s, "")
	other := dial(t, s.URL(), nil)
	count := 0
	receive := func(n int) {
		t.Helper()
		for range n {
			count++
			other.send(fmt.Sprintf("message %d: %s", count, strings.Repeat("words ", 30)))
		}
		b.Until(fmt.Sprintf(`document.querySelector("#log li:last-child")?.innerText.includes("message %d:")`, count))
	}
	receive(40)
	b.Until(atEnd)
	for _, size := range [][2]int{{360, 640}, {1000, 500}, {360, 640}, {800, 420}} {
		b.resize(size[0], size[1])
		b.Until(atEnd)
		receive(3)
		b.Until(atEnd)
	}

	// A page that is scrolled up keeps its position, and shows the number of new entries.
	b.Eval(`document.getElementById("log").scrollTop = 0`)
	b.Eval(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	receive(2)
	b.Until(`document.getElementById("newest").innerText === "2 new below"`)
	b.expect(`document.getElementById("log").scrollTop`, 0.0)
	b.Eval(`document.getElementById("newest").click()`)
	b.Until(atEnd)
}

func pageHandlesAFlood(t *testing.T, b *browser) {
	s := serve(t, Options{Behaviour: "broadcast"})
	b.openPage(s, "")
	other := dial(t, s.URL(), nil)
	const flood = 20000
	for i := range flood {
		other.send(fmt.Sprint("message ", i))
	}
	other.send("the end")
	b.Until(hasEntry("\u2190 text", "the end"))
	b.expect(`document.querySelectorAll("#log li").length <= 1000`, true)
	b.Until(atEnd)
}

// pageRequestsOnlyItsServer: the page sends requests only to its own server, and the console has no errors.
func pageRequestsOnlyItsServer(t *testing.T, b *browser) {
	s := serve(t, Options{Behaviour: "chat"})
	b.ConsoleErrors = nil
	b.openPage(s, "")
	b.sendMessage(`{"a":["<script src=http://example.com></script>", "` + strings.Repeat("x", 100) + `"]}`)
	b.Until(`document.querySelectorAll("#log .sent .mark").length === 1`)
	b.expect(`performance.getEntriesByType("resource").filter((it) => new URL(it.name).host !== location.host).length`, 0.0)
	if len(b.ConsoleErrors) > 0 {
		t.Errorf("errors in the console: %s", b.ConsoleErrors)
	}
}

// TestPageDownload: the program reads the recording that the page downloads.
func TestPageDownload(t *testing.T) {
	wsx := buildProgram(t)
	s := serve(t, Options{Behaviour: "broadcast"})
	b := startBrowser(t)
	dir := t.TempDir()
	b.Do("Browser.setDownloadBehavior", map[string]any{"behavior": "allow", "downloadPath": dir, "eventsEnabled": true})
	b.openPage(s, "")
	other := dial(t, s.URL(), nil)
	b.sendMessage("hällo \u2028")
	other.expect("hällo \u2028")
	other.write(websocket.MessageBinary, []byte{0, 1, 255})
	b.Until(receivedEntries + " === 1")
	b.sendMessage("bye")
	other.expect("bye")
	b.Eval(`document.getElementById("connect").click()`)
	b.Until(state + ` === "CLOSED"`)
	b.Eval(`document.getElementById("connect").click()`)
	b.Until(isOpen)
	b.Eval(`document.getElementById("download").click()`)
	file := b.downloaded(dir)

	run := func(input string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(testContext(t), wsx, args...)
		cmd.Stdin = strings.NewReader(input)
		var errors bytes.Buffer
		cmd.Stderr = &errors
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("wsx %v: %v: %s", args, err, errors.String())
		}
		return string(out)
	}
	var har struct {
		Log struct {
			Entries []struct {
				Request  struct{ URL string }
				Messages []struct{ Type, Data string } `json:"_webSocketMessages"`
			}
		}
	}
	if err := json.Unmarshal([]byte(run("", "export", "har", file)), &har); err != nil || len(har.Log.Entries) != 2 {
		t.Fatalf("%d sessions (%v)", len(har.Log.Entries), err)
	}
	first := har.Log.Entries[0]
	if got, want := fmt.Sprint(first.Request.URL, first.Messages), s.URL()+"[{send hällo \u2028} {receive AAH/} {send bye}]"; got != want {
		t.Errorf("exported %s, want %s", got, want)
	}
	recorded, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile("../repl/render/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(recorded)) {
		event, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(event)
		}
		if err != nil {
			t.Errorf("%s%v", line, err)
		}
	}
	echo := serve(t, Options{})
	if got := run(string(recorded), "-q", "--input", "json", echo.URL()); got != "hällo \u2028\nbye\n" {
		t.Errorf("sent again, the answers are %q", got)
	}
	if got := run("", "export", "run", file); !strings.Contains(got, "bye") {
		t.Errorf("the script is %q", got)
	}
	if got := run("", "export", "pcap", file); len(got) < 100 {
		t.Errorf("the capture has %d bytes", len(got))
	}
}

// downloaded waits for a file to be complete, and returns its path.
func (b *browser) downloaded(dir string) string {
	b.T.Helper()
	for {
		for _, params := range b.Events["Browser.downloadProgress"] {
			var progress struct{ State string }
			json.Unmarshal(params, &progress)
			if progress.State != "completed" {
				continue
			}
			files, err := filepath.Glob(filepath.Join(dir, "wsx-*.jsonl"))
			if err != nil || len(files) != 1 {
				b.T.Fatalf("downloaded %v (%v)", files, err)
			}
			return files[0]
		}
		b.Eval("0") // reads further events
	}
}

// TestPageAccessibility tests the page light and dark, wide and narrow, and its accessibility tree.
func TestPageAccessibility(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	other := dial(t, s.URL()+"?name=ann", nil)
	b := startBrowser(t)
	b.openPage(s, "?name=bob")
	other.send("good morning")
	b.Until(hasEntry("\u2190 text", "ann says: good morning"))
	b.sendMessage("hello ann")
	b.Until(`document.querySelectorAll("#log .sent .mark").length === 1`)
	b.sendMessage(`{"op":"subscribe","depth":2.5,"pairs":["EUR/USD",null],"snapshot":true,"note":"<b>is text</b>"}`)
	b.Until(`document.querySelectorAll("#log .sent .mark").length === 2`)
	b.resize(960, 560)
	b.savePicture("page.png") // for docs/serve.md
	other.send(strings.Repeat("0123456789", 20))
	b.Until(hasEntry("\u2190 text", "ann says: "+strings.Repeat("0123456789", 20)))
	background := map[string]any{}
	for _, scheme := range []string{"light", "dark"} {
		b.setColourScheme(scheme)
		background[scheme] = b.Eval(`getComputedStyle(document.body).backgroundColor`)
		for _, size := range [][2]int{{320, 640}, {360, 640}, {1000, 560}} {
			b.resize(size[0], size[1])
			b.expect(`document.documentElement.scrollWidth`, float64(size[0]))
			b.expect(`document.documentElement.scrollHeight`, float64(size[1]))
			b.expectAccessible()
			b.savePicture(fmt.Sprintf("page-%s-%d.png", scheme, size[0]))
		}
	}
	if background["light"] == background["dark"] {
		t.Errorf("light and dark are both %v", background["light"])
	}
	roles := b.roles()
	for _, want := range []string{
		"main", "heading wsx", "status", "textbox Address", "button Disconnect", "textbox Name", "searchbox Filter", "button Ping",
		"button Download", "log Log", "textbox Message", "button Send",
	} {
		if !roles[want] {
			t.Errorf("the accessibility tree has no %q, but %v", want, roles)
		}
	}
	reached := map[any]bool{}
	for range 15 { // one round through all elements
		b.press("Tab")
		reached[b.Eval(`document.activeElement.id || document.activeElement.textContent`)] = true
	}
	for _, want := range []string{"url", "connect", "name", "Use name", "filter", "ping", "download", "clear", "log", "message", "send", "Keys and limits"} {
		if !reached[want] {
			t.Errorf("Tab does not reach %q, but %v", want, reached)
		}
	}
	b.Eval(`document.getElementById("connect").click()`)
	b.Until(state + ` === "CLOSED"`)
	b.expectAccessible() // disconnected
	b.Eval(`document.getElementById("clear").click()`)
	b.Eval(`document.querySelector("#help").open = true`)
	b.expectAccessible()
}

// expectAccessible: axe-core, which .ci/servers installs, finds no serious or critical violation.
func (b *browser) expectAccessible() {
	b.T.Helper()
	source, err := os.ReadFile(filepath.Join(os.Getenv("WSX_SERVERS_NODE"), "axe-core", "axe.min.js"))
	if err != nil {
		b.T.Log("axe-core is not installed: WSX_SERVERS_NODE names the folder that .ci/servers installs")
		return
	}
	b.Eval(string(source) + "; 0")
	found := b.Eval(`axe.run().then(({violations}) => violations.filter((it) => it.impact === "serious" || it.impact === "critical")
		.map((it) => it.id + ": " + it.nodes.map((node) => node.html + " " + node.failureSummary).join("; ")).join("\n"))`)
	if found != "" {
		b.T.Errorf("axe-core finds:\n%v", found)
	}
}
