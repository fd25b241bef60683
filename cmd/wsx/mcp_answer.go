package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"wsx/client"
	"wsx/daemon"
	"wsx/repl/render"
)

// The bounds of an answer.
const (
	maxMessages = 50
	maxBytes    = 16 << 10
	answerRest  = 1 << 10 // of them, for all but the messages
)

// received is a message as an answer has it.
type received struct {
	Seq       uint64          `json:"seq"`
	Time      string          `json:"time"`
	Type      string          `json:"type"`
	Data      string          `json:"data"`
	Encoding  string          `json:"encoding,omitempty"`
	Truncated int             `json:"truncated,omitempty"` // bytes that were left out
	As        json.RawMessage `json:"as,omitempty"`        // what it means in the session's application protocol, instead of the data
}

// reading is the answer of send or receive, and the handler that collects it.
type reading struct {
	Messages []received `json:"messages"`
	Cursor   uint64     `json:"cursor"`
	More     bool       `json:"more"`          // there is more after the cursor
	Gap      int64      `json:"gap,omitempty"` // messages that were dropped before they were read
	State    string     `json:"state"`
	Ended    string     `json:"ended,omitempty"` // how the session ended, or that the time has run out

	toolbox      *toolbox
	session      *daemon.Attachment
	size         int
	isDone       func(e *client.Event) bool // reports whether a message is the last that is waited for
	stopWhenIdle bool                       // detach when no further message is ready and at least one was received
	ownReplyOnly bool                       // collect only replies to the verb that was sent
}

// Handle collects an event, and detaches when the answer is full.
func (r *reading) Handle(e client.Event) error {
	switch {
	case e.Kind == client.KindGap:
		r.Gap += e.Detail.(*client.Gap).Count
		return nil
	case e.Kind == client.KindClose && e.Dir == client.In:
		r.State = daemon.StateClosed
		r.Ended = fmt.Sprintf("the server closed with %d %s", e.Code, render.SanitizeLine(nil, string(e.Payload)))
	case e.Kind == client.KindMessage && !r.add(&e):
		r.More = true
		r.session.CloseNow(0, "")
		return nil
	}
	r.Cursor = r.session.Seq()
	return nil
}

// add adds a message, and reports whether there was room for it.
func (r *reading) add(e *client.Event) bool {
	as, isTranslated := e.Detail.(render.As)
	if isTranslated && (as.Event.Hidden() && !(r.ownReplyOnly && as.Event.Final()) || r.ownReplyOnly && as.Event.Call != 1) {
		return true
	}
	m := r.toolbox.received(e, r.session.Seq())
	line, _ := json.Marshal(m)
	if len(r.Messages) == maxMessages || r.size+len(line) > maxBytes-answerRest {
		if len(r.Messages) > 0 {
			return false
		}
		m.shorten()
		line, _ = json.Marshal(m)
	}
	r.size += len(line)
	r.Messages = append(r.Messages, m)
	if r.isDone != nil && r.isDone(e) {
		r.session.CloseNow(0, "")
	}
	return true
}

// Flush is called when nothing more is ready.
func (r *reading) Flush() error {
	if r.stopWhenIdle && len(r.Messages) > 0 {
		r.session.CloseNow(0, "")
	}
	return nil
}

// received is a message as an answer has it, without secrets.
func (b *toolbox) received(e *client.Event, seq uint64) received {
	var line bytes.Buffer
	events := render.JSON{}
	if as, ok := e.Detail.(render.As); ok {
		as.Again = false // which would not be rendered
		e.Detail = as
	}
	events.Render(&line, *e)
	m := received{}
	json.Unmarshal([]byte(b.hide(line.String())), &m)
	m.Seq = seq
	if len(m.As) > 0 {
		m.Data, m.Encoding = "", ""
	}
	return m
}

// shorten truncates a message so that its JSON fits into an answer.
func (m *received) shorten() {
	if len(m.As) > 0 {
		m.Data, m.As = string(m.As), nil
	}
	const escaped = 6 // bytes that one byte may have in JSON
	most := min(len(m.Data), (maxBytes-3*answerRest)/escaped)
	if m.Encoding != "" {
		most = min(len(m.Data), maxBytes-3*answerRest) / 4 * 4
	}
	m.Truncated = len(m.Data) - most
	m.Data = strings.ToValidUTF8(m.Data[:most], "")
}

// read runs an attachment until the handler detaches, or wait has passed.
func (r *reading) read(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { r.session.CloseNow(0, "") })
	defer stop()
	err := r.session.Run()
	if r.Cursor == 0 {
		r.Cursor = r.session.Seq()
	}
	ended, isEnd := errors.AsType[*daemon.EndError](err)
	switch {
	case isEnd && r.session.HasEnded():
		r.State, r.Ended = daemon.StateClosed, r.toolbox.hide(ended.Error())
		return nil
	case r.session.HasEnded() && r.Ended == "":
		r.State, r.Ended = daemon.StateClosed, "the session was closed"
	}
	return err
}

// currentLimit bounds how long reading the messages that are already there may take.
const currentLimit = 5 * time.Second

// readAfter reads what was received after a cursor.
func (b *toolbox) readAfter(ctx context.Context, status daemon.Status, cursor uint64, follow bool, wait time.Duration) (*reading, error) {
	session, err := b.folder.Attach(status.Name, daemon.AttachOptions{From: daemon.FromSeq, Seq: cursor, Follow: follow})
	if err != nil {
		return nil, toolError(err)
	}
	r := &reading{Messages: []received{}, Cursor: cursor, State: status.State, toolbox: b, session: session, stopWhenIdle: follow}
	session.Deliver(r, false)
	return r, toolError(r.read(ctx, wait))
}
