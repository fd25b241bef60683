package render

import (
	"fmt"
	"strconv"
	"time"
)

// The modes of timestamps: the reference of the time before a line.
const (
	Wall     = "wall"     // the time of day, 15:04:05.000
	Relative = "relative" // seconds since the first event
	Delta    = "delta"    // seconds since the line before
)

// Stamp formats timestamps. Renderers that share a Stamp count from the same time.
type Stamp struct {
	mode   string
	theme  Theme
	origin time.Time
}

// NewStamp returns a way to show times: "wall", "relative" or "delta".
func NewStamp(mode string, theme Theme) (*Stamp, error) {
	switch mode {
	case Wall, Relative, Delta:
		return &Stamp{mode: mode, theme: theme}, nil
	}
	return nil, &FormatError{Reason: fmt.Sprintf("unknown timestamps mode %q", mode), Hint: "wall, relative or delta"}
}

// append appends the time and a space.
func (s *Stamp) append(dst []byte, t time.Time) []byte {
	dst = append(dst, s.theme.Dim.on...)
	dst = s.appendTime(dst, t)
	dst = append(dst, s.theme.Dim.off...)
	return append(dst, ' ')
}

func (s *Stamp) appendTime(dst []byte, t time.Time) []byte {
	if s.mode == Wall {
		return t.Local().AppendFormat(dst, "15:04:05.000")
	}
	if s.origin.IsZero() {
		s.origin = t
	}
	dst = append(dst, '+')
	dst = strconv.AppendFloat(dst, t.Sub(s.origin).Seconds(), 'f', 6, 64)
	if s.mode == Delta {
		s.origin = t
	}
	return append(dst, 's')
}
