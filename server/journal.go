package server

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// journal writes one line a connection, a message and an end. A nil journal writes nothing.
type journal struct {
	json bool
	now  func() time.Time

	mu  sync.Mutex // guards what follows
	out io.Writer
}

func newJournal(out io.Writer, json bool, now func() time.Time) *journal {
	if out == nil {
		return nil
	}
	return &journal{out: out, json: json, now: now}
}

func (j *journal) opened(c *session, r *http.Request) {
	if j == nil {
		return
	}
	j.write(note{Event: "open", Client: c.id, Remote: r.RemoteAddr, URL: r.RequestURI,
		Origin: r.Header.Get("Origin"), Subprotocol: c.conn.Subprotocol()})
}

func (j *journal) refused(r *http.Request, err error) {
	if j == nil {
		return
	}
	j.write(note{Event: "refused", Remote: r.RemoteAddr, URL: r.RequestURI,
		Origin: r.Header.Get("Origin"), Message: strings.TrimPrefix(err.Error(), "failed to accept WebSocket connection: ")})
}

func (j *journal) message(c *session, dir string, typ websocket.MessageType, p []byte) {
	if j == nil {
		return
	}
	size, data, encoding := int64(len(p)), string(p), ""
	if j.json && (typ == websocket.MessageBinary || !utf8.Valid(p)) {
		data, encoding = base64.StdEncoding.EncodeToString(p), "base64"
	}
	j.write(note{Event: "message", Client: c.id, Dir: dir, Type: typeName(typ), Bytes: &size, Data: &data, Encoding: encoding})
}

func (j *journal) streamed(c *session, dir string, typ websocket.MessageType, size int64) {
	if j == nil {
		return
	}
	j.write(note{Event: "message", Client: c.id, Dir: dir, Type: typeName(typ), Bytes: &size})
}

func (j *journal) closed(c *session, err error) {
	if j == nil {
		return
	}
	received, sent := c.heard.Load(), c.sent.Load()
	end := note{Event: "close", Client: c.id, Received: &received, Sent: &sent}
	end.explain(err)
	j.write(end)
}

// faults is where net/http complains, such as about a TLS handshake that failed.
func (j *journal) faults() *log.Logger { return log.New(faultWriter{j}, "", 0) }

type faultWriter struct{ *journal }

func (f faultWriter) Write(line []byte) (int, error) {
	if f.journal != nil {
		f.write(note{Event: "fault", Message: strings.TrimSpace(string(line))})
	}
	return len(line), nil
}

func (j *journal) write(n note) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n.Time = j.now()
	line := n.text
	if j.json {
		line = n.object
	}
	io.WriteString(j.out, line()+"\n")
}
