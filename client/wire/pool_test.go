package wire

import (
	"bytes"
	"io"
	"runtime"
	"testing"
)

// TestIdleConnectionsHoldNoCompressor: without context takeover, compressors and inflaters are shared.
func TestIdleConnectionsHoldNoCompressor(t *testing.T) {
	const conns, maxBytes = 200, 4 << 20 // a compressor alone takes more than 500 KiB
	agreed := &Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true}
	payload := bytes.Repeat([]byte("compressible "), 100)
	var client memoryStream
	from := NewConn(&client, Options{Deflate: agreed})
	must(t, from.WriteMessage(Text, payload))
	must(t, from.Flush())
	frames := client.out.Bytes()

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var kept []*Conn
	for range conns {
		stream := &struct {
			io.Reader
			io.WriteCloser
		}{bytes.NewReader(frames), discard{}}
		c := NewConn(stream, Options{Server: true, Deflate: agreed, ReadBlock: 1 << 10, WriteBlock: 1 << 10})
		kept = append(kept, c)
		m, err := c.Next()
		if err != nil || !bytes.Equal(m.Payload, payload) {
			t.Fatalf("%q, %v", m.Payload, err)
		}
		must(t, c.WriteMessage(Text, m.Payload))
		must(t, c.Flush())
		if _, err := c.Next(); err != io.EOF {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > maxBytes {
		t.Errorf("%d connections hold %d bytes", conns, grown)
	}
	runtime.KeepAlive(kept)
}

// discard discards what is written.
type discard struct{ io.Writer }

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }
