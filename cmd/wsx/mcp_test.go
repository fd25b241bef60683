//go:build linux || darwin

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wsx/server"
	"wsx/server/servertest"
)

// agent is a client of wsx mcp that calls one tool after the other.
type agent struct {
	t         *testing.T
	cmd       *exec.Cmd
	requests  io.WriteCloser
	responses *bufio.Scanner
	number    int
}

func startAgent(t *testing.T, args ...string) *agent {
	t.Helper()
	a := &agent{t: t, cmd: exec.Command("wsx", append([]string{"mcp"}, args...)...)}
	a.cmd.Stderr = os.Stderr
	var err error
	if a.requests, err = a.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := a.cmd.StdoutPipe()
	if err == nil {
		err = a.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	a.responses = bufio.NewScanner(out)
	a.responses.Buffer(nil, 1<<20)
	t.Cleanup(func() {
		a.requests.Close()
		if err := a.cmd.Wait(); err != nil {
			t.Errorf("wsx mcp: %v", err)
		}
	})
	return a
}

// calls calls a tool, and returns the text of its answer.
func (a *agent) calls(tool, arguments string) (text string, failed bool) {
	a.t.Helper()
	a.number++
	fmt.Fprintf(a.requests, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s}}`+"\n", a.number, tool, arguments)
	if !a.responses.Scan() {
		a.t.Fatalf("%s %s: no response", tool, arguments)
	}
	var r struct {
		Result struct {
			Content []struct{ Text string }
			IsError bool
		}
	}
	if err := json.Unmarshal(a.responses.Bytes(), &r); err != nil || len(r.Result.Content) != 1 {
		a.t.Fatalf("%s %s: %s", tool, arguments, a.responses.Text())
	}
	return r.Result.Content[0].Text, r.Result.IsError
}

// agentStep is a call of a tool.
type agentStep struct {
	tool, arguments string
	failed          bool
	want            string // a regular expression for the text of the answer
}

// run calls tools, one after the other. No answer may have the secret "geheim".
func (a *agent) run(steps []agentStep) {
	a.t.Helper()
	for _, step := range steps {
		text, failed := a.calls(step.tool, step.arguments)
		if failed != step.failed || !regexp.MustCompile(step.want).MatchString(text) {
			a.t.Errorf("%s %s: failed %v: %s; want %v %s", step.tool, step.arguments, failed, text, step.failed, step.want)
		}
		if strings.Contains(text, "geheim") {
			a.t.Errorf("%s %s: a secret is shown: %s", step.tool, step.arguments, text)
		}
	}
}

// TestAgent calls every tool as an agent does, one after the other.
func TestAgent(t *testing.T) {
	sessionFolder(t)
	bad := servertest.Start(t)
	secret := fileWith(t, "headers", "Authorization: Bearer geheim-12345\n")
	startAgent(t, "-H", "@"+secret, "--allow", "allowed.example").run([]agentStep{
		{"list", `{}`, false, `^\{"more":false,"sessions":\[\]\}$`},
		{"open", `{"name":"a","url":"` + echoURL(t) + `"}`, false, `"name":"a","url":"ws://.*","state":"open"`},
		{"open", `{"name":"a","url":"echo:"}`, true, `there is already a session a`},
		{"send", `{"name":"a","message":"hello"}`, false, `"type":"text","data":"hello"\}\],"cursor":2,"more":false,"state":"open"`},
		{"send", `{"name":"a","message":"{\"id\":7}","until_jq":".id == 7"}`, false, `"data":"\{\\"id\\":7\}"`},
		{"send", `{"name":"a","message":"AAE=","binary":true}`, false, `"type":"binary","data":"AAE=","encoding":"base64"`},
		{"send", `{"name":"a","message":"!","binary":true}`, true, `base64`},
		{"send", `{"name":"a"}`, true, `either message or verb`},
		{"send", `{"name":"a","message":"x","count":-1}`, true, `count must be from 0 to 50`},
		{"receive", `{"name":"a","wait_seconds":-5}`, true, `wait_seconds must be from 0 to 60`},
		{"send", `[]`, true, `^the arguments must be an object`},
		{"send", `{"name":"a","message":"x","until_jq":"("}`, true, `jq`},
		{"send", `{"name":"a","message":"x","nonsense":1}`, true, `unknown field`},
		{"receive", `{"name":"a"}`, false, `"data":"hello".*"data":"AAE=".*"cursor":4,"more":false`},
		{"receive", `{"name":"a","cursor":4}`, false, `"messages":\[\],"cursor":4`},
		{"receive", `{"name":"a","cursor":4,"wait_seconds":0.01}`, false, `"messages":\[\],"cursor":4`},
		{"receive", `{"name":"a","cursor":400}`, true, `there is no event 400`},
		{"list", `{}`, false, `"name":"a".*"sent":3,"received":3,"unread":3`},
		{"close", `{"name":"a","code":1006}`, true, `close code 1006`},
		{"close", `{"name":"a","code":4000,"reason":"bye"}`, false, `"closed":"a"`},
		{"send", `{"name":"a","message":"x"}`, true, `there is no session a`},
		{"receive", `{"name":"A b"}`, true, `invalid session name`},

		// An application protocol.
		{"open", `{"name":"rpc","url":"echo:","as":"jsonrpc"}`, false, `"as":"jsonrpc"`},
		{"send", `{"name":"rpc","verb":"notify","words":["hello","1"],"count":1}`, false, `"as":\{"kind":"event","name":"hello","data":\[1\]\}`},
		{"send", `{"name":"rpc","verb":"notify","words":["hello","1"]}`, false, `"messages":\[\]`},
		{"send", `{"name":"rpc","verb":"dance"}`, true, `has no verb`},
		{"open", `{"name":"own","url":"echo:","as":"` + secret + `"}`, true, `there is no application protocol`},

		// How a session ended.
		{"open", `{"name":"end","url":"` + bad.URL("/close?code=4001&reason=enough") + `"}`, false, `"name":"end"`},
		{"receive", `{"name":"end","wait_seconds":60}`, false, `"state":"closed","ended":".*4001.*enough"`},
		{"close", `{"name":"end"}`, false, `"closed":"end"`},

		// Only this machine, no files, no secrets.
		{"open", `{"name":"b","url":"wss://example.com"}`, true, `example.com is not this machine`},
		{"open", `{"name":"b","url":"http://localhost.example.com"}`, true, `is not this machine`},
		{"open", `{"name":"b","url":"ws://10.0.0.1/"}`, true, `is not this machine`},
		{"open", `{"name":"b","url":"ws+unix:/run/docker.sock:/"}`, true, `not allowed here`},
		{"open", `{"name":"b","url":"@prod"}`, true, `is not a URL`},
		{"open", `{"name":"b","url":"--listen"}`, true, `is not a URL`},
		{"open", `{"name":"b","url":"echo:","headers":["@` + secret + `"]}`, true, `reads no files`},
		{"open", `{"name":"b","url":"echo:","as":"jsonrpc","options":{"x":"@` + secret + `"}}`, true, `reads no files`},
		{"check", `{"url":"wss://example.com"}`, true, `is not this machine`},
		{"open", `{"name":"b","url":"ws://127.0.0.1:1"}`, true, `connection refused.*\n.*exit code 3`},
		{"open", `{"name":"b","url":"` + bad.URL("/request?then=silent") + `"}`, false, `"name":"b"`},
		{"receive", `{"name":"b","wait_seconds":60}`, false, `Authorization: \[redacted\]`},
		{"open", `{"name":"c","url":"` + bad.URL("/request?then=silent") + `","headers":["X-Note: one"]}`, false, `"name":"c"`},
		{"receive", `{"name":"c","wait_seconds":60}`, false, `X-Note: one`},

		{"check", `{"url":"` + echoURL(t) + `","only":"utf8.valid"}`, false, `"findings":\[\],"left_out":0,"summary":\{"event":"summary","pass":[1-9]`},
	})
}

// TestAgentSeesLoopbackOnly: whether an agent may use a session of the user depends on the address that it is connected to, not on
// its URL.
func TestAgentSeesLoopbackOnly(t *testing.T) {
	sessionFolder(t)
	socket := filepath.Join(t.TempDir(), "s")
	echo, err := server.Listen(context.Background(), server.Options{Addr: "unix:" + socket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { echo.Shutdown(context.Background()) })
	succeeds(t, "open", "hid", "--unix-socket", socket, "ws://localhost/")
	succeeds(t, "open", "seen", strings.Replace(echoURL(t), "ws://", "ws://me:geheim@", 1))
	startAgent(t).run([]agentStep{
		{"list", `{}`, false, `^\{"more":false,"sessions":\[\{"name":"seen"[^{}]*\}\]\}$`},
		{"send", `{"name":"seen","message":"hello"}`, false, `"data":"hello"`},
		{"send", `{"name":"hid","message":"hello"}`, true, `^there is no session hid that an agent may use$`},
		{"close", `{"name":"none"}`, true, `^there is no session none that an agent may use$`},
		{"close", `{"name":"seen"}`, false, `"closed":"seen"`},
	})
}

// TestAgentAllow rejects values that are not a host.
func TestAgentAllow(t *testing.T) {
	for _, allowed := range []string{"*", "", "ws://x", "10.0.0.0/8", "x:99999", "x:0", "a b"} {
		if out, err := exec.Command("wsx", "mcp", "--allow", allowed).CombinedOutput(); err == nil || !strings.Contains(string(out), "expected HOST or HOST:PORT") {
			t.Errorf("%q: %v: %s", allowed, err, out)
		}
	}
}

// TestAgentAnswersAreBounded reads many messages, and long ones, in answers of at most 50 messages and 16 KiB.
func TestAgentAnswersAreBounded(t *testing.T) {
	sessionFolder(t)
	a := startAgent(t)
	a.calls("open", `{"name":"a","url":"echo:"}`)
	want := 0
	for i := range 60 {
		a.calls("send", fmt.Sprintf(`{"name":"a","message":"message %d"}`, i))
		want++
	}
	for _, message := range []string{strings.Repeat("x", 100_000), strings.Repeat(`\u0001`, 20_000), strings.Repeat("x", 9_000), strings.Repeat("y", 9_000)} {
		a.calls("send", fmt.Sprintf(`{"name":"a","message":"%s"}`, message))
		want++
	}
	got, cursor := 0, uint64(0)
	for {
		text, failed := a.calls("receive", fmt.Sprintf(`{"name":"a","cursor":%d}`, cursor))
		var r reading
		if err := json.Unmarshal([]byte(text), &r); err != nil || failed {
			t.Fatalf("%s: %v", text, err)
		}
		if len(text) > maxBytes || len(r.Messages) > maxMessages {
			t.Errorf("an answer has %d messages and %d bytes", len(r.Messages), len(text))
		}
		got, cursor = got+len(r.Messages), r.Cursor
		if !r.More {
			break
		}
	}
	if got != want {
		t.Errorf("%d messages, want %d", got, want)
	}
}

// TestInspector uses wsx mcp from the protocol's own inspector, if the npm package is installed.
func TestInspector(t *testing.T) {
	inspector := filepath.Join(os.Getenv("WSX_NODE_PATH"), ".bin", "mcp-inspector")
	if _, err := os.Stat(inspector); err != nil {
		t.Skip("WSX_NODE_PATH does not name a folder with the npm package @modelcontextprotocol/inspector")
	}
	sessionFolder(t)
	wsx, err := exec.LookPath("wsx")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{`"name": "receive"`, "tools/list"},
		{`\"state\":\"open\"`, "tools/call", "--tool-name", "open", "--tool-arg", "name=a", "--tool-arg", "url=" + echoURL(t)},
		{`\"data\":\"hello\"`, "tools/call", "--tool-name", "send", "--tool-arg", "name=a", "--tool-arg", "message=hello"},
		{`\"data\":\"hello\"`, "tools/call", "--tool-name", "receive", "--tool-arg", "name=a"},
		{`\"name\":\"a\"`, "tools/call", "--tool-name", "list"},
		{`\"closed\":\"a\"`, "tools/call", "--tool-name", "close", "--tool-arg", "name=a"},
	} {
		cmd := exec.Command(inspector, append([]string{"--cli", wsx, "mcp", "-e", "XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR"), "--method"}, step[1:]...)...)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), step[0]) {
			t.Errorf("%q: %v\n%s", step[1:], err, out)
		}
	}
}
