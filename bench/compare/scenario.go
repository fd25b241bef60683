package main

import (
	"fmt"
	"strings"
)

// kind is what a scenario measures.
type kind int

const (
	send      kind = iota // standard input to frames
	receive               // frames to standard output
	roundTrip             // a line, its echo, the next line
	startUp               // from the start of the process to its first reply
)

// scenario is one measurement.
type scenario struct {
	name     string
	kind     kind
	secure   bool // over TLS
	binary   bool // the messages are noise instead of lines
	size     int  // of a message, in bytes
	messages int  // number of messages, round trips or starts
	targets  targets
}

// targets are ratios that wsx should reach; 0 = no target. For latencies they are upper bounds.
type targets struct{ ofLimit, ofPlain, ofLoaded float64 }

// maxRSS is the maximum resident memory of wsx in any scenario, in bytes.
const maxRSS = 24_000_000

const (
	manyLines = 1_000_000
	gibibyte  = 1 << 30
)

// scenarios is the table of the scenarios.
func scenarios() []scenario {
	var all []scenario
	for _, secure := range []bool{false, true} {
		all = append(all, transfers(secure)...)
	}
	return append(all,
		scenario{name: "round trip, ws", kind: roundTrip, size: 16, messages: 2000, targets: targets{ofPlain: 1.1}},
		scenario{name: "round trip, wss", kind: roundTrip, secure: true, size: 16, messages: 2000},
		scenario{name: "start-up to first reply, ws", kind: startUp, size: 16, messages: 10, targets: targets{ofLoaded: 1.3}},
		scenario{name: "start-up to first reply, wss", kind: startUp, secure: true, size: 16, messages: 10},
	)
}

// transfers returns the scenarios of throughput. Small lines have targets over ws only.
func transfers(secure bool) []scenario {
	suffix := map[bool]string{false: ", ws", true: ", wss"}[secure]
	sending, receiving := targets{ofLimit: 0.5, ofPlain: 10}, targets{ofLimit: 0.5, ofPlain: 20}
	if secure {
		sending, receiving = targets{}, targets{}
	}
	large := targets{ofLimit: 0.8}
	return []scenario{
		{"send 16 B lines" + suffix, send, secure, false, 16, manyLines, sending},
		{"send 128 B lines" + suffix, send, secure, false, 128, manyLines, targets{}},
		{"send 64 KiB messages" + suffix, send, secure, true, 64 << 10, gibibyte >> 16, large},
		{"send 16 MiB messages" + suffix, send, secure, true, 16 << 20, gibibyte >> 24, targets{}},
		{"receive 16 B lines" + suffix, receive, secure, false, 16, manyLines, receiving},
		{"receive 128 B lines" + suffix, receive, secure, false, 128, manyLines, targets{}},
		{"receive 64 KiB messages" + suffix, receive, secure, true, 64 << 10, gibibyte >> 16, large},
		{"receive 16 MiB messages" + suffix, receive, secure, true, 16 << 20, gibibyte >> 24, targets{}},
	}
}

// chosen returns the scenarios and their load for the options.
func chosen(o options) ([]scenario, error) {
	var found []scenario
	for _, s := range scenarios() {
		if !strings.Contains(s.name, o.only) {
			continue
		}
		if o.quick {
			s.messages = max(s.messages/10, 4)
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no scenario has %q in its name", o.only)
	}
	return found, nil
}

// isLatency reports whether the scenario measures a latency, for which less is better.
func (s scenario) isLatency() bool { return s.kind == roundTrip || s.kind == startUp }
