package daemon

import (
	"errors"
	"iter"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/dialect"
)

// write sends a request. If it cannot be sent, write returns ErrClosed, and Run returns the reason.
func (a *Attachment) write(v any) error {
	if _, err := a.socket.Write(marshal(v)); err != nil {
		return client.ErrClosed
	}
	return nil
}

// deliverReply delivers the answer to a request to the goroutine that waits for it.
func (a *Attachment) deliverReply(r *reply) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seq == 0 && r.Seq > 0 {
		a.seq = r.Seq
	}
	a.sentAfterEnd = a.sentAfterEnd || r.Class == classEnded
	if r.Call > 0 {
		a.calls = append(a.calls, r.Call)
	}
	if waiting := a.waiting[r.Number]; waiting != nil {
		delete(a.waiting, r.Number)
		waiting <- *r // does not block: the channel is buffered
		return nil
	}
	if r.Number == 0 {
		return refusal(r)
	}
	if a.open--; a.open == 0 {
		select {
		case a.done <- struct{}{}:
		default:
		}
	}
	if r.Event.Event == "rejected" && r.Class != classEnded && a.refused == nil {
		a.refused = refusal(r)
	}
	return nil
}

func refusal(r *reply) error {
	return &EndError{Class: r.Class, Message: r.Message, Hint: r.Hint, Exit: 1}
}

// request sends a request, and waits for its answer.
func (a *Attachment) request(r map[string]any) error {
	answer := make(chan reply, 1)
	a.mu.Lock()
	a.number++
	number := a.number
	a.waiting[number] = answer
	a.mu.Unlock()
	r["number"] = number
	if err := a.write(r); err != nil {
		return err
	}
	select {
	case got := <-answer:
		switch {
		case got.Event.Event != "rejected":
			return nil
		case got.Class == classEnded:
			return client.ErrClosed // Run returns the reason
		}
		return refusal(&got)
	case <-a.finished:
		return client.ErrClosed
	}
}

// escapes returns about how many bytes escaping adds to a text in JSON. The encoding in base64 adds a third.
func escapes(text []byte) int {
	extra := 0
	for _, c := range text {
		switch {
		case c < ' ', c == '<', c == '>', c == '&':
			extra += len(`\u0000`) - 1
		case c == '"', c == '\\', c == 0x7f:
			extra++
		}
	}
	return extra
}

// messageRequest returns the request to send a message.
func messageRequest(t client.Type, data []byte) map[string]any {
	r := map[string]any{"event": "message", "dir": "out", "type": "text"}
	if t == client.Binary {
		r["type"] = "binary"
	}
	if t == client.Binary || !utf8.Valid(data) || escapes(data) > len(data)/3 {
		r["data"], r["encoding"] = data, "base64"
	} else {
		r["data"] = string(data)
	}
	return r
}

func (a *Attachment) report(t client.Type, data []byte) {
	a.sent.Add(1)
	if a.reportSent {
		a.handler.Handle(client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: true, Last: true, Time: time.Now(), Payload: data})
	}
}

// Send sends a message, and returns when the session has accepted it.
func (a *Attachment) Send(m client.Message) error {
	a.report(m.Type, m.Data)
	return a.request(messageRequest(m.Type, m.Data))
}

// SendData is Send.
func (a *Attachment) SendData(t client.Type, data []byte) error {
	return a.Send(client.Message{Type: t, Data: data})
}

// SendAll sends messages without waiting for each. Close waits for all.
func (a *Attachment) SendAll(t client.Type, messages iter.Seq[[]byte]) error {
	for data := range messages {
		a.report(t, data)
		r := messageRequest(t, data)
		a.mu.Lock()
		a.number++
		r["number"] = a.number
		a.open++
		refused := a.refused
		a.mu.Unlock()
		if refused != nil {
			return refused
		}
		if err := a.write(r); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment collects the fragments of a message. The last one sends it, in frames of the size of the first fragment.
func (a *Attachment) SendFragment(t client.Type, data []byte, first, last bool) error {
	if first {
		a.fragments, a.frame = nil, len(data)
	}
	a.fragments = append(a.fragments, data...)
	if !last {
		return nil
	}
	a.report(t, a.fragments)
	r := messageRequest(t, a.fragments)
	if !first {
		r["frame"] = a.frame
	}
	a.fragments = nil
	return a.request(r)
}

// Reply sends a message as the answer to the event being handled. It does not wait.
func (a *Attachment) Reply(t client.Type, data []byte, first, last bool) error {
	if !first || !last {
		return errors.New("a fragmented answer cannot be sent in an attached session")
	}
	a.report(t, data)
	return a.write(messageRequest(t, data))
}

// Use has the session use a verb of its dialect, and returns when the call has started.
func (a *Attachment) Use(verb string, words []dialect.Word) error {
	return a.request(map[string]any{"event": "use", "verb": verb, "words": words})
}

// Ping sends a Ping. The event of its Pong has the round-trip time.
func (a *Attachment) Ping(data []byte) error {
	a.mu.Lock()
	a.pings = append(a.pings, sentPing{string(data), time.Now()})
	a.mu.Unlock()
	return a.request(map[string]any{"event": "ping", "data": data, "encoding": "base64"})
}

// Pong sends an unsolicited Pong.
func (a *Attachment) Pong(data []byte) error {
	return a.request(map[string]any{"event": "pong", "data": data, "encoding": "base64"})
}

// Flush does nothing: each request is written at once.
func (a *Attachment) Flush() error { return nil }

// RetryNow ends the pause before the next attempt to connect.
func (a *Attachment) RetryNow() { a.write(map[string]any{"event": "retry"}) }

// Close detaches from the session when it has accepted all that was sent.
func (a *Attachment) Close(int, string) error {
	a.mu.Lock()
	open := a.open
	a.mu.Unlock()
	if open > 0 {
		select {
		case <-a.done:
		case <-a.finished:
		}
	}
	a.detach()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refused
}

// CloseNow detaches from the session at once.
func (a *Attachment) CloseNow(int, string) { a.detach() }

// Abort is CloseNow.
func (a *Attachment) Abort(int, string) { a.detach() }

// detach makes Run return.
func (a *Attachment) detach() {
	a.socket.SetWriteDeadline(time.Now()) // ends a write that is blocked because the process does not read
	a.closing.Store(true)
	a.socket.SetReadDeadline(time.Now())
}

// CloseAll closes the session, for all processes.
func (a *Attachment) CloseAll(code int, reason string) error {
	return a.request(map[string]any{"event": "close", "code": code, "reason": reason})
}

func (discard) Flush() error { return nil }

type sentPing struct {
	data string
	at   time.Time
}
