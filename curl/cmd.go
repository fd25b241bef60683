package curl

import "strings"

// splitCmd splits a command line into words as cmd.exe and then the C runtime of the program do.
func splitCmd(text string) ([]string, error) {
	line, err := unescapeCmd(strings.TrimLeft(text, " \t\r\n"))
	if err != nil {
		return nil, err
	}
	return splitRuntime(line)
}

// unescapeCmd removes the escapes of cmd.exe: outside of quotes, a caret escapes the next character, and removes the end of a
// line.
func unescapeCmd(text string) (string, error) {
	var line strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '^' && (!quoted || endsLine(text[i+1:])):
			i++
			if endsLine(text[i:]) {
				i += strings.IndexByte(text[i:], '\n') + 1
				if strings.HasPrefix(text[i:], "\r\n") {
					i++
				}
			}
			if i >= len(text) {
				return "", ErrIncomplete
			}
			line.WriteByte(text[i])
		case c == '"':
			quoted = !quoted
			line.WriteByte(c)
		case c == '\r' && endsLine(text[i:]):
		case c == '\n', c == '&' && !quoted:
			return line.String(), onlyOne(text[i:])
		case strings.IndexByte("|<>", c) >= 0 && !quoted:
			return "", usagef("%q: expected a single command line, without pipes and redirections", string(c))
		default:
			line.WriteByte(c)
		}
	}
	return line.String(), nil
}

// splitRuntime splits a command line into arguments as the C runtime of Windows does: a backslash is special only before a
// quote, and two quotes inside of quotes stand for one.
func splitRuntime(line string) (words []string, err error) {
	var word strings.Builder
	inWord, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			backslashes := len(line[i:]) - len(strings.TrimLeft(line[i:], `\`))
			inWord = true
			i += backslashes - 1
			if !strings.HasPrefix(line[i+1:], `"`) {
				word.WriteString(strings.Repeat(`\`, backslashes))
				break
			}
			word.WriteString(strings.Repeat(`\`, backslashes/2))
			if backslashes%2 == 1 {
				word.WriteByte('"')
				i++
			}
		case c == '"' && quoted && strings.HasPrefix(line[i+1:], `"`):
			word.WriteByte('"')
			i++
		case c == '"':
			quoted, inWord = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	if quoted {
		return nil, ErrIncomplete
	}
	return words, nil
}
