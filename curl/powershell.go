package curl

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// token is a word of PowerShell, or one of its special characters.
type token struct {
	text   string
	quoted bool // it is a quoted string or contains one
	sign   bool // one of ( ) { } , = ; @ and the end of a line
}

// is reports whether a token is the given sign.
func (t token) is(sign string) bool { return t.sign && t.text == sign }

// isPowerShell reports whether a text begins like what browsers copy for PowerShell.
func isPowerShell(text string) bool {
	text = strings.ToLower(strings.TrimLeft(text, " \t\r\n"))
	starts := []string{"$session", "invoke-webrequest", "invoke-restmethod", "iwr ", "irm "}
	return slices.ContainsFunc(starts, func(start string) bool { return strings.HasPrefix(text, start) })
}

// tokens splits a text into tokens as PowerShell does (about_Quoting_Rules, about_Special_Characters).
func tokens(text string) (list []token, err error) {
	for at := 0; at < len(text); {
		c := text[at]
		switch {
		case c == ' ' || c == '\t' || c == '\r':
			at++
		case c == '`' && endsLine(text[at+1:]):
			at += strings.IndexByte(text[at:], '\n') + 1
			if strings.TrimSpace(text[at:]) == "" {
				return nil, ErrIncomplete
			}
		case strings.IndexByte("(){},=;@\n", c) >= 0:
			list = append(list, token{text: string(c), sign: true})
			at++
		case c == '|' || c == '<' || c == '>' || c == '&':
			return nil, usagef("%q: expected a single command line, without pipes and redirections", string(c))
		default:
			t, size, err := word(text[at:])
			if err != nil {
				return nil, err
			}
			list = append(list, t)
			at += size
		}
	}
	return list, nil
}

// word parses a word, which may contain strings, and returns its length.
func word(text string) (t token, size int, err error) {
	var value strings.Builder
	at := 0
	for at < len(text) {
		c := text[at]
		switch {
		case c == '"' || c == '\'':
			part, length, err := quotedPart(text[at:])
			if err != nil {
				return t, 0, err
			}
			value.WriteString(part)
			t.quoted = true
			at += length
		case c == '`' && at+1 < len(text) && !endsLine(text[at+1:]):
			part, length := backquoted(text[at:])
			value.WriteString(part)
			at += length
		case strings.IndexByte(" \t\r\n(){},=;|<>&`", c) >= 0 && at > 0:
			t.text = value.String()
			return t, at, nil
		default:
			value.WriteByte(c)
			at++
		}
	}
	t.text = value.String()
	return t, at, nil
}

// quotedPart parses a quoted string, and returns its length with the quotes.
func quotedPart(text string) (value string, size int, err error) {
	quote := text[0]
	var part strings.Builder
	for at := 1; at < len(text); {
		c := text[at]
		switch {
		case c == quote && at+1 < len(text) && text[at+1] == quote:
			part.WriteByte(quote)
			at += 2
		case c == quote:
			return part.String(), at + 1, nil
		case c == '`' && quote == '"':
			text, length := backquoted(text[at:])
			part.WriteString(text)
			at += length
		case c == '$' && quote == '"':
			text, length, err := characters(text[at:])
			if err != nil {
				return "", 0, err
			}
			part.WriteString(text)
			at += length
		default:
			part.WriteByte(c)
			at++
		}
	}
	return "", 0, ErrIncomplete
}

// backquoteEscapes are the escapes of one letter after a backquote.
const backquoteEscapes = "0\x00a\ab\be\x1bf\fn\nr\rt\tv\v"

// backquoted parses an escape with a backquote, and returns its length.
func backquoted(text string) (value string, size int) {
	if len(text) == 1 {
		return "", 1
	}
	if value, ok := unescape(backquoteEscapes, text[1]); ok {
		return value, 2
	}
	_, size = utf8.DecodeRuneInString(text[1:])
	return text[1 : 1+size], 1 + size
}

// characters parses a sequence of $([char]233), the UTF-16 code units that browsers write for text that is not ASCII.
// Everything else that begins with a dollar sign would have to be expanded or run, and is rejected.
func characters(text string) (value string, size int, err error) {
	const before, after = "$([char]", ")"
	var units []uint16
	for strings.HasPrefix(text[size:], before) {
		digits, _, closed := strings.Cut(text[size+len(before):], after)
		unit, err := strconv.ParseUint(digits, 10, 16)
		if !closed || err != nil {
			break
		}
		units = append(units, uint16(unit))
		size += len(before) + len(digits) + len(after)
	}
	switch rest := text[size:]; {
	case size > 0:
		return string(utf16.Decode(units)), size, nil
	case strings.HasPrefix(rest, "$("):
		return "", 0, errCommand
	case len(rest) > 1 && (isNameByte(rest[1]) || rest[1] == '{'):
		end := 2
		for end < len(rest) && isNameByte(rest[end]) {
			end++
		}
		return "", 0, usagef("wsx does not expand %.40s: write its value, or let a shell run the line", rest[:end])
	}
	return "$", 1, nil
}

