package recording

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Form is a format that a recording can be exported to.
type Form struct {
	Name   string
	Help   string
	Binary bool // must not be written to a terminal
	begin  func(w *bufio.Writer, o Options) writer
}

// Forms returns the formats, for flags, completion and help.
func Forms() []Form {
	return []Form{
		{"har", "HTTP Archive 1.2 with _webSocketMessages, as Chrome writes and reads it", false, beginHAR},
		{"pcap", "pcapng with synthetic Ethernet, IP and TCP around the frames, for Wireshark", true, beginPcap},
		{"run", "a script for wsx run: send what was sent, wait for what was received", false, beginScript},
	}
}

// Export writes a recording in another format. For a line that cannot be exported, the error is a *LineError. If the recording
// was truncated, for example by a crash, the truncated line is left out, and the note names it.
func Export(w io.Writer, recording io.Reader, o Options) (note string, err error) {
	form, err := find(o.Form)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	to, from := form.begin(out, o), NewReader(recording, o.Name)
	if err := copyEvents(to, from); err != nil {
		return "", fmt.Errorf("export %w", err)
	}
	if note, err = to.end(); err != nil {
		return "", err
	}
	if from.truncated > 0 {
		note = fmt.Sprintf("%s: line %d is cut short and was left out", o.Name, from.truncated)
	}
	return note, out.Flush()
}

func find(name string) (Form, error) {
	for _, form := range Forms() {
		if form.Name == name {
			return form, nil
		}
	}
	return Form{}, fmt.Errorf("unknown format %q", name)
}

// copyEvents passes each event to the writer, as seen by the client. If a recording begins in the middle of a session, it adds the
// missing open event.
func copyEvents(to writer, from *Reader) error {
	isOpen, isServer := false, false
	for {
		e, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Client > 0 {
			return from.lineError(errors.New("cannot export a recording of several concurrent clients"))
		}
		if e.Event == "open" {
			isServer = e.Remote != ""
		} else if isServer {
			e.Mirror()
		}
		switch {
		case e.Event == "open":
			isOpen, err = true, to.open(e)
		case !isOpen && e.InSession():
			isOpen = true
			if err = to.open(&Event{Time: e.Time, Event: "open", URL: unknownURL, HTTP: "HTTP/1.1", Status: 101}); err == nil {
				err = to.add(e)
			}
		case isOpen:
			isOpen, err = e.Event != "end", to.add(e)
		}
		if err != nil {
			return from.lineError(err)
		}
	}
}

// unknownURL stands for the URL of a session whose beginning was not recorded (RFC 6761, section 6.4).
const unknownURL = "ws://unknown.invalid/"
