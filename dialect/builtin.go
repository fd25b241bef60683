package dialect

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

//go:embed builtin/*.dialect
var files embed.FS

// Names returns the names of the built-in dialects, sorted.
func Names() (names []string) {
	entries, _ := files.ReadDir("builtin") // never fails: the folder is embedded
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".dialect"))
	}
	return names
}

// Source returns the file of a built-in dialect.
func Source(name string) ([]byte, bool) {
	content, err := files.ReadFile("builtin/" + name + ".dialect")
	return content, err == nil
}

// detectors are the dialects that can be recognized by a server's first message. Only the statements
// for that are compiled.
var detectors = sync.OnceValue(func() (list []*Dialect) {
	for _, name := range Names() {
		content, _ := Source(name)
		statements, err := split(name, content)
		if err != nil {
			continue
		}
		p := parser{d: &Dialect{file: name, coding: "json"}, seen: map[string]bool{}, at: name}
		for _, s := range statements {
			if slices.Contains([]string{"name", "coding", "separator", "detect"}, s.word) && err == nil {
				err = p.statement(s)
			}
		}
		if err == nil && p.d.detect != nil {
			list = append(list, p.d)
		}
	}
	return list
})

// maxFirstMessage is the maximum size of a first message that is examined, in bytes.
const maxFirstMessage = 64 << 10

// Recognize returns the name of the dialect of a server's first message, and the title of its protocol; "" = no dialect was recognized.
func Recognize(payload []byte, binary bool, subprotocol string) (name, title string) {
	if len(payload) > maxFirstMessage {
		return "", ""
	}
	for _, d := range detectors() {
		coding, err := newCoding(d.coding, d.separator)
		if err != nil {
			continue
		}
		records, err := coding.decode(payload, binary)
		if err != nil || len(records) == 0 {
			continue
		}
		s := &State{dialect: d, state: map[string]any{"subprotocol": subprotocol}}
		results, err := s.run(d.detect, records[0].value, nil)
		if err == nil && len(results) > 0 && isTrue(results[0]) {
			return d.Name, d.Title()
		}
	}
	return "", ""
}

// Title returns the name of the protocol: the description up to the colon.
func (d *Dialect) Title() string {
	title, _, _ := strings.Cut(d.Description, ":")
	return title
}
