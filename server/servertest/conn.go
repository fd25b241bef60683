package servertest

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

const (
	maxFrame  = 1 << 30 // maximum payload of a client's frame, in bytes
	maxReason = 123     // maximum close reason, in bytes (RFC 6455, section 5.5)
)

// intParam returns a number of the query, or the default.
func (c *conn) intParam(name string, fallback int) int {
	if n, err := strconv.Atoi(c.query.Get(name)); err == nil {
		return n
	}
	return fallback
}

// param returns a value of the query, or the default.
func (c *conn) param(name, fallback string) string {
	if c.query.Has(name) {
		return c.query.Get(name)
	}
	return fallback
}

// durationParam returns a value of the query in milliseconds, or the default.
func (c *conn) durationParam(name string, fallback int) time.Duration {
	return time.Duration(c.intParam(name, fallback)) * time.Millisecond
}

// sleep waits for d, or until Server.Close.
func (c *conn) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.server.closed:
	}
}

// respond writes a response that is not an upgrade.
func (c *conn) respond(status int, header http.Header, body string) {
	fmt.Fprintf(c.out, "HTTP/1.1 %d %s\r\nServer: servertest\r\nConnection: close\r\nContent-Length: %d\r\n",
		status, http.StatusText(status), len(body))
	header.Write(c.out)
	c.out.WriteString("\r\n" + body)
	c.out.Flush()
}

// upgrade writes the response of RFC 6455, section 4.2.2, with the given headers instead of its own.
func (c *conn) upgrade(replaced http.Header) {
	c.bufferUpgrade(replaced)
	c.out.Flush()
}

func (c *conn) bufferUpgrade(replaced http.Header) {
	header := http.Header{
		"Connection":           {"Upgrade"},
		"Upgrade":              {"websocket"},
		"Sec-WebSocket-Accept": {acceptKey(c.request.Header.Get("Sec-WebSocket-Key"))},
	}
	maps.Copy(header, replaced)
	c.out.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	header.Write(c.out)
	c.out.WriteString("\r\n")
}

// acceptKey returns the Sec-WebSocket-Accept of a Sec-WebSocket-Key.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// writeFrame writes one unmasked frame and flushes.
func (c *conn) writeFrame(first byte, payload string) {
	c.bufferFrame(first, payload)
	c.out.Flush()
}

// bufferFrame writes one unmasked frame without flushing.
func (c *conn) bufferFrame(first byte, payload string) {
	c.bufferHeader(first, 0, uint64(len(payload)))
	c.out.WriteString(payload)
}

// bufferHeader writes the first bytes of a frame.
func (c *conn) bufferHeader(first, mask byte, length uint64) {
	c.out.Write(appendHeader(nil, first, mask, length))
}

// readFrame reads one masked frame.
func (c *conn) readFrame() (frame, error) {
	h, err := readHeader(c.in)
	if err != nil {
		return frame{}, err
	}
	if !h.masked || h.length > maxFrame {
		return frame{}, fmt.Errorf("frame % x: not masked or too long", h.first)
	}
	payload, err := h.readPayload(c.in)
	return frame{h.first, payload}, err
}

// handleFrames calls a function for each frame, answers Pings and the Close, and returns at the end of the connection.
func (c *conn) handleFrames(handle func(frame)) {
	for {
		f, err := c.readFrame()
		if err != nil {
			return
		}
		handle(f)
		switch f.opcode() {
		case opPing:
			c.writeFrame(finBit|opPong, string(f.payload))
		case opClose:
			c.writeFrame(finBit|opClose, string(f.payload))
			return
		}
	}
}

// closeHandshake sends a Close and waits for the client's. Code 0 sends a Close without a code.
func (c *conn) closeHandshake(code int, reason string) {
	c.writeFrame(finBit|opClose, closePayload(code, reason))
	for {
		if f, err := c.readFrame(); err != nil || f.opcode() == opClose {
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

// drop sends FIN and waits for the client's.
func drop(c *conn) {
	c.out.Flush()
	c.tcp.CloseWrite()
	drain(c)
}

// reset ends the connection with RST.
func reset(c *conn) {
	c.out.Flush()
	c.tcp.SetLinger(0)
}

func drain(c *conn) { io.Copy(io.Discard, c.in) }

// finish does what ?then= names, or the default.
func (c *conn) finish(fallback string) {
	c.out.Flush()
	switch c.param("then", fallback) {
	case "close":
		c.closeHandshake(1000, "")
	case "echo":
		c.echo()
	case "drop":
		drop(c)
	case "reset":
		reset(c)
	default: // silent
		c.handleFrames(func(frame) {})
	}
}

func (c *conn) echo() { c.handleFrames(c.echoFrame) }

func (c *conn) echoFrame(f frame) {
	if f.opcode() < opClose {
		c.writeFrame(f.first, string(f.payload))
	}
}

// skipMessages reads n messages.
func (c *conn) skipMessages(n int) {
	for n > 0 {
		f, err := c.readFrame()
		if err != nil {
			return
		}
		if f.opcode() < opClose && f.first&finBit != 0 {
			n--
		}
	}
}
