package dial

import (
	"fmt"
	"net/url"
	"strings"
)

// netrc is a .netrc file as curl reads it: logins by machine; the first match is used.
type netrc []netrcEntry

type netrcEntry struct {
	machine         string // "" = default: all hosts
	login, password string
	hasPassword     bool
}

// parseNetrc reads the words machine, default, login, password, account and macdef.
func parseNetrc(text string) (netrc, error) {
	var entries netrc
	words := &netrcWords{rest: text}
	for {
		switch word := words.keyword(); word {
		case "":
			return entries, nil
		case "machine", "login", "password", "account":
			value, ok := words.value()
			last := len(entries) - 1
			switch {
			case !ok:
				return nil, fmt.Errorf("%q is not followed by a value", word)
			case word == "machine":
				entries = append(entries, netrcEntry{machine: normalizeHost(value)})
			case last < 0:
				return nil, fmt.Errorf("%q comes before any machine", word)
			case word == "login":
				entries[last].login = value
			case word == "password":
				entries[last].password, entries[last].hasPassword = value, true
			}
		case "default":
			entries = append(entries, netrcEntry{})
		case "macdef":
			words.skipMacro()
		default:
			return nil, fmt.Errorf("line %d has an unknown word", words.line(text)) // not shown: it may be a password
		}
	}
}

func (e netrcEntry) matches(host string) bool { return e.machine == "" || e.machine == host }

// login returns the first login for host; nil = no login.
func (n netrc) login(host string) *url.Userinfo {
	for _, e := range n {
		if e.matches(host) && e.login != "" {
			return url.UserPassword(e.login, e.password)
		}
	}
	return nil
}

// password returns the password of user on host.
func (n netrc) password(host, user string) (string, bool) {
	for _, e := range n {
		if e.matches(host) && e.hasPassword && (e.login == "" || e.login == user) {
			return e.password, true
		}
	}
	return "", false
}

const netrcSpace = " \t\r\n"

// netrcWords cuts a .netrc into words.
type netrcWords struct{ rest string }

// line returns the number of the line of text in which the last word ended.
func (w *netrcWords) line(text string) int {
	return 1 + strings.Count(text[:len(text)-len(w.rest)], "\n")
}

// keyword returns the next keyword, "" at the end. Before a keyword, # begins a comment.
func (w *netrcWords) keyword() string {
	for {
		w.rest = strings.TrimLeft(w.rest, netrcSpace)
		if !strings.HasPrefix(w.rest, "#") {
			word, _ := w.value()
			return word
		}
		_, w.rest, _ = strings.Cut(w.rest, "\n")
	}
}

// value returns the next word, which may be quoted; false at the end.
func (w *netrcWords) value() (string, bool) {
	w.rest = strings.TrimLeft(w.rest, netrcSpace)
	if strings.HasPrefix(w.rest, `"`) {
		return w.quoted()
	}
	end := strings.IndexAny(w.rest, netrcSpace)
	if end < 0 {
		end = len(w.rest)
	}
	word := w.rest[:end]
	w.rest = w.rest[end:]
	return word, word != ""
}

// quoted returns a word in quotes, with the escapes \n, \r, \t and \"; false if the quote never ends.
func (w *netrcWords) quoted() (string, bool) {
	var b strings.Builder
	for i := 1; i < len(w.rest); i++ {
		switch c := w.rest[i]; {
		case c == '"':
			w.rest = w.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(w.rest):
			i++
			b.WriteString(netrcEscapes.Replace(w.rest[i : i+1]))
		default:
			b.WriteByte(c)
		}
	}
	w.rest = ""
	return "", false
}

var netrcEscapes = strings.NewReplacer("n", "\n", "r", "\r", "t", "\t")

// skipMacro skips a macro, which ends at an empty line.
func (w *netrcWords) skipMacro() {
	for w.rest != "" {
		var line string
		line, w.rest, _ = strings.Cut(w.rest, "\n")
		if strings.TrimRight(line, netrcSpace) == "" {
			return
		}
	}
}
