package dialect

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"wsx/jq"
)

// maxFileSize is the maximum size of a dialect file, in bytes.
const maxFileSize = 1 << 20

// word is a keyword with which a statement of a file begins.
type word struct {
	name  string
	args  string
	help  string
	parse func(*parser, string) error
}

// words returns the table of the words, in the order of the documentation.
func words() []word {
	return []word{
		{"name", `NAME "TEXT"`, "the name of the dialect, and a description of its protocol", (*parser).name},
		{"connect", "EXPR", "path, query, headers and subprotocols of the connection, or an HTTP request before it", singleExpression(func(d *Dialect) **expression { return &d.connect })},
		{"option", `NAME[=DEFAULT] [json] [secret] "TEXT"`, "a value that the user sets, $opt.NAME", (*parser).option},
		{"coding", "NAME", "how messages are encoded: " + strings.Join(codingNames(), ", "), (*parser).coding},
		{"separator", `"TEXT"`, "what ends each value if one message holds several", (*parser).separator},
		{"detect", "EXPR", "reports whether a server's first message is of this protocol", singleExpression(func(d *Dialect) **expression { return &d.detect })},
		{"open", "EXPR", "actions when the connection is open", singleExpression(func(d *Dialect) **expression { return &d.open })},
		{"read", "EXPR", "transforms a received message before the rules", singleExpression(func(d *Dialect) **expression { return &d.read })},
		{"on", "CONDITION => EXPR", "actions for a received message; the first rule whose condition is true applies", (*parser).on},
		{"every", "EXPR => EXPR", "actions at an interval: seconds, or text like \"30s\"; null = never", (*parser).every},
		{"state", "EXPR", "the initial $state, an object", singleExpression(func(d *Dialect) **expression { return &d.initial })},
		{"verb", `NAME [PARAM...] "TEXT" => EXPR`, "actions for a verb on the command line or at the prompt", (*parser).verb},
		{"show", "CONDITION => EXPR", "what to show of an event instead of its data", (*parser).show},
		{"bye", "EXPR", "actions before wsx closes", singleExpression(func(d *Dialect) **expression { return &d.beforeClose })},
		{"retry", "EXPR", "reports whether to connect again after a Close: .code, .reason", singleExpression(func(d *Dialect) **expression { return &d.retry })},
		{"resume", "EXPR", "actions instead of open after a reconnect", singleExpression(func(d *Dialect) **expression { return &d.resume })},
	}
}

// Words returns the words of a file with their arguments, and descriptions.
func Words() (list [][2]string) {
	for _, w := range words() {
		list = append(list, [2]string{w.name + " " + w.args, w.help})
	}
	return list
}

// statement is a word with the text up to the next statement.
type statement struct {
	word, rest string
	line       int
}

// parser compiles a file, statement by statement.
type parser struct {
	d    *Dialect
	at   string // FILE:LINE of the current statement
	seen map[string]bool
}

// Parse compiles a dialect file, whose name is for errors. It fails with a *FileError.
func Parse(name string, content []byte) (*Dialect, error) {
	p := parser{d: &Dialect{file: name, coding: "json"}, seen: map[string]bool{}}
	if len(content) > maxFileSize {
		return nil, &FileError{At: name + ":1", Reason: fmt.Sprintf("longer than %d bytes", maxFileSize)}
	}
	statements, err := split(name, content)
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		p.at = fmt.Sprintf("%s:%d", name, s.line)
		if err := p.statement(s); err != nil {
			return nil, err
		}
	}
	p.at = name + ":1"
	if p.d.Name == "" {
		return nil, p.errorf(`no name: a dialect begins with name NAME "TEXT"`)
	}
	if _, err := newCoding(p.d.coding, p.d.separator); err != nil {
		return nil, p.errorf("%v", err)
	}
	return p.d, nil
}

