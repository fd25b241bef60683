package wire

import "testing"

// TestCompressionThreshold: messages are compressed from a certain length on, if compression was negotiated; fragments are not.
func TestCompressionThreshold(t *testing.T) {
	for _, tt := range []struct {
		what string
		d    *Deflate
		n    int
		want bool
	}{
		{"not agreed", nil, 10_000, false},
		{"short", &Deflate{}, 127, false},
		{"long enough", &Deflate{}, 128, true},
		{"short, no context takeover", &Deflate{ClientNoContextTakeover: true}, 511, false},
		{"long enough, no context takeover", &Deflate{ClientNoContextTakeover: true}, 512, true},
		{"no context takeover of the server only", &Deflate{ServerNoContextTakeover: true}, 128, true},
	} {
		var s memoryStream
		c := NewConn(&s, Options{Deflate: tt.d})
		p := make([]byte, tt.n)
		must(t, c.WriteMessage(Binary, p))
		must(t, c.Flush())
		b := s.out.Bytes()
		if compressed := b[0]&bitRsv1 != 0; compressed != tt.want || compressed != (len(b) < tt.n) {
			t.Errorf("%s: %d bytes are sent in %d, first byte %#x", tt.what, tt.n, len(b), b[0])
		}
		must(t, c.WriteFragment(Binary, p, true, true))
		s.out.Reset()
		must(t, c.Flush())
		if b := s.out.Bytes(); b[0]&bitRsv1 != 0 || len(b) < tt.n {
			t.Errorf("%s: a fragment of %d bytes is sent in %d, first byte %#x", tt.what, tt.n, len(b), b[0])
		}
		must(t, c.Close())
	}
}
