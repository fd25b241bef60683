package repl

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKeepAndSend: /keep names the last sent message, for its host, and /send sends it by that name.
func TestKeepAndSend(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "folder", "bad.txt"), []byte("\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	atPrompt := ""
	edited := []string{"from the editor", "", "\xff"}
	scripted{Config: Config{
		URL: "ws://h:9000/", KeepDir: dir, KeepAs: "folder", Unread: func(line string) { atPrompt = line }, Completion: &Completion{},
		Edit: func() (string, error) {
			if len(edited) == 0 {
				return "", errors.New("the editor failed")
			}
			text := edited[0]
			edited = edited[1:]
			return text, nil
		},
	}, Actions: map[string]func(*scriptRun){"show the prompt": func(p *scriptRun) { p.log.add("at the prompt: " + strings.ReplaceAll(atPrompt, "\n", "|")) }}}.run(t, `
		> {"a":1}
		  sent text "{\"a\":1}"
		> /ping
		  sent ping ""
		> /keep one
		  note: saved as one: /send one sends it
		> /pretty
		do show the prompt
		  at the prompt: {|  "a": 1|}
		> /pretty [1,2]
		do show the prompt
		  at the prompt: [|  1,|  2|]
		> /pretty x
		  note: error: it is not a JSON object or array
		> /hex 00ff
		  sent binary "\x00\xff"
		> /keep two
		  note: saved as two: /send two sends it
		> /keep ../x
		  note: error: invalid name "../x" for a message: use letters, digits, dots, - and _
		> /send one
		  sent text "{\"a\":1}"
		> /send two
		  sent binary "\x00\xff"
		> /send three
		  note: error: there is no message "three": known messages are bad, one, two
		> /send bad
		  note: error: the message bad is not UTF-8
		> /eol lf
		> /send one
		  sent text "{\"a\":1}\n"
		> /keep three
		  note: saved as three: /send three sends it
		> /send three
		  sent text "{\"a\":1}\n"
		> /edit
		  sent text "from the editor\n"
		> /edit
		> /edit
		  note: error: the text from the editor is not UTF-8
		> /edit
		  note: error: the editor failed
	`)
	names := keptMessagesOf(dir, "folder").names()
	if !slices.Equal(names, []string{"bad", "one", "three", "two"}) {
		t.Errorf("there are %q", names)
	}
}

// TestKeepWithoutFolder: without a directory for messages, /keep returns an error.
func TestKeepWithoutFolder(t *testing.T) {
	scripted{}.run(t, `
		> hello
		  sent text "hello"
		> /keep one
		  note: error: there is no directory to keep messages in
	`)
}