// split splits a file into statements. A line that begins with a space continues the one before; # begins a comment.
func split(name string, content []byte) (list []statement, err error) {
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		number++
		at := fmt.Sprintf("%s:%d", name, number)
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case !utf8.ValidString(text):
			return nil, &FileError{At: at, Reason: "not UTF-8"}
		case strings.TrimSpace(text) == "", strings.HasPrefix(text, "#"):
			if len(list) > 0 {
				list[len(list)-1].rest += "\n"
			}
		case text[0] != ' ' && text[0] != '\t':
			word, rest, _ := strings.Cut(text, " ")
			list = append(list, statement{word, rest, number})
		case len(list) == 0:
			return nil, &FileError{At: at, Reason: "the first line begins with a space: a statement begins with a word"}
		default:
			list[len(list)-1].rest += "\n" + text
		}
	}
	return list, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return &FileError{At: p.at, Reason: fmt.Sprintf(format, args...)}
}

// repeatable reports whether a file may have several statements with a word.
func repeatable(word string) bool {
	return slices.Contains([]string{"option", "on", "every", "verb", "show"}, word)
}

func (p *parser) statement(s statement) error {
	table := words()
	i := slices.IndexFunc(table, func(w word) bool { return w.name == s.word })
	if i < 0 {
		var names []string
		for _, w := range table {
			names = append(names, w.name)
		}
		return &FileError{At: p.at, Reason: fmt.Sprintf("unknown word %.40q", s.word), Hint: "expected " + strings.Join(names, " ")}
	}
	if p.seen[s.word] && !repeatable(s.word) {
		return p.errorf("%s appears twice in the file", s.word)
	}
	p.seen[s.word] = true
	if strings.TrimSpace(s.rest) == "" {
		return p.errorf("%s needs an argument: %s %s", s.word, s.word, table[i].args)
	}
	return table[i].parse(p, s.rest)
}

// singleExpression returns the parser of a statement that is one expression.
func singleExpression(field func(*Dialect) **expression) func(*parser, string) error {
	return func(p *parser, rest string) (err error) {
		*field(p.d), err = p.expression(rest)
		return err
	}
}

// readyCall matches an expression that has the action ready.
var readyCall = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|[^.$\w"])ready\b`) })

func (p *parser) expression(source string) (*expression, error) {
	e, err := compile(source, p.at)
	p.d.login = p.d.login || err == nil && readyCall().MatchString(source)
	return e, err
}

var nameGrammar = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`) })

func (p *parser) name(rest string) error {
	head, text, err := p.cutDescription(rest)
	if err != nil {
		return err
	}
	if !nameGrammar().MatchString(head) {
		return p.errorf("invalid name %.40q: use a lower-case letter, then lower-case letters, digits, dots, - and _", head)
	}
	p.d.Name, p.d.Description = head, text
	return nil
}

// cutDescription splits off the description in quotes at the end.
func (p *parser) cutDescription(rest string) (head, text string, err error) {
	rest = strings.TrimSpace(rest)
	if !strings.HasSuffix(rest, `"`) {
		return rest, "", nil
	}
	for i := strings.LastIndexByte(rest[:len(rest)-1], '"'); i >= 0; i = strings.LastIndexByte(rest[:i], '"') {
		if i > 0 && !unicode.IsSpace(rune(rest[i-1])) {
			continue
		}
		value, err := jq.Parse(rest[i:])
		if text, ok := value.(string); ok && err == nil {
			return strings.TrimSpace(rest[:i]), text, nil
		}
	}
	return "", "", p.errorf("text in quotes must be a JSON string")
}

func (p *parser) option(rest string) error {
	head, text, err := p.cutDescription(rest)
	if err != nil {
		return err
	}
	o := Option{Description: text}
	fields := strings.Fields(head)
	if len(fields) == 0 {
		return p.errorf("option without a name")
	}
	var defaultText string
	var hasDefault bool
	o.Name, defaultText, hasDefault = strings.Cut(fields[0], "=")
	if !nameGrammar().MatchString(o.Name) {
		return p.errorf("invalid option name %.40q: use a lower-case letter, then lower-case letters, digits, dots, - and _", o.Name)
	}
	for _, field := range fields[1:] {
		switch field {
		case "json":
			o.JSON = true
		case "secret":
			o.Secret = true
		case "required":
			o.Required = true
		default:
			return p.errorf("an option can be json, secret or required, not %.40q; a default must not contain spaces", field)
		}
	}
	switch {
	case hasDefault && o.JSON:
		if o.Default, err = jq.Parse(defaultText); err != nil {
			return p.errorf("the default of %s is not JSON", o.Name)
		}
	case hasDefault:
		o.Default = defaultText
	}
	p.d.Options = append(p.d.Options, o)
	return nil
}

