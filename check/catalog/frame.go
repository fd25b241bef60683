package catalog

import (
	"fmt"
	"strings"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// frameLength is about the three forms of a length (RFC 6455, section 5.2), at their bounds.
func frameLength() []check.Check {
	const clause = "RFC 6455 5.2"
	var rows []row
	for _, n := range []int{0, 1, 125, 126, 127, 128, 65535, 65536} {
		payload := strings.Repeat("*", n)
		rows = append(rows,
			row{fmt.Sprintf("text-%d", n), check.Must, clause, fmt.Sprintf("A text message of %d bytes is received.", n), staysOpen(probe.Text(payload))},
			row{fmt.Sprintf("binary-%d", n), check.Must, clause, fmt.Sprintf("A binary message of %d bytes is received.", n), staysOpen(probe.Binary(strings.Repeat("\xfe", n)))},
		)
	}
	rows = append(rows,
		row{"text-65536-chunks", check.Must, clause, "A message of 65536 bytes that arrives in small chunks is received.",
			staysOpen(probe.Text(strings.Repeat("*", 65536)).InChunks(9973))},
		row{"over-63-bits", check.Must, clause, "A length whose most significant bit is set is refused.",
			sends(check.Want{Kind: check.Fails, Codes: []int{1002, 1009}, NoPing: true}, probe.Binary("").In(probe.In64Bits).Claiming(1<<63|5))},
	)
	return frames("frame.length", rows...)
}

// frameMinimal is about lengths with more bytes than they need. The RFC forbids writing them, but does not require a receiver
// to reject them.
func frameMinimal() []check.Check {
	const clause = "RFC 6455 5.2"
	return append(frames("frame.minimal",
		row{"16-bits-5", check.Should, clause, "A length of 5 in 16 bits is refused.", fails(1002, probe.Text("Hello").In(probe.In16Bits))},
		row{"64-bits-5", check.Should, clause, "A length of 5 in 64 bits is refused.", fails(1002, probe.Text("Hello").In(probe.In64Bits))},
		row{"64-bits-300", check.Should, clause, "A length of 300 in 64 bits is refused.", fails(1002, probe.Binary(strings.Repeat("*", 300)).In(probe.In64Bits))},
		row{"16-bits-ping", check.Should, clause, "A ping with its length in 16 bits is refused.", fails(1002, probe.Ping("Hello").In(probe.In16Bits))},
	), ownFrames("frame.minimal", clause, "The server encodes lengths in the minimal number of bytes.",
		func(f probe.Received) string {
			if f.Minimal {
				return ""
			}
			return fmt.Sprintf("a %v frame of %d bytes whose length is not minimal", f.Opcode, f.Length)
		}))
}

// frameMask is about the masking of what a client sends (RFC 6455, section 5.1).
func frameMask() []check.Check {
	const clause = "RFC 6455 5.1"
	return append(frames("frame.mask",
		row{"none-text", check.Must, clause, "A text frame that is not masked is refused.", fails(1002, probe.Text("Hello").WithoutMask())},
		row{"none-ping", check.Must, clause, "A ping that is not masked is refused.", fails(1002, probe.Ping("Hello").WithoutMask())},
		row{"none-continuation", check.Must, clause, "A fragment that is not masked is refused.",
			fails(1002, probe.Text("Hel").Begin(), probe.Continuation("lo").WithoutMask())},
		row{"none-close", check.Should, clause, "A Close that is not masked is refused.", closes([]int{1002}, probe.Close(1000, "").WithoutMask())},
		row{"zeros", check.Must, "RFC 6455 5.3", "A mask key of zeros is valid.",
			staysOpenWith(func(m string) []probe.Frame { return []probe.Frame{probe.Text(m).WithMask(0, 0, 0, 0)} })},
		row{"ones", check.Must, "RFC 6455 5.3", "A mask key of ones is valid.",
			staysOpenWith(func(m string) []probe.Frame { return []probe.Frame{probe.Text(m).WithMask(255, 255, 255, 255)} })},
	), ownFrames("frame.mask", clause, "The server does not mask what it sends.",
		func(f probe.Received) string {
			if !f.Masked {
				return ""
			}
			return fmt.Sprintf("a masked %v frame", f.Opcode)
		}))
}

// ownFrames returns a check of the frames that the server sends in answer to messages, pings and a Close.
func ownFrames(group, clause, title string, violation func(probe.Received) string) check.Check {
	return check.Check{
		ID: group + "/own", Severity: check.Must, Clause: clause, Title: title,
		Sent: "messages of 5, 126 and 65536 bytes, a ping, Close 1000", Expected: "frames that follow the rule",
		Run: check.OwnFrames(violation),
	}
}

// frameSplit is about how TCP splits and joins what is sent, which must not matter.
func frameSplit() []check.Check {
	const clause = "RFC 6455 5.2"
	chunks := func(n int) script {
		return staysOpenWith(func(m string) []probe.Frame { return []probe.Frame{probe.Text(m).InChunks(n)} })
	}
	repeat := func(n int, f func(m string) probe.Frame) script {
		return staysOpenWith(func(m string) []probe.Frame {
			frames := make([]probe.Frame, n)
			for i := range frames {
				frames[i] = f(m)
			}
			return frames
		})
	}
	return frames("frame.split",
		row{"1", check.Must, clause, "A frame that arrives byte by byte is received.", chunks(1)},
		row{"2", check.Must, clause, "A frame that arrives two bytes at a time is received.", chunks(2)},
		row{"3", check.Must, clause, "A frame whose mask key arrives in two parts is received.", chunks(3)},
		row{"6", check.Must, clause, "A frame whose header arrives before its payload is received.", chunks(6)},
		row{"7", check.Must, clause, "A frame whose payload arrives in parts is received.", chunks(7)},
		row{"length-16", check.Must, clause, "A frame whose 16-bit length arrives in two parts is received.", staysOpen(probe.Text(strings.Repeat("*", 200)).InChunks(3))},
		row{"length-64", check.Must, clause, "A frame whose 64-bit length arrives in parts is received.", staysOpen(probe.Binary(strings.Repeat("*", 65536)).InChunks(8190))},
		row{"two-at-once", check.Must, clause, "Two messages that arrive together are received.", repeat(2, probe.Text)},
		row{"fifty-at-once", check.Must, clause, "Fifty messages that arrive together are received.", repeat(50, probe.Text)},
		row{"ping-at-once", check.Must, clause, "A ping and a message that arrive together are received.",
			staysOpenWith(func(m string) []probe.Frame { return []probe.Frame{probe.Ping("p"), probe.Text(m)} })},
	)
}

// reserved is about RSV1, RSV2 and RSV3, on a connection without extensions.
func reserved() []check.Check {
	const clause = "RFC 6455 5.2"
	names := map[byte]string{1: "rsv3", 2: "rsv2", 3: "rsv23", 4: "rsv1", 5: "rsv13", 6: "rsv12", 7: "rsv123"}
	var rows []row
	for _, kind := range []struct {
		name  string
		bits  []byte
		frame probe.Frame
	}{
		{"text", []byte{4, 2, 1, 6, 5, 3, 7}, probe.Text("Hello")},
		{"binary", []byte{4, 2, 1}, probe.Binary("Hello")},
		{"ping", []byte{4, 2, 1}, probe.Ping("Hello")},
		{"pong", []byte{4, 2, 1}, probe.Pong("Hello")},
	} {
		for _, bits := range kind.bits {
			rows = append(rows, row{kind.name + "-" + names[bits], check.Must, clause,
				fmt.Sprintf("A %s frame with %s is refused if no extension defines it.", kind.name, bitNames(bits)), fails(1002, kind.frame.WithRSV(bits))})
		}
	}
	for _, bits := range []byte{4, 2, 1} {
		rows = append(rows,
			row{"continuation-" + names[bits], check.Must, clause, fmt.Sprintf("A continuation with %s is refused.", bitNames(bits)),
				fails(1002, probe.Text("Hel").Begin(), probe.Continuation("lo").WithRSV(bits))},
			row{"close-" + names[bits], check.Must, clause, fmt.Sprintf("A Close with %s is refused.", bitNames(bits)),
				closes([]int{1002}, probe.Close(1000, "").WithRSV(bits))},
		)
	}
	rows = append(rows, row{"after-message", check.Must, clause, "A frame with RSV1 is also refused after a valid message.", failsAfter(1002, probe.Text("Hello").WithRSV(4))})
	return append(frames("reserved", rows...), ownFrames("reserved", clause, "The server sets no reserved bit if no extension was negotiated.",
		func(f probe.Received) string {
			if f.RSV == 0 {
				return ""
			}
			return fmt.Sprintf("a %v frame with %s", f.Opcode, bitNames(f.RSV))
		}))
}

// bitNames names reserved bits: "RSV1 and RSV3".
func bitNames(bits byte) string {
	var names []string
	for i, bit := range []byte{4, 2, 1} {
		if bits&bit != 0 {
			names = append(names, fmt.Sprintf("RSV%d", i+1))
		}
	}
	return strings.Join(names, " and ")
}

// opcode is about the reserved opcodes.
func opcode() []check.Check {
	const clause = "RFC 6455 5.2"
	var rows []row
	for _, o := range []wire.Opcode{3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf} {
		empty, full := probe.Frame{Opcode: o}, probe.Frame{Opcode: o, Payload: []byte("Hello")}
		name := fmt.Sprintf("%x", byte(o))
		rows = append(rows,
			row{name + "-empty", check.Must, clause, fmt.Sprintf("An empty frame with the reserved opcode %#x is refused.", byte(o)), fails(1002, empty)},
			row{name + "-payload", check.Must, clause, fmt.Sprintf("A frame with the reserved opcode %#x is refused.", byte(o)), fails(1002, full)},
			row{name + "-after-message", check.Must, clause, fmt.Sprintf("A frame with the reserved opcode %#x is also refused after a valid message.", byte(o)), failsAfter(1002, full)},
		)
	}
	return frames("opcode", rows...)
}

// fragment is about messages in fragments (RFC 6455, section 5.4).
func fragment() []check.Check {
	const clause = "RFC 6455 5.4"
	in := func(opcode wire.Opcode, n int, between ...probe.Frame) script {
		return staysOpenWith(func(m string) []probe.Frame {
			frames := fragments(opcode, m, n)
			return append(append(frames[:1:1], between...), frames[1:]...)
		})
	}
	inFragments := func(cut func(m string) []string) script {
		return staysOpenWith(func(m string) []probe.Frame { return fragmented(wire.Text, cut(m)...) })
	}
	unfinished := probe.Text("Hel").Begin()
	return frames("fragment",
		row{"two", check.Must, clause, "A message in two fragments is one message.", in(wire.Text, 2)},
		row{"three", check.Must, clause, "A message in three fragments is one message.", in(wire.Text, 3)},
		row{"twenty", check.Must, clause, "A message in twenty fragments is one message.", in(wire.Text, 20)},
		row{"binary-two", check.Must, clause, "A binary message in two fragments is one message.", in(wire.Binary, 2)},
		row{"binary-twenty", check.Must, clause, "A binary message in twenty fragments is one message.", in(wire.Binary, 20)},
		row{"empty-first", check.Must, clause, "The first fragment may be empty.", inFragments(func(m string) []string { return []string{"", m} })},
		row{"empty-middle", check.Must, clause, "A fragment in the middle may be empty.",
			inFragments(func(m string) []string { p := payloads(m, 2); return []string{p[0], "", p[1]} })},
		row{"empty-last", check.Must, clause, "The last fragment may be empty.", inFragments(func(m string) []string { return []string{m, ""} })},
		row{"empty-all", check.Must, clause, "A message of empty fragments is an empty message.", staysOpen(fragmented(wire.Text, "", "", "")...)},
		row{"ping-between", check.Must, clause, "A ping between fragments is answered and does not affect the message.", in(wire.Text, 2, probe.Ping("between"))},
		row{"pings-between", check.Must, clause, "Pings between fragments are answered and do not affect the message.",
			in(wire.Text, 3, probe.Ping("one"), probe.Ping("two"), probe.Ping("three"))},
		row{"pong-between", check.Must, clause, "A pong between fragments does not affect the message.", in(wire.Text, 2, probe.Pong("between"))},
		row{"pong-early", check.Should, "RFC 6455 5.5.2", "A ping between fragments is answered before the message has ended.", pongEarly},
		row{"two-messages", check.Must, clause, "Two consecutive fragmented messages are two messages.",
			staysOpenWith(func(m string) []probe.Frame { return append(fragments(wire.Text, m, 2), fragments(wire.Text, m, 3)...) })},
		row{"whole-then-fragments", check.Must, clause, "A fragmented message may follow an unfragmented one.",
			staysOpenWith(func(m string) []probe.Frame {
				return append([]probe.Frame{probe.Text(m)}, fragments(wire.Text, m, 2)...)
			})},
		row{"byte-by-byte", check.Must, clause, "Fragments that arrive byte by byte are received.",
			staysOpenWith(func(m string) []probe.Frame {
				frames := fragments(wire.Text, m, 2)
				return []probe.Frame{frames[0].InChunks(1), frames[1].InChunks(1)}
			})},
		row{"64-kib", check.Must, clause, "A message of 64 KiB in fragments of 1 KiB is received.", staysOpen(fragments(wire.Text, strings.Repeat("*", 65536), 64)...)},
		row{"close-between", check.Must, clause, "A Close between fragments is answered.", closes(nil, unfinished, probe.Close(1000, ""))},

		row{"none-begun", check.Must, clause, "A continuation without a message is refused.", fails(1002, probe.Continuation("Hello"))},
		row{"none-begun-more", check.Must, clause, "A continuation without FIN and without a message is refused.", fails(1002, probe.Continuation("Hello").Begin())},
		row{"none-begun-empty", check.Must, clause, "An empty continuation without a message is refused.", fails(1002, probe.Continuation(""))},
		row{"after-message", check.Must, clause, "A continuation after an unfragmented message is refused.", failsAfter(1002, probe.Continuation("Hello"))},
		row{"after-fragments", check.Must, clause, "A continuation after the last fragment is refused.", fails(1002, unfinished, probe.Continuation("lo"), probe.Continuation("!"))},
		row{"text-inside", check.Must, clause, "A text message inside another message is refused.", fails(1002, unfinished, probe.Text("lo"))},
		row{"binary-inside", check.Must, clause, "A binary message inside another message is refused.", fails(1002, unfinished, probe.Binary("lo"))},
		row{"text-begins-inside", check.Must, clause, "A message that starts inside another message is refused.", fails(1002, unfinished, probe.Text("lo").Begin())},
		row{"binary-begins-inside", check.Must, clause, "A binary message that starts inside another message is refused.", fails(1002, unfinished, probe.Binary("lo").Begin())},
		row{"after-ping", check.Must, clause, "A continuation after a ping, without a message, is refused.", fails(1002, probe.Ping("p"), probe.Continuation("Hello"))},
	)
}

// pongEarly returns a script that leaves a message unfinished: only the answer to the ping that follows matters.
func pongEarly(m string) check.Script {
	return check.Script{
		Steps: []probe.Frame{fragments(wire.Text, m, 2)[0], probe.Ping("early")},
		Want:  check.Want{Kind: check.StaysOpen, Pongs: []string{"early"}},
	}
}

// control is about pings and pongs, and about invalid control frames (RFC 6455, section 5.5).
func control() []check.Check {
	const clause, ping, pong = "RFC 6455 5.5", "RFC 6455 5.5.2", "RFC 6455 5.5.3"
	var ten []probe.Frame
	for i := range 10 {
		ten = append(ten, probe.Ping(fmt.Sprintf("ping %d", i)))
	}
	long := strings.Repeat("*", 126)
	return frames("control",
		row{"ping-empty", check.Must, ping, "A ping without a payload gets a pong without one.", staysOpen(probe.Ping(""))},
		row{"ping-1", check.Must, ping, "A ping of one byte gets that byte back.", staysOpen(probe.Ping("1"))},
		row{"ping-text", check.Must, ping, "A ping gets its payload back.", staysOpen(probe.Ping("Hello"))},
		row{"ping-125", check.Must, ping, "A ping of 125 bytes gets them back.", staysOpen(probe.Ping(long[:125]))},
		row{"ping-bytes", check.Must, ping, "The payload of a ping need not be text.", staysOpen(probe.Ping("\x00\xff\xfe\xfd\xfc\xfb\x00\xff"))},
		row{"ping-chunks", check.Must, ping, "A ping that arrives byte by byte is answered.", staysOpen(probe.Ping("Hello").InChunks(1))},
		row{"pings-10", check.Must, pong, "At least the last of ten pings is answered.", staysOpen(ten...)},
		row{"ping-message", check.Must, ping, "A ping between messages is answered.",
			staysOpenWith(func(m string) []probe.Frame { return []probe.Frame{probe.Text(m), probe.Ping("p"), probe.Text(m)} })},
		row{"pong-empty", check.Must, pong, "An unsolicited pong is ignored.", staysOpen(probe.Pong(""))},
		row{"pong-text", check.Must, pong, "An unsolicited pong with a payload is ignored.", staysOpen(probe.Pong("unasked"))},
		row{"pong-125", check.Must, pong, "An unsolicited pong of 125 bytes is ignored.", staysOpen(probe.Pong(long[:125]))},
		row{"pong-ping", check.Must, pong, "A ping after an unsolicited pong is answered.", staysOpen(probe.Pong("unasked"), probe.Ping("asked"))},

		row{"ping-126", check.Must, clause, "A ping of more than 125 bytes is refused.", fails(1002, probe.Ping(long))},
		row{"pong-126", check.Must, clause, "A pong of more than 125 bytes is refused.", fails(1002, probe.Pong(long))},
		row{"close-126", check.Must, clause, "A Close of more than 125 bytes is refused.", closes([]int{1002}, probe.Close(1000, long[:124]))},
		row{"ping-65536", check.Must, clause, "A ping of 65536 bytes is refused.", fails(1002, probe.Ping(strings.Repeat("*", 65536)))},
		row{"ping-fragment", check.Must, clause, "A ping without FIN is refused.", fails(1002, probe.Ping("Hello").Begin())},
		row{"pong-fragment", check.Must, clause, "A pong without FIN is refused.", fails(1002, probe.Pong("Hello").Begin())},
		row{"close-fragment", check.Must, clause, "A Close without FIN is refused.", closes([]int{1002}, probe.Close(1000, "").Begin())},
		row{"ping-continued", check.Must, clause, "A ping in two fragments is refused.", fails(1002, probe.Ping("Hel").Begin(), probe.Continuation("lo"))},
	)
}
