package codec

// detector detects the codec of payloads.
type detector struct {
	gzip, zstd, msgpack, cbor sessionDecoder
	compresses                map[string]bool // by name of the codec
}

func newDetector(o Options) *detector {
	d := &detector{newInflater(o), newZstd(o), counted(decodeMsgpack), counted(decodeOneCBOR), map[string]bool{}}
	for _, c := range Codecs() {
		d.compresses[c.Name] = c.compresses
	}
	return d
}

// decode decodes with the codec that it detects, and returns its name; "" = no codec was detected. With an error, it is
// the name of the codec that failed.
func (d *detector) decode(w *writer, payload []byte) (name string, err error) {
	m := Message{Data: payload}
	switch {
	case len(payload) < 2:
		return "", nil
	case IsDocument(payload):
		w.rawBytes(payload)
		w.end()
		return "json", w.err
	case isText(payload):
		return "", nil
	case isGzip(payload):
		return "gzip", d.gzip.decode(w, m)
	case isZstd(payload):
		return "zstd", d.zstd.decode(w, m)
	case isZlib(payload):
		if err := d.gzip.decode(w, m); err == nil || isFinal(err) {
			return "gzip", err
		}
	}
	return d.decodeWithoutMagic(w, m)
}

// decodeWithoutMagic tries the codecs without a magic number. It accepts only values that random bytes rarely decode to: a single
// random byte often is a number in MessagePack and CBOR.
func (d *detector) decodeWithoutMagic(w *writer, m Message) (name string, err error) {
	for _, candidate := range []struct {
		name    string
		decoder sessionDecoder
		fits    func(text []byte) bool
	}{{"msgpack", d.msgpack, isStructured}, {"cbor", d.cbor, isStructured}, {"gzip", d.gzip, IsDocument}} {
		w.reset()
		err := candidate.decoder.decode(w, m)
		if err == nil && candidate.fits(w.text) || err != nil && isFinal(err) {
			return candidate.name, err
		}
	}
	w.reset()
	return "", nil
}

// isStructured reports whether JSON is an object with members, or an array with more than numbers.
func isStructured(text []byte) bool {
	if len(text) <= len("{}") || text[0] != '{' && text[0] != '[' {
		return false
	}
	for _, c := range text {
		if c == '"' || text[0] == '[' && c == '{' {
			return true
		}
	}
	return false
}
