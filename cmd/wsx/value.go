package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// duration is the value of a flag: in Go's notation ("1m30s"), or a number of seconds as in wscat.
type duration time.Duration

func (d *duration) Set(s string) error {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(seconds) < 1e9 {
		*d = duration(seconds * float64(time.Second))
		return nil
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("expected a duration like 1.5s, 200ms or 2m; a bare number is in seconds")
	}
	*d = duration(parsed)
	return nil
}

func (d *duration) String() string {
	if *d == 0 {
		return "0"
	}
	return time.Duration(*d).String()
}

func (d *duration) Type() string { return "D" }

// givenDuration is a duration that also records whether the flag was given.
type givenDuration struct {
	duration
	given bool
}

func (d *givenDuration) Set(s string) error {
	d.given = true
	return d.duration.Set(s)
}

// size is a flag's value in bytes: "65536", "64KiB", "64K", "1.5MB".
type size int64

func (n *size) Set(s string) error {
	digits := strings.TrimRight(s, "KMGTiBkb")
	number, err := strconv.ParseFloat(digits, 64)
	unit, known := sizeUnits[strings.ToUpper(strings.TrimSuffix(strings.ToUpper(s[len(digits):]), "B"))]
	if err != nil || !known || number < 0 || number*unit > math.MaxInt64/2 {
		return fmt.Errorf("expected a size like 65536, 64KiB or 1.5MB")
	}
	*n = size(number * unit)
	return nil
}

// givenSize is a size that also records whether the flag was given.
type givenSize struct {
	size
	given bool
}

func (n *givenSize) Set(s string) error {
	n.given = true
	return n.size.Set(s)
}

// sizeUnits are the factors of the suffixes of a size, all binary.
var sizeUnits = map[string]float64{
	"": 1, "K": 1 << 10, "KI": 1 << 10, "M": 1 << 20, "MI": 1 << 20, "G": 1 << 30, "GI": 1 << 30, "T": 1 << 40, "TI": 1 << 40,
}

func (n *size) String() string { return strconv.FormatInt(int64(*n), 10) }
func (n *size) Type() string   { return "SIZE" }

// rate is a flag's value: messages a second, "10/s" or "10"; 0 = no limit.
type rate float64

func (r *rate) Set(s string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "/s"), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return fmt.Errorf("expected a rate like 10/s or 0.5/s")
	}
	*r = rate(n)
	return nil
}

func (r *rate) String() string { return strconv.FormatFloat(float64(*r), 'f', -1, 64) }
func (r *rate) Type() string   { return "N" }

// passphrase is the optional value of a flag; without it the passphrase is asked for when it is needed.
type passphrase string

// noValue is what the parser sets a flag to that has no value. Such flags have the type "bool", so that help does not show it.
const noValue = "true"

func (p *passphrase) Set(s string) error {
	if s == noValue {
		s = ""
	}
	*p = passphrase(s)
	return nil
}

func (p *passphrase) String() string { return "" }
func (p *passphrase) Type() string   { return "bool" }

// awsScope is the value of a flag: the region and the service of a signature, both empty if the host has them.
type awsScope struct {
	region, service string
	given           bool
}

func (a *awsScope) Set(s string) error {
	a.given = true
	if s == noValue {
		return nil
	}
	region, service, both := strings.Cut(s, "/")
	if !both || region == "" || service == "" || strings.ContainsAny(service, "/:?") {
		return fmt.Errorf("expected REGION/SERVICE, like eu-west-1/execute-api")
	}
	a.region, a.service = region, service
	return nil
}

func (a *awsScope) String() string { return "" }
func (a *awsScope) Type() string   { return "bool" } // so that help does not show noValue

// rowCount is a flag's value: rows as render.Options counts them.
type rowCount int

func (n *rowCount) Set(s string) error {
	rows, err := strconv.Atoi(s)
	if err != nil || rows < 0 {
		return fmt.Errorf("expected a number of rows like 100, or 0 for all")
	}
	if *n = rowCount(rows); rows == 0 {
		*n = -1
	}
	return nil
}

func (n *rowCount) String() string { return "" }
func (n *rowCount) Type() string   { return "N" }

// choice is the value of a flag that accepts only some words.
type choice struct {
	value string
	among []string
	given bool // it was set, if only to its default
}

func (c *choice) Set(s string) error {
	if !slices.Contains(c.among, s) {
		return fmt.Errorf("expected %s", strings.Join(c.among, ", "))
	}
	c.value, c.given = s, true
	return nil
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.ToUpper(strings.Join(c.among, "|")) }

// list has the values of a repeatable flag.
type list []string

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Type() string       { return "VALUE" }
func (l *list) GetSlice() []string { return *l } // completion offers such a flag again

// listOf is a list whose values have a form that its usage need not repeat: "HOST:PORT:ADDR".
type listOf struct {
	*list
	form string
}

func (l listOf) Type() string { return l.form }
