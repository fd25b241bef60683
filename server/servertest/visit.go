package servertest

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// The first byte of a frame: FIN and the opcodes (RFC 6455, section 5.2).
const (
	fin       = 0x80
	rsv1      = 0x40
	rsv2      = 0x20
	more      = 0x0 // opcode of a continuation
	text      = 0x1
	binaryOp  = 0x2
	closing   = 0x8
	ping      = 0x9
	pong      = 0xA
	opcodes   = 0x0F
	maskBit   = 0x80
	maxFrame  = 1 << 30 // of a client, bytes
	maxReason = 123     // bytes (RFC 6455, section 5.5)
)

// visit is one connection. Errors of out are remembered by it: what is written after one goes nowhere.
type visit struct {
	server  *Server
	conn    *net.TCPConn
	in      *bufio.Reader
	out     *bufio.Writer
	request *http.Request
	query   url.Values
}

// frame is one of the client's, unmasked.
type frame struct {
	first   byte // FIN, RSV and opcode
	payload []byte
}

func (f frame) opcode() byte { return f.first & opcodes }

// number is a number of the query, or what it is without.
func (v *visit) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(v.query.Get(name)); err == nil {
		return n
	}
	return otherwise
}

// word is a word of the query, or what it is without.
func (v *visit) word(name, otherwise string) string {
	if v.query.Has(name) {
		return v.query.Get(name)
	}
	return otherwise
}

// respond answers without an upgrade.
func (v *visit) respond(status int, header http.Header, body string) {
	fmt.Fprintf(v.out, "HTTP/1.1 %d %s\r\nServer: adversary\r\nConnection: close\r\nContent-Length: %d\r\n",
		status, http.StatusText(status), len(body))
	v.headers(header)
	v.out.WriteString("\r\n" + body)
	v.out.Flush()
}

func (v *visit) headers(header http.Header) {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value+"\r\n")
		}
	}
	sort.Strings(lines)
	v.out.WriteString(strings.Join(lines, ""))
}

// upgrade answers as RFC 6455 says, except for these headers.
func (v *visit) upgrade(except http.Header) {
	v.answer(except)
	v.out.Flush()
}

func (v *visit) answer(except http.Header) {
	header := http.Header{
		"Connection":           {"Upgrade"},
		"Upgrade":              {"websocket"},
		"Sec-WebSocket-Accept": {v.acceptKey()},
	}
	maps.Copy(header, except)
	v.out.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	v.headers(header)
	v.out.WriteString("\r\n")
}

func (v *visit) acceptKey() string {
	sum := sha1.Sum([]byte(v.request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// say sends one unmasked frame at once.
func (v *visit) say(first byte, payload string) bool {
	v.put(first, payload)
	return v.out.Flush() == nil
}

// put buffers one unmasked frame.
func (v *visit) put(first byte, payload string) {
	v.header(first, 0, uint64(len(payload)))
	v.out.WriteString(payload)
}

// header writes a frame's first bytes, whatever follows.
func (v *visit) header(first, mask byte, length uint64) {
	b := []byte{first}
	switch {
	case length < 126:
		b = append(b, mask|byte(length))
	case length <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), length)
	}
	v.out.Write(b)
}

// hear reads one frame.
func (v *visit) hear() (frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(v.in, head[:]); err != nil {
		return frame{}, err
	}
	length := uint64(head[1] &^ maskBit)
	if wide := map[uint64]int{126: 2, 127: 8}[length]; wide > 0 {
		var b [8]byte
		if _, err := io.ReadFull(v.in, b[8-wide:]); err != nil {
			return frame{}, err
		}
		length = binary.BigEndian.Uint64(b[:])
	}
	if head[1]&maskBit == 0 || length > maxFrame {
		return frame{}, fmt.Errorf("frame % x: not masked or too long", head)
	}
	body := make([]byte, 4+length)
	if _, err := io.ReadFull(v.in, body); err != nil {
		return frame{}, err
	}
	for i := range body[4:] {
		body[4+i] ^= body[i%4]
	}
	return frame{head[0], body[4:]}, nil
}

// listen hands on what the client says, answers its pings and its Close, and returns when it is gone.
func (v *visit) listen(each func(frame)) {
	for {
		f, err := v.hear()
		if err != nil {
			return
		}
		each(f)
		switch f.opcode() {
		case ping:
			v.say(fin|pong, string(f.payload))
		case closing:
			v.say(fin|closing, string(f.payload))
			return
		}
	}
}

// close says Close and waits for the answer; code 0 says none.
func (v *visit) close(code int, reason string) {
	v.say(fin|closing, closePayload(code, reason))
	for {
		if f, err := v.hear(); err != nil || f.opcode() == closing {
			return
		}
	}
}

func closePayload(code int, reason string) string {
	if code == 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint16(nil, uint16(code))) + reason[:min(len(reason), maxReason)]
}

// then goes on as ?then= says.
func (v *visit) then(otherwise string) {
	v.out.Flush()
	switch v.word("then", otherwise) {
	case "close":
		v.close(1000, "")
	case "echo":
		v.echo()
	case "drop":
		hangUp(v)
	case "reset":
		reset(v)
	default: // silent
		v.listen(func(frame) {})
	}
}

func (v *visit) echo() { v.listen(v.echoFrame) }

func (v *visit) echoFrame(f frame) {
	if f.opcode() < closing {
		v.say(f.first, string(f.payload))
	}
}

// skip waits for n messages.
func (v *visit) skip(n int) {
	for n > 0 {
		f, err := v.hear()
		if err != nil {
			return
		}
		if f.opcode() < closing && f.first&fin != 0 {
			n--
		}
	}
}

// sleep is a time.Sleep that ends with the server.
func (v *visit) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-v.server.closed:
	}
}

func (v *visit) milliseconds(name string, otherwise int) time.Duration {
	return time.Duration(v.number(name, otherwise)) * time.Millisecond
}
