package server

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"wsx/client/wire"
)

// accessLog writes a line for each connection, each message and each end of a connection. A nil accessLog writes nothing.
type accessLog struct {
	json  bool
	now   func() time.Time
	lines *log.Logger // writes one line at a time
}

func newAccessLog(out io.Writer, json bool, now func() time.Time) *accessLog {
	if out == nil {
		return nil
	}
	return &accessLog{json: json, now: now, lines: log.New(out, "", 0)}
}

// newOpenEntry returns the log entry for a client, from its request, before that is released.
func newOpenEntry(r *http.Request, subprotocol string) logEntry {
	return logEntry{Event: "open", Remote: remote(r), URL: r.RequestURI, Origin: r.Header.Get("Origin"), Subprotocol: subprotocol}
}

// remote returns the address of a client.
func remote(r *http.Request) string {
	if r.RemoteAddr == "" || r.RemoteAddr == "@" {
		return "a unix socket"
	}
	return r.RemoteAddr
}

func (l *accessLog) opened(client int, e logEntry) {
	e.Client = client
	l.write(e)
}

func (l *accessLog) refused(r *http.Request, err error) {
	l.write(logEntry{Event: "refused", Remote: remote(r), URL: r.RequestURI,
		Origin: r.Header.Get("Origin"), Message: strings.TrimPrefix(err.Error(), "failed to accept WebSocket connection: ")})
}

func (l *accessLog) message(client int, dir string, opcode wire.Opcode, payload []byte) {
	if l == nil { // without a copy of the payload
		return
	}
	size, data, encoding := int64(len(payload)), string(payload), ""
	if l.json && (opcode == wire.Binary || !utf8.Valid(payload)) {
		data, encoding = base64.StdEncoding.EncodeToString(payload), "base64"
	}
	l.write(logEntry{Event: "message", Client: client, Dir: dir, Type: opcode.String(), Bytes: &size, Data: &data, Encoding: encoding})
}

func (l *accessLog) streamed(client int, dir string, opcode wire.Opcode, size int64) {
	l.write(logEntry{Event: "message", Client: client, Dir: dir, Type: opcode.String(), Bytes: &size})
}

func (l *accessLog) closed(client int, received, sent int64, err error) {
	end := logEntry{Event: "close", Client: client, Received: &received, Sent: &sent}
	end.explain(err)
	l.write(end)
}

// errorLog returns the log to which net/http writes errors, such as failed TLS handshakes.
func (l *accessLog) errorLog() *log.Logger { return log.New(errorWriter{l}, "", 0) }

type errorWriter struct{ *accessLog }

func (w errorWriter) Write(line []byte) (int, error) {
	w.write(logEntry{Event: "fault", Message: strings.TrimSpace(string(line))})
	return len(line), nil
}

func (l *accessLog) write(e logEntry) {
	if l == nil {
		return
	}
	e.Time = l.now()
	line := e.text
	if l.json {
		line = e.object
	}
	l.lines.Print(line())
}
