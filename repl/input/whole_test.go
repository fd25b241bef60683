package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"wsx/client"
)

func TestWhole(t *testing.T) {
	for _, text := range []string{"", "a\nb\n", strings.Repeat("ü", fragmentSize), strings.Repeat("x", 3*fragmentSize)} {
		for name, reader := range readers(text) {
			got, err := all(NewWhole(reader, Options{}))
			if len(got) != 1 || got[0] != text || err != io.EOF {
				t.Errorf("%d bytes as %s: %d messages, %v", len(text), name, len(got), err)
			}
		}
	}
}

func TestSmallWhole(t *testing.T) {
	for size, fragments := range map[int]int{0: 1, 1: 1, fragmentSize: 1, fragmentSize + 1: 2} {
		s := NewWhole(bytes.NewReader(make([]byte, size)), Options{Whole: fragmentSize})
		n := 0
		for {
			line, err := s.Next(context.Background())
			if err != nil {
				break
			}
			n++
			if size > 0 && len(line.Data) == 0 {
				t.Errorf("%d bytes: an empty fragment", size)
			}
		}
		if n != fragments {
			t.Errorf("%d bytes: %d fragments, want %d", size, n, fragments)
		}
	}
}

func TestInvalidUTF8InWhole(t *testing.T) {
	for _, text := range []string{"\xff", "abc\xc3", strings.Repeat("x", fragmentSize-1) + "\xc3("} {
		_, err := all(NewWhole(strings.NewReader(text), Options{Name: "f"}))
		if err == nil || err.Error() != "f: "+notUTF8 {
			t.Errorf("…%q: %v", text[max(0, len(text)-4):], err)
		}
	}
}

func TestChunkSize(t *testing.T) {
	random := make([]byte, 5*fragmentSize+321)
	rand.NewChaCha8([32]byte{1}).Read(random)
	for _, size := range []int{7, 1000, fragmentSize, fragmentSize + 1, 3 * fragmentSize, 6 * fragmentSize} {
		for name, reader := range readers(string(random)) {
			got, err := all(NewChunks(reader, Options{Size: size, Type: client.Binary}))
			if err != io.EOF || strings.Join(got, "") != string(random) {
				t.Fatalf("size %d as %s: not the bytes that went in, %v", size, name, err)
			}
			for i, m := range got {
				if want := min(size, len(random)-i*size); len(m) != want {
					t.Fatalf("size %d as %s: message %d has %d bytes, want %d", size, name, i+1, len(m), want)
				}
			}
		}
	}
}

func TestLargeChunk(t *testing.T) {
	s := NewChunks(io.LimitReader(zeros{}, 16<<20), Options{Size: 16 << 20, Type: client.Binary})
	total := 0
	for {
		line, err := s.Next(context.Background())
		if err != nil {
			t.Fatalf("after %d bytes: %v", total, err)
		}
		if len(line.Data) > fragmentSize {
			t.Fatalf("a fragment of %d bytes", len(line.Data))
		}
		if total += len(line.Data); !line.Partial {
			break
		}
	}
	if total != 16<<20 {
		t.Errorf("%d bytes", total)
	}
}

func TestChunksAsRead(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		for _, part := range []string{"ab", "c", "gr\xc3", "\xbc", "n"} {
			w.Write([]byte(part))
		}
		w.Close()
	}()
	got, err := all(NewChunks(r, Options{}))
	if want := "[ab c gr ü n]"; fmt.Sprint(got) != want || err != io.EOF {
		t.Errorf("got %q, %v; want %s", got, err, want)
	}
}

func TestInvalidUTF8InChunk(t *testing.T) {
	for _, o := range []Options{{}, {Size: 2}} {
		var refusal *RejectedLine
		if _, err := all(NewChunks(strings.NewReader("abc\xc3"), o)); !errors.As(err, &refusal) || refusal.Cause == "" {
			t.Errorf("size %d: %v, want a refusal with a hint", o.Size, err)
		}
	}
}

// FuzzChunks checks that no chunk size loses a byte, and that text is refused exactly when it is not UTF-8.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("grüße"), uint8(1), uint16(0))
	f.Add([]byte("\xff"), uint8(1), uint16(3))
	f.Fuzz(func(t *testing.T, data []byte, step uint8, size uint16) {
		got, err := all(NewChunks(&steps{data, int(step)}, Options{Size: int(size), Type: client.Binary}))
		if err != io.EOF || strings.Join(got, "") != string(data) {
			t.Fatalf("%q in %d: got %q, %v", data, size, got, err)
		}
		got, err = all(NewWhole(&steps{data, int(step)}, Options{}))
		valid := strings.ToValidUTF8(string(data), "") == string(data)
		if valid != (err == io.EOF) || valid && got[0] != string(data) {
			t.Fatalf("%q whole: got %q, %v", data, got, err)
		}
		got, err = all(NewChunks(&steps{data, int(step)}, Options{}))
		if valid != (err == io.EOF) || valid && strings.Join(got, "") != string(data) {
			t.Fatalf("%q as it comes: got %q, %v", data, got, err)
		}
	})
}
