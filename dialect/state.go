package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// turn is one call of a State's method, which collects the actions of expressions.
type turn struct {
	s         *State
	now       time.Time
	out       Output
	bytes     int    // number of bytes sent so far
	call      *call  // the verb whose body runs; nil = no verb
	raw       []byte // the current message
	binary    bool   // the current message is binary
	refresh   bool   // $state changed
	maxSent   int    // maximum number of messages sent
	allowance int    // maximum number of bytes sent
}

func (s *State) turn(now time.Time) *turn {
	return &turn{s: s, now: now, maxSent: maxSent, allowance: maxBytes}
}

// Open returns what to send on a new connection to a URL: the login, or without one the subscriptions again.
func (s *State) Open(now time.Time, subprotocol, url string) Output {
	coding, _ := newCoding(s.dialect.coding, s.dialect.separator) // checked by Parse
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.turn(now)
	isReconnect := s.opened
	s.opened, s.closing, s.ready, s.coding = true, false, !s.dialect.login, coding
	s.loggedIn = s.ready
	t.failOutstanding()
	_, path, _ := strings.Cut(url, "://")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		path = path[i:]
	}
	input := map[string]any{"subprotocol": subprotocol, "path": path, "again": isReconnect}
	resumed := false
	if isReconnect && s.dialect.resume != nil {
		resumed = t.perform(s.dialect.resume, input)
	}
	if s.dialect.open != nil && !resumed {
		t.perform(s.dialect.open, input)
	}
	if s.ready && !s.dialect.login {
		t.begin()
	}
	s.timers = make([]time.Time, len(s.dialect.timers))
	t.startTimers()
	return t.finish()
}

// failOutstanding reports an error for each outstanding reply of the last connection.
func (t *turn) failOutstanding() {
	for k, c := range t.s.calls {
		if !c.live && slices.Index(t.s.queued, c) < 0 {
			t.event(Event{Kind: KindError, ID: k, Name: c.verb.Name, Call: c.number, Data: "the connection was lost before the reply"})
		}
		delete(t.s.calls, k)
	}
}

// begin sends the verbs that waited for the login.
func (t *turn) begin() {
	t.s.ready, t.s.loggedIn = true, true
	waiting := append(slices.Clone(t.s.live), t.s.queued...)
	t.s.queued = nil
	for _, c := range waiting {
		t.maxSent += maxSent // each verb has its own limit
		t.allowance += maxBytes
		t.invoke(c)
	}
}

