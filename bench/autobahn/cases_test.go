package main

import (
	"slices"
	"strings"
	"testing"
)

var someCases = strings.Fields("1.1.1 1.1.2 2.1 2.10 6.4.1 6.40.1 9.3.1 10.1.1 12.1.1 13.7.18")

func TestSelectCases(t *testing.T) {
	for _, c := range []struct{ selection, want string }{
		{"", "1.1.1 1.1.2 2.1 2.10 6.4.1 6.40.1 9.3.1 10.1.1 12.1.1 13.7.18"},
		{"1", "1.1.1 1.1.2"},
		{"1-6", "1.1.1 1.1.2 2.1 2.10 6.4.1 6.40.1"},
		{"6.4", "6.4.1"},
		{"2.1", "2.1"},
		{"10, 9.3.1,9", "9.3.1 10.1.1"},
	} {
		got, err := selectCases(someCases, c.selection)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%q selects %v (%v), want %s", c.selection, got, err, c.want)
		}
	}
}

func TestSelectCasesErrors(t *testing.T) {
	for _, selection := range []string{"8", "1,11", "one-two", "1-two", "7-3", "1,,2"} {
		if got, err := selectCases(someCases, selection); err == nil {
			t.Errorf("%q selects %v, want an error", selection, got)
		}
	}
}

func TestLongestFirst(t *testing.T) {
	got := sortLongestFirst([]string{"1.1.1", "9.3.1", "2.1", "13.7.18", "12.1.2", "12.1.1"})
	want := []string{"12.1.2", "12.1.1", "13.7.18", "9.3.1", "1.1.1", "2.1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
