package wire

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseDeflate(t *testing.T) {
	for _, tt := range []struct {
		answer string
		want   *Deflate // nil = an error
	}{
		{"permessage-deflate", &Deflate{}},
		{" permessage-deflate ;\tserver_no_context_takeover ", &Deflate{ServerNoContextTakeover: true}},
		{"permessage-deflate; client_no_context_takeover", &Deflate{ClientNoContextTakeover: true}},
		{"permessage-deflate; server_max_window_bits=8", &Deflate{ServerMaxWindowBits: 8}},
		{`permessage-deflate; client_max_window_bits="15"`, &Deflate{ClientMaxWindowBits: 15}},
		{"permessage-deflate;client_max_window_bits = 9;server_max_window_bits=10;client_no_context_takeover;server_no_context_takeover",
			&Deflate{true, true, 10, 9}},
		{",permessage-deflate,", &Deflate{}},
		{"permessage-deflate; client_max_window_bits", nil},
		{"permessage-deflate; server_max_window_bits", nil},
		{"permessage-deflate; server_max_window_bits=7", nil},
		{"permessage-deflate; server_max_window_bits=16", nil},
		{"permessage-deflate; server_max_window_bits=08", nil},
		{"permessage-deflate; server_max_window_bits=+9", nil},
		{"permessage-deflate; server_max_window_bits=", nil},
		{`permessage-deflate; server_max_window_bits="9`, nil},
		{`permessage-deflate; server_max_window_bits="9 "`, nil},
		{"permessage-deflate; server_no_context_takeover=1", nil},
		{"permessage-deflate; client_no_context_takeover; client_no_context_takeover", nil},
		{"permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", nil},
		{"permessage-deflate; level=9", nil},
		{"permessage-deflate;", nil},
		{"permessage-deflate, permessage-deflate", nil},
		{"permessage-deflate, x-webkit-deflate-frame", nil},
		{"permessage-bzip2", nil},
		{"permessage-deflate permessage-deflate", nil},
		{";", nil},
		{"=", nil},
	} {
		d, err := ParseDeflate([]string{tt.answer})
		if (err == nil) != (tt.want != nil) || !reflect.DeepEqual(d, tt.want) {
			t.Errorf("%q: %+v, %v, want %+v", tt.answer, d, err, tt.want)
		}
	}
	for _, none := range [][]string{nil, {""}, {" , "}} {
		if d, err := ParseDeflate(none); d != nil || err != nil {
			t.Errorf("%q: %v, %v, want nothing agreed", none, d, err)
		}
	}
	if _, err := ParseDeflate([]string{"permessage-deflate", "permessage-deflate"}); err == nil {
		t.Error("accepted twice, in two headers")
	}
}

func TestAccept(t *testing.T) {
	for offers, want := range map[string]string{
		Offer():            "permessage-deflate",
		"permessage-bzip2": "",
		"permessage-deflate; server_max_window_bits=10; client_max_window_bits=9; server_no_context_takeover":      "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
		"x, permessage-deflate; server_max_window_bits=99, permessage-deflate; client_no_context_takeover; x-flag": "",
		"permessage-deflate; server_max_window_bits=99, permessage-deflate; client_no_context_takeover":            "permessage-deflate; client_no_context_takeover",
	} {
		answer := ""
		if d := Accept([]string{offers}); d != nil {
			answer = d.String()
		}
		if answer != want {
			t.Errorf("%q: response %q, want %q", offers, answer, want)
		}
	}
}

// FuzzExtension: a parsed extension has parameters within their ranges, and its String parses to the same.
func FuzzExtension(f *testing.F) {
	for _, s := range []string{Offer(), "permessage-deflate; server_max_window_bits=\"9\"", "a;b=c,d", "permessage-deflate;;", ","} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDeflate([]string{s})
		if err != nil || d == nil {
			if err == nil && strings.Trim(s, ", \t") != "" {
				t.Fatalf("%q: neither an extension nor an error", s)
			}
			return
		}
		for _, bits := range []int{d.ServerMaxWindowBits, d.ClientMaxWindowBits} {
			if bits != 0 && (bits < 8 || bits > 15) {
				t.Fatalf("%q: a window of %d bits", s, bits)
			}
		}
		again, err := ParseDeflate([]string{d.String()})
		if err != nil || !reflect.DeepEqual(again, d) {
			t.Fatalf("%q: %v reads back as %v, %v", s, d, again, err)
		}
		if a := Accept([]string{s}); !reflect.DeepEqual(a, d) {
			t.Fatalf("%q: parsed as %v, accepted as %v", s, d, a)
		}
	})
}
