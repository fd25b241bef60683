package codec

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/zstd"
)

// dictionaryMagic begins a trained dictionary (RFC 8878, section 5); any other bytes are a raw content dictionary.
var dictionaryMagic = []byte{0x37, 0xa4, 0x30, 0xec}

// maxZstdWindow is the maximum distance that a frame may refer back, in bytes: the minimum that RFC 8878, section 3.1.1.1.2, recommends.
const maxZstdWindow = 8 << 20

func zstdDecoderOptions(o Options) []zstd.DOption {
	limit := uint64(max(o.limit(), 1))
	list := []zstd.DOption{
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(max(limit, maxZstdWindow)), zstd.WithDecoderMaxWindow(maxZstdWindow),
	}
	switch {
	case bytes.HasPrefix(o.Dictionary, dictionaryMagic):
		list = append(list, zstd.WithDecoderDicts(o.Dictionary))
	case o.Dictionary != nil:
		list = append(list, zstd.WithDecoderDictRaw(0, o.Dictionary))
	}
	return list
}

// CheckDictionary returns an error if a zstd dictionary cannot be used.
func CheckDictionary(dictionary []byte) error {
	d, err := zstd.NewReader(nil, zstdDecoderOptions(Options{Dictionary: dictionary})...)
	if err == nil {
		d.Close()
	}
	return err
}

// zstdDecoder decompresses Zstandard messages that do not depend on each other.
type zstdDecoder struct {
	options Options
	reader  *zstd.Decoder // nil = not needed yet
}

func newZstd(o Options) sessionDecoder { return &zstdDecoder{options: o} }

func (d *zstdDecoder) decode(w *writer, m Message) error {
	if len(m.Data) == 0 {
		return errCut
	}
	if d.reader == nil {
		reader, err := zstd.NewReader(nil, zstdDecoderOptions(d.options)...)
		if err != nil {
			return err
		}
		d.reader = reader
	}
	if err := d.reader.Reset(struct{ io.Reader }{bytes.NewReader(m.Data)}); err != nil {
		return err
	}
	return w.inflate(d.reader)
}

func (*zstdDecoder) pending(bool) int { return 0 }

func (d *zstdDecoder) close() {
	if d.reader != nil {
		d.reader.Close()
		d.reader = nil
	}
}

func newZstdEncoder(o Options) Encoder {
	list := []zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(maxZstdWindow)}
	switch {
	case bytes.HasPrefix(o.Dictionary, dictionaryMagic):
		list = append(list, zstd.WithEncoderDict(o.Dictionary))
	case o.Dictionary != nil:
		list = append(list, zstd.WithEncoderDictRaw(0, o.Dictionary))
	}
	var writer *zstd.Encoder
	return func(text []byte) (Message, error) {
		if writer == nil {
			created, err := zstd.NewWriter(nil, list...)
			if err != nil {
				return Message{}, err
			}
			writer = created
		}
		return Message{Data: writer.EncodeAll(text, nil)}, nil
	}
}