// Verb returns the messages of a verb, or queues it until the login is done. number is the number of the verb in its events.
func (s *State) Verb(now time.Time, name string, words []Word) (number int, out Output, err error) {
	verb, ok := s.dialect.Verb(name)
	if !ok {
		return 0, out, s.dialect.unknownVerb(name)
	}
	input, err := verb.bind(words)
	if err != nil {
		return 0, out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	c := &call{number: s.number, verb: &verb, input: input}
	t := s.turn(now)
	t.bytes = -size(words) // the user's data does not count for the limit, which protects against servers
	if !s.ready {
		s.queued = append(s.queued, c)
		return c.number, t.finish(), nil
	}
	err = t.invoke(c)
	return c.number, t.finish(), err
}

// Check returns an error if the words of a verb are invalid, without sending it.
func (d *Dialect) Check(name string, words []Word) error {
	verb, ok := d.Verb(name)
	if !ok {
		return d.unknownVerb(name)
	}
	_, err := verb.bind(words)
	return err
}

func (d *Dialect) unknownVerb(name string) error {
	var names []byte
	for _, v := range d.Verbs {
		names = append(append(names, ' '), v.Name...)
	}
	return &UsageError{Message: fmt.Sprintf("%s has no verb %.40q", d.Name, name), Hint: "its verbs are" + string(names)}
}

// size returns an upper bound of the size of words in messages, in bytes.
func size(words []Word) (n int) {
	for _, w := range words {
		n += 2 * (len(w.Text) + len(w.Bytes)) // JSON and base64 are longer
	}
	return n
}

// invoke runs the body of a verb.
func (t *turn) invoke(c *call) error {
	t.call, c.sent = c, t.now
	defer func() { t.call = nil }()
	c.keys = nil
	_, err := t.apply(c.verb.body, c.input, c)
	if err != nil {
		t.event(Event{Kind: KindError, Name: c.verb.Name, Call: c.number, Data: err.Error()})
		return err
	}
	t.out.Started = append(t.out.Started, Started{Call: c.number, Awaited: len(c.keys) > 0, Live: c.live})
	return nil
}

// Receive returns the events of a message, and the answers to it. After an error the session must end: the dialect answers without bound.
func (s *State) Receive(now time.Time, binary bool, payload []byte) (Output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.turn(now)
	t.binary = binary
	records, err := s.coding.decode(payload, binary)
	switch {
	case err != nil:
		t.event(Event{Kind: KindUndecoded, Raw: payload})
		t.foreign(payload, binary, err)
	case len(records) == 0: // part of an incomplete value
		t.event(Event{Kind: KindProtocol, Raw: payload})
	}
	for _, r := range records {
		t.raw = r.raw
		t.record(r.value)
	}
	if err := s.rate.add(now, len(t.out.Send)); err != nil {
		return Output{}, fmt.Errorf("%s: %w", s.dialect.file, err)
	}
	return t.finish(), nil
}

// changes reports whether an expression may change a value.
func (e *expression) changes(value any) bool {
	if e.changesIf == nil {
		return true
	}
	result, ok := e.changesIf(value)
	return !ok || isTrue(result)
}

// record applies the first matching rule to a value.
func (t *turn) record(value any) {
	before := len(t.out.Events)
	if read := t.s.dialect.read; read != nil && read.changes(value) {
		values, err := t.s.run(read, value, nil)
		if err != nil {
			t.note(err)
			t.event(Event{Kind: KindMessage, Data: value, Raw: t.raw})
			return
		}
		for _, v := range values {
			t.match(v)
		}
	} else {
		t.match(value)
	}
	if len(t.out.Events) == before { // nothing to show
		t.event(Event{Kind: KindProtocol, Data: value, Raw: t.raw})
	}
}

func (t *turn) match(value any) {
	for i := range t.s.dialect.rules {
		r := &t.s.dialect.rules[i]
		if t.s.holds(r.when, value) {
			t.perform(r.body, value)
			return
		}
	}
	t.event(Event{Kind: KindMessage, Data: value, Raw: t.raw})
	t.foreign(t.raw, false, nil)
}

// foreign reports once that a message looks like another protocol.
func (t *turn) foreign(payload []byte, binary bool, err error) {
	if t.s.foreign {
		return
	}
	t.s.foreign = true
	other, title := Recognize(payload, binary, "")
	switch {
	case other != "" && other != t.s.dialect.Name:
		t.note(&RunError{t.s.dialect.Name, fmt.Sprintf("this looks like %s (dialect %s)", title, other)})
	case err != nil:
		t.note(&RunError{t.s.dialect.Name, fmt.Sprintf("a message that does not decode: %v", err)})
	}
}

// perform runs an expression and performs its actions. It reports whether there were any.
func (t *turn) perform(e *expression, input any) bool {
	performed, err := t.apply(e, input, nil)
	if err != nil {
		t.note(err)
	}
	return performed
}

// maxNotes is the maximum number of different failures that are reported.
const maxNotes = 32

// note reports a failure, once.
func (t *turn) note(err error) {
	text := err.Error()
	if t.s.noted[text] || len(t.s.noted) >= maxNotes {
		return
	}
	if t.s.noted == nil {
		t.s.noted = map[string]bool{}
	}
	t.s.noted[text] = true
	t.out.Notes = append(t.out.Notes, text)
}

// Tick returns what the timers send.
func (s *State) Tick(now time.Time) Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.turn(now)
	for i, due := range s.timers {
		if !due.IsZero() && !now.Before(due) {
			s.timers[i] = time.Time{}
			t.perform(s.dialect.timers[i].body, nil)
		}
	}
	t.startTimers()
	return t.finish()
}

