package catalog

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// overHTTP2 is about WebSocket over HTTP/2 (RFC 8441).
func overHTTP2() []check.Check {
	row := func(name string, severity check.Severity, clause, title, sent, expected string, evaluate func(c *check.HTTP2) check.Outcome, settings ...http2.Setting) check.Check {
		return check.Check{ID: "http2/" + name, Severity: severity, Clause: clause, Title: title, Sent: sent, Expected: expected, Run: check.OverHTTP2(evaluate, settings...)}
	}
	field := func(name, value string) hpack.HeaderField { return hpack.HeaderField{Name: name, Value: value} }
	refused := func(name string, severity check.Severity, clause, title, sent string, changes ...hpack.HeaderField) check.Check {
		return row(name, severity, clause, title, sent, "RST_STREAM, or an HTTP error", func(c *check.HTTP2) check.Outcome {
			return c.Refused(c.Open(1, check.With(c.Fields, changes...)))
		})
	}
	accepted := func(name string, severity check.Severity, clause, title, sent string, changes ...hpack.HeaderField) check.Check {
		return row(name, severity, clause, title, sent, ":status 200", func(c *check.HTTP2) check.Outcome {
			s := c.Open(1, check.With(c.Fields, changes...))
			return check.Holds(s.Status/100 == 2, s.String())
		})
	}
	absent := func(name string, severity check.Severity, clause, header string) check.Check {
		return row("no-"+name, severity, clause, fmt.Sprintf("A response has no %s.", header), "an extended CONNECT", "no "+header, func(c *check.HTTP2) check.Outcome {
			s := c.Open(1, c.Fields)
			has := slices.ContainsFunc(s.Fields, func(f hpack.HeaderField) bool { return strings.EqualFold(f.Name, header) })
			if has {
				return check.Holds(false, header)
			}
			return check.Holds(s.Status/100 == 2, s.String())
		})
	}
	// open returns a check that opens a stream and calls write with frames that make the server send a message or a pong.
	open := func(name, clause, title, sent string, write func(c *check.HTTP2, frames []byte)) check.Check {
		return row(name, check.Must, clause, title, sent, "the echo of the message, or the pong if the server does not echo", func(c *check.HTTP2) check.Outcome {
			s := c.Open(1, c.Fields)
			if s.Status/100 != 2 {
				return check.Holds(false, s.String())
			}
			write(c, probe.Bytes(probe.Text("Hello"), probe.Ping("p")))
			return check.Holds(c.Echoed(s, "Hello"), describeStream(s))
		})
	}
	const rfc, streams = "RFC 8441 4", "RFC 8441 5"
	return []check.Check{
		row("settings", check.Must, "RFC 8441 3", "The server announces support for extended CONNECT.", "SETTINGS", "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1", func(c *check.HTTP2) check.Outcome {
			return check.Holds(c.Settings[http2.SettingEnableConnectProtocol] == 1, fmt.Sprintf("SETTINGS_ENABLE_CONNECT_PROTOCOL = %d", c.Settings[http2.SettingEnableConnectProtocol]))
		}),
		accepted("connect", check.Must, streams, "An extended CONNECT opens a WebSocket.", ":method CONNECT, :protocol websocket"),
		row("status", check.Must, streams, "The response to an extended CONNECT is 200.", "an extended CONNECT", ":status 200", func(c *check.HTTP2) check.Outcome {
			s := c.Open(1, c.Fields)
			return check.Holds(s.Status == 200, s.String())
		}),
		absent("accept", check.Should, streams, "sec-websocket-accept"),
		absent("upgrade", check.Must, "RFC 9113 8.2.2", "upgrade"),
		absent("connection", check.Must, "RFC 9113 8.2.2", "connection"),
		absent("transfer-encoding", check.Must, "RFC 9113 8.2.2", "transfer-encoding"),
		accepted("key", check.Should, streams, "A key is ignored.", "sec-websocket-key", field("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")),
		refused("no-version", check.Should, streams, "A request without a protocol version is refused.", "no sec-websocket-version", field("sec-websocket-version", "")),
		refused("version-14", check.Must, streams, "Version 14 is refused.", "sec-websocket-version 14", field("sec-websocket-version", "14")),
		refused("protocol-unknown", check.Must, rfc, "An unknown protocol is refused.", ":protocol wsx-check", field(":protocol", "wsx-check")),
		refused("no-protocol", check.Must, rfc, "A CONNECT without :protocol opens no WebSocket.", "no :protocol", field(":protocol", "")),
		refused("no-scheme", check.Must, rfc, "An extended CONNECT without :scheme is refused.", "no :scheme", field(":scheme", "")),
		refused("no-path", check.Must, rfc, "An extended CONNECT without :path is refused.", "no :path", field(":path", "")),
		refused("get", check.Should, rfc, ":protocol with another method than CONNECT is refused.", ":method GET, :protocol websocket", field(":method", "GET")),
		refused("name-upper", check.Must, "RFC 9113 8.2.1", "A header name in upper case is refused.", "X-Upper: 1", field("X-Upper", "1")),
		refused("upgrade", check.Must, "RFC 9113 8.2.2", "A request with Connection is refused.", "connection: upgrade", field("connection", "upgrade")),
		refused("pseudo-unknown", check.Must, "RFC 9113 8.3", "An unknown pseudo-header is refused.", ":unknown: 1", field(":unknown", "1")),
		row("pseudo-late", check.Must, "RFC 9113 8.3", "A pseudo-header after a regular header is refused.", ":path last", "RST_STREAM, or an HTTP error", func(c *check.HTTP2) check.Outcome {
			fields := check.With(c.Fields, field(":path", ""))
			path := c.Fields[slices.IndexFunc(c.Fields, func(f hpack.HeaderField) bool { return f.Name == ":path" })]
			return c.Refused(c.Open(1, append(fields, path)))
		}),
		open("split", streams, "A WebSocket frame may be split across DATA frames.", "a message, one byte per DATA frame", func(c *check.HTTP2, frames []byte) {
			for _, b := range frames {
				c.Framer.WriteData(1, false, []byte{b})
			}
		}),
		open("together", streams, "A DATA frame may contain several WebSocket frames.", "a message and a ping in one DATA frame", func(c *check.HTTP2, frames []byte) { c.Framer.WriteData(1, false, frames) }),
		open("empty", "RFC 9113 6.1", "An empty DATA frame is accepted.", "an empty DATA frame, then a message", func(c *check.HTTP2, frames []byte) {
			c.Framer.WriteData(1, false, nil)
			c.Framer.WriteData(1, false, frames)
		}),
		open("padded", "RFC 9113 6.1", "The padding of a DATA frame is ignored.", "a padded DATA frame", func(c *check.HTTP2, frames []byte) { c.Framer.WriteDataPadded(1, false, frames, make([]byte, 100)) }),
		row("two-streams", check.Must, streams, "Two WebSockets on one connection are independent.", "two extended CONNECTs, a message on each", "both messages are echoed", func(c *check.HTTP2) check.Outcome {
			one, two := c.Open(1, c.Fields), c.Open(3, c.Fields)
			if one.Status/100 != 2 || two.Status/100 != 2 {
				return check.Holds(false, one.String()+" and "+two.String())
			}
			c.Framer.WriteData(3, false, probe.Bytes(probe.Text("two"), probe.Ping("p")))
			c.Framer.WriteData(1, false, probe.Bytes(probe.Text("one"), probe.Ping("p")))
			return check.Holds(c.Echoed(one, "one") && c.Echoed(two, "two"), describeStream(two))
		}),
		row("reset", check.Must, streams, "The reset of one WebSocket does not affect another.", "two extended CONNECTs, RST_STREAM on one, a message on the other", "the message is echoed", func(c *check.HTTP2) check.Outcome {
			c.Open(1, c.Fields)
			two := c.Open(3, c.Fields)
			c.Framer.WriteRSTStream(1, http2.ErrCodeCancel)
			c.Framer.WriteData(3, false, probe.Bytes(probe.Text("two"), probe.Ping("p")))
			return check.Holds(c.Echoed(two, "two"), describeStream(two))
		}),
		row("close", check.Should, streams, "The server ends the stream after both Closes.", "Close 1000", "Close, and END_STREAM", func(c *check.HTTP2) check.Outcome {
			s := c.Open(1, c.Fields)
			c.Framer.WriteData(1, false, probe.Bytes(probe.Close(1000, "")))
			ended := c.Until(func() bool { return s.Ended || s.Reset })
			closed := slices.ContainsFunc(s.Frames(), func(f probe.Received) bool { return f.Opcode == wire.Close })
			return check.Holds(closed && ended && s.Ended, fmt.Sprintf("Close: %v, END_STREAM: %v, RST_STREAM: %v", closed, s.Ended, s.Reset))
		}),
		row("window", check.Must, "RFC 9113 6.9.2", "The server sends no more than the window allows.", "a window of 100 bytes, a message of 1000 to echo", "at most 100 bytes", func(c *check.HTTP2) check.Outcome {
			if !c.Server.Facts.EchoText {
				return check.Outcome{Verdict: check.Skip, Received: "the server does not echo"}
			}
			s := c.Open(1, c.Fields)
			if s.Status/100 != 2 {
				return check.Holds(false, s.String())
			}
			c.Framer.WriteData(1, false, probe.Bytes(probe.Text(strings.Repeat("*", 1000))))
			c.Until(func() bool { return len(s.Data) >= 100 })
			c.Framer.WritePing(false, [8]byte{1})
			c.Until(func() bool { return len(s.Data) > 100 || c.Acked })
			if len(s.Data) > 100 {
				return check.Holds(false, fmt.Sprintf("%d bytes", len(s.Data)))
			}
			c.Framer.WriteWindowUpdate(1, 10000)
			return check.Holds(c.Echoed(s, strings.Repeat("*", 1000)), fmt.Sprintf("%d bytes after a WINDOW_UPDATE", len(s.Data)))
		}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100}),
	}
}

// stream is a stream of HTTP/2 or HTTP/3: String returns the response, Frames the WebSocket frames after it.
type stream interface {
	fmt.Stringer
	Frames() []probe.Received
}

// describeStream returns what was received on a stream, in words.
func describeStream(s stream) string {
	frames := s.Frames()
	if len(frames) == 0 {
		return s.String() + ", no frame"
	}
	var names []string
	for _, f := range frames {
		names = append(names, opcodeName(f.Opcode))
	}
	return strings.Join(names, ", ")
}
