package servertest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

func echo(v *visit) {
	v.upgrade(nil)
	v.echo()
}

func late(v *visit) {
	v.upgrade(nil)
	v.listen(func(f frame) {
		if f.opcode() < closing {
			v.sleep(v.milliseconds("ms", 500))
			v.say(f.first, string(f.payload))
		}
	})
}

func dribble(v *visit) {
	v.upgrade(nil)
	v.out.Reset(byteByByte{v.conn})
	v.echo()
}

// byteByByte makes every byte a segment, as far as the kernel lets it.
type byteByByte struct{ io.Writer }

func (w byteByByte) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := w.Writer.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// sink reads in tenths of a second.
func sink(v *visit) {
	v.upgrade(nil)
	if rate := v.number("bytes_per_s", 0); rate > 0 {
		const tick = 100 * time.Millisecond
		v.conn.SetReadBuffer(max(rate/10, 1))
		v.in.Reset(&slowReader{v, max(int(int64(rate)*int64(tick)/int64(time.Second)), 1), tick})
	}
	v.listen(func(frame) {})
}

// slowReader reads at most some bytes a while.
type slowReader struct {
	v     *visit
	bytes int
	every time.Duration
}

func (s *slowReader) Read(p []byte) (int, error) {
	s.v.sleep(s.every)
	return s.v.conn.Read(p[:min(len(p), s.bytes)])
}

// record puts fragments together, as whoever asks wants to know messages.
func record(v *visit) {
	id := v.query.Get("id")
	v.upgrade(nil)
	var whole Message
	keep := func(f frame) {
		switch op := f.opcode(); {
		case op >= closing:
			v.server.record(id, Message{opcodeName(op), f.payload})
			return
		case op != more:
			whole = Message{Type: opcodeName(op)}
		}
		whole.Payload = append(whole.Payload, f.payload...)
		if f.first&fin != 0 {
			v.server.record(id, whole)
		}
	}
	if v.word("then", "silent") == "echo" {
		v.listen(func(f frame) { keep(f); v.echoFrame(f) })
		return
	}
	v.listen(keep)
}

// received shows each message as its type and its payload, quoted as Go does if it is not plain text.
func received(v *visit) {
	var lines strings.Builder
	for _, m := range v.server.Received(v.query.Get("id")) {
		lines.WriteString(m.String() + "\n")
	}
	v.respond(http.StatusOK, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, lines.String())
}

// String is the message's type and payload; of a close: its code and reason.
func (m Message) String() string {
	payload := string(m.Payload)
	if m.Type == "close" && len(payload) >= 2 {
		return strings.TrimSpace(fmt.Sprintf("close %d %s", int(payload[0])<<8|int(payload[1]), plain(payload[2:])))
	}
	return strings.TrimSpace(m.Type + " " + plain(payload))
}

func plain(s string) string {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == unicode.ReplacementChar {
			return strconv.Quote(s)
		}
	}
	return s
}

func opcodeName(op byte) string {
	switch op {
	case text:
		return "text"
	case binaryOp:
		return "binary"
	case closing:
		return "close"
	case ping:
		return "ping"
	case pong:
		return "pong"
	}
	return fmt.Sprintf("opcode%d", op)
}
