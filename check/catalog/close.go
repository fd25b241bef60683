package catalog

import (
	"fmt"
	"slices"
	"strings"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// closeCode is about the codes that a Close may carry (RFC 6455, section 7.4).
func closeCode() []check.Check {
	var rows []row
	valid := func(severity check.Severity, clause string, codes ...int) {
		for _, code := range codes {
			rows = append(rows, row{fmt.Sprint(code), severity, clause, fmt.Sprintf("Close %d is answered with a Close.", code),
				closes(slices.Compact([]int{code, 1000, wire.CodeNone}), probe.Close(code, ""))})
		}
	}
	invalid := func(severity check.Severity, clause, why string, codes ...int) {
		for _, code := range codes {
			rows = append(rows, row{fmt.Sprint(code), severity, clause, fmt.Sprintf("Close %d is refused: %s.", code, why),
				closes([]int{1002}, probe.Frame{Opcode: wire.Close, Payload: wire.ClosePayload(code, "")})})
		}
	}
	valid(check.Must, "RFC 6455 7.4.1", 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011)
	valid(check.Should, "IANA WebSocket Close Code Number Registry", 1012, 1013, 1014)
	valid(check.Must, "RFC 6455 7.4.2", 3000, 3999, 4000, 4999)
	invalid(check.Must, "RFC 6455 7.4.2", "codes below 1000 are not used", 0, 1, 100, 999)
	invalid(check.Must, "RFC 6455 7.4.1", "it must not be sent in a Close frame", 1004, 1006, 1015)
	rows = append(rows, row{"1005", check.Must, "RFC 6455 7.4.1", "Close 1005 is refused: it means that a Close had no code.",
		closes([]int{1002}, probe.Frame{Opcode: wire.Close, Payload: []byte{1005 >> 8, 1005 & 0xff}})})
	invalid(check.Should, "RFC 6455 7.4.2", "it is reserved", 1016, 1100, 2000, 2999)
	invalid(check.Should, "RFC 6455 7.4.2", "codes above 4999 have no meaning", 5000, 9999, 32768, 65535)
	return frames("close.code", rows...)
}

// closeForm is about the payload of a Close, and frames before and after it (RFC 6455, sections 5.5.1 and 7).
func closeForm() []check.Check {
	const clause = "RFC 6455 5.5.1"
	answer := []int{1000, wire.CodeNone}
	rows := []row{
		{"empty", check.Must, clause, "A Close without a payload is answered.", closes(answer, probe.Close(wire.CodeNone, ""))},
		// That the answer has a code is recommended only (RFC 6455, section 7.1.7).
		{"half-code", check.Must, clause, "A Close with one byte of payload is refused.",
			closes([]int{1002, wire.CodeNone}, probe.Frame{Opcode: wire.Close, Payload: []byte{3}})},
		{"code", check.Must, clause, "A Close with a code alone is answered.", closes(answer, probe.Close(1000, ""))},
		{"reason", check.Must, clause, "A Close with a reason is answered.", closes(answer, probe.Close(1000, "going away"))},
		{"reason-123", check.Must, clause, "A reason of 123 bytes is not too long.", closes(answer, probe.Close(1000, strings.Repeat("*", 123)))},
		{"reason-124", check.Must, "RFC 6455 5.5", "A reason of 124 bytes is too long.", closes([]int{1002}, probe.Close(1000, strings.Repeat("*", 124)))},
		{"reason-utf8", check.Must, clause, "A reason in UTF-8 is answered.", closes(answer, probe.Close(1000, "κόσμε 🌍"))},
		{"reason-utf8-123", check.Must, clause, "A reason of 123 bytes that ends in a character of three bytes is answered.",
			closes(answer, probe.Close(1000, strings.Repeat("*", 120)+"€"))},
		{"reason-nul", check.Must, clause, "A reason may have the character U+0000.", closes(answer, probe.Close(1000, "a\x00b"))},
		{"chunks", check.Must, clause, "A Close that arrives byte by byte is answered.", closes(answer, probe.Close(1000, "bye").InChunks(1))},
		{"after-ping", check.Must, clause, "A Close after a ping is answered.", closes(answer, probe.Ping("p"), probe.Close(1000, ""))},
		{"masked-zeros", check.Must, clause, "A Close with a mask key of zeros is answered.", closes(answer, probe.Close(1000, "").WithMask(0, 0, 0, 0))},
	}
	for _, s := range invalidSequences() {
		if !s.inReason {
			continue
		}
		rows = append(rows, row{"reason-" + s.name, check.Must, "RFC 6455 8.1", fmt.Sprintf("A reason with %s is refused.", s.what),
			closes([]int{1007, 1002}, probe.Close(1000, "bye "+s.bytes))})
	}
	checks := frames("close.form", rows...)
	return append(checks,
		check.Check{ID: "close.form/text-after", Severity: check.Must, Clause: clause, Title: "A message after a Close is not answered.",
			Sent: "Close 1000, text", Expected: "Close, and nothing after it", Run: check.AfterClose(func(m string) probe.Frame { return probe.Text(m) })},
		check.Check{ID: "close.form/ping-after", Severity: check.Must, Clause: clause, Title: "A ping after a Close is not answered.",
			Sent: "Close 1000, ping", Expected: "Close, and nothing after it", Run: check.AfterClose(func(string) probe.Frame { return probe.Ping("late") })},
		check.Check{ID: "close.form/close-after", Severity: check.Must, Clause: clause, Title: "A second Close is not answered.",
			Sent: "Close 1000, Close 1001", Expected: "one Close", Run: check.AfterClose(func(string) probe.Frame { return probe.Close(1001, "") })},
		check.Check{ID: "close.form/message-before", Severity: check.Should, Clause: "RFC 6455 5.5.1", Title: "A message before a Close is answered before the Close is.",
			Sent: "text, Close 1000", Expected: "the message if the server echoes, then Close", Run: check.BeforeClose()},
		check.Check{ID: "close.form/ends-tcp", Severity: check.Should, Clause: "RFC 6455 7.1.1", Title: "The server ends the connection after both Closes.",
			Sent: "Close 1000", Expected: "Close, and the end of the stream", Run: check.EndsAfterClose()},
		ownFrames("close.form", clause, "The server's own Close is well-formed.", func(f probe.Received) string {
			code, _ := wire.ParseClose(f.Payload)
			switch {
			case f.Opcode != wire.Close:
			case !f.Fin:
				return "a Close without FIN"
			case f.Length > 125:
				return fmt.Sprintf("a Close of %d bytes", f.Length)
			case len(f.Payload) == 1 || len(f.Payload) > 1 && !wire.ValidCode(code):
				return fmt.Sprintf("a Close with the payload 0x%x", f.Payload)
			}
			return ""
		}),
	)
}
