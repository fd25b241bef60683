package wire

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// TestReadCallbacks: BeforeRead and AfterRead are called around each read of the stream.
func TestReadCallbacks(t *testing.T) {
	var log []string
	o := Options{
		BeforeRead: func() { log = append(log, "before") },
		AfterRead:  func() { log = append(log, "after") },
	}
	c := NewConn(&memoryStream{in: []byte("\x81\x01a\x81\x01b\x81\x01c"), chunk: 6}, o)
	for {
		p, err := c.Next()
		if err != nil {
			log = append(log, err.Error())
			break
		}
		log = append(log, string(p.Payload))
	}
	want := []string{"before", "after", "a", "b", "before", "after", "c", "before", "after", "EOF"}
	if !reflect.DeepEqual(log, want) {
		t.Errorf("%q, want %q", log, want)
	}
}

// TestFragmentsAsTheyArrive: a long message is returned in one fragment for each read.
func TestFragmentsAsTheyArrive(t *testing.T) {
	c := NewConn(&memoryStream{in: append([]byte("\x82\x7e\x01\x00"), make([]byte, 256)...), chunk: 100}, Options{})
	var sizes []int
	for {
		p, err := c.Next()
		if err != nil {
			break
		}
		if p.First != (len(sizes) == 0) || p.Last != (len(sizes) == 2) {
			t.Errorf("fragment %d: first %v, last %v", len(sizes), p.First, p.Last)
		}
		sizes = append(sizes, len(p.Payload))
	}
	if want := []int{96, 100, 60}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("fragments of %v bytes, want %v", sizes, want)
	}
}

// TestRestOfInvalidText: a frame whose text is not UTF-8 can be read to its end, compressed or not, and no further.
func TestRestOfInvalidText(t *testing.T) {
	text := "ab\xff" + strings.Repeat("x", 500)
	d, err := newDeflater(15, true)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := compressAll(d, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, frame := range map[string][]byte{
		"plain":      append([]byte("\x81\x7e\x01\xf7"), text...),
		"compressed": append([]byte{0xc1, byte(len(compressed))}, compressed...),
		"a fragment": append([]byte("\x01\x7e\x01\xf7"), text...),
	} {
		for _, chunk := range []int{1, 7, 100, 1000} {
			c := NewConn(&memoryStream{in: append(frame, "\x81\x01a"...), chunk: chunk}, Options{Deflate: &Deflate{}})
			got := ""
			p, err := c.Next()
			for ; err == nil; p, err = c.Next() {
				got += string(p.Payload)
			}
			violation, ok := err.(*ProtocolError)
			if !ok || violation.Invalid == nil {
				t.Fatalf("%s, in chunks of %d: %v", name, chunk, err)
			}
			last := violation.Invalid.Last
			got += string(violation.Invalid.Payload)
			for p, more := c.Rest(); more; p, more = c.Rest() {
				got, last = got+string(p.Payload), p.Last
			}
			if got != text || !last {
				t.Errorf("%s, in chunks of %d: %d bytes of %d, the last: %v", name, chunk, len(got), len(text), last)
			}
			if _, again := c.Next(); again != err {
				t.Errorf("%s: then %v", name, again)
			}
		}
	}
}

// TestErrorIsRepeated: after an error Next returns it again.
func TestErrorIsRepeated(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		stream io.Reader
		want   error
	}{
		{iotest.ErrReader(broken), broken},
		{io.MultiReader(bytes.NewReader([]byte("\x81\x05he")), iotest.ErrReader(broken)), broken},
		{iotest.DataErrReader(bytes.NewReader([]byte("\x81\x01a"))), io.EOF},
		{noProgress{}, io.ErrNoProgress},
	} {
		c := NewConn(struct {
			io.Reader
			io.WriteCloser
		}{tt.stream, &memoryStream{}}, Options{})
		_, err := receive(c)
		_, again := c.Next()
		if err != tt.want || again != tt.want {
			t.Errorf("%v, then %v, want %v", err, again, tt.want)
		}
	}
}

// noProgress is a reader that returns neither bytes nor an error.
type noProgress struct{}

func (noProgress) Read([]byte) (int, error) { return 0, nil }