// splitPowerShell splits a command line of curl with PowerShell's quoting into words.
func splitPowerShell(text string) (words []string, err error) {
	list, err := tokens(strings.TrimLeft(text, " \t\r\n"))
	if err != nil {
		return nil, err
	}
	for i, t := range list {
		if t.is("\n") || t.is(";") {
			for _, next := range list[i:] {
				if !next.is("\n") && !next.is(";") {
					return nil, usagef("expected one command line, but another follows it: %.40q", next.text)
				}
			}
			break
		}
		words = append(words, t.text)
	}
	return words, nil
}

// webRequest is a parser of a call of Invoke-WebRequest, which it turns into the words of curl.
type webRequest struct {
	list  []token
	words []string // of curl, the name of the program first
	found bool     // the call itself was found, after the statements about its session
}

// splitWebRequest returns the words of curl for a call of Invoke-WebRequest, with the session that browsers write before it.
func splitWebRequest(text string) ([]string, error) {
	list, err := tokens(text)
	if err != nil {
		return nil, err
	}
	r := &webRequest{list: list, words: []string{"curl"}}
	for len(r.list) > 0 {
		first := r.list[0]
		r.list = r.list[1:]
		lower := strings.ToLower(first.text)
		switch {
		case first.is("\n") || first.is(";"):
		case r.found:
			return nil, usagef("expected one command line, but another follows it: %.40q", first.text)
		case strings.HasPrefix(lower, "$session"):
			err = r.session(lower)
		default:
			r.found = true
			err = r.call()
		}
		if err != nil {
			return nil, err
		}
	}
	if !r.found {
		return nil, ErrIncomplete
	}
	return r.words, nil
}

// next removes and returns the next token.
func (r *webRequest) next() token {
	if len(r.list) == 0 {
		return token{text: "\n", sign: true}
	}
	t := r.list[0]
	r.list = r.list[1:]
	return t
}

// session parses a statement about the session: its user agent, or a cookie.
func (r *webRequest) session(target string) error {
	var values []string
	for t := r.next(); !t.is("\n") && !t.is(";"); t = r.next() {
		if t.quoted {
			values = append(values, t.text)
		}
	}
	switch {
	case target == "$session":
	case target == "$session.useragent" && len(values) == 1:
		r.words = append(r.words, "-A", values[0])
	case target == "$session.cookies.add" && len(values) >= 2:
		r.words = append(r.words, "-b", values[0]+"="+values[1])
	default:
		return usagef("unsupported PowerShell statement: %.40q", target)
	}
	return nil
}

// call parses the parameters of Invoke-WebRequest.
func (r *webRequest) call() error {
	for t := r.next(); !t.is("\n") && !t.is(";"); t = r.next() {
		parameter := strings.ToLower(t.text)
		if option := map[string]string{"-uri": "--url", "-method": "-X", "-useragent": "-A", "-proxy": "-x"}[parameter]; option != "" {
			r.words = append(r.words, option, r.next().text)
			continue
		}
		var err error
		switch parameter {
		case "-usebasicparsing":
		case "-websession":
			r.next()
		case "-skipcertificatecheck":
			r.words = append(r.words, "-k")
		case "-contenttype":
			r.words = append(r.words, "-H", "Content-Type: "+r.next().text)
		case "-headers":
			err = r.headers()
		default:
			if t.sign || strings.HasPrefix(parameter, "-") {
				return usagef("the parameter %.40s of Invoke-WebRequest is not supported", t.text)
			}
			r.words = append(r.words, "--url", t.text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// headers parses @{ "name"="value" ... }.
func (r *webRequest) headers() error {
	if !r.next().is("@") || !r.next().is("{") {
		return usagef("the headers of Invoke-WebRequest must be a table: @{ \"name\"=\"value\" }")
	}
	for len(r.list) > 0 {
		name := r.next()
		switch {
		case name.is("}"):
			return nil
		case name.is("\n") || name.is(";"):
			continue
		case name.sign || !r.next().is("="):
			return usagef("the headers of Invoke-WebRequest must be a table: @{ \"name\"=\"value\" }")
		}
		line := name.text + ": " + r.next().text
		if strings.HasSuffix(line, ": ") {
			line = name.text + ";" // as curl writes a header without a value
		}
		r.words = append(r.words, "-H", line)
	}
	return ErrIncomplete
}
