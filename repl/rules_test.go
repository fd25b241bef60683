package repl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/codec"
)

// rulesOf reads rules as the command line does.
func rulesOf(t *testing.T, on, onJQ, every []string) (rules Rules) {
	t.Helper()
	add := func(rule Rule, err error) {
		if err != nil {
			t.Fatal(err)
		}
		rules.On = append(rules.On, rule)
	}
	for _, text := range on {
		add(NewRule(text))
	}
	for _, text := range onJQ {
		add(NewQueryRule(text))
	}
	for _, text := range every {
		timer, err := NewTimer(text)
		if err != nil {
			t.Fatal(err)
		}
		rules.Every = append(rules.Every, timer)
	}
	return rules
}

// TestRulesAtThePrompt adds, lists and removes rules during the session.
func TestRulesAtThePrompt(t *testing.T) {
	for name, script := range map[string]string{
		"answers": `
			> /on
			  note: the list is empty
			> /on ^id (\d+) (?P<who>\w+)$ => $0 is $1 of ${who}, $$1
			< id 7 me
			  sent reply text "id 7 me is 7 of me, $1"
			  out: id 7 me
			< id x me
			  out: id x me
			> /on
			  note: 1  ^id (\d+) (?P<who>\w+)$ => $0 is $1 of ${who}, $$1
			> /on id =>
			< id 8 you
			  sent reply text "id 8 you is 8 of you, $1"
			  sent reply text ""
			  out: id 8 you
			> /on off 2
			> /on off 2
			  note: error: there is no rule 2
			> /on off x
			  note: error: there is no rule x
			< id 9 they
			  sent reply text "id 9 they is 9 of they, $1"
			  out: id 9 they
			> /on off
			> /on
			  note: the list is empty
			< id 7 me
			  out: id 7 me
		`,
		"by jq": `
			> /on jq .ask[]? | {got: .}
			< {"ask": [1, "two"]}
			  sent reply text "{\"got\":1}"
			  sent reply text "{\"got\":\"two\"}"
			  out: {"ask": [1, "two"]}
			< {"ask": []}
			  out: {"ask": []}
			< not JSON
			  out: not JSON
			> /on jq .name
			< {"name": "text as it is"}
			  sent reply text "text as it is"
			  out: {"name": "text as it is"}
			> /on
			  note: 1  jq .ask[]? | {got: .}
			  note: 2  jq .name
			> /on jq .[
			  note: error: jq ".[": unexpected EOF at column 3
		`,
		"in order, every one that matches": `
			> /on a => 1
			> /on b => 2
			> /on [ac] => 3
			< abc
			  sent reply text "1"
			  sent reply text "2"
			  sent reply text "3"
			  out: abc
			< b
			  sent reply text "2"
			  out: b
		`,
		"across fragments": `
			> /on ^whole$ => yes
			<first who
			  out: who
			<last le
			  sent reply text "yes"
			  out: le
			<first wh
			  out: wh
			<next o
			  out: o
			<last le!
			  out: le!
			< whole
			  sent reply text "yes"
			  out: whole
		`,
		"a rule called off": `
			> /on off => on
			< off
			  sent reply text "on"
			  out: off
		`,
		"mistakes": `
			> /on hello
			  note: error: "hello": expected REGEX => MSG, with spaces around the arrow
			> /on => hello
			  note: error: "=> hello": expected REGEX => MSG, with spaces around the arrow
			> /on a=>b
			  note: error: "a=>b": expected REGEX => MSG, with spaces around the arrow
			> /on a =>b
			  note: error: "a =>b": expected REGEX => MSG, with spaces around the arrow
			> /on ( => b
			  note: error: "( => b": error parsing regexp: missing closing ): '('
			> /on (a) => $2
			  note: error: $2: the regular expression "(a)" has no such group
			> /on (a) => ${name}
			  note: error: ${name}: the regular expression "(a)" has no such group
			> /on (a) => $
			< a
			  sent reply text "$"
			  out: a
			> /every hello
			  note: error: "hello": expected D => MSG, with spaces around the arrow
			> /every never => x
			  note: error: "never => x": "never" is not a duration like 30s or 500ms
			> /every 0s => x
			  note: error: "0s => x": "0s" is not a duration like 30s or 500ms
			> /every 999us => x
			  note: error: "999us => x": "999us" is not a duration like 30s or 500ms
			> /every -1s => x
			  note: error: "-1s => x": "-1s" is not a duration like 30s or 500ms
		`,
		"timers": `
			> /every
			  note: the list is empty
			> /every 2s => tick
			wait 1999ms
			wait 1ms
			  sent text "tick"
			> /every 3 => tock
			wait 3s
			  sent text "tick"
			  sent text "tock"
			> /every
			  note: 1  2s => tick
			  note: 2  3 => tock
			> /every off 1
			wait 4s
			  sent text "tock"
			> /every off
			wait 1h
			> /every
			  note: the list is empty
		`,
		"the end of lines": `
			> /eol
			  note: none
			> /eol crlf
			> hello
			  sent text "hello\r\n"
			> /eol
			  note: crlf
			> /on ^a => b
			< a
			  sent reply text "b\r\n"
			  out: a
			> /every 1s => tick
			wait 1s
			  sent text "tick\r\n"
			> /every off
			> /eol nul
			> /eol lf
			> //x
			  sent text "/x\n"
			> /eol cr
			  note: error: expected crlf, lf, nul or none
			> /eol none
			> hello
			  sent text "hello"
		`,
	} {
		t.Run(name, func(t *testing.T) { scripted{}.run(t, script) })
	}
}

