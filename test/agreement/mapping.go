package main

import "fmt"

// mapping has cases of the suite and the checks that test the same behavior. An id that ends in * is a prefix.
type mapping struct {
	cases  []string
	checks []string
}

// mappings lists the cases of the groups 1 to 7, 10, 12 and 13 that have a counterpart. It omits 7.1.5 and 7.1.6, whose outcome
// the suite does not define, and 7.13, which the suite only reports. Case 7.1.1 claims to send a message followed by a
// Close, but its Close is commented out: it sends only the message, and ends a second later. So its counterpart is an echo and
// a Close, and not close.form/message-before, which writes both at once.
func mappings() []mapping {
	all := []mapping{
		{cases("1.1.", 1), ids("frame.length/text-0")},
		{cases("1.1.", 2), ids("frame.length/text-125")},
		{cases("1.1.", 3), ids("frame.length/text-126")},
		{cases("1.1.", 4), ids("frame.length/text-127")},
		{cases("1.1.", 5), ids("frame.length/text-128")},
		{cases("1.1.", 6), ids("frame.length/text-65535")},
		{cases("1.1.", 7), ids("frame.length/text-65536")},
		{cases("1.1.", 8), ids("frame.length/text-65536-chunks")},
		{cases("1.2.", 1), ids("frame.length/binary-0")},
		{cases("1.2.", 2), ids("frame.length/binary-125")},
		{cases("1.2.", 3), ids("frame.length/binary-126")},
		{cases("1.2.", 4), ids("frame.length/binary-127")},
		{cases("1.2.", 5), ids("frame.length/binary-128")},
		{cases("1.2.", 6), ids("frame.length/binary-65535")},
		{cases("1.2.", 7), ids("frame.length/binary-65536")},
		{cases("1.2.", 8), ids("frame.split/length-64")},

		{cases("2.", 1), ids("control/ping-empty")},
		{cases("2.", 2), ids("control/ping-text")},
		{cases("2.", 3), ids("control/ping-bytes")},
		{cases("2.", 4), ids("control/ping-125")},
		{cases("2.", 5), ids("control/ping-126")},
		{cases("2.", 6), ids("control/ping-chunks")},
		{cases("2.", 7), ids("control/pong-empty")},
		{cases("2.", 8), ids("control/pong-text")},
		{cases("2.", 9), ids("control/pong-ping")},
		{cases("2.", 10, 11), ids("control/pings-10")},

		{cases("3.", 1), ids("reserved/text-rsv3")},
		{cases("3.", 2), ids("reserved/text-rsv2")},
		{cases("3.", 3), ids("reserved/text-rsv23")},
		{cases("3.", 4), ids("reserved/text-rsv1", "reserved/after-message")},
		{cases("3.", 5), ids("reserved/text-rsv13")},
		{cases("3.", 6), ids("reserved/ping-*")},
		{cases("3.", 7), ids("reserved/close-*")},

		{cases("4.1.", 1), ids("opcode/3-empty")},
		{cases("4.1.", 2), ids("opcode/4-payload")},
		{cases("4.1.", 3), ids("opcode/5-after-message")},
		{cases("4.1.", 4), ids("opcode/6-after-message")},
		{cases("4.1.", 5), ids("opcode/7-after-message")},
		{cases("4.2.", 1), ids("opcode/b-empty")},
		{cases("4.2.", 2), ids("opcode/c-payload")},
		{cases("4.2.", 3), ids("opcode/d-after-message")},
		{cases("4.2.", 4), ids("opcode/e-after-message")},
		{cases("4.2.", 5), ids("opcode/f-after-message")},

		{cases("5.", 1), ids("control/ping-continued")},
		{cases("5.", 2), ids("control/pong-fragment")},
		{cases("5.", 3, 4), ids("fragment/two")},
		{cases("5.", 5), ids("fragment/byte-by-byte")},
		{cases("5.", 6, 7, 8), ids("fragment/ping-between")},
		{cases("5.", 9, 10, 11, 17), ids("fragment/none-begun")},
		{cases("5.", 12, 13, 14, 16), ids("fragment/none-begun-more")},
		{cases("5.", 15), ids("fragment/after-fragments")},
		{cases("5.", 18), ids("fragment/text-inside")},
		{cases("5.", 19, 20), ids("fragment/pings-between")},

		{cases("6.1.", 1), ids("frame.length/text-0")},
		{cases("6.1.", 2), ids("fragment/empty-all")},
		{cases("6.1.", 3), ids("fragment/empty-first", "fragment/empty-last")},
		{cases("6.2.", 1), ids("utf8.valid/greek")},
		{cases("6.2.", 2, 3, 4), ids("utf8.valid/split-2-1", "utf8.valid/split-3-1")},
		{cases("6.3.", 1), ids("utf8.invalid/surrogate-first")},
		{cases("6.3.", 2), ids("utf8.invalid/surrogate-first-fragments")},
		{cases("6.4.", 1, 2), ids("utf8.invalid/above-10ffff-fragments", "utf8.invalid/above-10ffff-fragment-fail-fast")},
		{cases("6.4.", 3, 4), ids("utf8.invalid/above-10ffff", "utf8.invalid/above-10ffff-fail-fast")},
		{cases("6.5.", 1), ids("utf8.valid/ascii")},
		{cases("6.5.", 2, 3), ids("utf8.valid/combining")},
		{cases("6.5.", 4), ids("utf8.valid/emoji")},
		{cases("6.5.", 5), ids("utf8.valid/greek")},
		{cases("6.7.", 1), ids("utf8.valid/nul")},
		{cases("6.7.", 2), ids("utf8.valid/two-first")},
		{cases("6.7.", 3), ids("utf8.valid/three-first")},
		{cases("6.7.", 4), ids("utf8.valid/four-first")},
		{cases("6.8.", 1, 2), ids("utf8.invalid/five-bytes")},
		{cases("6.9.", 1), ids("utf8.valid/delete")},
		{cases("6.9.", 2), ids("utf8.valid/two-last")},
		{cases("6.9.", 3), ids("utf8.valid/three-last")},
		{cases("6.9.", 4), ids("utf8.valid/four-last")},
		{cases("6.10.", 1), ids("utf8.invalid/above-10ffff")},
		{cases("6.10.", 2, 3), ids("utf8.invalid/five-bytes")},
		{cases("6.11.", 1), ids("utf8.valid/before-surrogates")},
		{cases("6.11.", 2), ids("utf8.valid/after-surrogates")},
		{cases("6.11.", 3), ids("utf8.valid/replacement")},
		{cases("6.11.", 4), ids("utf8.valid/four-last")},
		{cases("6.11.", 5), ids("utf8.invalid/above-10ffff")},
		{cases("6.12.", 1), ids("utf8.invalid/continuation-first")},
		{cases("6.12.", 2), ids("utf8.invalid/continuation-last")},
		{cases("6.12.", 3, 4, 5, 6, 7, 8), ids("utf8.invalid/continuations")},
		{cases("6.13.", 1), ids("utf8.invalid/lead-2-ascii")},
		{cases("6.13.", 2), ids("utf8.invalid/lead-3-ascii")},
		{cases("6.13.", 3), ids("utf8.invalid/lead-4-ascii")},
		{cases("6.13.", 4, 5), ids("utf8.invalid/five-bytes")},
		{cases("6.14.", 1), ids("utf8.invalid/overlong-2")},
		{cases("6.14.", 2), ids("utf8.invalid/overlong-3")},
		{cases("6.14.", 3), ids("utf8.invalid/overlong-4")},
		{cases("6.14.", 4, 5, 9, 10), ids("utf8.invalid/five-bytes")},
		{cases("6.14.", 6), ids("utf8.invalid/cut-2")},
		{cases("6.14.", 7), ids("utf8.invalid/cut-3")},
		{cases("6.14.", 8), ids("utf8.invalid/above-10ffff")},
		{cases("6.15.", 1), ids("utf8.invalid/overlong-2")},
		{cases("6.16.", 1, 2, 3), ids("utf8.invalid/byte-ff")},
		{cases("6.17.", 1), ids("utf8.invalid/overlong-2")},
		{cases("6.17.", 2), ids("utf8.invalid/overlong-3")},
		{cases("6.17.", 3), ids("utf8.invalid/overlong-4")},
		{cases("6.17.", 4, 5), ids("utf8.invalid/five-bytes")},
		{cases("6.18.", 1), ids("utf8.invalid/overlong-2-last")},
		{cases("6.18.", 2), ids("utf8.invalid/overlong-3-last")},
		{cases("6.18.", 3), ids("utf8.invalid/overlong-4-last")},
		{cases("6.18.", 4, 5), ids("utf8.invalid/five-bytes")},
		{cases("6.19.", 1), ids("utf8.invalid/overlong-nul")},
		{cases("6.19.", 2), ids("utf8.invalid/overlong-3")},
		{cases("6.19.", 3), ids("utf8.invalid/overlong-4")},
		{cases("6.19.", 4, 5), ids("utf8.invalid/five-bytes")},
		{cases("6.20.", 1, 2, 3, 4), ids("utf8.invalid/surrogate-first")},
		{cases("6.20.", 5, 6, 7), ids("utf8.invalid/surrogate-last")},
		{cases("6.21.", 1, 2, 3, 4, 5, 6, 7, 8), ids("utf8.invalid/surrogate-pair")},
		{cases("6.22.", numbers(1, 34)...), ids("utf8.valid/noncharacter-fffe", "utf8.valid/three-last")},
		{cases("6.23.", numbers(1, 7)...), ids("utf8.valid/three-last", "utf8.valid/replacement", "utf8.valid/noncharacter-fffe")},

		{cases("7.1.", 1), ids("utf8.valid/ascii", "close.code/1000")},
		{cases("7.1.", 2), ids("close.form/close-after")},
		{cases("7.1.", 3), ids("close.form/ping-after")},
		{cases("7.1.", 4), ids("close.form/text-after")},
		{cases("7.3.", 1), ids("close.form/empty")},
		{cases("7.3.", 2), ids("close.form/half-code")},
		{cases("7.3.", 3), ids("close.form/code")},
		{cases("7.3.", 4), ids("close.form/reason")},
		{cases("7.3.", 5), ids("close.form/reason-123")},
		{cases("7.3.", 6), ids("close.form/reason-124")},
		{cases("7.5.", 1), ids("close.form/reason-surrogate-first")},

		{cases("10.1.", 1), ids("fragment/64-kib")},

		// A selection of groups 12 and 13, whose other cases differ only in payloads and sizes.
		{cases("12.1.", 1, 4), ids("deflate.data/text", "deflate.data/takeover")},
		{cases("12.2.", 1, 4), ids("deflate.data/text", "deflate.data/takeover")},
		{cases("12.3.", 1, 4), ids("deflate.data/binary", "deflate.data/takeover")},
		{cases("12.4.", 1, 4), ids("deflate.data/binary", "deflate.data/takeover")},
		{cases("12.5.", 1, 4), ids("deflate.data/text", "deflate.data/takeover")},
		{cases("12.1.", 11), ids("deflate.data/fragments-10")},
		{cases("13.1.", 1, 4), ids("deflate.data/text", "deflate.data/takeover")},
		{cases("13.2.", 1, 4), ids("deflate.data/server-no-context")},
		{cases("13.3.", 1, 4), ids("deflate.data/server-bits-9")},
	}
	for i, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		all = append(all, mapping{cases("7.7.", i+1), ids(fmt.Sprint("close.code/", code))})
	}
	for i, code := range []int{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		all = append(all, mapping{cases("7.9.", i+1), ids(fmt.Sprint("close.code/", code))})
	}
	return all
}

func ids(all ...string) []string { return all }

// cases returns the names of cases of a group.
func cases(group string, numbers ...int) []string {
	var names []string
	for _, n := range numbers {
		names = append(names, fmt.Sprint(group, n))
	}
	return names
}

// numbers returns the numbers from first to last.
func numbers(first, last int) []int {
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}
