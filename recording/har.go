package recording

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// har writes an HTTP Archive, http://www.softwareishard.com/blog/har-12-spec/, with the fields that Chrome adds to it.
// Each message of an entry is written when it is read, so that only one message is in memory.
type har struct {
	out      *bufio.Writer
	opened   *Event    // the open event of the current session; nil = no session
	last     time.Time // time of the latest event
	entries  int       // number of entries so far
	messages int       // number of messages in the current entry
}

func beginHAR(out *bufio.Writer, o Options) writer {
	creator, _ := marshal(map[string]string{"name": "wsx", "version": o.Version}) // never fails for strings
	fmt.Fprintf(out, `{"log":{"version":"1.2","creator":%s,"pages":[],"entries":[`, creator)
	return &har{out: out}
}

func (h *har) open(e *Event) error {
	if err := h.close(); err != nil {
		return err
	}
	if h.entries++; h.entries > 1 {
		h.out.WriteByte(',')
	}
	h.opened, h.last, h.messages = e, e.Time, 0
	h.out.WriteString("\n" + `{"_initiator":{"type":"other"},"_priority":"High","_resourceType":"websocket","_webSocketMessages":[`)
	return nil
}

func (h *har) add(e *Event) error {
	if h.last.Before(e.Time) {
		h.last = e.Time
	}
	if e.Event != "message" {
		return nil
	}
	data, err := harData(e)
	if err != nil {
		return err
	}
	if h.messages++; h.messages > 1 {
		h.out.WriteByte(',')
	}
	direction, opcode := "receive", opcodeOf(e)
	if e.Sent() {
		direction = "send"
	}
	micros := e.Time.UnixMicro()
	fmt.Fprintf(h.out, "\n"+`{"type":%q,"time":%d.%06d,"opcode":%d,"data":`, direction, micros/1e6, micros%1e6, opcode)
	h.out.Write(data)
	return h.out.WriteByte('}')
}

// harData returns the payload of a message as a JSON string: text unchanged, binary in base64. Recordings of wsx already have this
// form.
func harData(e *Event) ([]byte, error) {
	isText, isBase64 := e.Type == "text", e.Encoding == "base64"
	isUnchanged := isText != isBase64 && len(e.Data) > 0
	switch {
	case isUnchanged && isText:
		return e.Data, nil
	case isUnchanged && !bytes.ContainsRune(e.Data, '\\'):
		return e.Data, checkBase64(e.Data.text())
	}
	data, err := e.Payload()
	if err != nil {
		return nil, err
	}
	if isText {
		return marshal(string(data))
	}
	return marshal(base64.StdEncoding.EncodeToString(data))
}

// marshal returns a value as JSON, without HTML escapes.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// close writes the rest of the current entry.
func (h *har) close() error {
	if h.opened == nil {
		return nil
	}
	e := h.opened
	h.opened = nil
	took := float64(h.last.Sub(e.Time).Microseconds()) / 1000
	rest := harRest{
		Request:  requestOf(e),
		Response: responseOf(e),
		Started:  e.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
		Time:     took,
		Timings:  harTimings{Blocked: -1, DNS: -1, SSL: -1, Connect: -1, Receive: took},
	}
	text, err := marshal(rest)
	h.out.WriteString("\n],")
	h.out.Write(bytes.TrimPrefix(text, []byte("{"))) // the beginning of the entry has been written
	return err
}

func (h *har) end() (note string, err error) {
	if err := h.close(); err != nil {
		return "", err
	}
	_, err = h.out.WriteString("\n]}}\n")
	return "", err
}
