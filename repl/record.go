package repl

import (
	"bufio"
	"fmt"
	"os"

	"wsx/client"
	"wsx/recording"
	"wsx/repl/render"
)

// recorder writes the session as JSON events to a file, whatever is shown. It flushes whenever the session waits, so
// that a recording that a crash cuts short can still be read.
type recorder struct {
	path   string
	file   *os.File
	page   *bufio.Writer
	events render.JSON
}

// newRecorder opens the file as recording.Create does. What was in it is gone.
func newRecorder(path string, secrets bool) (*recorder, error) {
	file, err := recording.Create(path)
	if err != nil {
		return nil, &RecordError{path, err}
	}
	return &recorder{path: path, file: file, page: bufio.NewWriterSize(file, pageSize), events: render.JSON{ShowSecrets: secrets}}, nil
}

func (r *recorder) add(e client.Event) error { return r.failed(r.events.Render(r.page, e)) }

func (r *recorder) flush() error { return r.failed(r.page.Flush()) }

func (r *recorder) close() error {
	if err := r.page.Flush(); err != nil {
		return r.failed(err)
	}
	return r.failed(r.file.Close())
}

func (r *recorder) failed(err error) error {
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
