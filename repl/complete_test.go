package repl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/dialect"
)

// TestComplete: what Tab offers for a line, whose cursor is at | or at the end.
func TestComplete(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"message.txt", "more.json", ".hidden", "dir/inner.txt"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept := keptMessagesOf(t.TempDir(), "h")
	for _, name := range []string{"login", "logout"} {
		if err := kept.write(name, client.Text, nil); err != nil {
			t.Fatal(err)
		}
	}
	var c Completion
	c.learn(time.Now(), []byte("Subscribed to ticker-btc and ticker_eth, "+strings.Repeat("t", 65)))
	c.learnSent([]byte("subscribe ticker-btc"))

	check := func(t *testing.T, line, want string) {
		t.Helper()
		pos := strings.Index(line, "|")
		if pos < 0 {
			pos = len(line)
		}
		head, list := c.Complete(strings.Replace(line, "|", "", 1), pos)
		got := []string{head}
		for _, candidate := range list {
			text := filepath.ToSlash(candidate.Text)
			if candidate.Open {
				text += "…"
			}
			got = append(got, text)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %s, want %s", line, strings.Join(got, "; "), want)
		}
	}
	for line, want := range map[string]string{
		"/pi":            "/; ping",
		"/p|x":           "/; ping; pong; pretty",
		"/x":             "/",
		"/help pi":       "/help ; ping",
		"/ping x":        "/ping ",
		"/format h":      "/format ; hex",
		"/format   h":    "/format   ; hex",
		"/rows ":         "/rows ; 20; 100; all; off",
		"/only o":        "/only ; out; off",
		"/trace o":       "/trace ; on; off",
		"/jq ":           "/jq ; off",
		"/timestamps ":   "/timestamps ; wall; relative; delta; off",
		"/close 10":      "/close ; 1000; 1001; 1002; 1003; 1007; 1008; 1009; 1010; 1011; 1012; 1013; 1014",
		"/eol n":         "/eol ; none; nul",
		"/curl w":        "/curl ; wscat; websocat",
		"/as sock":       "/as ; socketio",
		"/send lo":       "/send ",
		"/file ":         "/file ; dir/…; message.txt; more.json",
		"/file .":        "/file ; .hidden",
		"/file m":        "/file ; message.txt; more.json",
		"/file dir/":     "/file ; dir/inner.txt",
		"/save missing/": "/save ",
		"@mess":          "@; message.txt",
		"send @mo now|":  "send @mo ",
		"send @mo":       "send @; more.json",
		"//pi":           "//",
		"say tick":       "say ; ticker-btc; ticker_eth",
		"say (ticker_":   "say (; ticker_eth",
		"t":              "",
		"sub":            "; subscribe",
		"Sub":            "; Subscribed",
		"ticker-btc":     "",
		"tttttttt":       "",
		"":               "",
		"/text tick":     "/text ; ticker-btc; ticker_eth",
		"/nothing tick":  "/nothing ; ticker-btc; ticker_eth",
	} {
		check(t, line, want)
	}
	c.kept.Store(&kept)
	check(t, "/send lo", "/send ; login; logout")
	check(t, "/keep logo", "/keep ; logout")
	check(t, "/send x", "/send ")

	d := &Dialect{State: stateOf(t, testDialect, nil)}
	c.dialect.Store(d)
	d.learnName(&dialect.Event{Kind: dialect.KindEvent, Name: "news"})
	d.learnName(&dialect.Event{Kind: dialect.KindEvent, Name: "news"})
	d.learnName(&dialect.Event{Kind: dialect.KindEvent, Name: strings.Repeat("n", maxNameLength+1)})
	d.learnName(&dialect.Event{Kind: dialect.KindReply, Name: "nothing"})
	check(t, "/ca", "/; call")
	check(t, "/c", "/; call; close; curl")
	check(t, "/tell ", "/tell ; news")
	for i := range 2 * maxNames {
		d.learnName(&dialect.Event{Kind: dialect.KindEvent, Name: fmt.Sprint("e", i)})
	}
	if _, list := c.Complete("/tell ", 6); len(list) != maxNames {
		t.Errorf("%d names are known, want %d", len(list), maxNames)
	}
}

// TestCompleteManyFiles: of a folder with too many files, some are offered.
func TestCompleteManyFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range maxFiles + 1 {
		if err := os.WriteFile(fmt.Sprint("f", i), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if list := files("f"); len(list) != maxFiles {
		t.Errorf("%d files", len(list))
	}
}

// TestForgottenWords: the words of the latest messages are offered, the latest first, and those of older ones are forgotten.
func TestForgottenWords(t *testing.T) {
	var c Completion
	c.learnSent([]byte("word-forgotten"))
	for i := range maxRecent {
		c.learnSent(fmt.Appendf(nil, "word-%d", i))
	}
	_, list := c.Complete("word-", 5)
	if len(list) != maxRecent || list[0].Text != fmt.Sprintf("word-%d", maxRecent-1) || list[len(list)-1].Text != "word-0" {
		t.Errorf("%d words, the first %v", len(list), list[0])
	}
	c.learnSent([]byte(strings.Repeat(" ", maxRecentBytes) + "word-too-far-behind"))
	if _, list := c.Complete("word-too", 8); len(list) > 0 {
		t.Errorf("%v", list)
	}
}

// TestHint: the arguments of a command are shown while it is typed.
func TestHint(t *testing.T) {
	var c Completion
	for line, want := range map[string]string{
		"/ping":   "/ping [DATA]  ",
		"/ping x": "/ping [DATA]  ",
		"/pin":    "",
		"//ping":  "",
		"ping":    "",
		"":        "",
		"/call":   "",
	} {
		if got := c.Hint(line); got != want && (want == "" || !strings.HasPrefix(got, want)) {
			t.Errorf("%s: %q", line, got)
		}
	}
	c.dialect.Store(&Dialect{State: stateOf(t, testDialect, nil)})
	if got, want := c.Hint("/call x"), "/call METHOD [ARG...]  call a method"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestMistake: invalid JSON is marked, unless a dialect may read it as something else.
func TestMistake(t *testing.T) {
	var c Completion
	for line, want := range map[string]string{
		`{"a": x}`: "not JSON", `{"a": 1}`: "", `{"a":`: "", "hello": "", `/text {"a" 1}`: "not JSON", "/grep {x}": "", "/ping": "",
	} {
		if got := c.Mistake(line); got != want {
			t.Errorf("%s: %q", line, got)
		}
	}
	c.dialect.Store(&Dialect{State: stateOf(t, testDialect, nil)})
	if got := c.Mistake(`{"a": x}`); got != "" {
		t.Errorf("with a dialect: %q", got)
	}
}
