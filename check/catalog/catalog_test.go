package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"wsx/check"
	"wsx/check/catalog"
)

// groups has the minimum number of checks of each group.
var groups = map[string]int{
	"handshake.accept": 18, "handshake.refuse": 22, "handshake.answer": 11, "subprotocol": 9,
	"frame.length": 18, "frame.minimal": 5, "frame.mask": 7, "frame.split": 10,
	"reserved": 24, "opcode": 30, "fragment": 28, "control": 20, "close.code": 32, "close.form": 32,
	"utf8.valid": 24, "utf8.invalid": 72, "deflate.offer": 26, "deflate.data": 24,
	"limit": 18, "origin": 8, "auth": 4, "bomb": 4, "tls": 6, "info": 2, "live": 6, "http2": 24, "http3": 16,
}

func TestRows(t *testing.T) {
	checks := catalog.All()
	seen := map[string]bool{}
	counts := map[string]int{}
	for _, c := range checks {
		counts[c.Group()]++
		if seen[c.ID] {
			t.Errorf("%s twice", c.ID)
		}
		seen[c.ID] = true
		if c.Clause == "" || c.Sent == "" || c.Expected == "" || c.Run == nil {
			t.Errorf("%s is not complete: %+v", c.ID, c)
		}
		if !strings.HasSuffix(c.Title, ".") || strings.ToUpper(c.Title[:1]) != c.Title[:1] {
			t.Errorf("%s: the title is not a sentence: %q", c.ID, c.Title)
		}
		if !slices.Contains([]check.Severity{check.Must, check.Should, check.Security, check.Info}, c.Severity) {
			t.Errorf("%s: severity %q", c.ID, c.Severity)
		}
	}
	for _, group := range check.Groups(checks) {
		if counts[group] < groups[group] || groups[group] == 0 {
			t.Errorf("%s has %d checks, want %d at least", group, counts[group], groups[group])
		}
	}
	if len(check.Groups(checks)) != len(groups) {
		t.Errorf("groups %v, want %d", check.Groups(checks), len(groups))
	}
}

func TestSelect(t *testing.T) {
	for _, row := range []struct {
		s    check.Selection
		want int
	}{
		{check.Selection{Only: []string{"close.code/1000"}}, 1},
		{check.Selection{Only: []string{"close.code"}}, 32},
		{check.Selection{Only: []string{"close"}}, 64},
		{check.Selection{Only: []string{"close", "utf8.valid"}, Skip: []string{"close.form"}}, 56},
	} {
		selected, err := row.s.Select(catalog.All())
		if err != nil || len(selected) != row.want {
			t.Errorf("%+v selects %d (%v), want %d", row.s, len(selected), err, row.want)
		}
	}
	if _, err := (check.Selection{Skip: []string{"none"}}).Select(catalog.All()); err == nil {
		t.Error("a word that matches no check is no error")
	}
}
