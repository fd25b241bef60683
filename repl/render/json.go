package render

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
)

// JSON shows each event as a JSON object on a line of its own (events.schema.json). Recordings have the same format.
type JSON struct {
	MaxMessage  int64  // bytes of a message that are kept; 0 = all. A longer one has "truncated"
	ShowSecrets bool   // headers as they are
	Hinter      Hinter // what to do about an error; nil = the error's own

	line   []byte
	whole  assembler
	at     time.Time // what second is the text of
	second []byte
}

// Render writes an event; a message once its last fragment has been received.
func (j *JSON) Render(w io.Writer, e client.Event) error {
	length := int64(len(e.Payload))
	if e.Kind == client.KindInvalid {
		e.Kind = client.KindMessage // it is shown in base64
	}
	if e.Kind == client.KindMessage {
		var ok bool
		j.whole.max = j.MaxMessage
		if e, length, ok = j.whole.add(e); !ok {
			return nil
		}
	}
	if e.Kind == client.KindMessage && len(e.Payload) > longData {
		return j.renderLong(w, &e, length)
	}
	if j.line = j.append(j.line[:0], &e, length); len(j.line) > 0 {
		j.line = append(j.line, "}\n"...)
	}
	_, err := w.Write(j.line)
	if cap(j.line) > keptCapacity {
		j.line = nil
	}
	return err
}

// A payload longer than longData is written in chunks, since its JSON can be six times as long. The size of a chunk is a
// multiple of 3 bytes, which are 4 characters in base64.
const (
	longData  = 256 << 10
	dataChunk = 48 << 10
)