// minInterval is the minimum time between two runs of a timer.
const minInterval = 10 * time.Millisecond

// startTimers starts the timers that are not running.
func (t *turn) startTimers() {
	for i := range t.s.timers {
		if !t.s.timers[i].IsZero() && !t.refresh {
			continue
		}
		results, err := t.s.run(t.s.dialect.timers[i].every, nil, nil)
		if err != nil {
			t.note(err)
			continue
		}
		var every time.Duration
		for _, r := range results {
			every = durationOf(r)
		}
		switch {
		case every <= 0:
			t.s.timers[i] = time.Time{}
		case t.s.timers[i].IsZero() || t.now.Add(every).Before(t.s.timers[i]):
			t.s.timers[i] = t.now.Add(max(every, minInterval))
		}
	}
}

// durationOf parses seconds, or text like "30s"; anything else is 0.
func durationOf(v any) time.Duration {
	if s, ok := v.(string); ok {
		if d, err := time.ParseDuration(s); err == nil {
			return d
		}
	}
	seconds, err := strconv.ParseFloat(key(v), 64)
	if err != nil || seconds > (365*24*time.Hour).Seconds() {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// BeforeClose returns what to send before a Close, at the first call for a connection. Timers send nothing after it.
func (s *State) BeforeClose(now time.Time) Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.turn(now)
	if s.dialect.beforeClose != nil && s.opened && !s.closing {
		t.perform(s.dialect.beforeClose, nil)
	}
	s.closing, s.live, s.timers = true, nil, nil
	t.out.closing = true
	return t.finish()
}

// Retries reports whether to connect again after the server's Close.
func (s *State) Retries(code int, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialect.retry == nil {
		return true
	}
	results, err := s.run(s.dialect.retry, map[string]any{"code": code, "reason": reason}, nil)
	return err != nil || len(results) == 0 || isTrue(results[0])
}

// Lost records that the connection was lost: verbs wait for the login on the next one.
func (s *State) Lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready, s.timers = false, nil
}

// Secrets returns the texts of options that must not be shown.
func (s *State) Secrets() (list []string) {
	for _, o := range s.dialect.Options {
		if o.Secret {
			list = appendTexts(list, s.options[o.Name])
		}
	}
	return list
}

// appendTexts appends the texts in a value.
func appendTexts(list []string, value any) []string {
	switch v := value.(type) {
	case string:
		if v != "" {
			list = append(list, v)
		}
	case []any:
		for _, element := range v {
			list = appendTexts(list, element)
		}
	case map[string]any:
		for _, member := range v {
			list = appendTexts(list, member)
		}
	}
	return list
}

// Queued returns the number of verbs that wait for the login.
func (s *State) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queued)
}

// LoggedIn reports whether the login of the latest connection was done.
func (s *State) LoggedIn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loggedIn
}

// LoginPending reports whether there was a connection, and the login of the latest has not been done.
func (s *State) LoginPending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened && !s.loggedIn
}

// finish returns the output of a turn.
func (t *turn) finish() Output {
	if t.refresh {
		t.startTimers()
	}
	for _, due := range t.s.timers {
		if !due.IsZero() && (t.out.Next.IsZero() || due.Before(t.out.Next)) {
			t.out.Next = due
		}
	}
	t.out.Rescheduled = !t.out.Next.Equal(t.s.next)
	t.s.next = t.out.Next
	if o := &t.out; len(o.Send) > 0 || len(o.Started) > 0 || o.Close != nil || o.Exit != nil || o.Rescheduled || o.closing {
		t.s.outputs++
		o.number = t.s.outputs
	}
	return t.out
}
