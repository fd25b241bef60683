package recording

// Options describes how a recording is exported.
type Options struct {
	Name    string // of the recording, for errors
	Form    string // one of Forms
	Version string // of this program, for the metadata of the file
}

// writer writes one format. An error of its output is kept by the bufio.Writer, and returned when that is flushed.
type writer interface {
	open(*Event) error             // begins a session, and ends the last one
	add(*Event) error              // adds an event of the session
	end() (note string, err error) // ends the recording; the note names what was omitted
}