// renderLong writes a message with a long payload, without holding its whole JSON in memory.
func (j *JSON) renderLong(w io.Writer, e *client.Event, length int64) error {
	if as, ok := e.Detail.(As); ok && as.Again {
		return nil
	}
	payload, isTruncated := shownPayload(e, length)
	isText := e.Type != client.Binary && utf8.Valid(payload)
	line := append(appendMessageHead(j.begin(j.line[:0], e, "message"), e, length), `,"data":"`...)
	for len(payload) > 0 {
		chunk := payload[:min(dataChunk, len(payload))]
		if isText {
			if len(chunk) < len(payload) {
				chunk = chunk[:len(chunk)-wire.Unfinished(chunk)]
			}
			line = appendEscaped(line, chunk)
		} else {
			line = base64.StdEncoding.AppendEncode(line, chunk)
		}
		payload = payload[len(chunk):]
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	line = append(line, '"')
	if !isText {
		line = append(line, encodingMember...)
	}
	j.line = append(appendMessageEnd(line, e, isTruncated), "}\n"...)
	_, err := w.Write(j.line)
	return err
}

// append appends the object of an event, without the brace that ends it; nothing for a kind that is not shown.
func (j *JSON) append(dst []byte, e *client.Event, length int64) []byte {
	switch e.Kind {
	case client.KindMessage:
		if as, ok := e.Detail.(As); ok && as.Again {
			return dst
		}
		return appendMessage(j.begin(dst, e, "message"), e, length)
	case client.KindPing:
		return appendControl(j.begin(dst, e, "ping"), e)
	case client.KindPong:
		return appendControl(j.begin(dst, e, "pong"), e)
	case client.KindClose:
		return appendClose(j.begin(dst, e, "close"), e)
	}
	switch detail := e.Detail.(type) {
	case *client.Listening:
		return appendText(j.appendHead(append(dst, `{"v":1,`...), e, "listen"), "url", detail.URL)
	case *client.RejectedClient:
		return appendRejected(j.begin(dst, e, "refused"), detail)
	case *dial.Handshake:
		return j.appendOpen(dst, e, detail)
	case *wire.Trace:
		return appendFrame(j.begin(dst, e, "frame"), detail)
	case *client.Attempt:
		return appendRetry(j.begin(dst, e, "retry"), detail)
	case *client.Gap:
		return appendNumber(j.begin(dst, e, "gap"), "count", detail.Count)
	case *client.Unconfirmed:
		return appendUnconfirmed(j.begin(dst, e, "doubt"), detail)
	case *End:
		return appendEnd(j.begin(dst, e, "end"), detail)
	case error:
		return appendError(j.begin(dst, e, "error"), detail, j.Hinter)
	}
	return dst
}

func (j *JSON) begin(dst []byte, e *client.Event, name string) []byte {
	return j.appendHead(append(dst, '{'), e, name)
}

// appendHead appends the time and the name of an event.
func (j *JSON) appendHead(dst []byte, e *client.Event, name string) []byte {
	dst = append(dst, `"time":"`...)
	dst = j.appendTime(dst, e.Time)
	dst = append(dst, `","event":"`...)
	dst = append(dst, name...)
	dst = append(dst, '"')
	if e.Peer > 0 {
		dst = appendNumber(dst, "client", int64(e.Peer))
	}
	return dst
}

// appendTime appends a time in UTC with nanoseconds. The text up to the second is cached.
func (j *JSON) appendTime(dst []byte, t time.Time) []byte {
	if len(j.second) == 0 || t.Unix() != j.at.Unix() {
		j.at = t
		j.second = t.UTC().AppendFormat(j.second[:0], "2006-01-02T15:04:05.")
	}
	dst = append(dst, j.second...)
	var digits [10]byte
	digits[9] = 'Z'
	for i, n := 8, t.Nanosecond(); i >= 0; i, n = i-1, n/10 {
		digits[i] = byte('0' + n%10)
	}
	return append(dst, digits[:]...)
}

func (j *JSON) appendOpen(dst []byte, e *client.Event, h *dial.Handshake) []byte {
	dst = j.appendHead(append(dst, `{"v":1,`...), e, "open")
	dst = appendText(dst, "url", h.URL)
	dst = appendText(dst, "http", h.HTTP)
	dst = appendNumber(dst, "status", int64(h.Status))
	dst = appendText(dst, "subprotocol", h.Subprotocol)
	dst = appendText(dst, "extensions", h.Extensions)
	if h.Accepted {
		dst = appendText(dst, "remote", h.Remote)
	}
	dst = j.appendHeaders(dst, h.Header)
	return appendLines(dst, "request", h.Request)
}

func appendRejected(dst []byte, s *client.RejectedClient) []byte {
	dst = appendText(dst, "remote", s.Remote)
	dst = appendText(dst, "uri", s.URI)
	return appendText(dst, "message", s.Err.Error())
}

// appendLines appends the lines of a request or of a response, in the order in which they were sent, if there are any.
func appendLines(dst []byte, name string, lines []string) []byte {
	if len(lines) == 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":[`...)
	for i, line := range lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, valid(line))
	}
	return append(dst, ']')
}

