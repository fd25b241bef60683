package load

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

func TestAppendLine(t *testing.T) {
	for _, c := range []struct {
		i, size int
		want    string
	}{{0, 4, "0000"}, {7, 1, "7"}, {123, 3, "123"}, {1234567, 16, "0000000001234567"}, {12345, 3, "345"}} {
		if got := string(AppendLine([]byte("x"), c.i, c.size)); got != "x"+c.want {
			t.Errorf("line %d of %d bytes is %q, want %q", c.i, c.size, got[1:], c.want)
		}
	}
}

func TestNoise(t *testing.T) {
	a := Noise()
	b, err := io.ReadAll(iotest.HalfReader(NoiseReader()))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("read in parts the noise differs (%v)", err)
	}
	if bytes.Equal(NoiseAt(a, 0, 65536), NoiseAt(a, 1, 65536)) {
		t.Error("two messages are equal")
	}
	if !bytes.Equal(NoiseAt(a, 1, 65536), NoiseAt(a, 257, 65536)) {
		t.Error("message 257 is not message 1 again")
	}
}
