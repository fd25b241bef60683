// Package recording turns a recording into what other tools read: a HAR for browsers, a pcapng for Wireshark.
//
// It knows recordings only: events, one JSON object a line, as repl/render/events.schema.json describes them.
package recording

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Options say what is exported.
type Options struct {
	Name    string // of the recording, for errors
	Form    string // one of Forms
	Version string // of this program, for the file's own notes
}

// Form is a kind of file that a recording can become.
type Form struct {
	Name   string
	Help   string
	Binary bool // it is nothing for a terminal
	begin  func(w *bufio.Writer, o Options) writer
}

// Forms are the kinds of file, for flags, completion and help.
func Forms() []Form {
	return []Form{
		{"har", "HTTP Archive 1.2 with _webSocketMessages, as Chrome writes and reads it", false, beginHAR},
		{"pcap", "pcapng with Ethernet, IP and TCP made up around the frames, for Wireshark", true, beginPcap},
	}
}

// writer writes one kind of file. An error of its output stays in that, and is met at the end.
type writer interface {
	open(*event) error // a session begins, and the last one has ended
	hear(*event) error // something happened in it
	end() error        // nothing follows
}

// Write exports a recording. What is wrong with it is a *RecordingError. Of a recording that a crash cut short all is
// exported but the cut line, of which note tells.
func Write(w io.Writer, recording io.Reader, o Options) (note string, err error) {
	form, err := find(o.Form)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	to, from := form.begin(out, o), newReader(recording, o.Name)
	if err := copyEvents(to, from); err != nil {
		return "", err
	}
	if err := to.end(); err != nil {
		return "", err
	}
	if from.cut {
		note = fmt.Sprintf("%s: line %d is cut short, and left out", o.Name, from.number)
	}
	return note, out.Flush()
}

func find(name string) (Form, error) {
	for _, form := range Forms() {
		if form.Name == name {
			return form, nil
		}
	}
	return Form{}, fmt.Errorf("nothing is exported as %q", name)
}

// copyEvents hands each event over, as the client has seen it. A recording that was begun in the middle of a session has no event that opens it.
func copyEvents(to writer, from *reader) error {
	isOpen, isServer := false, false
	for {
		e, err := from.next()
		if err == nil && e.Event == "open" {
			isServer = e.Remote != ""
		} else if err == nil && isServer {
			e.turn()
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case e.Event == "open":
			isOpen, err = true, to.open(e)
		case !isOpen && e.happens():
			isOpen = true
			if err = to.open(&event{Time: e.Time, Event: "open", URL: unknownURL, HTTP: "HTTP/1.1", Status: 101}); err == nil {
				err = to.hear(e)
			}
		case isOpen:
			isOpen, err = e.Event != "end", to.hear(e)
		}
		if err != nil {
			return from.refuse(err)
		}
	}
}

// unknownURL stands for the URL of a session whose beginning was not recorded (RFC 6761, section 6.4).
const unknownURL = "ws://unknown.invalid/"
