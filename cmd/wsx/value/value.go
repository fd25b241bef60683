// Package value has types for the values of flags, beyond those that package pflag has: durations, sizes, rates, words of a list. A
// pointer to each is a pflag.Value, whose Type is what help shows as the name of the value. The zero values are usable, except that a
// Choice needs the words that it accepts.
package value

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Duration is the value of a flag: in Go's notation ("1m30s"), or a number of seconds as in wscat.
type Duration time.Duration

func (d *Duration) Set(s string) error {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(seconds) < 1e9 {
		*d = Duration(seconds * float64(time.Second))
		return nil
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("expected a duration like 1.5s, 200ms or 2m; a bare number is in seconds")
	}
	*d = Duration(parsed)
	return nil
}

func (d *Duration) String() string {
	if *d == 0 {
		return "0"
	}
	return time.Duration(*d).String()
}

func (d *Duration) Type() string { return "D" }

// Limit sets a Duration that is not negative.
type Limit Duration

func (l *Limit) Set(s string) error {
	var d Duration
	if err := d.Set(s); err != nil {
		return err
	}
	if d < 0 {
		return fmt.Errorf("expected a duration that is not negative")
	}
	*l = Limit(d)
	return nil
}

func (l *Limit) String() string { return (*Duration)(l).String() }

func (l *Limit) Type() string { return "D" }

// GivenDuration is a Duration that also records whether the flag was given.
type GivenDuration struct {
	Duration
	Given bool
}

func (d *GivenDuration) Set(s string) error {
	d.Given = true
	return d.Duration.Set(s)
}

// Size is a flag's value in bytes: "65536", "64KiB", "64K", "1.5MB".
type Size int64

func (n *Size) Set(s string) error {
	digits := strings.TrimRight(s, "KMGTiBkb")
	number, err := strconv.ParseFloat(digits, 64)
	unit, known := sizeUnits[strings.ToUpper(strings.TrimSuffix(strings.ToUpper(s[len(digits):]), "B"))]
	if err != nil || !known || number < 0 || number*unit > math.MaxInt64/2 {
		return fmt.Errorf("expected a size like 65536, 64KiB or 1.5MB")
	}
	*n = Size(number * unit)
	return nil
}

// GivenSize is a Size that also records whether the flag was given.
type GivenSize struct {
	Size
	Given bool
}

func (n *GivenSize) Set(s string) error {
	n.Given = true
	return n.Size.Set(s)
}

// sizeUnits are the factors of the suffixes of a size, all binary.
var sizeUnits = map[string]float64{
	"": 1, "K": 1 << 10, "KI": 1 << 10, "M": 1 << 20, "MI": 1 << 20, "G": 1 << 30, "GI": 1 << 30, "T": 1 << 40, "TI": 1 << 40,
}

func (n *Size) String() string { return strconv.FormatInt(int64(*n), 10) }
func (n *Size) Type() string   { return "SIZE" }

// Rate is a flag's value: messages a second, "10/s" or "10"; 0 = no limit.
type Rate float64

func (r *Rate) Set(s string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "/s"), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return fmt.Errorf("expected a rate like 10/s or 0.5/s")
	}
	*r = Rate(n)
	return nil
}

func (r *Rate) String() string { return strconv.FormatFloat(float64(*r), 'f', -1, 64) }
func (r *Rate) Type() string   { return "N" }

// Passphrase is the optional value of a flag; without it the passphrase is asked for when it is needed.
type Passphrase string

// NoValue is what the parser sets a flag to that has no value. Such flags have the type "bool", so that help does not show it.
const NoValue = "true"

func (p *Passphrase) Set(s string) error {
	if s == NoValue {
		s = ""
	}
	*p = Passphrase(s)
	return nil
}

func (p *Passphrase) String() string { return "" }
func (p *Passphrase) Type() string   { return "bool" }

// AWSScope is the value of a flag: the region and the service of a signature, both empty if the host has them.
type AWSScope struct {
	Region, Service string
	Given           bool
}

func (a *AWSScope) Set(s string) error {
	a.Given = true
	if s == NoValue {
		return nil
	}
	region, service, both := strings.Cut(s, "/")
	if !both || region == "" || service == "" || strings.ContainsAny(service, "/:?") {
		return fmt.Errorf("expected REGION/SERVICE, like eu-west-1/execute-api")
	}
	a.Region, a.Service = region, service
	return nil
}

func (a *AWSScope) String() string { return "" }
func (a *AWSScope) Type() string   { return "bool" } // so that help does not show NoValue

// RowCount is a flag's value: rows as render.Options counts them.
type RowCount int

func (n *RowCount) Set(s string) error {
	rows, err := strconv.Atoi(s)
	if err != nil || rows < 0 {
		return fmt.Errorf("expected a number of rows like 100, or 0 for all")
	}
	if *n = RowCount(rows); rows == 0 {
		*n = -1
	}
	return nil
}

func (n *RowCount) String() string { return "" }
func (n *RowCount) Type() string   { return "N" }

// Choice is the value of a flag that accepts only some words.
type Choice struct {
	Value string   // "" = it has no default, and was not given
	Among []string // the words that it accepts
	Given bool     // it was set, if only to its default
}

func (c *Choice) Set(s string) error {
	if !slices.Contains(c.Among, s) {
		return fmt.Errorf("expected %s", strings.Join(c.Among, ", "))
	}
	c.Value, c.Given = s, true
	return nil
}

func (c *Choice) String() string { return c.Value }
func (c *Choice) Type() string   { return strings.ToUpper(strings.Join(c.Among, "|")) }

// List has the values of a repeatable flag.
type List []string

func (l *List) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func (l *List) String() string     { return strings.Join(*l, " ") }
func (l *List) Type() string       { return "VALUE" }
func (l *List) GetSlice() []string { return *l } // completion offers such a flag again

// ListOf returns a flag's value that is a list whose values have a form which its usage need not repeat: "HOST:PORT:ADDR".
func ListOf(l *List, form string) pflag.Value { return listOf{l, form} }

type listOf struct {
	*List
	form string
}

func (l listOf) Type() string { return l.form }
