package catalog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/klauspost/compress/flate"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// deflateOffer is about the parameters of permessage-deflate that a server agrees to (RFC 7692, sections 5 and 7.1).
func deflateOffer() []check.Check {
	const answer = "RFC 7692 7.1"
	shared := request{severity: check.Must, clause: answer, expected: "101, without the extension or with a valid response to the offer", evaluate: check.Agreement(false)}
	offer := func(name, title, value string) request {
		return request{name: name, title: title, sent: "Sec-WebSocket-Extensions: " + value, change: set("Sec-WebSocket-Extensions: " + value)}
	}
	declined := func(name, what, parameters string) request {
		r := offer(name, fmt.Sprintf("An offer with %s is declined.", what), "permessage-deflate; "+parameters)
		r.expected = "101 without the extension"
		return r
	}
	agreed := func(r request) request {
		r.severity, r.clause, r.expected, r.evaluate = check.Should, "RFC 7692 5.1", "101 with permessage-deflate, if the server supports it", check.Agreement(true)
		return r
	}
	zero := declined("server-bits-zero", "a number of bits with a leading zero", "server_max_window_bits=010")
	zero.severity, zero.clause = check.Should, "RFC 7692 7.1.2.1"
	return requests("deflate.offer", shared,
		offer("plain", "The response to an offer without parameters is valid.", "permessage-deflate"),
		offer("client-bits", "An offer of client_max_window_bits without a value is accepted or declined.", "permessage-deflate; client_max_window_bits"),
		offer("client-bits-15", "A client window of 15 bits is not enlarged.", "permessage-deflate; client_max_window_bits=15"),
		offer("client-bits-10", "A client window of 10 bits is not enlarged.", "permessage-deflate; client_max_window_bits=10"),
		offer("client-bits-8", "A client window of 8 bits is not enlarged.", "permessage-deflate; client_max_window_bits=8"),
		offer("server-bits-15", "A requested server window of 15 bits is accepted or declined.", "permessage-deflate; server_max_window_bits=15"),
		offer("server-bits-10", "A requested server window of 10 bits is accepted or declined.", "permessage-deflate; server_max_window_bits=10"),
		offer("server-bits-9", "A requested server window of 9 bits is accepted or declined.", "permessage-deflate; server_max_window_bits=9"),
		offer("server-bits-8", "A requested server window of 8 bits is accepted or declined.", "permessage-deflate; server_max_window_bits=8"),
		offer("server-no-context", "A request for server_no_context_takeover is accepted or declined.", "permessage-deflate; server_no_context_takeover"),
		offer("client-no-context", "An offer of client_no_context_takeover is accepted or declined.", "permessage-deflate; client_no_context_takeover"),
		offer("no-context", "An offer of both no_context_takeover parameters is accepted or declined.", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
		offer("all", "An offer of all four parameters is accepted or declined.", "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12"),
		offer("quoted", "A parameter value may be quoted.", `permessage-deflate; server_max_window_bits="10"`),
		offer("two-offers", "One of two offers is accepted.", "permessage-deflate; server_max_window_bits=10, permessage-deflate"),
		agreed(offer("after-unknown", "An offer after an unknown extension is considered.", "x-unknown, permessage-deflate")),
		agreed(offer("after-wrong", "An offer after one that must be declined is considered.", "permessage-deflate; x_unknown, permessage-deflate")),
		agreed(request{name: "lines", title: "Offers may be in two header lines.", sent: "Sec-WebSocket-Extensions: x-unknown, then Sec-WebSocket-Extensions: permessage-deflate",
			change: func(r *probe.Request) {
				r.Set("Sec-WebSocket-Extensions: x-unknown")
				r.Add("Sec-WebSocket-Extensions: permessage-deflate")
			}}),
		offer("other", "Extensions other than permessage-deflate are not accepted.", "x-webkit-deflate-frame, permessage-bzip2"),
		declined("unknown-parameter", "an unknown parameter", "x_unknown"),
		declined("parameter-twice", "a parameter twice", "server_no_context_takeover; server_no_context_takeover"),
		declined("server-bits-7", "a window of 7 bits", "server_max_window_bits=7"),
		declined("server-bits-16", "a window of 16 bits", "server_max_window_bits=16"),
		declined("server-bits-empty", "a window for the server without a value", "server_max_window_bits"),
		zero,
		declined("server-bits-word", "a word instead of a number of bits", "server_max_window_bits=ten"),
		declined("client-bits-16", "a window for the client of 16 bits", "client_max_window_bits=16"),
		declined("no-context-value", "a value for a parameter without one", "server_no_context_takeover=1"),
	)
}

// deflated compresses a message without context.
func deflated(message string) []byte { return deflatedAfter("", message) }

// deflatedAfter compresses a message that may refer to an earlier one.
func deflatedAfter(earlier, message string) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, flate.BestCompression, []byte(earlier))
	if err != nil {
		panic(err) // only a level that does not exist is an error
	}
	w.Write([]byte(message)) // a bytes.Buffer returns no error
	w.Flush()
	return b.Bytes()[:b.Len()-4]
}

