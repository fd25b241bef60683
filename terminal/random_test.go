package terminal

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRandomSessions runs keys, messages and changes of the size in random order; the simulation compares after every frame.
func TestRandomSessions(t *testing.T) {
	sessions := 300
	if testing.Short() {
		sessions = 60
	}
	for seed := range sessions {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { randomSession(t, uint64(seed)) })
	}
}

func randomSession(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	s := newSimulation(t, 8+r.IntN(70), 3+r.IntN(22), Config{
		Prompt:     pick("> ", "", "(chat) > ", "世> "),
		Colors:     Colors{Prompt: Style(pick("", "1;32")), Hint: "2", Suggestion: Style(pick("", "90"))},
		Paint:      paintDigits,
		Incomplete: func(line string) bool { return strings.HasPrefix(line, "{") && !strings.HasSuffix(line, "}") },
		Reformat:   func(line string) (string, bool) { return strings.ReplaceAll(line, "o", "o\n  o "), len(line) < 500 },
		Hint:       func(line string) string { return line[:r.IntN(len(line)/2+1)] },
	})
	s.console.editor.config.Complete = randomCompleter(r)
	s.console.config.Hint = stable(s.console.config.Hint)
	for range 60 {
		switch n := r.IntN(20); {
		case n < 11:
			for range 1 + r.IntN(12) {
				s.press(randomKey(r))
			}
		case n < 17:
			for range 1 + r.IntN(4) {
				s.print(randomMessage(r))
			}
		case n < 18 && r.IntN(2) == 0:
			if s.busy = s.busy || r.IntN(2) == 0; r.IntN(2) == 0 {
				s.readQueued()
			}
		case n < 18:
			s.console.status, s.console.dirty = pick("", "connecting 1.2 s", "status "+strings.Repeat("x", 90)), true
		default:
			s.resize(max(2, s.vt.width+r.IntN(31)-15), max(1, s.vt.height+r.IntN(9)-4))
		}
		s.frame()
	}
}

// stable returns a hint that depends on the line only.
func stable(hint func(string) string) func(string) string {
	hints := map[string]string{}
	return func(line string) string {
		if _, ok := hints[line]; !ok {
			hints[line] = strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' {
					return '.'
				}
				return r
			}, hint(line))
		}
		return hints[line]
	}
}

// randomCompleter offers some candidates for the word before the cursor.
func randomCompleter(r *rand.Rand) Completer {
	return func(line string, pos int) (string, []Candidate) {
		head := line[:strings.LastIndexAny(line[:pos], " \n")+1]
		word := line[len(head):pos]
		var all []Candidate
		for i := range r.IntN(40) {
			c := Candidate{Text: word + fmt.Sprint("é世", i%7, i)}
			if r.IntN(30) == 0 {
				c.Note = "a note\x1b[2J"
			}
			all = append(all, c)
		}
		return head, all
	}
}

func randomKey(r *rand.Rand) string {
	keys := []string{
		"a", "b", " ", "x", "/", "é", "世", "界", "👍", "👨‍👩‍👧", "🇩🇪", "e\u0301", "\u0301", "ñ",
		"word ", "word ", "two words ", "{", "}", "\n", "\x18\x10", "\x1bf", "\x1bf", right, "\x1b[F", strings.Repeat("long", 20), strings.Repeat("世", 30),
		left, right, left, right, "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~", "\x1b[1;5D", "\x1b[1;5C",
		"\x01", "\x02", "\x05", "\x06", "\x04", "\x7f", "\x7f", "\x0b", "\x15", "\x17", "\x19", "\x1by", "\x1bd", "\x1b\x7f",
		"\x1f", "\x1b_", "\x14", "\x1bt", "\x1bu", "\x1bc", "\x1b\\", "\x1b\r", "\x1b\r", "\x0f", "\x16\x1b", "\x00", "\r", "\x03", "\t", "\t", "\t", "\x1b[Z", "\x12", "\x12", "\x13", "\x1b.", "\x1b[5~", "\x1b[6~", "\x1b[A", "\x1b[A", "\x07", "\x1b",
		"\x1b[200~one\rtwo\x1b[201~", "\x1b[200~short\x1b[201~", "\x1b[I", "\x1b]0;x\x07",
	}
	return keys[r.IntN(len(keys))]
}

func randomMessage(r *rand.Rand) string {
	words := []string{"hello", "世界", "👍", "\x1b[31mred\x1b[0m", strings.Repeat("=", r.IntN(120)), "a b  c", "e\u0301"}
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString("<")
		for range r.IntN(5) {
			b.WriteString(" " + words[r.IntN(len(words))])
		}
		b.WriteString("\n")
	}
	return b.String()
}