func (j *JSON) appendHeaders(dst []byte, header http.Header) []byte {
	dst = append(dst, `,"headers":{`...)
	for i, name := range slices.Sorted(maps.Keys(header)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, valid(name)), ':', '[')
		for k, value := range header[name] {
			if k > 0 {
				dst = append(dst, ',')
			}
			if !j.ShowSecrets {
				value = dial.RedactHeader(name, value)
			}
			dst = appendQuoted(dst, valid(value))
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendDir(dst []byte, d client.Dir) []byte {
	if d == client.Out {
		return append(dst, `,"dir":"out"`...)
	}
	return append(dst, `,"dir":"in"`...)
}

func appendMessage(dst []byte, e *client.Event, length int64) []byte {
	payload, isTruncated := shownPayload(e, length)
	dst = appendData(appendMessageHead(dst, e, length), payload, e.Type == client.Binary)
	return appendMessageEnd(dst, e, isTruncated)
}

// shownPayload returns the payload of a message of the given length, and reports whether it was truncated.
func shownPayload(e *client.Event, length int64) (payload []byte, isTruncated bool) {
	payload, isTruncated = e.Payload, int64(len(e.Payload)) < length
	if isTruncated && e.Type != client.Binary {
		payload = payload[:len(payload)-wire.Unfinished(payload)]
	}
	return payload, isTruncated
}

func appendMessageHead(dst []byte, e *client.Event, length int64) []byte {
	dst = appendDir(dst, e.Dir)
	if e.Type == client.Binary {
		dst = append(dst, `,"type":"binary"`...)
	} else {
		dst = append(dst, `,"type":"text"`...)
	}
	return appendNumber(dst, "bytes", length)
}

func appendMessageEnd(dst []byte, e *client.Event, isTruncated bool) []byte {
	if isTruncated {
		dst = append(dst, `,"truncated":true`...)
	}
	if as, ok := e.Detail.(As); ok {
		dst = as.Event.AppendJSON(append(dst, `,"as":`...))
	}
	return dst
}

func appendControl(dst []byte, e *client.Event) []byte {
	dst = appendNumber(appendDir(dst, e.Dir), "bytes", int64(len(e.Payload)))
	return appendData(dst, e.Payload, false)
}

// appendData appends a payload: as text when it is text, else in base64.
func appendData(dst, data []byte, isBinary bool) []byte {
	dst = append(dst, `,"data":`...)
	if !isBinary && utf8.Valid(data) {
		return appendQuoted(dst, data)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(append(dst, '"'), encodingMember...)
}

const encodingMember = `,"encoding":"base64"`

func appendClose(dst []byte, e *client.Event) []byte {
	dst = appendNumber(appendDir(dst, e.Dir), "code", int64(e.Code))
	return appendText(dst, "reason", string(e.Payload))
}

func appendFrame(dst []byte, t *wire.Trace) []byte {
	dir := client.In
	if t.Out {
		dir = client.Out
	}
	dst = append(appendDir(dst, dir), `,"fin":`...)
	dst = strconv.AppendBool(dst, t.Fin)
	dst = appendNumber(dst, "rsv", int64(t.Rsv))
	dst = appendText(dst, "opcode", t.Opcode.String())
	dst = appendNumber(dst, "bytes", t.Length)
	if t.Masked {
		dst = append(dst, `,"mask":"`...)
		for _, b := range t.Mask {
			dst = appendHex(dst, uint32(b), 2)
		}
		dst = append(dst, '"')
	}
	if t.Compressed {
		dst = appendNumber(dst, "inflated", t.Inflated)
	}
	return dst
}

func appendRetry(dst []byte, a *client.Attempt) []byte {
	dst = appendText(dst, "after", a.After.String())
	return appendNumber(dst, "attempt", int64(a.Attempt))
}

func appendUnconfirmed(dst []byte, d *client.Unconfirmed) []byte {
	dst = appendNumber(dst, "first", int64(d.First))
	dst = appendNumber(dst, "last", int64(d.Last))
	return appendNumber(dst, "count", int64(d.Count))
}

func appendEnd(dst []byte, s *End) []byte {
	dst = appendNumber(dst, "exit", int64(s.Exit))
	dst = appendNumber(dst, "code", int64(s.Code))
	dst = appendNumber(dst, "sent", s.Sent)
	return appendNumber(dst, "received", s.Received)
}

func appendError(dst []byte, err error, hinter Hinter) []byte {
	dst = appendText(dst, "kind", ErrorKind(err))
	dst = appendText(dst, "message", err.Error())
	if hint := hinter.Hint(err); hint != "" {
		dst = appendText(dst, "hint", hint)
	}
	if h, failed := handshakeOf(err); h != nil {
		dst = appendText(dst, "step", string(failed))
		dst = appendText(dst, "timing", h.Timing.String())
		dst = appendLines(dst, "request", h.Request)
		dst = appendLines(dst, "response", h.Response)
	}
	return dst
}

func appendText(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return appendQuoted(dst, valid(value))
}

func appendNumber(dst []byte, name string, value int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, value, 10)
}