// TestRulesOfTheCommandLine: rules answer in a pipe as well.
func TestRulesOfTheCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		on, onJQ, every []string
		config          Config
		script          string
	}{
		"answers come before the end": {
			on: []string{"^a => b"}, config: Config{Ending: Ending{Count: 2}},
			script: `
				< a
				  sent reply text "b"
				  out: a
				< a
				  sent reply text "b"
				  sent close 1000 "" now
				  out: a
				  end
			`,
		},
		"binary": {
			on: []string{"^a => b"}, every: []string{"1s => tick"},
			config: Config{Rules: Rules{Type: client.Binary}, Ending: Ending{Wait: -1}, LineEnd: "lf"},
			script: `
				< a
				  sent reply binary "b\n"
				  out: a
				wait 1s
				  sent binary "tick\n"
				<end
				  end
			`,
		},
		"not while the connection is lost": {
			every: []string{"1s => tick"},
			script: `
				wait 1s
				  sent text "tick"
				do lose
				  note: * reconnecting in 1s (attempt 1): gone
				wait 3s
				do reconnect
				  note: * connected to ws://h/ (HTTP/1.1)
				wait 999ms
				wait 1ms
				  sent text "tick"
				<end
				  end
			`,
		},
		"timers that are late do not catch up": {
			every: []string{"1s => tick"},
			script: `
				wait 1s
				  sent text "tick"
				do block
				wait 5500ms
				do unblock
				  sent text "tick"
				  sent text "tick"
				wait 499ms
				wait 501ms
				  sent text "tick"
				<end
				  end
			`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			rules := rulesOf(t, c.on, c.onJQ, c.every)
			rules.Type = c.config.Rules.Type
			c.config.Rules = rules
			scripted{Config: c.config, NotTyped: true, Actions: connActions()}.run(t, c.script)
		})
	}
}

// TestEncodedRules: the messages of rules are encoded; one that cannot be encoded is an error.
func TestEncodedRules(t *testing.T) {
	encode := func(text []byte) (codec.Message, error) {
		if string(text) == "bad" {
			return codec.Message{}, errors.New("no such value")
		}
		return codec.Message{Text: string(text) == "text", Data: append([]byte("enc:"), text...)}, nil
	}
	for name, script := range map[string]string{
		"answers": `
			> /on ^(.*)$ => $1
			< text
			  sent reply text "enc:text"
			  out: text
			< binary
			  sent reply binary "enc:binary"
			  out: binary
			< bad
			  out: bad
			  note: error: answer "bad": no such value
			< text
			  sent reply text "enc:text"
			  out: text
		`,
		"timers": `
			> /every 1s => text
			> /every 1s => bad
			wait 1s
			  sent text "enc:text"
			  note: error: answer "bad": no such value
			> /every off
		`,
	} {
		t.Run(name, func(t *testing.T) { scripted{Config: Config{Rules: Rules{Encode: encode}}}.run(t, script) })
	}
}

// TestEndlessAnswers: an endless exchange of answers ends the session.
func TestEndlessAnswers(t *testing.T) {
	start := time.Now()
	for name, c := range map[string]struct {
		seconds []int // answers in each
		want    bool
	}{
		"three seconds too many":    {[]int{1001, 1001, 1001}, true},
		"as many as may be":         {[]int{1000, 1000, 1000, 1000}, false},
		"a pause between":           {[]int{1001, 1001, 0, 1001, 1001}, false},
		"a slow second between":     {[]int{1001, 1001, 1000, 1001, 1001}, false},
		"after slow ones":           {[]int{1, 1, 5000, 5000, 5000}, true},
		"two seconds, however many": {[]int{100000, 100000}, false},
	} {
		var rate answerRate
		var err error
		for second, answers := range c.seconds {
			for i := range answers {
				now := start.Add(time.Duration(second)*time.Second + time.Duration(i)*time.Microsecond)
				if got := rate.add(now, 1); got != nil {
					err = got
				}
			}
		}
		if loop, _ := errors.AsType[*LoopError](err); (loop != nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnswersThatCannotBeWritten: a server that answers each answer and does not read until its own answers are read stops both. The
// session ends with the reason.
func TestAnswersThatCannotBeWritten(t *testing.T) {
	scripted{
		Config:   Config{Rules: rulesOf(t, []string{"^a$ => b"}, nil, nil)},
		View:     View{Grep: "nothing"},
		NotTyped: true,
		Prepare:  func(r *REPL) { r.rules.rate.count, r.rules.rate.second = maxAnswers, time.Now() },
		Actions:  connActions(),
	}.run(t, `
		do block
		< a
		wait 3s
		wait 2999ms
		wait 1ms
		  abort 1000 ""
		  sent reply text "b"
		  end: rules answered more than 1000 messages a second for 3 s: the server seems to answer each answer
	`)
}

// TestAnswersOfQueryEnd: an expression that does not end is ended with the session.
func TestAnswersOfQueryEnd(t *testing.T) {
	rule, err := NewQueryRule("def f: 1, f; f | empty")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list := rule.answers(ctx, nil, []byte(strings.Repeat("1", 3))); len(list) > 0 {
		t.Errorf("%q", list)
	}
}
