package render

import (
	"context"
	"errors"
	"fmt"
	"io"

	"wsx/client"
	"wsx/jq"
)

// JQ shows the results of a query on each received JSON message, one a line: compact, or indented and coloured at a terminal. A
// message that is not JSON, or on which the query fails, is reported in a note.
type JQ struct {
	Query      *Query
	Context    func() context.Context // of the current message, cancels the query; nil = it cannot be cancelled
	Notes      io.Writer              // for notes; nil = no notes are written
	Raw        bool                   // strings without quotes
	Zero       bool                   // NUL ends a result
	Terminal   bool                   // a terminal shows it
	Theme      Theme                  // its colours
	Sent       bool                   // what was sent, too
	MaxMessage int64                  // bytes of a message that are kept; its results may have eight times as many; 0 = no limit

	whole assembler
	text  []byte
}

// Render writes the results for a message once its last fragment has been received.
func (j *JQ) Render(w io.Writer, e client.Event) error {
	e, _, ok := j.whole.message(e, j.Sent, j.MaxMessage)
	if !ok {
		return nil
	}
	j.text = j.text[:0]
	return j.write(w, e, j.Query.eachOf(contextOf(j.Context), e.Payload, j.MaxMessage, j.append))
}

// renderValue writes the results for a value that a message stands for.
func (j *JQ) renderValue(w io.Writer, e client.Event, value any) error {
	j.text = j.text[:0]
	return j.write(w, e, j.Query.each(jq.NewGuard(contextOf(j.Context), len(e.Payload), j.MaxMessage), value, j.append))
}

// write writes the results, and a note about what failed.
func (j *JQ) write(w io.Writer, e client.Event, failure error) error {
	if isAllOrNothing(failure) {
		j.text = j.text[:0]
	}
	defer func() {
		if cap(j.text) > keptCapacity {
			j.text = nil
		}
	}()
	if len(j.text) > 0 {
		if _, err := w.Write(j.text); err != nil {
			return err
		}
	}
	if _, isNoted := e.Detail.(Undecoded); isNoted || failure == nil {
		return nil
	}
	return writeNote(j.Notes, fmt.Sprintf("jq: %v: %s", failure, beginning(e)))
}

// isAllOrNothing reports whether the results before an error are dropped as well. After an error of the query itself they are
// shown.
func isAllOrNothing(err error) bool {
	var complex *jq.ComplexError
	return errors.Is(err, jq.ErrNotJSON) || errors.Is(err, jq.ErrTooLong) || errors.Is(err, jq.ErrMemory) || errors.Is(err, errInterrupted) || errors.As(err, &complex)
}

// append appends a result.
func (j *JQ) append(result any) error {
	text, isText := result.(string)
	switch {
	case isText && j.Raw && j.Terminal:
		j.text = Sanitize(j.text, []byte(text))
	case isText && j.Raw:
		j.text = append(j.text, text...)
	default:
		encoded, err := jq.Marshal(result, 8*j.MaxMessage)
		if err != nil {
			return err
		}
		j.appendJSON(encoded)
	}
	if j.Zero {
		j.text = append(j.text, 0)
	} else {
		j.text = append(j.text, '\n')
	}
	if j.MaxMessage > 0 && int64(len(j.text)) > 8*j.MaxMessage {
		return jq.ErrTooLong
	}
	return nil
}

func (j *JQ) appendJSON(encoded []byte) {
	if !j.Terminal {
		j.text = append(j.text, encoded...)
		return
	}
	l := layout{theme: &j.Theme, rows: allRows, room: allRows * rowWidth}
	j.text, _ = l.append(j.text, encoded)
}

// beginning returns the beginning of a message, for a note.
func beginning(e client.Event) string {
	if e.Type == client.Binary {
		return fmt.Sprintf("a binary message of %d bytes", len(e.Payload))
	}
	if len(e.Payload) <= noteWidth {
		return string(e.Payload)
	}
	shown := whole(e.Payload[:noteWidth])
	return fmt.Sprintf("%s… %d more bytes", shown, len(e.Payload)-len(shown))
}
