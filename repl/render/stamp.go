package render

import (
	"fmt"
	"strconv"
	"time"
)

// Clocking is what a time before a line is counted from.
type Clocking string

// The ways to show when something happened.
const (
	Wall     Clocking = "wall"     // the time of day, 15:04:05.000
	Relative Clocking = "relative" // seconds since the first event
	Delta    Clocking = "delta"    // seconds since the line before
)

// Stamp shows times. Renderers that share one count from the same beginning.
type Stamp struct {
	clocking Clocking
	theme    Theme
	origin   time.Time
}

// NewStamp returns a way to show times: "wall", "relative" or "delta".
func NewStamp(clocking string, theme Theme) (*Stamp, error) {
	switch c := Clocking(clocking); c {
	case Wall, Relative, Delta:
		return &Stamp{clocking: c, theme: theme}, nil
	}
	return nil, &Mistake{Reason: fmt.Sprintf("unknown timestamps mode %q", clocking), Advice: "wall, relative or delta"}
}

// append appends the time and a space.
func (s *Stamp) append(dst []byte, t time.Time) []byte {
	dst = append(dst, s.theme.Dim.on...)
	dst = s.appendTime(dst, t)
	dst = append(dst, s.theme.Dim.off...)
	return append(dst, ' ')
}

func (s *Stamp) appendTime(dst []byte, t time.Time) []byte {
	if s.clocking == Wall {
		return t.Local().AppendFormat(dst, "15:04:05.000")
	}
	if s.origin.IsZero() {
		s.origin = t
	}
	dst = append(dst, '+')
	dst = strconv.AppendFloat(dst, t.Sub(s.origin).Seconds(), 'f', 6, 64)
	if s.clocking == Delta {
		s.origin = t
	}
	return append(dst, 's')
}
