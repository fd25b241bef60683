package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// event is a line of a recording, as far as it is exported.
type event struct {
	Time     time.Time           `json:"time"`
	Event    string              `json:"event"`
	Client   int                 `json:"client"`
	Remote   string              `json:"remote"` // of a client that connected to us
	Dir      string              `json:"dir"`
	Type     string              `json:"type"`
	Data     literal             `json:"data"`
	Encoding string              `json:"encoding"`
	Code     int                 `json:"code"`
	Reason   string              `json:"reason"`
	URL      string              `json:"url"`
	HTTP     string              `json:"http"`
	Status   int                 `json:"status"`
	Headers  map[string][]string `json:"headers"`
	Request  []string            `json:"request"`
}

// happens says whether an event happens within a session.
func (e *event) happens() bool {
	switch e.Event {
	case "message", "ping", "pong", "close":
		return true
	}
	return false
}

// sent says whether it is the client's.
func (e *event) sent() bool { return e.Dir == "out" }

// turn makes of what the server recorded what the client would have.
func (e *event) turn() {
	switch e.Dir {
	case "in":
		e.Dir = "out"
	case "out":
		e.Dir = "in"
	}
}

// check says what an event lacks.
func (e *event) check() error {
	switch {
	case e.Event == "":
		return errors.New(`not a recording: "event" is missing`)
	case e.Client > 0:
		return errors.New("several clients at once, as with wsx -l --all, cannot be exported")
	case e.Time.IsZero():
		return errors.New(`not a recording: "time" is missing`)
	case e.Time.Year() < 1970 || e.Time.Year() > 2261:
		return fmt.Errorf("the year %d is out of range", e.Time.Year()) // of nanoseconds in 64 bits
	case !e.happens():
		return nil
	case e.Dir != "in" && e.Dir != "out":
		return fmt.Errorf(`"dir" is "in" or "out", not %q`, e.Dir)
	case e.Event == "message" && e.Type != "text" && e.Type != "binary":
		return fmt.Errorf(`"type" is "text" or "binary", not %q`, e.Type)
	case e.Encoding != "" && e.Encoding != "base64":
		return fmt.Errorf(`"encoding" can only be "base64", not %q`, e.Encoding)
	case e.Event == "close" && (e.Code < 1000 || e.Code > 4999):
		return fmt.Errorf(`%d is not a close code`, e.Code)
	}
	return nil
}

// RecordingError is a line of a recording that cannot be exported.
type RecordingError struct {
	Name   string // of the recording
	Number int    // of the line, from 1
	Err    error
}

func (e *RecordingError) Error() string {
	return fmt.Sprintf("export %s: line %d: %v", e.Name, e.Number, e.Err)
}

// Unwrap returns what is wrong with the line.
func (e *RecordingError) Unwrap() error { return e.Err }

// longestLine bounds a line, in bytes: a message of 64 MiB, each byte of which is written with six.
const longestLine = 400 << 20

// reader reads a recording line by line.
type reader struct {
	recording io.Reader
	from      *bufio.Reader // it
	name      string
	number    int    // of the line that was read last
	line      []byte // it, until the next is read
	cut       bool   // it had no end, and was no event: something cut the recording short
}

func newReader(from io.Reader, name string) *reader {
	return &reader{recording: from, from: bufio.NewReaderSize(from, 64<<10), name: name}
}

// next returns the next event, or io.EOF.
func (r *reader) next() (*event, error) {
	for {
		whole, err := r.read()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(r.line)) == 0 {
			continue
		}
		e, err := parseEvent(r.line)
		if err != nil {
			if !whole {
				r.cut = true
				return nil, io.EOF
			}
			return nil, r.refuse(err)
		}
		if err := e.check(); err != nil {
			return nil, r.refuse(err)
		}
		return e, nil
	}
}

// parseEvent reads a line. The event's data stays a part of it.
func parseEvent(line []byte) (*event, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("not UTF-8")
	}
	e := &event{}
	if err := json.Unmarshal(line, e); err != nil {
		return nil, fmt.Errorf("not an event: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return e, nil
}

// read reads a line, and says whether it had an end.
func (r *reader) read() (whole bool, err error) {
	r.line = r.line[:0]
	r.number++
	for {
		piece, err := r.from.ReadSlice('\n')
		r.line = append(r.line, piece...)
		switch {
		case err == nil:
			return true, nil
		case len(r.line) > longestLine:
			return false, r.refuse(fmt.Errorf("longer than %d MiB", longestLine>>20))
		case errors.Is(err, bufio.ErrBufferFull) && len(r.line) == len(piece):
			if err := r.makeRoom(); err != nil {
				return false, fmt.Errorf("export %s: %w", r.name, err)
			}
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(r.line) > 0:
			return false, nil
		case errors.Is(err, io.EOF):
			return false, err
		default:
			return false, fmt.Errorf("export %s: %w", r.name, err)
		}
	}
}

// makeRoom makes room for the rest of a long line at once, where the recording can be read twice, as a pipe cannot: a
// line that grows takes several times its length. Nothing of what follows has been buffered.
func (r *reader) makeRoom() error {
	file, ok := r.recording.(io.Seeker)
	if !ok {
		return nil
	}
	here, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	length, err := lineLength(r.recording, longestLine)
	if err != nil {
		return err
	}
	r.line = append(make([]byte, 0, len(r.line)+length), r.line...)
	_, err = file.Seek(here, io.SeekStart)
	return err
}

// lineLength is how many bytes come before the end of the line and with it, or most and a few.
func lineLength(from io.Reader, most int) (length int, err error) {
	block := make([]byte, 64<<10)
	for length < most {
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

func (r *reader) refuse(err error) error { return &RecordingError{r.name, r.number, err} }
