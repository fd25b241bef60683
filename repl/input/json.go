package input

import (
	"bytes"
	"context"
	"io"
	"time"

	"wsx/client"
	"wsx/recording"
)

// JSON delivers events, one a line, from recordings or written by hand: messages, pings, pongs, closes, and {"wait":"200ms"}.
// Of a recording it delivers only what was sent, paced by Options.Speed.
type JSON struct {
	lines    *Lines
	o        Options
	kind     client.Type
	next     Line // the next line to deliver, if hasNext
	hasNext  bool
	recorded bool // a line had a time, so it is a recording

	first time.Time // the earliest time recorded
	begun time.Time // when it was read
	due   time.Time // when held is delivered; zero = at once
}

// NewJSON reads events from a stream.
func NewJSON(from io.Reader, o Options) *JSON {
	o = o.withDefaults()
	s := &JSON{o: o, kind: o.Type}
	o.Type = client.Text // JSON is UTF-8, whatever it carries
	s.lines = NewLines(from, o)
	return s
}

// Ready reports whether an event has been read that can be delivered now.
func (s *JSON) Ready() bool {
	for !s.hasNext && s.lines.Ready() {
		line, err := s.lines.Next(context.Background())
		if err == nil {
			err = s.parse(line)
		}
		if err != nil {
			return false // Next returns it again
		}
	}
	return s.hasNext && s.wait() <= 0
}

// Next returns the next event that is to be sent. A line that is not an event is a *RejectedLine.
func (s *JSON) Next(ctx context.Context) (Line, error) {
	for !s.hasNext {
		line, err := s.lines.Next(ctx)
		if err == nil {
			err = s.parse(line)
		}
		if err != nil {
			return Line{}, err
		}
	}
	if pause := s.wait(); pause > 0 {
		if err := s.o.Clock.Sleep(ctx, pause); err != nil {
			return Line{}, err
		}
	}
	s.hasNext = false
	return s.next, nil
}

// parse parses a line and sets next, unless the event is not to be sent.
func (s *JSON) parse(line Line) error {
	if len(bytes.TrimSpace(line.Data)) == 0 {
		return nil
	}
	e, err := recording.Parse(line.Data)
	if err != nil {
		return s.reject(line.Number, err)
	}
	r := &record{e}
	s.schedule(r.Time)
	if !r.isSent() {
		return nil
	}
	event, err := r.line(s.kind)
	if err != nil {
		return s.reject(line.Number, err)
	}
	event.Number = line.Number
	s.next, s.hasNext = event, true
	return nil
}

// reject ends the input with an error, or with io.EOF at the incomplete last line of a recording, as a crash leaves it.
func (s *JSON) reject(number int, reason error) error {
	if s.recorded && s.lines.unterminated {
		return s.lines.reject(io.EOF)
	}
	return s.lines.reject(&RejectedLine{Name: s.o.Name, Number: number, Reason: reason.Error()})
}

// schedule sets when an event is due that was recorded at time t.
func (s *JSON) schedule(t time.Time) {
	s.due = time.Time{}
	if t.IsZero() {
		return
	}
	s.recorded = true
	if s.o.Speed <= 0 {
		return
	}
	if s.first.IsZero() {
		s.first, s.begun = t, s.o.Clock.Now()
	}
	s.due = s.begun.Add(time.Duration(float64(t.Sub(s.first)) / s.o.Speed))
}

// wait returns how long it is until the held event is due.
func (s *JSON) wait() time.Duration {
	if s.due.IsZero() {
		return 0
	}
	return s.due.Sub(s.o.Clock.Now())
}
