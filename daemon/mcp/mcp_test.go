package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newServer returns a server with tools that return their arguments, fail, and wait until they are cancelled.
func newServer() *Server {
	return &Server{Name: "test", Version: "1", Instructions: "try it", Tools: []Tool{
		{Name: "same", Description: "return the arguments", Input: json.RawMessage(`{"type":"object"}`), Call: func(_ context.Context, a json.RawMessage) (any, error) { return a, nil }},
		{Name: "fail", Input: json.RawMessage(`{"type":"object"}`), Call: func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("it is broken") }},
		{Name: "later", Input: json.RawMessage(`{"type":"object"}`), Call: func(ctx context.Context, _ json.RawMessage) (any, error) {
			for range 100 {
				runtime.Gosched()
			}
			return 1, ctx.Err()
		}},
		{Name: "wait", Input: json.RawMessage(`{"type":"object"}`), Call: func(ctx context.Context, _ json.RawMessage) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
	}}
}

// TestSession sends requests one after the other, and compares the responses.
func TestSession(t *testing.T) {
	in, requests := io.Pipe()
	responses, out := io.Pipe()
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { served <- newServer().Serve(ctx, in, out) }() // ended by cancel
	lines := bufio.NewScanner(responses)
	for _, step := range []struct{ request, response string }{
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}`, `"protocolVersion":"2025-06-18"`},
		{`{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"1999-01-01"}}`, `"id":"a","result":{"capabilities":{"tools":{}},"instructions":"try it","protocolVersion":"2025-11-25"`},
		{`{"jsonrpc":"2.0","method":"notifications/initialized"}`, ``},
		{`{"jsonrpc":"2.0","id":2,"method":"ping"}`, `"id":2,"result":{}`},
		{`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`, `{"annotations":{"readOnlyHint":false},"description":"return the arguments","inputSchema":{"type":"object"},"name":"same"}`},
		{`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"same","arguments":{"a":[1]}}}`, `"content":[{"text":"{\"a\":[1]}","type":"text"}]`},
		{`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"fail"}}`, `"content":[{"text":"it is broken","type":"text"}],"isError":true`},
		{`{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"none"}}`, `"code":-32602,"message":"there is no tool none"`},
		{`{"jsonrpc":"2.0","id":7,"method":"resources/list"}`, `"code":-32601`},
		{`{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"wait"}}`, ``},
		{`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":8}}`, ``},
		{`nonsense`, `"id":null,"error":{"code":-32700`},
		{`[]`, `"code":-32600`},
		{`[` + strings.Repeat(" ", maxLine) + `]`, `"code":-32600`},
		{`{}`, `"code":-32600`},
		{``, ``},
		{`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait"}}`, ``}, // runs until the end
	} {
		io.WriteString(requests, step.request+"\n")
		if step.response == "" {
			continue
		}
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		if got := lines.Text(); !strings.Contains(got, step.response) {
			t.Errorf("%s: %s", step.request, got)
		}
	}
	cancel()
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	requests.Close() // only then: the end of the input ends it as well, without an error
}

// TestEndOfInput checks that the last request is answered after the end of the input.
func TestEndOfInput(t *testing.T) {
	var out strings.Builder
	calls := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"later"}}`
	if err := newServer().Serve(context.Background(), strings.NewReader(calls), &out); err != nil || !strings.Contains(out.String(), `"text":"1"`) {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// FuzzServe serves any lines.
func FuzzServe(f *testing.F) {
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"same","arguments":{}}}`)
	f.Fuzz(func(t *testing.T, lines string) {
		if strings.Contains(lines, "wait") {
			return // a call of that tool never ends
		}
		var out strings.Builder
		newServer().Serve(context.Background(), strings.NewReader(lines), &out)
		for line := range strings.Lines(out.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%q", line)
			}
		}
	})
}
