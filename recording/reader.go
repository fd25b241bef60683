package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// LineError reports a line of a recording that cannot be used.
type LineError struct {
	Name   string // of the recording
	Number int    // of the line, from 1
	Err    error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s: line %d: %v", e.Name, e.Number, e.Err)
}

// Unwrap returns the error of the line.
func (e *LineError) Unwrap() error { return e.Err }

// maxLineSize is the maximum length of a line, in bytes: a message of 64 MiB takes at most six times as much in JSON.
const maxLineSize = 400 << 20

// Reader reads a recording line by line. It holds one line at a time.
type Reader struct {
	recording io.Reader
	from      *bufio.Reader // the buffered recording
	name      string
	number    int    // of the last line read
	line      []byte // the last line read
	truncated int    // number of the last line, if it was truncated, else 0
}

// NewReader returns a reader of a recording. The name is used in errors.
func NewReader(from io.Reader, name string) *Reader {
	return &Reader{recording: from, from: bufio.NewReaderSize(from, 64<<10), name: name}
}

// Next returns the next event, or io.EOF. The event's data is valid until the next call. For a line that is not an event, the
// error is a *LineError, unless it is the last line and has no end: then the recording was truncated, and the line is skipped.
func (r *Reader) Next() (*Event, error) {
	for {
		complete, err := r.read()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(r.line)) == 0 {
			continue
		}
		e, err := parseEvent(r.line)
		if err != nil {
			if !complete {
				r.truncated = r.number
				return nil, io.EOF
			}
			return nil, r.lineError(err)
		}
		if err := e.check(); err != nil {
			return nil, r.lineError(err)
		}
		return e, nil
	}
}

func parseEvent(line []byte) (*Event, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("not UTF-8")
	}
	e, err := Parse(line)
	if err != nil {
		return nil, fmt.Errorf("not an event: %w", err)
	}
	return &e, nil
}

// read reads a line, and reports whether it ended with a line end.
func (r *Reader) read() (complete bool, err error) {
	r.line = r.line[:0]
	r.number++
	for {
		block, err := r.from.ReadSlice('\n')
		r.line = append(r.line, block...)
		switch {
		case err == nil:
			return true, nil
		case len(r.line) > maxLineSize:
			return false, r.lineError(fmt.Errorf("longer than %d MiB", maxLineSize>>20))
		case errors.Is(err, bufio.ErrBufferFull) && !isObject(r.line):
			return false, r.lineError(errors.New("not an event")) // a file without lines, like a device, is not read to its end
		case errors.Is(err, bufio.ErrBufferFull) && len(r.line) == len(block):
			if err := r.growBuffer(); err != nil {
				return false, fmt.Errorf("%s: %w", r.name, err)
			}
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(r.line) > 0:
			return false, nil
		case errors.Is(err, io.EOF):
			return false, err
		default:
			return false, fmt.Errorf("%s: %w", r.name, err)
		}
	}
}

// isObject reports whether a line begins like a JSON object.
func isObject(line []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(line, " \t\r"), []byte{'{'}) }

// growBuffer grows the buffer for the rest of a long line at once, if the recording can be read twice, unlike a pipe: growing step by
// step takes several times the length of the line. Nothing after the line has been buffered.
func (r *Reader) growBuffer() error {
	file, ok := r.recording.(io.Seeker)
	if !ok {
		return nil
	}
	offset, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	length, err := lineLength(r.recording, maxLineSize)
	if err != nil {
		return err
	}
	r.line = append(make([]byte, 0, len(r.line)+length), r.line...)
	_, err = file.Seek(offset, io.SeekStart)
	return err
}

// lineLength returns the length of a line with its end, or any length of at least limit if the line is that long.
func lineLength(from io.Reader, limit int) (length int, err error) {
	block := make([]byte, 64<<10)
	for length < limit {
		n, err := from.Read(block)
		if end := bytes.IndexByte(block[:n], '\n'); end >= 0 {
			return length + end + 1, nil
		}
		length += n
		if errors.Is(err, io.EOF) {
			return length, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return length, nil
}

func (r *Reader) lineError(err error) error { return &LineError{r.name, r.number, err} }
