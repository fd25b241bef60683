package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"wsx/client"
)

// all returns the messages of a source, joined from their fragments, and the error that ended it.
func all(s Source) (got []string, end error) {
	var message []byte
	for {
		line, err := s.Next(context.Background())
		if err != nil {
			return got, err
		}
		message = append(message, line.Data...)
		if !line.Partial {
			got = append(got, string(message))
			message = message[:0]
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", blockSize+blockSize/3)
	cases := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"\n", []string{""}},
		{"a\nb\nc", []string{"a", "b", "c"}},
		{"a\r\nb\r\n", []string{"a", "b"}},
		{"a\rb\r\r\n", []string{"a\rb\r"}},
		{"a\r", []string{"a\r"}},
		{"a\n\nb\n", []string{"a", "", "b"}},
		{"nul\x00inside\n", []string{"nul\x00inside"}},
		{long + "\n" + long + "\nend", []string{long, long, "end"}},
		{"grüße, 世界\n", []string{"grüße, 世界"}},
	}
	for _, c := range cases {
		for name, reader := range readers(c.in) {
			got, err := all(NewLines(reader, Options{}))
			if fmt.Sprint(got) != fmt.Sprint(c.want) || err != io.EOF {
				t.Errorf("%.40q as %s: got %.80q, %v; want %.80q", c.in, name, got, err, c.want)
			}
		}
	}
}

// readers hands the same text over in several ways.
func readers(text string) map[string]io.Reader {
	ways := map[string]io.Reader{
		"memory":        strings.NewReader(text),
		"a stream":      stream(text),
		"small steps":   &steps{[]byte(text), 1},
		"data with end": iotest.DataErrReader(stream(text)),
		"halves":        iotest.HalfReader(stream(text)),
	}
	if len(text) < 100 {
		ways["one byte each"] = iotest.OneByteReader(stream(text))
	}
	return ways
}

// stream hides all methods of a reader except Read.
func stream(text string) io.Reader { return struct{ io.Reader }{strings.NewReader(text)} }

