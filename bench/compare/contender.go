package main

import (
	"errors"
	"net/url"
	"strconv"
)

// contender is a program to be measured.
type contender struct {
	name            string
	path            string // "" = not installed
	tag             string // build tag; "" = none
	install         string // command that installs it; "" = it is built here
	slower          int    // its load is divided by this; 0 and 1 = the whole load
	losesEarlyLines bool   // it loses lines that it reads before the connection is open
	lineEnd         bool   // its messages include the end of the line
	command         func(s scenario, url string) ([]string, error)
}

// errCannot is returned for scenarios that a contender does not support.
var errCannot = errors.New("cannot do this")

// path returns the path of the peer's URL for a contender's run; with verify the peer compares every byte.
func (s scenario) path(c contender, run string, verify bool) string {
	q := url.Values{"run": {run}}
	if s.isLatency() {
		return "/echo?" + q.Encode()
	}
	q.Set("messages", strconv.Itoa(c.share(s)))
	q.Set("size", strconv.Itoa(s.size))
	if !s.binary {
		q.Set("text", "1")
	}
	if c.lineEnd && s.kind == send && !s.binary {
		q.Set("end", "1")
	}
	if verify {
		q.Set("verify", "1")
	}
	return map[kind]string{send: "/sink?", receive: "/blast?"}[s.kind] + q.Encode()
}
