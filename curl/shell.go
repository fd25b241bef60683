package curl

// split splits a command line into words by the rules of the shell whose quoting it uses. Variables and command substitutions
// are rejected: nothing is expanded or run.
func split(text string) ([]string, error) {
	switch {
	case isPowerShell(text):
		return splitWebRequest(text)
	case continuedBy(text, '`'):
		return splitPowerShell(text)
	case continuedBy(text, '^'):
		return splitCmd(text)
	}
	return splitBash(text)
}

// continuedBy reports whether a text uses an escape character outside of quotes: '^' for cmd.exe, '`' for PowerShell. In bash
// '^' is an ordinary and rare character; a backquote only counts at the end of a line.
func continuedBy(text string, escape byte) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == escape && (escape == '^' || endsLine(text[i+1:])):
			return true
		case c == '\\':
			i++
		case c == '\'' || c == '"':
			ansi := i > 0 && text[i-1] == '$'
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && (c == '"' || ansi) {
					i++
				}
			}
		}
	}
	return false
}
