// Package dialect translates between typed commands and an application protocol over WebSocket.
//
// A dialect is a small text file whose expressions are jq. Parse compiles it; Start begins a session of it. A State turns
// verbs into messages, and messages into named events, replies with their round trip time, and answers. It does no I/O and reads no
// clock: the caller passes the time and sends what it returns.
package dialect

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wsx/jq"
)

// Dialect is a compiled dialect file. It does not change and may be shared.
type Dialect struct {
	Name        string
	Description string // one line
	Options     []Option
	Verbs       []Verb

	file        string
	coding      string
	separator   string
	connect     *expression // nil = the URL alone
	detect      *expression // nil = the dialect cannot be recognized
	open        *expression
	read        *expression
	resume      *expression
	initial     *expression // the initial state
	beforeClose *expression
	retry       *expression
	rules       []rule
	timers      []timer
	shows       []rule
	login       bool // a rule has the action ready: verbs wait for it
}

// Option is a value that --opt sets.
type Option struct {
	Name        string
	Description string
	Secret      bool // must never be shown
	Required    bool // a session cannot begin without it
	JSON        bool // its value is JSON, else text
	Default     any
}

// Verb is a command of the dialect that sends messages.
type Verb struct {
	Name        string
	Description string
	Params      []Param
	body        *expression
}

// The verbs that are not typed.
const (
	LineVerb  = "line"  // for a line that is not a verb
	InputVerb = "input" // for the bytes of standard input, in a pipe
	EndVerb   = "end"   // for the end of standard input
)

// Param is an argument of a verb.
type Param struct {
	Name     string
	Kind     Kind
	Optional bool
	Rest     bool // all remaining words
}

// Kind is how a word is converted to the value of a parameter.
type Kind uint8

// The kinds of parameter.
const (
	Text  Kind = iota // the word itself
	JSON              // the word is JSON
	Value             // JSON if the word is JSON, else the word itself
)

// Usage returns the verb with its parameters, as it is typed.
func (v Verb) Usage() string {
	words := []string{v.Name}
	for _, p := range v.Params {
		word := p.Name
		if p.Rest {
			word += "..."
		}
		if p.Optional {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// Verb returns a verb by its name.
func (d *Dialect) Verb(name string) (Verb, bool) {
	i := slices.IndexFunc(d.Verbs, func(v Verb) bool { return v.Name == name })
	if i < 0 {
		return Verb{}, false
	}
	return d.Verbs[i], true
}

// Rules returns the number of rules for messages.
func (d *Dialect) Rules() int { return len(d.rules) }

// rule is a condition and its actions.
type rule struct {
	when condition
	body *expression
}

// timer is a repeated action.
type timer struct {
	every *expression // interval in seconds, or text like "30s"; null = never
	body  *expression
}

// Start begins a session with values of options.
func (d *Dialect) Start(options map[string]string) (*State, error) {
	values, err := d.optionValues(options)
	if err != nil {
		return nil, err
	}
	coding, err := newCoding(d.coding, d.separator)
	if err != nil {
		return nil, err
	}
	s := &State{
		dialect: d, coding: coding, options: values, state: map[string]any{},
		calls: map[string]*call{}, random: randomText(),
	}
	if d.initial != nil {
		if err := s.begin(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// LogsIn reports whether the dialect logs in before anything else.
func (d *Dialect) LogsIn() bool { return d.login }

// Remote returns the state of a session that another process translates. Only its method Dialect can be used.
func (d *Dialect) Remote() *State { return &State{dialect: d} }

// randomBytes is the number of random bytes in $random.
const randomBytes = 8

func randomText() string {
	var b [randomBytes]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// optionValues checks the values of options and fills in the defaults.
func (d *Dialect) optionValues(given map[string]string) (map[string]any, error) {
	values := map[string]any{}
	for _, o := range d.Options {
		values[o.Name] = o.Default
		text, ok := given[o.Name]
		switch {
		case !ok && o.Required, ok && text == "" && o.Required:
			return nil, &UsageError{
				Message: fmt.Sprintf("%s needs the option %s: %s", d.Name, o.Name, o.Description),
				Options: d.Name,
			}
		case !ok:
		case o.JSON:
			value, err := jq.Parse(text)
			if err != nil {
				return nil, &UsageError{Message: fmt.Sprintf("option %s of %s is not JSON", o.Name, d.Name)}
			}
			values[o.Name] = value
		default:
			values[o.Name] = text
		}
	}
	for name := range given {
		if _, known := values[name]; !known {
			return nil, &UsageError{
				Message: fmt.Sprintf("%s has no option %s", d.Name, name), Options: d.Name,
			}
		}
	}
	return values, nil
}

// State is one session in a dialect. Several goroutines may call its methods; the messages returned must be sent in the order of the
// calls, which a Queue keeps.
type State struct {
	dialect *Dialect
	random  string

	// Guards the fields below. It is held while expressions run: they are computation in bounded time, and call nothing of the caller.
	// Each depends on what the one before has left in state, so that they cannot run at the same time.
	mu       sync.Mutex
	coding   coding
	options  map[string]any
	state    map[string]any
	opened   bool // at least one connection was opened
	closing  bool // BeforeClose was called for this connection
	ready    bool // the login of this connection is done
	loggedIn bool // the login of the latest connection is done, also after that connection was lost
	number   int  // number of the latest verb
	calls    map[string]*call
	queued   []*call // verbs that wait for ready
	live     []*call // subscriptions, repeated when a connection opens again
	timers   []time.Time
	rate     rate
	clock    clock
	foreign  bool            // a message of another protocol was reported
	noted    map[string]bool // failures that were reported
	next     time.Time       // Output.Next of the last output
	outputs  int             // number of the last output that a Queue keeps in order
}

// Dialect returns the dialect of the session.
func (s *State) Dialect() *Dialect { return s.dialect }

// call is a use of a verb.
type call struct {
	number int
	verb   *Verb
	input  map[string]any
	keys   []string // its keys in calls
	live   bool
	sent   time.Time
}

// begin sets the initial state.
func (s *State) begin() error {
	results, err := s.run(s.dialect.initial, nil, nil)
	if err != nil {
		return err
	}
	for _, result := range results {
		object, ok := result.(map[string]any)
		if !ok {
			return s.dialect.initial.failure("it must return an object")
		}
		s.state = object
	}
	return nil
}
