package repl

import (
	"bufio"
	"fmt"
	"os"

	"wsx/client"
	"wsx/repl/render"
)

// recording is the session as JSON events in a file, whatever is shown. It is written whenever the session waits, so
// that what a crash cuts short can still be read.
type recording struct {
	path   string
	file   *os.File
	page   *bufio.Writer
	events render.JSON
}

// newRecording makes the file, for its owner's eyes only. What was in it is gone.
func newRecording(path string, secrets bool) (*recording, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &RecordError{path, err}
	}
	if err := file.Chmod(0o600); err != nil && file.Close() == nil {
		return nil, &RecordError{path, err}
	}
	return &recording{path: path, file: file, page: bufio.NewWriterSize(file, pageSize), events: render.JSON{ShowSecrets: secrets}}, nil
}

func (r *recording) add(e client.Event) error { return r.failed(r.events.Render(r.page, e)) }

func (r *recording) flush() error { return r.failed(r.page.Flush()) }

func (r *recording) close() error {
	if err := r.page.Flush(); err != nil {
		return r.failed(err)
	}
	return r.failed(r.file.Close())
}

func (r *recording) failed(err error) error {
	if err != nil {
		return &RecordError{r.path, err}
	}
	return nil
}

// RecordError says that a recording could not be made.
type RecordError struct {
	Path string
	Err  error
}

func (e *RecordError) Error() string { return fmt.Sprintf("record to %s: %v", e.Path, e.Err) }

func (e *RecordError) Unwrap() error { return e.Err }
