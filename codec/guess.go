package codec

import "strings"

// guesser finds out what the codec of a payload is.
type guesser struct {
	gzip, zstd, msgpack, cbor sessionDecoder
}

func newGuesser(o Options) *guesser {
	return &guesser{newInflater(o), newZstd(o), decodeFunc(decodeMsgpack), decodeFunc(decodeOneCBOR)}
}

// implied returns the codec that a subprotocol implies, or "".
func implied(subprotocol string) string {
	name := strings.ToLower(subprotocol)
	switch {
	case strings.HasSuffix(name, "channel.k8s.io"):
		return "k8s"
	case strings.Contains(name, "msgpack"), strings.Contains(name, "messagepack"):
		return "msgpack"
	case strings.Contains(name, "cbor"):
		return "cbor"
	case strings.Contains(name, "protobuf"):
		return "protobuf"
	case strings.HasPrefix(name, "graphql"), strings.Contains(name, "json"):
		return "json"
	case name == "mqtt", strings.HasPrefix(name, "mqttv3"):
		return "mqtt"
	case strings.Contains(name, "stomp"):
		return "stomp"
	}
	return ""
}

// decode undoes the codec that a payload looks like; the name is empty if there is none. With an error it is that of the
// codec that failed.
func (g *guesser) decode(w *writer, payload []byte) (name string, err error) {
	m := Message{Data: payload}
	switch {
	case len(payload) < 2:
		return "", nil
	case isDocument(payload):
		w.rawBytes(payload)
		w.end()
		return "json", w.err
	case isText(payload):
		return "", nil
	case isGzip(payload):
		return "gzip", g.gzip.decode(w, m)
	case isZstd(payload):
		return "zstd", g.zstd.decode(w, m)
	case isZlib(payload):
		if err := g.gzip.decode(w, m); err == nil || isFinal(err) {
			return "gzip", err
		}
	}
	return g.unmarked(w, m)
}

// unmarked tries the codecs that have no mark. The value must be one that random bytes rarely are: a random byte is a
// number in all of them.
func (g *guesser) unmarked(w *writer, m Message) (name string, err error) {
	for _, try := range []struct {
		name    string
		decoder sessionDecoder
		fits    func(text []byte) bool
	}{{"msgpack", g.msgpack, isStructured}, {"cbor", g.cbor, isStructured}, {"gzip", g.gzip, isDocument}} {
		w.reset()
		err := try.decoder.decode(w, m)
		if err == nil && try.fits(w.text) || err != nil && isFinal(err) {
			return try.name, err
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
