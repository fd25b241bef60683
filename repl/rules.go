package repl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/codec"
)

// Rules are the messages that are sent automatically.
type Rules struct {
	On     []Rule
	Every  []Timer
	Type   client.Type   // of the messages; 0 = text
	Encode codec.Encoder // encodes the messages; nil = they are sent as they are
}

// rules are the rules of a session, which the prompt can change, and their state.
type rules struct {
	on      atomic.Pointer[[]Rule]
	every   atomic.Pointer[[]Timer]
	changed chan struct{} // every has changed

	fragments map[int][]byte // fragments of a message, by peer; the receiver's own
	blocked   atomic.Bool    // too many answers could not be written

	mu         sync.Mutex // guards the fields below
	rate       answerRate
	writeTimer *time.Timer // runs while there are too many answers; nil = there never were
}

func newRules(r Rules) *rules {
	all := &rules{changed: make(chan struct{}, 1), fragments: map[int][]byte{}}
	all.on.Store(&r.On)
	all.every.Store(&r.Every)
	return all
}

// any reports whether a message may be answered.
func (r *rules) any() bool { return len(*r.on.Load()) > 0 }

// findAnswers returns the answers to the message that ends with this fragment. Any goroutine may call it with a whole message.
func (r *rules) findAnswers(ctx context.Context, e *client.Event) (answers [][]byte) {
	on := *r.on.Load()
	if len(on) == 0 {
		return nil
	}
	message := e.Payload
	if !e.First || !e.Last {
		if e.First {
			r.fragments[e.Peer] = nil
		}
		if r.fragments[e.Peer] = append(r.fragments[e.Peer], e.Payload...); !e.Last {
			return nil
		}
		message = r.fragments[e.Peer]
		delete(r.fragments, e.Peer)
	}
	for _, rule := range on {
		answers = rule.answers(ctx, answers, message)
	}
	return answers
}

// More than maxAnswers answers in each of maxSeconds consecutive seconds end the session.
const (
	maxAnswers = 1000
	maxSeconds = 3
)

// LoopError ends a session whose rules answer without end.
type LoopError struct{}

func (*LoopError) Error() string {
	return fmt.Sprintf("rules answered more than %d messages a second for %d s: the server seems to answer each answer", maxAnswers, maxSeconds)
}

// answerRate detects rules that answer without end.
type answerRate struct {
	second  time.Time
	count   int
	seconds int // consecutive seconds with too many answers
}

func (a *answerRate) add(now time.Time, answers int) error {
	if since := now.Sub(a.second); since >= time.Second {
		if a.count <= maxAnswers || since >= 2*time.Second {
			a.seconds = 0
		}
		a.second, a.count = now, 0
	}
	before := a.count
	if a.count += answers; before <= maxAnswers && a.count > maxAnswers {
		a.seconds++
	}
	if a.seconds >= maxSeconds {
		return &LoopError{}
	}
	return nil
}

// sendAnswers sends the answers of the rules to a message. They do not count as input.
func (s *state) sendAnswers(answers [][]byte) error {
	if len(answers) == 0 {
		return nil
	}
	session := s.session
	if err := s.rules.count(len(answers), func() { s.rules.abortBlocked(session, s.Ending) }); err != nil {
		return err
	}
	for _, answer := range answers {
		kind, data, err := s.ruleMessage(answer)
		switch {
		case err == nil:
			s.session.Reply(kind, data, true, true) // Run reports why it cannot be written
		case s.Interactive:
			err = s.Output.Error(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// count counts answers. If there are too many, tooMany is called after maxSeconds, unless count is called again before.
func (r *rules) count(answers int, tooMany func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.rate.add(time.Now(), answers)
	switch {
	case err != nil || r.rate.seconds == 0:
	case r.writeTimer != nil:
		r.writeTimer.Reset(maxSeconds * time.Second)
	default:
		r.writeTimer = time.AfterFunc(maxSeconds*time.Second, tooMany)
	}
	return err
}

// abortBlocked aborts a session if answers cannot be written any more: a server that answers each of them may not read before its
// own answers are read, and the receiver does not read while it writes.
func (r *rules) abortBlocked(session Session, ending Ending) {
	abort := time.AfterFunc(maxSeconds*time.Second, func() {
		r.blocked.Store(true)
		session.Abort(ending.closeCode(), ending.CloseReason)
	})
	session.Flush() // blocks while another write does
	abort.Stop()
}

// stopWatch stops the timer of count.
func (r *rules) stopWatch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writeTimer != nil {
		r.writeTimer.Stop()
		r.writeTimer = nil
	}
}

// ruleMessage encodes the message of a rule.
func (s *state) ruleMessage(text []byte) (client.Type, []byte, error) {
	if encode := s.Config.Rules.Encode; encode != nil {
		m, err := encode(text)
		if err != nil {
			return 0, nil, fmt.Errorf("answer %.40q: %w", text, err)
		}
		if m.Text {
			return client.Text, m.Data, nil
		}
		return client.Binary, m.Data, nil
	}
	return cmp.Or(s.Config.Rules.Type, client.Text), append(slices.Clip(text), s.lineEnd()...), nil
}
