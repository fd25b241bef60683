package terminal

import (
	"strings"
	"testing"
)

// FuzzConsole types any bytes on a small screen: whatever they are, only what the screen may send is sent, nothing breaks, and
// the message that was there first is still there.
func FuzzConsole(f *testing.F) {
	f.Add([]byte("hello \xe4\xb8\x96\x1b[D\x1b[200~one\rtwo\x1b[201~\x0f\x12h\x07\t\t"), uint8(20), uint8(5), true)
	f.Add([]byte("e\xcc\x81\x7f\xf0\x9f\x91\xa8\xe2\x80\x8d\x1b\r\x1b[A\x0c"), uint8(3), uint8(2), false)
	f.Add([]byte("{\"a\": some words here\r\r{\x1b[C\x1bf\x18\x10\n\x1b[A\x1b[A"), uint8(9), uint8(6), false)
	f.Fuzz(func(t *testing.T, keys []byte, width, height uint8, vim bool) {
		if len(keys) > 2000 {
			return
		}
		c := Config{Prompt: "> ", ViMode: vim, Colors: Colors{Suggestion: "2"}, Paint: paintDigits, Complete: func(line string, pos int) (string, []Candidate) {
			return line[:pos], []Candidate{{Text: "a\x1b[2J"}, {Text: "a世"}}
		}}
		c.Incomplete = func(line string) bool { return strings.Count(line, "{") > strings.Count(line, "}") }
		c.Mistake = func(line string) string { return strings.TrimLeft(line, "abcdefghijklmnopqrstuvwxyz") }
		c.Reformat = func(line string) (string, bool) { return strings.ReplaceAll(line, " ", "\n"), true }
		s := newSimulation(t, 2+int(width)%80, 1+int(height)%30, c)
		s.print("< before\n")
		s.frameUnchecked()
		for len(keys) > 0 {
			n := min(len(keys), 1+int(keys[0])%16)
			s.press(string(keys[:n]))
			keys = keys[n:]
			s.frameUnchecked()
			if e := s.console.editor; e.pos < 0 || e.pos > len(e.text) || e.snap(e.pos) != e.pos {
				t.Fatalf("the cursor is at %d of %q", e.pos, string(e.text))
			}
		}
		if text := s.vt.text(); s.vt.width > 8 && text[0] != "< before" {
			t.Fatalf("the message is gone: %q", text)
		}
	})
}
