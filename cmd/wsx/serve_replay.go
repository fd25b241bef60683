package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/itchyny/gojq"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/cmd/wsx/value"
	"wsx/jq"
	"wsx/recording"
	"wsx/server"
)

// replayFlags are the flags of wsx serve for replaying a recording.
type replayFlags struct {
	file, match  string
	pace         value.Choice
	loop, strict bool
}

func (f *replayFlags) declare(set *pflag.FlagSet) {
	f.pace = value.Choice{Value: "fast", Among: []string{"real", "fast", "2x"}}
	set.StringVar(&f.file, "replay", "", "answer as the server did in the recording `FILE`")
	set.StringVar(&f.match, "match", "next", "with --replay, what the client must send before the recorded answer: `HOW` is next (any message), exact (the recorded one) or jq:PATH (a message that may differ at the jq PATH, like jq:.id; its value is copied to the answer)")
	set.Var(&f.pace, "pace", "with --replay, answer at the `SPEED` fast (at once), real or 2x")
	set.BoolVar(&f.loop, "loop", false, "with --replay, start over at the end of the recording")
	set.BoolVar(&f.strict, "strict", false, "with --replay, close with 1008 and exit 8 on a message that does not match")
}

// open reads the recording into the options. The channel receives the error that ends a strict replay.
func (f *replayFlags) open(s environment, set *pflag.FlagSet, o *server.Options) (<-chan error, error) {
	if f.file == "" {
		for _, name := range []string{"match", "pace", "loop", "strict"} {
			if set.Changed(name) {
				return nil, &dial.UsageError{Message: "--" + name + " needs --replay FILE"}
			}
		}
		return nil, nil
	}
	if o.Behaviour != "" {
		return nil, &dial.UsageError{Message: "--replay FILE cannot be combined with " + o.Behaviour}
	}
	matcher, err := f.matcher()
	if err != nil {
		return nil, err
	}
	opened, err := os.Open(f.file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	failed := make(chan error, 1)
	o.Replay = &server.Replay{Match: matcher, Speed: paces[f.pace.Value], Loop: f.loop, Strict: f.strict}
	o.Replay.Mismatch = func(m *server.Mismatch) {
		if !f.strict {
			fmt.Fprintf(s.stderr, "note: %v\n", m)
			return
		}
		select {
		case failed <- &codedError{"replay: " + m.Error(), exitClosed}:
		default: // there was one before
		}
	}
	subprotocol, err := readSessions(recording.NewReader(opened, f.file), o.Replay)
	if err == nil && subprotocol != "" && len(o.Subprotocols) == 0 {
		o.Subprotocols = []string{subprotocol}
	}
	return failed, err
}

// readSessions adds the sessions of a recording, of a client or of a server, and returns the subprotocol of the first.
func readSessions(from *recording.Reader, r *server.Replay) (subprotocol string, err error) {
	var current *replayedSession
	sessions := map[int]*replayedSession{} // by the number of the client
	for {
		e, err := from.Next()
		if errors.Is(err, io.EOF) {
			return subprotocol, nil
		}
		if err != nil {
			return "", err
		}
		if current = sessions[e.Client]; current == nil || e.Event == "open" {
			if subprotocol == "" {
				subprotocol = header(e.Headers, "Sec-WebSocket-Protocol")
			}
			current = &replayedSession{index: len(r.Sessions), isServer: e.Remote != "", last: e.Time}
			sessions[e.Client] = current
			r.Sessions = append(r.Sessions, nil)
		}
		if !e.InSession() || current.closed {
			continue
		}
		if current.isServer {
			e.Mirror()
		}
		step, ok, err := current.step(e)
		if err != nil {
			return "", err
		}
		if ok {
			r.Sessions[current.index] = append(r.Sessions[current.index], step)
		}
	}
}

func header(fields map[string][]string, name string) string {
	for key, values := range fields {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// replayedSession is the state of reading a session from a recording.
type replayedSession struct {
	index    int       // in Replay.Sessions
	isServer bool      // a server recorded it
	last     time.Time // of the event before
	closed   bool      // one side has sent a Close frame
}

// step returns what the server does for an event; false = nothing. Automatic answers such as a Pong are left out.
func (s *replayedSession) step(e *recording.Event) (server.Step, bool, error) {
	step := server.Step{Receive: e.Sent(), After: e.Time.Sub(s.last)}
	s.last = e.Time
	switch e.Event {
	case "message":
		step.Opcode = wire.Text
		if e.Type == "binary" {
			step.Opcode = wire.Binary
		}
	case "ping":
		step.Opcode = wire.Ping
	case "close":
		s.closed = true
		step.Opcode = wire.Close
		code := wire.CodeNone
		if e.Code != nil {
			code = *e.Code
		}
		step.Payload = wire.ClosePayload(code, e.Reason)
		return step, !step.Receive, nil
	default:
		return step, false, nil
	}
	payload, err := e.Payload()
	step.Payload = bytes.Clone(payload)
	return step, err == nil && !(step.Receive && step.Opcode == wire.Ping), err
}

// matcher returns a function that creates the Matcher of a client; nil = any message matches.
func (f *replayFlags) matcher() (func() server.Matcher, error) {
	expression, isJQ := strings.CutPrefix(f.match, "jq:")
	switch {
	case f.match == "next":
		return nil, nil
	case f.match == "exact":
		return server.MatchExact, nil
	case !isJQ:
		return nil, &dial.UsageError{Message: fmt.Sprintf("--match %q: expected next, exact or jq:PATH", f.match)}
	}
	var codes [4]*gojq.Code
	for i, source := range []string{"path(%s)", "%s", "del(%s)", "(%s) = $new"} {
		parsed, err := gojq.Parse(fmt.Sprintf(source, expression))
		if err == nil {
			codes[i], err = gojq.Compile(parsed, gojq.WithVariables([]string{"$new"}))
		}
		if err != nil {
			return nil, &dial.UsageError{Message: fmt.Sprintf("--match %q: %v", f.match, err)}
		}
	}
	if _, err := firstResult(codes[0], nil, nil); err != nil {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--match %q: expected a path like .id", f.match)}
	}
	return func() server.Matcher {
		return &pathMatcher{get: codes[1], rest: codes[2], set: codes[3], ids: map[string]any{}}
	}, nil
}

// firstResult returns the first result of an expression; nil = it has none.
func firstResult(code *gojq.Code, value, replacement any) (any, error) {
	result, _ := code.Run(value, replacement).Next()
	if err, failed := result.(error); failed {
		return nil, err
	}
	return result, nil
}

// pathMatcher compares JSON messages except for the value at a path, such as an id. The client's value is mapped to the
// recorded one, and replaces that in the answers.
type pathMatcher struct {
	get, rest, set *gojq.Code
	ids            map[string]any // what the client has, by what was recorded, as JSON
}

// Match reports whether a message is the recorded one.
func (m *pathMatcher) Match(wanted, received []byte) bool {
	recorded, err := jq.Parse(string(wanted))
	if err != nil {
		return bytes.Equal(wanted, received)
	}
	got, err := jq.Parse(string(received))
	if err != nil {
		return false
	}
	recordedID, err1 := firstResult(m.get, recorded, nil)
	gotID, err2 := firstResult(m.get, got, nil)
	recordedRest, err3 := firstResult(m.rest, recorded, nil)
	gotRest, err4 := firstResult(m.rest, got, nil)
	if errors.Join(err1, err2, err3, err4) != nil {
		return bytes.Equal(wanted, received)
	}
	if asJSON(recordedRest) != asJSON(gotRest) {
		return false
	}
	if recordedID != nil && gotID != nil {
		m.ids[asJSON(recordedID)] = gotID
	}
	return recordedID == nil == (gotID == nil)
}

// Rewrite replaces the recorded value at the path by the client's.
func (m *pathMatcher) Rewrite(answer []byte) []byte {
	recorded, err := jq.Parse(string(answer))
	if err != nil {
		return answer
	}
	id, err := firstResult(m.get, recorded, nil)
	if err != nil || id == nil {
		return answer
	}
	replacement, known := m.ids[asJSON(id)]
	if !known || asJSON(replacement) == asJSON(id) {
		return answer
	}
	rewritten, err := firstResult(m.set, recorded, replacement)
	if err != nil {
		return answer
	}
	return []byte(asJSON(rewritten))
}

// asJSON returns a value as JSON.
func asJSON(value any) string {
	b, err := gojq.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}
