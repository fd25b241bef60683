package catalog

import (
	"slices"
	"strings"

	"wsx/check"
)

// bases returns which checks depend on another: for example, a server that does not support fragments cannot be tested for text
// in fragments. word is the beginning of IDs; an asterisk stands for any group.
func bases() []struct{ word, base string } {
	return []struct{ word, base string }{
		{"handshake.accept/", "handshake.answer/accept-example"},
		{"deflate.offer/", "handshake.answer/accept-example"},
		{"frame.split/length-16", "frame.length/text-126"},
		{"frame.split/length-64", "frame.length/binary-65536"},
		{"handshake.answer/versions", "handshake.refuse/version-14"},
		{"frame.mask/none-continuation", "fragment/two"},
		{"frame.length/text-65", "frame.split/7"},
		{"frame.length/binary-65", "frame.split/7"},
		{"reserved/continuation", "fragment/two"},
		{"reserved/close", "close.form/code"},
		{"fragment/byte-by-byte", "frame.split/1"},
		{"fragment/64-kib", "frame.split/7"},
		{"fragment/empty-all", "frame.length/text-0"},
		{"fragment/pong-between", "control/pong-text"},
		{"fragment/close-between", "close.form/code"},
		{"control/ping-chunks", "frame.split/1"},
		{"control/close", "close.form/code"},
		{"close.code/", "close.form/code"},
		{"close.form/chunks", "frame.split/1"},
		{"close.form/masked-zeros", "frame.mask/zeros"},
		{"close.form/reason-124", "control/ping-126"},
		{"utf8.valid/split", "fragment/two"},
		{"utf8.valid/nul", "frame.length/text-1"},
		{"utf8.invalid/", "frame.length/text-1"},
		{"utf8.invalid/above-10ffff-fragment-fail-fast", "fragment/two"},
		{"deflate.data/empty", "frame.length/text-0"},
		{"deflate.data/fragments", "fragment/two"},
		{"deflate.data/ping-between", "fragment/ping-between"},
		{"deflate.data/chunks", "frame.split/1"},
		{"deflate.data/rsv2", "reserved/text-rsv2"},
		{"deflate.data/rsv12", "reserved/text-rsv2"},
		{"deflate.data/rsv1-ping", "reserved/ping-rsv1"},
		{"deflate.data/rsv1-pong", "reserved/pong-rsv1"},
		{"deflate.data/utf8-split", "utf8.valid/four-first"},
		{"deflate.data/utf8", "utf8.invalid/byte-ff"},
		{"limit/text", "frame.length/text-65536"},
		{"limit/binary", "frame.length/binary-65536"},
		{"limit/fragments", "fragment/two"},
		{"limit/fragments-empty", "fragment/empty-middle"},
		{"limit/messages-empty", "frame.length/text-0"},
		{"*-fragments", "fragment/two"},
		{"*-last-fragment", "fragment/two"},
		{"*-last-fragment", "fragment/empty-last"},
	}
}

// withBases sets the checks that checks depend on.
func withBases(checks []check.Check) []check.Check {
	for _, row := range bases() {
		at := slices.IndexFunc(checks, func(c check.Check) bool { return c.ID == row.base })
		for i := range checks {
			if buildsOn(checks[i].ID, row.word) {
				checks[i].Bases = append(checks[i].Bases, checks[at])
			}
		}
	}
	return checks
}

func buildsOn(id, word string) bool {
	if end, anywhere := strings.CutPrefix(word, "*"); anywhere {
		return strings.HasSuffix(id, end)
	}
	return strings.HasPrefix(id, word)
}
