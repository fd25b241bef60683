package codec

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Guess finds out how payloads are packed.
type Guess struct {
	codings []Coding
	schema  bool   // of protobuf
	first   string // the coding that the subprotocol or a schema implies; "" = none
}

// NewGuess guesses among the codings with these options. A schema makes protobuf the first guess.
func NewGuess(o Options) *Guess {
	g := &Guess{codings: Codings(o), schema: o.Schema != nil}
	g.Subprotocol("")
	return g
}

// Subprotocol takes the name of the subprotocol that was agreed on, which may imply a coding; "" = none.
func (g *Guess) Subprotocol(name string) {
	g.first = implied(name)
	if g.first == "" && g.schema {
		g.first = "protobuf"
	}
}

// implied returns the coding that a subprotocol implies, or "".
func implied(subprotocol string) string {
	name := strings.ToLower(subprotocol)
	switch {
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

// layers is how often what was inflated may be packed again.
const layers = 3

// Decode returns what a payload says, and the name of its coding, or of several like "gzip, msgpack". The name is
// empty for a payload that is best shown as it is, like all text but STOMP's. What was only a guess is no
// disappointment: there is an error for what has the mark of a coding, or must have it by the subprotocol.
func (g *Guess) Decode(payload []byte, isText bool) (name string, text []byte, err error) {
	if isText && g.first != "stomp" {
		return "", payload, nil
	}
	var names []string
	for range layers {
		c, decoded, err := g.step(payload)
		if err != nil && len(names) == 0 {
			return c, payload, err
		}
		if err != nil || c == "" || c == "json" && len(names) > 0 {
			break
		}
		names = append(names, c)
		payload = decoded
		if c != "gzip" {
			break
		}
	}
	return strings.Join(names, ", "), payload, nil
}

// step undoes one coding; the name is empty if there is none. With an error it is that of the coding that failed.
func (g *Guess) step(payload []byte) (name string, text []byte, err error) {
	first, isImplied := Find(g.codings, g.first)
	if !isImplied {
		return g.guess(payload)
	}
	text, failure := first.Decode(payload)
	if failure == nil {
		return first.Name, text, nil
	}
	if name, text, err = g.guess(payload); name == "" {
		return first.Name, nil, failure
	}
	return name, text, err
}

// guess tries what a payload looks like.
func (g *Guess) guess(payload []byte) (name string, text []byte, err error) {
	switch {
	case len(payload) < 2 || isText(payload) && !isDocument(payload):
		return "", nil, nil
	case isDocument(payload):
		return "json", payload, nil
	case isGzip(payload):
		text, err := g.inflate(payload)
		return "gzip", text, err
	case isZlib(payload):
		if text, err := g.inflate(payload); err == nil {
			return "gzip", text, nil
		}
	}
	name, text = g.packed(payload)
	return name, text, nil
}

func (g *Guess) inflate(payload []byte) ([]byte, error) {
	c, _ := Find(g.codings, "gzip") // there is one
	return c.Decode(payload)
}

// packed tries the codings that have no mark. What they say must tell something: a random byte is a number
// in all of them.
func (g *Guess) packed(payload []byte) (name string, text []byte) {
	for _, name := range []string{"msgpack", "cbor"} {
		c, _ := Find(g.codings, name) // there is one
		if text, err := c.Decode(payload); err == nil && tells(text) {
			return name, text
		}
	}
	if text, err := g.inflate(payload); err == nil && isDocument(text) {
		return "gzip", text
	}
	return "", nil
}

// tells says whether JSON is an object with members, or an array with more than numbers.
func tells(text []byte) bool {
	if len(text) <= len("{}") {
		return false
	}
	return text[0] == '{' || text[0] == '[' && bytes.ContainsAny(text, `"{`)
}

// isDocument says whether text is a JSON object or array.
func isDocument(text []byte) bool {
	head := bytes.TrimLeft(text, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[') && json.Valid(text)
}

// isText says whether a payload can be read as it is.
func isText(payload []byte) bool {
	return utf8.Valid(payload) && !bytes.ContainsFunc(payload, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

// Fixed undoes one coding, whatever payloads look like.
type Fixed struct{ Coding Coding }

// Subprotocol changes nothing.
func (f Fixed) Subprotocol(string) {}

// Decode returns what a payload says, or why it does not decode. Text is left alone, but for STOMP's.
func (f Fixed) Decode(payload []byte, isText bool) (name string, text []byte, err error) {
	if isText && f.Coding.Name != "stomp" {
		return "", payload, nil
	}
	text, err = f.Coding.Decode(payload)
	return f.Coding.Name, text, err
}
