package curl

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// bash is a parser of a command line of bash (bash manual, sections 3.1.2 and 3.2).
type bash struct {
	text   string
	at     int
	words  []string
	word   strings.Builder
	inWord bool // also in an empty word, such as ''
}

// splitBash splits a command line into words as bash does.
func splitBash(text string) ([]string, error) {
	b := &bash{text: strings.TrimLeft(text, " \t\r\n")}
	for b.at < len(b.text) {
		if ended, err := b.next(); err != nil {
			return nil, err
		} else if ended {
			b.end()
			return b.words, onlyOne(b.text[b.at:])
		}
	}
	b.end()
	return b.words, nil
}

// end ends the current word, if there is one.
func (b *bash) end() {
	if b.inWord {
		b.words = append(b.words, b.word.String())
	}
	b.word.Reset()
	b.inWord = false
}

func (b *bash) add(s string) {
	b.word.WriteString(s)
	b.inWord = true
}

// next reads a character or a quoted string. It reports whether the command has ended.
func (b *bash) next() (ended bool, err error) {
	c := b.text[b.at]
	b.at++
	switch c {
	case ' ', '\t', '\r':
		b.end()
	case '\n', ';', '&':
		return true, nil
	case '|', '<', '>', '(', ')':
		return false, usagef("%q: expected a single command line, without pipes and redirections", string(c))
	case '#':
		if b.inWord {
			b.add("#")
			return false, nil
		}
		b.at += strings.IndexByte(b.text[b.at:]+"\n", '\n')
	case '\\':
		return false, b.backslash()
	case '\'':
		return false, b.quoted()
	case '"':
		return false, b.doubleQuoted()
	case '$':
		return false, b.dollar()
	case '`':
		return false, errCommand
	default:
		b.add(string([]byte{c}))
	}
	return false, nil
}

// backslash reads the character after a backslash, which stands for itself; the end of a line is removed.
func (b *bash) backslash() error {
	rest := b.text[b.at:]
	switch {
	case rest == "", rest == "\r", rest == "\n", rest == "\r\n":
		return ErrIncomplete
	case endsLine(rest):
		b.at += strings.IndexByte(rest, '\n') + 1
	default:
		_, size := utf8.DecodeRuneInString(rest)
		b.add(rest[:size])
		b.at += size
	}
	return nil
}

// quoted reads a string in single quotes, in which nothing is escaped.
func (b *bash) quoted() error {
	text, _, closed := strings.Cut(b.text[b.at:], "'")
	if !closed {
		return ErrIncomplete
	}
	b.add(text)
	b.at += len(text) + 1
	return nil
}

// doubleQuoted reads a string in double quotes, in which a backslash escapes four characters and the end of a line.
func (b *bash) doubleQuoted() error {
	b.add("")
	for b.at < len(b.text) {
		c := b.text[b.at]
		b.at++
		switch c {
		case '"':
			return nil
		case '`':
			return errCommand
		case '$':
			if err := b.variable(); err != nil {
				return err
			}
			b.add("$")
		case '\\':
			rest := b.text[b.at:]
			switch {
			case rest == "":
				return ErrIncomplete
			case endsLine(rest):
				b.at += strings.IndexByte(rest, '\n') + 1
			case strings.IndexByte("$`\"\\", rest[0]) >= 0:
				b.add(rest[:1])
				b.at++
			default:
				b.add(`\`)
			}
		default:
			b.add(string([]byte{c}))
		}
	}
	return ErrIncomplete
}

// dollar reads what a dollar sign begins: $'...', $"...", or itself.
func (b *bash) dollar() error {
	rest := b.text[b.at:]
	switch {
	case strings.HasPrefix(rest, "'"):
		b.at++
		return b.ansi()
	case strings.HasPrefix(rest, `"`): // translated in the locale, which is C here
		b.at++
		return b.doubleQuoted()
	}
	if err := b.variable(); err != nil {
		return err
	}
	b.add("$")
	return nil
}

// variable rejects what bash would expand after a dollar sign.
func (b *bash) variable() error {
	rest := b.text[b.at:]
	if strings.HasPrefix(rest, "(") {
		return errCommand
	}
	if rest == "" || !isNameByte(rest[0]) && strings.IndexByte("{[@*#?$!-", rest[0]) < 0 {
		return nil
	}
	end := 1
	for end < len(rest) && isNameByte(rest[end-1]) && isNameByte(rest[end]) {
		end++
	}
	return usagef("wsx does not expand $%.40s: write its value, or let a shell run the line", rest[:end])
}

// ansiEscapes are the escapes of one letter in $'...'.
const ansiEscapes = "a\ab\be\x1bE\x1bf\fn\nr\rt\tv\v\\\\''\"\"??"

// ansi reads $'...', whose escapes are those of ANSI C (bash manual, section 3.1.2.4).
func (b *bash) ansi() error {
	b.add("")
	for b.at < len(b.text) {
		c := b.text[b.at]
		b.at++
		switch {
		case c == '\'':
			return nil
		case c != '\\':
			b.add(string([]byte{c}))
		case b.at == len(b.text):
			return ErrIncomplete
		default:
			b.escape()
		}
	}
	return ErrIncomplete
}

// escape reads what follows a backslash in $'...'.
func (b *bash) escape() {
	c := b.text[b.at]
	b.at++
	if value, ok := unescape(ansiEscapes, c); ok {
		b.add(value)
		return
	}
	switch c {
	case 'x':
		b.number(16, 2, c)
	case 'u':
		b.number(16, 4, c)
	case 'U':
		b.number(16, 8, c)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		b.at--
		b.number(8, 3, c)
	case 'c':
		if b.at < len(b.text) && b.text[b.at] != '\'' {
			b.add(string([]byte{b.text[b.at] & 0x1f}))
			b.at++
		}
	default:
		b.add(string([]byte{'\\', c}))
	}
}

// number reads up to maxDigits digits: the value of a byte or of a code point.
func (b *bash) number(base, maxDigits int, kind byte) {
	known := "0123456789abcdefABCDEF"
	if base == 8 {
		known = "01234567"
	}
	rest := b.text[b.at:min(b.at+maxDigits, len(b.text))]
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, known))]
	n, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil: // no digit
		b.add(`\` + string(kind))
	case kind == 'u' || kind == 'U':
		b.add(string(rune(n)))
	default:
		b.add(string([]byte{byte(n)}))
	}
	b.at += len(digits)
}
