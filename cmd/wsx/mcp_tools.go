package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wsx/client"
	"wsx/daemon"
	"wsx/daemon/mcp"
	"wsx/dialect"
	"wsx/repl/render"
)

// schema returns the JSON schema of the arguments of a tool.
func schema(required string, properties ...string) json.RawMessage {
	return json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{` + strings.Join(properties, ",") + `},"required":[` + required + `]}`)
}

// The properties that several tools have.
const (
	nameProperty = `"name":{"type":"string","description":"name of the session: 1 to 64 of a-z, 0-9, _ . -"}`
	urlProperty  = `"url":{"type":"string","description":"ws:// or wss:// URL on this machine, or on a host that the user allowed; echo: is a built-in server for tests"}`
	waitProperty = `"wait_seconds":{"type":"number","minimum":0,"maximum":60,"description":"how long to wait at most"}`
)

// tools returns the table of the tools.
func (b *toolbox) tools() []mcp.Tool {
	return []mcp.Tool{
		{Name: "open", Call: withArguments(b.open), Description: "Open a WebSocket session that stays open until it is closed. Returns when the opening handshake is complete.", Input: schema(`"name","url"`,
			nameProperty, urlProperty,
			`"headers":{"type":"array","items":{"type":"string"},"description":"request headers, each like \"K: V\""}`,
			`"subprotocols":{"type":"array","items":{"type":"string"}}`,
			`"as":{"type":"string","description":"built-in application protocol: `+strings.Join(dialect.Names(), " ")+`"}`,
			`"options":{"type":"object","additionalProperties":{"type":"string"},"description":"options of that protocol"}`,
			`"reconnect":{"type":"boolean","description":"reconnect when the connection is lost"}`)},
		{Name: "send", Call: withArguments(b.send), Description: "Send a message, or use a verb of the session's application protocol, and return what was received after it: the first message unless count or until_jq is given; for a verb, its reply. Calls at the same time may receive each other's answers unless until_jq distinguishes them, so send one message after the other.", Input: schema(`"name"`,
			nameProperty, `"message":{"type":"string"}`,
			`"binary":{"type":"boolean","description":"message is base64 and is sent as a binary message"}`,
			`"verb":{"type":"string"}`, `"words":{"type":"array","items":{"type":"string"},"description":"the arguments of the verb"}`,
			`"count":{"type":"integer","minimum":0,"maximum":50,"description":"how many messages to wait for; 0 = none"}`,
			`"until_jq":{"type":"string","description":"wait for a message for which this jq expression is true"}`, waitProperty)},
		{Name: "receive", Call: withArguments(b.receive), ReadOnly: true, Description: "Return the messages received after a cursor; without a cursor, all that are kept, from the oldest. Waits only if no message is ready.", Input: schema(`"name"`,
			nameProperty, `"cursor":{"type":"integer","minimum":0}`, waitProperty)},
		{Name: "close", Call: withArguments(b.close), Description: "Close a session.", Input: schema(`"name"`,
			nameProperty, `"code":{"type":"integer"}`, `"reason":{"type":"string"}`)},
		{Name: "list", Call: withArguments(b.list), ReadOnly: true, Description: "List the open sessions.", Input: schema(``)},
		{Name: "check", Call: withArguments(b.checkServer), Description: "Test whether a WebSocket server conforms to RFC 6455 and RFC 7692. It sends malformed frames: use it only on servers that the user develops. Takes up to a minute; the argument only selects some of the checks.", Input: schema(`"url"`,
			urlProperty, `"only":{"type":"string","description":"ids or groups of checks, separated by commas, like utf8,close.code"}`)},
	}
}

// withArguments returns a function that parses the arguments of a tool and calls it; unknown arguments are an error.
func withArguments[A any](call func(context.Context, A) (any, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var arguments A
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&arguments)
		wrong, isWrong := errors.AsType[*json.UnmarshalTypeError](err)
		switch {
		case isWrong && wrong.Field == "":
			return nil, fmt.Errorf("the arguments must be an object, not of type %s", wrong.Value)
		case isWrong:
			return nil, fmt.Errorf("the argument %s cannot be of type %s", wrong.Field, wrong.Value)
		case err != nil: // an argument that the tool has not
			return nil, errors.New("the arguments do not fit the tool's schema: " + strings.TrimPrefix(err.Error(), "json: "))
		}
		return call(ctx, arguments)
	}
}

// within reports whether a number is nil or within the bounds of the schema.
func within[T int | float64](given *T, least, most T) bool {
	return given == nil || *given >= least && *given <= most
}

var errWait = errors.New("the argument wait_seconds must be from 0 to 60")

// headerFlags returns the flags for the headers of every session.
func (b *toolbox) headerFlags() (words []string) {
	for _, header := range b.headers {
		words = append(words, "--header="+header)
	}
	return words
}

// openLimit is how long opening a session may take.
const openLimit = "30s"

type openArguments struct {
	Name, URL, As         string
	Headers, Subprotocols []string
	Options               map[string]string
	Reconnect             bool
}

func (b *toolbox) open(ctx context.Context, a openArguments) (any, error) {
	if err := daemon.CheckName(a.Name); err != nil {
		return nil, err
	}
	if err := b.check(a.URL); err != nil {
		return nil, toolError(err)
	}
	args := append([]string{"open", "--timeout=" + openLimit}, b.headerFlags()...)
	for _, header := range a.Headers {
		if strings.HasPrefix(header, "@") {
			return nil, fmt.Errorf("header %.40q: wsx mcp reads no files", header)
		}
		args = append(args, "--header="+header)
	}
	for _, name := range a.Subprotocols {
		args = append(args, "--subprotocol="+name)
	}
	if a.As != "" {
		if _, isBuiltIn := dialect.Source(a.As); !isBuiltIn || isDialectFile(a.As) {
			return nil, fmt.Errorf("there is no application protocol %.40q: %s", a.As, strings.Join(dialect.Names(), " "))
		}
		args = append(args, "--as="+a.As)
	}
	for name, value := range a.Options {
		if strings.HasPrefix(value, "@") {
			return nil, fmt.Errorf("option %.40q: wsx mcp reads no files", name)
		}
		args = append(args, "--opt="+name+"="+value)
	}
	if a.Reconnect {
		args = append(args, "--reconnect")
	}
	if _, err := b.run(ctx, append(args, "--", a.Name, a.URL)...); err != nil {
		return nil, err
	}
	status, err := b.session(a.Name)
	return newListed(status), err
}

type closeArguments struct {
	Name   string
	Code   int
	Reason string
}

func (b *toolbox) close(_ context.Context, a closeArguments) (any, error) {
	if _, err := b.session(a.Name); err != nil {
		return nil, err
	}
	var with *daemon.CloseFrame
	if a.Code != 0 || a.Reason != "" {
		with = &daemon.CloseFrame{Code: cmp.Or(a.Code, 1000), Reason: a.Reason}
		if err := client.CheckClose(with.Code, with.Reason); err != nil {
			return nil, err
		}
	}
	err := b.folder.Close(a.Name, with)
	if ended, ok := errors.AsType[*daemon.EndError](err); ok && ended.Exit != exitFailed { // it had ended in another way meanwhile
		return map[string]string{"closed": a.Name, "ended": b.hide(ended.Error())}, nil
	}
	if err != nil {
		return nil, toolError(err)
	}
	return map[string]string{"closed": a.Name}, nil
}

func (b *toolbox) list(context.Context, struct{}) (any, error) {
	all, _, err := b.folder.Sessions()
	all = slices.DeleteFunc(all, func(one daemon.Status) bool { return !b.isUsable(one) })
	sessions, size := []listed{}, 0
	for _, one := range all {
		line, _ := json.Marshal(newListed(one))
		if size += len(line); len(sessions) < maxMessages && size < maxBytes-answerRest {
			sessions = append(sessions, newListed(one))
		}
	}
	return map[string]any{"sessions": sessions, "more": len(sessions) < len(all)}, err
}

// seconds returns a time in seconds as a duration; if given is nil, it returns otherwise.
func seconds(given *float64, otherwise time.Duration) time.Duration {
	if given == nil {
		return otherwise
	}
	return time.Duration(*given * float64(time.Second))
}

type receiveArguments struct {
	Name   string
	Cursor uint64
	Wait   *float64 `json:"wait_seconds"`
}

func (b *toolbox) receive(ctx context.Context, a receiveArguments) (any, error) {
	if !within(a.Wait, 0, 60) {
		return nil, errWait
	}
	status, err := b.session(a.Name)
	if err != nil {
		return nil, err
	}
	answer, err := b.readAfter(ctx, status, a.Cursor, false, currentLimit)
	if wait := seconds(a.Wait, 0); err == nil && len(answer.Messages) == 0 && answer.State != daemon.StateClosed && wait > 0 {
		return b.readAfter(ctx, status, answer.Cursor, true, wait)
	}
	return answer, err
}

type sendArguments struct {
	Name    string
	Message *string
	Binary  bool
	Verb    string
	Words   []string
	Count   *int
	UntilJQ string   `json:"until_jq"`
	Wait    *float64 `json:"wait_seconds"`
}

// defaultWait is how long send waits for an answer.
const defaultWait = 5 * time.Second

func (b *toolbox) send(ctx context.Context, a sendArguments) (any, error) {
	switch {
	case (a.Message == nil) == (a.Verb == ""):
		return nil, errors.New("give either message or verb")
	case !within(a.Count, 0, maxMessages):
		return nil, fmt.Errorf("the argument count must be from 0 to %d", maxMessages)
	case !within(a.Wait, 0, 60):
		return nil, errWait
	}
	status, err := b.session(a.Name)
	if err != nil {
		return nil, err
	}
	session, err := b.folder.Attach(a.Name, daemon.AttachOptions{From: daemon.FromAnswer, Follow: true})
	if err != nil {
		return nil, toolError(err)
	}
	r := &reading{Messages: []received{}, State: status.State, toolbox: b, session: session, ownReplyOnly: a.Verb != "" && a.Count == nil && a.UntilJQ == ""}
	if r.isDone, err = a.done(ctx, r); err != nil {
		session.Discard()
		return nil, err
	}
	session.Deliver(r, false)
	session.Follow(func(v dialect.Started) {
		if r.ownReplyOnly && v.Call == 1 && !v.Awaited && !v.Live {
			session.CloseNow(0, "") // nothing comes
		}
	})
	sent := make(chan error, 1)
	go func() { // ended by the session's end at the latest
		err := a.sendOn(session)
		if err != nil || a.Count != nil && *a.Count == 0 {
			session.CloseNow(0, "")
		}
		sent <- err
	}()
	err = r.read(ctx, seconds(a.Wait, defaultWait))
	if failed := <-sent; failed != nil && !errors.Is(failed, client.ErrClosed) {
		return nil, toolError(failed)
	}
	return r, toolError(err)
}

// done returns a function that reports whether a message is the last one to wait for.
func (a *sendArguments) done(ctx context.Context, r *reading) (func(*client.Event) bool, error) {
	switch {
	case a.UntilJQ != "":
		query, err := render.NewQuery(a.UntilJQ)
		return func(e *client.Event) bool {
			if as, ok := e.Detail.(render.As); ok {
				return query.Match(ctx, as.Event.Text())
			}
			return query.Match(ctx, e.Payload)
		}, err
	case r.ownReplyOnly:
		return func(e *client.Event) bool { return e.Detail.(render.As).Event.Final() }, nil
	}
	count := 1
	if a.Count != nil {
		count = *a.Count
	}
	return func(*client.Event) bool { return len(r.Messages) >= count }, nil
}

// sendOn sends the message, or uses the verb.
func (a *sendArguments) sendOn(session *daemon.Attachment) error {
	if a.Verb != "" {
		words := dialect.PlainWords(a.Words...)
		return session.Use(a.Verb, words)
	}
	if !a.Binary {
		return session.SendData(client.Text, []byte(*a.Message))
	}
	var data []byte
	if err := json.Unmarshal([]byte(`"`+*a.Message+`"`), &data); err != nil {
		return errors.New("a binary message must be base64")
	}
	return session.SendData(client.Binary, data)
}

type checkArguments struct{ URL, Only string }

func (b *toolbox) checkServer(ctx context.Context, a checkArguments) (any, error) {
	if err := b.check(a.URL); err != nil {
		return nil, toolError(err)
	}
	args := append([]string{"check", "--json", "--fail-on=never"}, b.headerFlags()...)
	if a.Only != "" {
		args = append(args, "--only="+a.Only)
	}
	out, err := b.run(ctx, append(args, "--", a.URL)...)
	if err != nil {
		return nil, err
	}
	return b.findings(out), nil
}

// findings returns the summary of a run of checks, and the findings other than pass and skip, as far as there is room.
func (b *toolbox) findings(out []byte) any {
	var summary json.RawMessage
	list, size, leftOut := []json.RawMessage{}, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, len(out)+1)
	for lines.Scan() {
		line := json.RawMessage(b.hide(lines.Text()))
		var event struct{ Event, Verdict string }
		json.Unmarshal(line, &event)
		switch {
		case event.Event == "summary":
			summary = line
		case event.Event != "check" || event.Verdict == "pass" || event.Verdict == "skip":
		case len(list) == maxMessages || size+len(line) > maxBytes-answerRest:
			leftOut++
		default:
			list, size = append(list, line), size+len(line)
		}
	}
	return map[string]any{"summary": summary, "findings": list, "left_out": leftOut}
}
