package main

import (
	"bytes"
	crand "crypto/rand"
	"io"
	"math/rand/v2"

	"wsx/bench/compare/raw"
)

// block is the size of a read, in bytes. A pipe returns at most 64 KiB.
const block = 64 << 10

// keys generates masking keys from a cryptographic stream.
type keys struct{ rand.ChaCha8 }

func newKeys() *keys {
	var seed [32]byte
	crand.Read(seed[:])
	k := &keys{}
	k.Seed(seed)
	return k
}

func (k *keys) next() uint32 { return uint32(k.Uint64()) }

// sendLines sends each line as a text message, all complete lines of a block in one write, then a Close.
func sendLines(w io.Writer, r io.Reader) error {
	keys := newKeys()
	in := make([]byte, 0, 4*block)
	out := make([]byte, 0, 16*block)
	for {
		n, err := r.Read(in[len(in):cap(in)])
		in = in[:len(in)+n]
		rest := in
		for {
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				break
			}
			out = appendFrame(out, raw.Fin|raw.Text, rest[:end], keys.next())
			rest = rest[end+1:]
		}
		in = in[:copy(in, rest)]
		if err == io.EOF {
			_, err = w.Write(appendFrame(out, raw.Fin|raw.Close, nil, keys.next()))
			return err
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		out = out[:0]
	}
}

func appendFrame(dst []byte, first byte, payload []byte, key uint32) []byte {
	dst = raw.AppendMasked(dst, first, len(payload), key)
	start := len(dst)
	dst = append(dst, payload...)
	raw.Mask(dst[start:], key)
	return dst
}

// sendBinary sends messages of size bytes, then a Close. A message larger than a few blocks is sent in
// fragments: otherwise the pipe would block while the message is masked.
func sendBinary(w io.Writer, r io.Reader, size int) error {
	keys := newKeys()
	fragment := min(size, 4*block)
	buffer := make([]byte, raw.MaxHeader+fragment)
	for sent := 0; ; sent = (sent + fragment) % size {
		n, err := io.ReadFull(r, buffer[raw.MaxHeader:])
		if err == io.EOF {
			_, err = w.Write(appendFrame(nil, raw.Fin|raw.Close, nil, keys.next()))
			return err
		}
		if err != nil {
			return err
		}
		var first byte
		if sent == 0 {
			first = raw.Binary
		}
		if sent+fragment == size {
			first |= raw.Fin
		}
		key := keys.next()
		raw.Mask(buffer[raw.MaxHeader:], key)
		var space [raw.MaxHeader]byte
		header := raw.AppendMasked(space[:0], first, n, key)
		start := raw.MaxHeader - len(header)
		copy(buffer[start:], header)
		if _, err := w.Write(buffer[start:]); err != nil {
			return err
		}
	}
}