// zeros compresses n zeros without holding them.
func zeros(n int) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		panic(err) // only a level that does not exist is an error
	}
	for block := make([]byte, 64<<10); n > 0; n -= len(block) {
		w.Write(block[:min(n, len(block))]) // a bytes.Buffer returns no error
	}
	w.Flush()
	return b.Bytes()[:b.Len()-4]
}

// compressedFrame returns a frame with compressed bytes.
func compressedFrame(opcode wire.Opcode, payload []byte) probe.Frame {
	return probe.Frame{Opcode: opcode, Payload: payload, RSV: 4}
}

// stored returns a block of DEFLATE without compression (RFC 1951, section 3.2.4).
func stored(text string, final bool) []byte {
	first := byte(0)
	if final {
		first = 1
	}
	n := len(text)
	return append([]byte{first, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}, text...)
}

// incompressible returns a text of n pseudo-random letters.
func incompressible(n int) string {
	source := rand.New(rand.NewPCG(7692, uint64(n)))
	letters := make([]byte, n)
	for i := range letters {
		letters[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[source.IntN(64)]
	}
	return string(letters)
}

// deflateData is about compressed messages (RFC 7692, sections 6, 7.2 and 8).
func deflateData() []check.Check {
	const receive, send = "RFC 7692 7.2.2", "RFC 7692 7.2.1"
	sendsDeflated := func(want check.Want, frames ...probe.Frame) script {
		return with(sends(want, frames...), func(sc *check.Script) { sc.Deflate = true })
	}
	echo := func(frames []probe.Frame, messages ...check.Message) script {
		return sendsDeflated(check.Want{Kind: check.StaysOpen, Messages: messages, Pongs: lastPing(frames)}, frames...)
	}
	text := func(s string) check.Message { return check.Message{Opcode: wire.Text, Payload: s} }
	one := func(payload []byte, s string) script {
		return echo([]probe.Frame{compressedFrame(wire.Text, payload)}, text(s))
	}
	failing := func(codes []int, frames ...probe.Frame) script {
		return sendsDeflated(check.Want{Kind: check.Fails, Codes: codes}, frames...)
	}
	split := func(opcode wire.Opcode, payload []byte, n int) []probe.Frame {
		frames := fragments(opcode, string(payload), n)
		frames[0].RSV = 4
		return frames
	}
	const words = "compressed, compressed and compressed again"
	long := strings.Repeat(words, 2000)
	noise := incompressible(1000)
	corruptCodes := []int{1007, 1002, 1011}
	between := split(wire.Text, deflated(words), 2)
	between = []probe.Frame{between[0], probe.Ping("between"), between[1]}
	plain := probe.Text("plain")
	return frames("deflate.data",
		row{"text", check.Must, receive, "A compressed text message is inflated.", one(deflated(words), words)},
		row{"binary", check.Must, receive, "A compressed binary message is inflated.",
			echo([]probe.Frame{compressedFrame(wire.Binary, deflated("\x00\xff\x00\xff"))}, check.Message{Opcode: wire.Binary, Payload: "\x00\xff\x00\xff"})},
		row{"empty", check.Must, "RFC 7692 7.2.3.6", "An empty compressed message is one byte, 0x00.", one([]byte{0}, "")},
		row{"plain", check.Must, "RFC 7692 6", "A message need not be compressed.", echo([]probe.Frame{plain}, text("plain"))},
		row{"mixed", check.Must, "RFC 7692 6", "Compressed and uncompressed messages may alternate.",
			echo([]probe.Frame{compressedFrame(wire.Text, deflated(words)), plain, compressedFrame(wire.Text, deflated(words))}, text(words), text("plain"), text(words))},
		row{"fragments", check.Must, "RFC 7692 6.1", "A compressed message may be fragmented; only the first fragment has RSV1.", echo(split(wire.Text, deflated(words), 2), text(words))},
		row{"fragments-10", check.Must, "RFC 7692 6.1", "A compressed message may have many fragments.", echo(split(wire.Text, deflated(words), 10), text(words))},
		row{"ping-between", check.Must, "RFC 7692 6.1", "A ping between fragments does not affect a compressed message.", echo(between, text(words))},
		row{"chunks", check.Must, receive, "A compressed message that arrives byte by byte is inflated.", echo([]probe.Frame{compressedFrame(wire.Text, deflated(words)).InChunks(1)}, text(words))},
		row{"stored", check.Must, "RFC 7692 7.2.3.3", "A block may be stored without compression.", one(append(stored("Hello", false), 0), "Hello")},
		row{"two-blocks", check.Must, "RFC 7692 7.2.3.5", "A message may have two blocks.", one(append(append(stored("Hel", false), stored("lo", false)...), 0), "Hello")},
		row{"final-block", check.Must, "RFC 7692 7.2.3.4", "A block may be marked as the final one.", one(append(stored("Hello", true), 0), "Hello")},
		row{"takeover", check.Must, "RFC 7692 7.1.1.2", "A message may refer back to an earlier one.",
			with(echo([]probe.Frame{compressedFrame(wire.Text, deflated(words)), compressedFrame(wire.Text, deflatedAfter(words, words))}, text(words), text(words)),
				func(sc *check.Script) { sc.Agreed = func(d *wire.Deflate) bool { return !d.ClientNoContextTakeover } })},
		row{"long", check.Must, receive, "A message that grows a hundredfold is inflated.", one(deflated(long), long)},
		row{"incompressible", check.Must, receive, "A message that does not get shorter by compression is inflated.", one(deflated(noise), noise)},
		row{"utf8-split", check.Must, receive, "Compressed text may have characters of any length.", one(deflated("κόσμε 🌍 €"), "κόσμε 🌍 €")},
		row{"server-no-context", check.Must, "RFC 7692 7.1.1.1", "A server that accepted server_no_context_takeover compresses each message independently.",
			with(echo([]probe.Frame{compressedFrame(wire.Text, deflated(noise)), compressedFrame(wire.Text, deflated(noise))}, text(noise), text(noise)),
				func(sc *check.Script) {
					sc.Offer = "permessage-deflate; server_no_context_takeover"
					sc.Agreed = func(d *wire.Deflate) bool { return d.ServerNoContextTakeover }
				})},
		row{"server-bits-9", check.Must, "RFC 7692 7.1.2.1", "A server that accepted a window of 9 bits does not refer further back.",
			with(echo([]probe.Frame{probe.Text(noise + noise)}, text(noise+noise)),
				func(sc *check.Script) {
					sc.Offer = "permessage-deflate; server_max_window_bits=9"
					sc.Agreed = func(d *wire.Deflate) bool { return d.ServerMaxWindowBits == 9 }
					sc.Measured, sc.Least = text(noise+noise), 1200 // the second half takes as many bytes as the first, unless it refers to it
				})},

		row{"rsv1-continuation", check.Must, "RFC 7692 6.1", "RSV1 on a fragment that is not the first is refused.",
			failing([]int{1002}, compressedFrame(wire.Text, deflated(words)[:5]).Begin(), compressedFrame(wire.Continuation, deflated(words)[5:]))},
		row{"rsv1-ping", check.Must, "RFC 7692 6", "RSV1 on a ping is refused.", failing([]int{1002}, probe.Ping("Hello").WithRSV(4))},
		row{"rsv1-pong", check.Must, "RFC 7692 6", "RSV1 on a pong is refused.", failing([]int{1002}, probe.Pong("Hello").WithRSV(4))},
		row{"rsv2", check.Must, "RFC 6455 5.2", "RSV2 is refused as without the extension.", failing([]int{1002}, probe.Text("Hello").WithRSV(2))},
		row{"rsv12", check.Must, "RFC 6455 5.2", "RSV2 is refused on a compressed message.", failing([]int{1002}, probe.Frame{Opcode: wire.Text, Payload: deflated(words), RSV: 6})},
		row{"block-type", check.Must, send, "A block of an invalid type is refused.", failing(corruptCodes, compressedFrame(wire.Text, []byte{0x07, 0x00}))},
		row{"stored-length", check.Must, send, "A stored block whose lengths do not match is refused.", failing(corruptCodes, compressedFrame(wire.Text, []byte{0x00, 0x05, 0x00, 0x00, 0x00, 'H', 'e', 'l', 'l', 'o', 0x00}))},
		row{"far", check.Must, send, "A back-reference before the start of the data is refused.", failing(corruptCodes, compressedFrame(wire.Text, deflatedAfter(words+noise, words)))},
		row{"utf8", check.Must, "RFC 6455 8.1", "Compressed text that is not UTF-8 is refused.", failing([]int{1007}, compressedFrame(wire.Text, deflated("caf\xe9 noir")))},
	)
}
