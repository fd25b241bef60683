package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"wsx/client"
	"wsx/recording"
	"wsx/repl/input"
	"wsx/repl/render"
)

// recorder writes the events of the session as JSON to a file, whatever is shown. It flushes whenever the session waits, so
// that a recording can be read even if the program crashes.
type recorder struct {
	path   string
	file   *os.File
	page   *bufio.Writer
	events render.JSON
}

// newRecorder opens and truncates the file of a recording. A new file is readable by its owner only; an existing one keeps its
// mode. Opening a FIFO may block, until ctx ends.
func newRecorder(ctx context.Context, path string, secrets bool, hinter render.Hinter) (*recorder, error) {
	file, err := input.Open(ctx, func() (*os.File, error) { return recording.Create(path) })
	if err != nil {
		return nil, &RecordError{path, err}
	}
	return &recorder{path: path, file: file, page: bufio.NewWriterSize(file, pageSize), events: render.JSON{ShowSecrets: secrets, Hinter: hinter}}, nil
}

func (r *recorder) add(e client.Event) error { return r.failed(r.events.Render(r.page, e)) }

func (r *recorder) flush() error { return r.failed(r.page.Flush()) }

func (r *recorder) close() error {
	return r.failed(errors.Join(r.page.Flush(), r.file.Close()))
}

func (r *recorder) failed(err error) error {
	if err != nil {
		return &RecordError{r.path, err}
	}
	return nil
}

// RecordError is the error when a recording cannot be written.
type RecordError struct {
	Path string
	Err  error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record to %s: %v", e.Path, withoutPath(e.Err))
}

func (e *RecordError) Unwrap() error { return e.Err }
