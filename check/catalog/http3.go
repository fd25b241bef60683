package catalog

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quic-go/qpack"
	"golang.org/x/net/http2/hpack"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// overHTTP3 is about WebSocket over HTTP/3 (RFC 9220).
func overHTTP3() []check.Check {
	row := func(name string, severity check.Severity, clause, title, sent, expected string, evaluate func(c *check.HTTP3) check.Outcome) check.Check {
		return check.Check{ID: "http3/" + name, Severity: severity, Clause: clause, Title: title, Sent: sent, Expected: expected, Run: check.OverHTTP3(evaluate)}
	}
	field := func(name, value string) hpack.HeaderField { return hpack.HeaderField{Name: name, Value: value} }
	refused := func(name string, severity check.Severity, clause, title, sent string, changes ...hpack.HeaderField) check.Check {
		return row(name, severity, clause, title, sent, "the end of the stream, or an HTTP error", func(c *check.HTTP3) check.Outcome {
			return c.Open(check.With(c.Fields, changes...)).Refused()
		})
	}
	absent := func(name string, severity check.Severity, clause, header string) check.Check {
		return row("no-"+name, severity, clause, fmt.Sprintf("A response has no %s.", header), "an extended CONNECT", "no "+header, func(c *check.HTTP3) check.Outcome {
			s := c.Open(c.Fields)
			if slices.ContainsFunc(s.Fields, func(f qpack.HeaderField) bool { return strings.EqualFold(f.Name, header) }) {
				return check.Holds(false, header)
			}
			return check.Holds(s.Status/100 == 2, s.String())
		})
	}
	// open returns a check that opens a stream and calls write with frames that make the server send a message or a pong.
	open := func(name, clause, title, sent string, write func(s *check.HTTP3Stream, frames []byte)) check.Check {
		return row(name, check.Must, clause, title, sent, "the echo of the message, or the pong if the server does not echo", func(c *check.HTTP3) check.Outcome {
			s := c.Open(c.Fields)
			if s.Status/100 != 2 {
				return check.Holds(false, s.String())
			}
			write(s, probe.Bytes(probe.Text("Hello"), probe.Ping("p")))
			return check.Holds(s.Echoed("Hello"), describeStream(s))
		})
	}
	const rfc = "RFC 9220 3"
	return []check.Check{
		row("settings", check.Must, rfc, "The server announces support for extended CONNECT.", "SETTINGS", "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1", func(c *check.HTTP3) check.Outcome {
			value := c.Settings[check.EnableConnectProtocol]
			return check.Holds(value == 1, fmt.Sprintf("SETTINGS_ENABLE_CONNECT_PROTOCOL = %d", value))
		}),
		row("connect", check.Must, rfc, "An extended CONNECT opens a WebSocket.", ":method CONNECT, :protocol websocket", ":status 200", func(c *check.HTTP3) check.Outcome {
			s := c.Open(c.Fields)
			return check.Holds(s.Status/100 == 2, s.String())
		}),
		row("status", check.Must, "RFC 8441 5", "The response to an extended CONNECT is 200.", "an extended CONNECT", ":status 200", func(c *check.HTTP3) check.Outcome {
			s := c.Open(c.Fields)
			return check.Holds(s.Status == 200, s.String())
		}),
		absent("accept", check.Should, "RFC 8441 5", "sec-websocket-accept"),
		absent("upgrade", check.Must, "RFC 9114 4.2", "upgrade"),
		absent("connection", check.Must, "RFC 9114 4.2", "connection"),
		refused("no-version", check.Should, "RFC 8441 5", "A request without a protocol version is refused.", "no sec-websocket-version", field("sec-websocket-version", "")),
		refused("version-14", check.Must, "RFC 8441 5", "Version 14 is refused.", "sec-websocket-version 14", field("sec-websocket-version", "14")),
		refused("protocol-unknown", check.Must, rfc, "An unknown protocol is refused.", ":protocol wsx-check", field(":protocol", "wsx-check")),
		refused("no-protocol", check.Must, rfc, "A CONNECT without :protocol opens no WebSocket.", "no :protocol", field(":protocol", "")),
		refused("no-scheme", check.Must, "RFC 8441 4", "An extended CONNECT without :scheme is refused.", "no :scheme", field(":scheme", "")),
		refused("no-path", check.Must, "RFC 8441 4", "An extended CONNECT without :path is refused.", "no :path", field(":path", "")),
		refused("name-upper", check.Must, "RFC 9114 4.2", "A header name in upper case is refused.", "X-Upper: 1", field("X-Upper", "1")),
		refused("upgrade", check.Must, "RFC 9114 4.2", "A request with Connection is refused.", "connection: upgrade", field("connection", "upgrade")),
		open("split", rfc, "A WebSocket frame may be split across DATA frames.", "a message, one byte per DATA frame", func(s *check.HTTP3Stream, frames []byte) {
			for _, b := range frames {
				s.Write([]byte{b})
			}
		}),
		open("together", rfc, "A DATA frame may contain several WebSocket frames.", "a message and a ping in one DATA frame", func(s *check.HTTP3Stream, frames []byte) { s.Write(frames) }),
		open("empty", "RFC 9114 7.2.1", "An empty DATA frame is accepted.", "an empty DATA frame, then a message", func(s *check.HTTP3Stream, frames []byte) {
			s.Write(nil)
			s.Write(frames)
		}),
		row("two-streams", check.Must, rfc, "Two WebSockets on one connection are independent.", "two extended CONNECTs, a message on each", "both messages are echoed", func(c *check.HTTP3) check.Outcome {
			one, two := c.Open(c.Fields), c.Open(c.Fields)
			two.Write(probe.Bytes(probe.Text("two"), probe.Ping("p")))
			one.Write(probe.Bytes(probe.Text("one"), probe.Ping("p")))
			return check.Holds(one.Echoed("one") && two.Echoed("two"), describeStream(one)+" and "+describeStream(two))
		}),
		row("reset", check.Must, rfc, "The reset of one WebSocket does not affect another.", "two extended CONNECTs, one reset, a message on the other", "the message is echoed", func(c *check.HTTP3) check.Outcome {
			one, two := c.Open(c.Fields), c.Open(c.Fields)
			one.Cancel()
			two.Write(probe.Bytes(probe.Text("two"), probe.Ping("p")))
			return check.Holds(two.Echoed("two"), describeStream(two))
		}),
		row("close", check.Should, rfc, "The server ends the stream after both Closes.", "Close 1000", "Close, and FIN", func(c *check.HTTP3) check.Outcome {
			s := c.Open(c.Fields)
			s.Write(probe.Bytes(probe.Close(1000, "")))
			s.Until(func() bool { return false })
			closed := slices.ContainsFunc(s.Frames(), func(f probe.Received) bool { return f.Opcode == wire.Close })
			return check.Holds(closed && s.End == io.EOF, fmt.Sprintf("Close: %v, FIN: %v", closed, s.End == io.EOF))
		}),
	}
}
