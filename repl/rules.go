package repl

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/codec"
	"wsx/repl/render"
)

// Rule answers messages that match.
type Rule struct {
	text    string         // as it was written
	pattern *regexp.Regexp // nil = query
	answer  []answerPart
	query   *render.Query
}

// answerPart is a part of an answer: text, or a group of the pattern.
type answerPart struct {
	text  string
	group int // number of the group whose match is inserted; 0 = text, or the whole match if whole is set
	whole bool
}

// RuleError is a mistake in a rule.
type RuleError struct{ Message string }

func (e *RuleError) Error() string { return e.Message }

// Kind returns the kind of the error event.
func (e *RuleError) Kind() string { return "usage" }

// arrow stands between the two sides of a rule.
const arrow = "=>"

// cutRule splits a rule into its two sides, without the spaces around the arrow.
func cutRule(text, wanted string) (left, right string, err error) {
	left, right, found := strings.Cut(text, " "+arrow)
	if left = strings.TrimSpace(left); !found || left == "" || right != "" && right[0] != ' ' {
		return "", "", &RuleError{fmt.Sprintf("%q: expected %s, with spaces around the arrow", text, wanted)}
	}
	return left, strings.TrimPrefix(right, " "), nil
}

// NewRule parses "REGEX => MSG". In MSG, $1 and ${name} stand for what the groups of REGEX matched, $0 for the whole match, $$
// for a $. The error is a *RuleError.
func NewRule(text string) (Rule, error) {
	left, right, err := cutRule(text, "REGEX => MSG")
	if err != nil {
		return Rule{}, err
	}
	pattern, err := regexp.Compile(left)
	if err != nil {
		return Rule{}, &RuleError{fmt.Sprintf("%q: %v", text, err)}
	}
	r := Rule{text: text, pattern: pattern}
	r.answer, err = parseAnswer(right, pattern)
	return r, err
}

// reference matches a reference to a group in an answer.
var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$(?:\$|([0-9]+)|\{([A-Za-z0-9_]+)\})`) })

func parseAnswer(text string, pattern *regexp.Regexp) (parts []answerPart, err error) {
	for {
		at := reference().FindStringSubmatchIndex(text)
		if at == nil {
			return append(parts, answerPart{text: text}), nil
		}
		parts = append(parts, answerPart{text: text[:at[0]]})
		found := text[at[0]:at[1]]
		name := strings.Trim(found, "${}")
		text = text[at[1]:]
		if found == "$$" {
			parts = append(parts, answerPart{text: "$"})
			continue
		}
		group, err := strconv.Atoi(name)
		if err != nil {
			group = pattern.SubexpIndex(name)
		}
		if group < 0 || group > pattern.NumSubexp() {
			return nil, &RuleError{fmt.Sprintf("%s: the regular expression %q has no such group", found, pattern)}
		}
		parts = append(parts, answerPart{group: group, whole: group == 0})
	}
}

// NewQueryRule returns a rule that answers a message with every result of a jq expression.
func NewQueryRule(text string) (Rule, error) {
	query, err := render.NewQuery(text)
	return Rule{text: "jq " + text, query: query}, err
}

// answers appends the answers of a rule to a message.
func (r Rule) answers(ctx context.Context, list [][]byte, message []byte) [][]byte {
	if r.query != nil {
		r.query.Each(ctx, message, func(result []byte) { list = append(list, result) })
		return list
	}
	at := r.pattern.FindSubmatchIndex(message)
	if at == nil {
		return list
	}
	answer := []byte{}
	for _, part := range r.answer {
		switch {
		case part.group == 0 && !part.whole:
			answer = append(answer, part.text...)
		case at[2*part.group] >= 0:
			answer = append(answer, message[at[2*part.group]:at[2*part.group+1]]...)
		}
	}
	return append(list, answer)
}

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
func (r *REPL) sendAnswers(answers [][]byte) error {
	if len(answers) == 0 {
		return nil
	}
	session := r.session
	if err := r.rules.count(len(answers), func() { r.rules.abortBlocked(session, r.Ending) }); err != nil {
		return err
	}
	for _, answer := range answers {
		kind, data, err := r.ruleMessage(answer)
		switch {
		case err == nil:
			r.session.Reply(kind, data, true, true) // Run reports why it cannot be written
		case r.Interactive:
			err = r.Output.Error(err)
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
func (r *REPL) ruleMessage(text []byte) (client.Type, []byte, error) {
	if encode := r.Config.Rules.Encode; encode != nil {
		m, err := encode(text)
		if err != nil {
			return 0, nil, fmt.Errorf("answer %.40q: %w", text, err)
		}
		if m.Text {
			return client.Text, m.Data, nil
		}
		return client.Binary, m.Data, nil
	}
	return cmp.Or(r.Config.Rules.Type, client.Text), append(slices.Clip(text), r.lineEnd()...), nil
}

// onCommand adds a rule, removes one or all, or lists them.
func (r *REPL) onCommand(_ context.Context, arg string) error {
	return changeRules(r, &r.rules.on, arg, func(text string) (Rule, error) {
		if expression, isQuery := strings.CutPrefix(text, "jq "); isQuery {
			return NewQueryRule(expression)
		}
		return NewRule(text)
	}, func(r Rule) string { return r.text })
}

// changeRules runs /on and /every: it adds an element to a list, removes one or all, or shows the list.
func changeRules[T any](r *REPL, list *atomic.Pointer[[]T], arg string, parse func(string) (T, error), text func(T) string) error {
	now := *list.Load()
	if arg == "" {
		var all strings.Builder
		for i, one := range now {
			fmt.Fprintf(&all, "%d  %s\n", i+1, text(one))
		}
		return r.Output.Status(cmp.Or(strings.TrimSuffix(all.String(), "\n"), "the list is empty"))
	}
	if word, number, _ := strings.Cut(arg, " "); word == "off" && !strings.Contains(arg, arrow) {
		if number == "" {
			list.Store(new([]T))
			return nil
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 || n > len(now) {
			return fmt.Errorf("there is no rule %s", number)
		}
		less := slices.Delete(slices.Clone(now), n-1, n)
		list.Store(&less)
		return nil
	}
	one, err := parse(arg)
	if err != nil {
		return err
	}
	more := append(slices.Clone(now), one)
	list.Store(&more)
	return nil
}