func (p *parser) coding(rest string) error {
	p.d.coding = strings.TrimSpace(rest)
	if _, err := newCoding(p.d.coding, ""); err != nil {
		return p.errorf("%v", err)
	}
	return nil
}

func (p *parser) separator(rest string) error {
	value, err := jq.Parse(strings.TrimSpace(rest))
	text, ok := value.(string)
	if err != nil || !ok || text == "" {
		return p.errorf(`a separator must be a JSON string like "\n"`)
	}
	p.d.separator = text
	return nil
}

// cutArrow splits at the first => that is not in a string.
func (p *parser) cutArrow(rest string) (before, after string, err error) {
	inString := false
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '"':
			inString = !inString
		case inString && rest[i] == '\\':
			i++
		case !inString && strings.HasPrefix(rest[i:], "=>"):
			return strings.TrimSpace(rest[:i]), rest[i+2:], nil
		}
	}
	return "", "", p.errorf("no => between the condition and the actions")
}

func (p *parser) rule(rest string) (r rule, err error) {
	before, after, err := p.cutArrow(rest)
	if err != nil {
		return r, err
	}
	if r.when, err = compileCondition(before, p.at); err != nil {
		return r, err
	}
	r.body, err = p.expression(after)
	return r, err
}

func (p *parser) on(rest string) error {
	r, err := p.rule(rest)
	p.d.rules = append(p.d.rules, r)
	return err
}

func (p *parser) show(rest string) error {
	r, err := p.rule(rest)
	p.d.shows = append(p.d.shows, r)
	return err
}

// bareDuration matches a duration without quotes.
var bareDuration = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9.]+(ms|s|m|h)$`) })

func (p *parser) every(rest string) error {
	before, after, err := p.cutArrow(rest)
	if err != nil {
		return err
	}
	if bareDuration().MatchString(before) {
		before = `"` + before + `"`
	}
	var t timer
	if t.every, err = p.expression(before); err != nil {
		return err
	}
	t.body, err = p.expression(after)
	p.d.timers = append(p.d.timers, t)
	return err
}

func (p *parser) verb(rest string) error {
	before, after, err := p.cutArrow(rest)
	if err != nil {
		return err
	}
	head, text, err := p.cutDescription(before)
	if err != nil {
		return err
	}
	fields := strings.Fields(head)
	if len(fields) == 0 {
		return p.errorf("verb without a name")
	}
	v := Verb{Name: fields[0], Description: text}
	if !nameGrammar().MatchString(v.Name) {
		return p.errorf("invalid verb %.40q: use a lower-case letter, then lower-case letters, digits, dots, - and _", v.Name)
	}
	if _, twice := p.d.Verb(v.Name); twice {
		return p.errorf("verb %s appears twice in the file", v.Name)
	}
	for _, field := range fields[1:] {
		param, err := p.param(field)
		if err != nil {
			return err
		}
		if n := len(v.Params); n > 0 && (v.Params[n-1].Rest || v.Params[n-1].Optional && !param.Optional) {
			return p.errorf("%s cannot follow %s", field, fields[n])
		}
		v.Params = append(v.Params, param)
	}
	v.body, err = p.expression(after)
	p.d.Verbs = append(p.d.Verbs, v)
	return err
}

var paramGrammar = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\[)?([A-Z][A-Z0-9_]*)(:json|:value)?(\.\.\.)?(\])?$`)
})

func (p *parser) param(field string) (Param, error) {
	found := paramGrammar().FindStringSubmatch(field)
	if found == nil || (found[1] == "") != (found[5] == "") {
		return Param{}, p.errorf("invalid parameter %.40q: expected NAME, [NAME], NAME:json, NAME:value or [NAME...]", field)
	}
	kinds := map[string]Kind{"": Text, ":json": JSON, ":value": Value}
	return Param{Name: found[2], Kind: kinds[found[3]], Optional: found[1] != "", Rest: found[4] != ""}, nil
}