func TestNull(t *testing.T) {
	got, err := all(NewNull(strings.NewReader("a\nb\r\n\x00\x00last"), Options{}))
	if want := []string{"a\nb\r\n", "", "last"}; fmt.Sprint(got) != fmt.Sprint(want) || err != io.EOF {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestInvalidUTF8(t *testing.T) {
	for name, reader := range readers("one\ntwo\n\xff\xfe\nfour\n") {
		got, err := all(NewLines(reader, Options{}))
		var refusal *RejectedLine
		if fmt.Sprint(got) != "[one two]" || !errors.As(err, &refusal) || refusal.Number != 3 {
			t.Errorf("%s: got %q, then %v; want one, two, and line 3 refused", name, got, err)
		}
	}
	got, err := all(NewLines(strings.NewReader("\xff\n"), Options{Type: client.Binary}))
	if len(got) != 1 || got[0] != "\xff" || err != io.EOF {
		t.Errorf("binary: got %q, %v", got, err)
	}
}

func TestUTF8AcrossBlocks(t *testing.T) {
	filler := strings.Repeat("0123456789abcde\n", 2*blockSize/16)
	for _, at := range []int{0, blockSize - 32, blockSize - 16, blockSize, blockSize + 16, len(filler)} {
		for _, bad := range []string{"grüße\n", "gr\xfcße\n"} {
			text := filler[:at] + bad + filler[at:]
			for _, reader := range []io.Reader{strings.NewReader(text), iotest.HalfReader(stream(text))} {
				got, err := all(NewLines(reader, Options{}))
				var refusal *RejectedLine
				if utf8.ValidString(bad) && err != io.EOF || !utf8.ValidString(bad) && (!errors.As(err, &refusal) || refusal.Number != at/16+1) {
					t.Errorf("%q at %d: %d lines, %v", bad, at, len(got), err)
				}
			}
		}
	}
}

func TestErrorIsSticky(t *testing.T) {
	s := NewLines(strings.NewReader("\xff\nb\n"), Options{})
	_, first := s.Next(context.Background())
	_, second := s.Next(context.Background())
	if first == nil || first != second || s.Ready() {
		t.Errorf("first %v, second %v, ready %v", first, second, s.Ready())
	}
}

func TestMaxLine(t *testing.T) {
	const most = blockSize + 10
	fits, over := strings.Repeat("x", most), strings.Repeat("y", most+1)
	for name, reader := range readers("a\n" + fits + "\r\n" + over + "\nz\n") {
		got, err := all(NewLines(reader, Options{Max: most}))
		var refusal *RejectedLine
		if len(got) != 2 || got[1] != fits || !errors.As(err, &refusal) || refusal.Number != 3 {
			t.Errorf("%s: got %d lines, then %v; want two, and line 3 refused", name, len(got), err)
			continue
		}
		if refusal.Cause != LineTooLong {
			t.Errorf("cause %q", refusal.Cause)
		}
	}
}

func TestEndlessLine(t *testing.T) {
	endless := iotest.DataErrReader(zeros{})
	_, err := NewLines(endless, Options{Max: 1 << 20, Type: client.Binary}).Next(context.Background())
	if err == nil || !strings.Contains(err.Error(), "line 1: longer than") {
		t.Errorf("got %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReadyDoesNotRead(t *testing.T) {
	s := NewLines(iotest.OneByteReader(struct{ io.Reader }{strings.NewReader("a\nb\n")}), Options{})
	if s.Ready() {
		t.Error("ready before anything was read")
	}
	s.Next(context.Background())
	if s.Ready() {
		t.Error("ready with nothing behind the first line")
	}
	whole := NewLines(strings.NewReader("a\nb\nrest"), Options{})
	for _, want := range []bool{true, false} {
		whole.Next(context.Background())
		if whole.Ready() != want {
			t.Errorf("ready %v, want %v", !want, want)
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("input/output error")
	reader := io.MultiReader(strings.NewReader("a\nhalf"), iotest.ErrReader(broken))
	got, err := all(NewLines(reader, Options{Name: "lines.txt"}))
	if len(got) != 1 || !errors.Is(err, broken) || err.Error() != "lines.txt: read: input/output error" {
		t.Errorf("got %q, then %v", got, err)
	}
}

func TestRegularFile(t *testing.T) {
	name := t.TempDir() + "/lines"
	if err := os.WriteFile(name, []byte("a\nb\nc"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, err := all(NewLines(file, Options{})); fmt.Sprint(got) != "[a b c]" || err != io.EOF {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNullDevice(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ctx := t.Context()
	if _, err := NewLines(file, Options{}).Next(ctx); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
}

// FuzzLines checks that the lines do not depend on how the bytes are split into reads.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\nb\n\nc"), uint8(1), false)
	f.Add([]byte("\xff\n\x00x\x00"), uint8(3), true)
	f.Fuzz(func(t *testing.T, text []byte, step uint8, null bool) {
		open := NewLines
		end := "\n"
		if null {
			open, end = NewNull, "\x00"
		}
		o := Options{Type: client.Binary}
		got, err := all(open(&steps{text, int(step)}, o))
		if err != io.EOF {
			t.Fatalf("%q: %v", text, err)
		}
		want := strings.SplitAfter(string(text), end)
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		if len(got) != len(want) {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
		for i := range want {
			line, ended := strings.CutSuffix(want[i], end)
			if ended && !null {
				line = strings.TrimSuffix(line, "\r")
			}
			if got[i] != line {
				t.Fatalf("%q: line %d is %q, want %q", text, i+1, got[i], line)
			}
		}
		checkText(t, open, text, int(step), got)
	})
}

// checkText checks that text mode delivers exactly the lines before the first that is not UTF-8.
func checkText(t *testing.T, open func(io.Reader, Options) *Lines, text []byte, step int, lines []string) {
	t.Helper()
	valid := slices.IndexFunc(lines, func(line string) bool { return !utf8.ValidString(line) })
	got, err := all(open(&steps{text, step}, Options{}))
	var refusal *RejectedLine
	switch {
	case valid < 0 && (err != io.EOF || !slices.Equal(got, lines)):
		t.Fatalf("%q as text: got %q, %v", text, got, err)
	case valid >= 0 && (!errors.As(err, &refusal) || refusal.Number != valid+1 || !slices.Equal(got, lines[:valid])):
		t.Fatalf("%q as text: got %q, %v; want line %d refused", text, got, err, valid+1)
	}
}

// steps reads a few bytes at a time, in sizes that change.
type steps struct {
	rest []byte
	size int
}

func (s *steps) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	s.size = s.size*7%31 + 1
	n := copy(p[:min(s.size, len(p))], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
func (s *steps) Len() int { return len(s.rest) }

func BenchmarkLines(b *testing.B) {
	for _, size := range []int{16, 128} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			text := bytes.Repeat(append(bytes.Repeat([]byte("x"), size), '\n'), 1<<16)
			ctx := b.Context()
			s := NewLines(bytes.NewReader(text), Options{})
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Next(ctx); err != nil {
					s.err = nil
					s.from.from.(*bytes.Reader).Reset(text)
				}
				s.Ready()
			}
		})
	}
}

func TestRest(t *testing.T) {
	l := NewLines(strings.NewReader("one\r\ntwo\n\nfour\n\xff\nsix\n"), Options{})
	if line, err := l.Next(t.Context()); string(line.Data) != "one" || err != nil {
		t.Fatalf("the first line is %q, %v", line.Data, err)
	}
	var got []string
	for line := range l.Rest() {
		got = append(got, string(line))
		if len(got) == 2 {
			break
		}
	}
	for line := range l.Rest() {
		got = append(got, string(line))
	}
	if want := []string{"two", "", "four"}; !slices.Equal(got, want) {
		t.Errorf("the rest is %q, want %q", got, want)
	}
	for range 2 {
		var refusal *RejectedLine
		if _, err := l.Next(t.Context()); !errors.As(err, &refusal) || refusal.Number != 5 {
			t.Errorf("after the rest: %v, want line 5 refused", err)
		}
	}
}
