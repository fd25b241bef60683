package catalog

import (
	"fmt"
	"strings"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// utf8Valid is about unusual but valid text (RFC 6455, section 8.1; RFC 3629).
func utf8Valid() []check.Check {
	const clause = "RFC 6455 5.6"
	var rows []row
	for _, text := range []struct{ name, what, text string }{
		{"ascii", "ASCII", "Hello, world"},
		{"nul", "U+0000", "\x00"},
		{"delete", "U+007F", "\u007f"},
		{"two-first", "U+0080, the first of two bytes", "\u0080"},
		{"two-last", "U+07FF, the last of two bytes", "\u07ff"},
		{"three-first", "U+0800, the first of three bytes", "\u0800"},
		{"before-surrogates", "U+D7FF, the last before the surrogates", "\ud7ff"},
		{"after-surrogates", "U+E000, the first after the surrogates", "\ue000"},
		{"replacement", "U+FFFD, the replacement character", "\ufffd"},
		{"byte-order-mark", "U+FEFF, the byte order mark", "\ufeffHello"},
		{"noncharacter-fdd0", "the noncharacter U+FDD0", "\ufdd0"},
		{"noncharacter-fffe", "the noncharacter U+FFFE", "\ufffe"},
		{"three-last", "U+FFFF, the last of three bytes", "\uffff"},
		{"four-first", "U+10000, the first of four bytes", "\U00010000"},
		{"four-last", "U+10FFFF, the last code point", "\U0010ffff"},
		{"greek", "Greek", "κόσμε"},
		{"emoji", "an emoji of several characters", "👩‍👩‍👧‍👦"},
		{"combining", "combining characters", "e\u0301\u0302\u0303"},
	} {
		rows = append(rows, row{text.name, check.Must, clause, fmt.Sprintf("Text with %s is received.", text.what), staysOpen(probe.Text(text.text))})
	}
	for _, split := range []struct {
		name, text string
		at         int
	}{
		{"split-2-1", "é", 1}, {"split-3-1", "€", 1}, {"split-3-2", "€", 2}, {"split-4-1", "🌍", 1}, {"split-4-2", "🌍", 2}, {"split-4-3", "🌍", 3},
	} {
		rows = append(rows, row{split.name, check.Must, "RFC 6455 5.6", fmt.Sprintf("A character of %d bytes may be split after byte %d by fragments.", len(split.text), split.at),
			staysOpen(fragmented(wire.Text, "a"+split.text[:split.at], split.text[split.at:]+"b")...)})
	}
	return frames("utf8.valid", rows...)
}

// sequence is a sequence of bytes that is not UTF-8.
type sequence struct {
	name, what string
	bytes      string
	cut        bool // it could be continued: only the end of the message shows that it is invalid
	inReason   bool // it is also tested in close reasons
}

// invalidSequences returns one sequence for each way to be invalid (RFC 3629, sections 3 and 4).
func invalidSequences() []sequence {
	return []sequence{
		{"continuation-first", "a lone continuation byte, 0x80", "\x80", false, true},
		{"continuation-last", "a lone continuation byte, 0xbf", "\xbf", false, false},
		{"continuations", "many lone continuation bytes", "\x80\xbf\x80\xbf\x80\xbf", false, false},
		{"lead-2-ascii", "a two-byte lead byte followed by ASCII", "\xc3\x28", false, true},
		{"lead-3-ascii", "a three-byte lead byte followed by ASCII", "\xe2\x28\xa1", false, false},
		{"lead-3-cut-ascii", "a three-byte sequence cut off by ASCII", "\xe2\x82\x28", false, true},
		{"lead-4-ascii", "a four-byte lead byte followed by ASCII", "\xf0\x28\x8c\xbc", false, false},
		{"lead-4-cut-ascii", "a four-byte sequence cut off by ASCII", "\xf0\x9f\x98\x28", false, false},
		{"cut-2", "a two-byte sequence cut off at the end", "\xc3", true, true},
		{"cut-3", "a three-byte sequence cut off at the end", "\xe2\x82", true, true},
		{"cut-4", "a four-byte sequence cut off at the end", "\xf0\x9f\x98", true, true},
		{"overlong-2", "an overlong two-byte form, 0xc0af", "\xc0\xaf", false, true},
		{"overlong-3", "an overlong three-byte form, 0xe080af", "\xe0\x80\xaf", false, true},
		{"overlong-4", "an overlong four-byte form, 0xf08080af", "\xf0\x80\x80\xaf", false, true},
		{"overlong-nul", "U+0000 as two bytes, 0xc080", "\xc0\x80", false, false},
		{"overlong-2-last", "the last overlong two-byte form, 0xc1bf", "\xc1\xbf", false, false},
		{"overlong-3-last", "the last overlong three-byte form, 0xe09fbf", "\xe0\x9f\xbf", false, false},
		{"overlong-4-last", "the last overlong four-byte form, 0xf08fbfbf", "\xf0\x8f\xbf\xbf", false, false},
		{"surrogate-first", "the surrogate U+D800", "\xed\xa0\x80", false, true},
		{"surrogate-last", "the surrogate U+DFFF", "\xed\xbf\xbf", false, true},
		{"surrogate-pair", "a pair of surrogates", "\xed\xa0\xbd\xed\xb8\x80", false, false},
		{"above-10ffff", "a character above U+10FFFF, 0xf4908080", "\xf4\x90\x80\x80", false, true},
		{"five-bytes", "a five-byte sequence", "\xf8\x88\x80\x80\x80", false, true},
		{"byte-ff", "the byte 0xff, which UTF-8 never has", "\xff", false, true},
	}
}

// utf8Invalid is about text that is not UTF-8: in a message of one frame, in one of two fragments, and before the end of a
// frame.
func utf8Invalid() []check.Check {
	const clause = "RFC 6455 8.1"
	var rows []row
	for _, s := range invalidSequences() {
		end := " is text"
		if s.cut {
			end = ""
		}
		whole := "this" + s.bytes + end
		first, rest := "this"+s.bytes[:1], s.bytes[1:]+end
		if rest == "" {
			first, rest = "this", s.bytes
		}
		rows = append(rows,
			row{s.name, check.Must, clause, fmt.Sprintf("Text with %s is refused.", s.what), fails(1007, probe.Text(whole))},
			row{s.name + "-fragments", check.Must, clause, fmt.Sprintf("Text with %s is refused in two fragments.", s.what),
				fails(1007, fragmented(wire.Text, first, rest)...)})
		if s.cut {
			rows = append(rows, row{s.name + "-last-fragment", check.Must, clause, fmt.Sprintf("Text with %s is refused if the last fragment is empty.", s.what),
				fails(1007, fragmented(wire.Text, whole, "")...)})
			continue
		}
		rows = append(rows, row{s.name + "-fail-fast", check.Should, clause, fmt.Sprintf("Text with %s is refused before the frame has ended.", s.what),
			failsFast(probe.Text(whole).Claiming(uint64(len(whole + strings.Repeat(" and more of it", 4)))))})
	}
	rows = append(rows, row{"above-10ffff-fragment-fail-fast", check.Should, clause, "Text with a character above U+10FFFF is refused before the message has ended.",
		failsFast(probe.Text("this").Begin(), probe.Continuation("\xf4\x90\x80\x80 is text").Begin())})
	return frames("utf8.invalid", rows...)
}

// failsFast returns a script that sends only the beginning of a frame or of a message, which is invalid: the server fails the
// connection at once.
func failsFast(beginning ...probe.Frame) script {
	return sends(check.Want{Kind: check.Fails, Codes: []int{1007}, NoPing: true, Prompt: true}, beginning...)
}
