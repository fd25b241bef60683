//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"wsx/test/ptytest"
)

// shell is an interactive shell on a pseudo-terminal, and the screen that it draws.
type shell struct {
	t        *testing.T
	dir      string
	keyboard *os.File
	screen   vt10x.Terminal
	output   *ptytest.Reader
}

const shellColumns, shellRows = 110, 40

// startShell starts a shell in a folder of its own, with the prompt "] " and these files.
func startShell(t *testing.T, program string, args ...string) *shell {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
	dir, home := t.TempDir(), t.TempDir()
	for _, name := range []string{"file-one", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "folder", "inner"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home, "TERM=xterm", "PS1=] ", "LC_ALL=C.UTF-8")
	keyboard, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: shellRows, Cols: shellColumns})
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	screen := vt10x.New(vt10x.WithSize(shellColumns, shellRows))
	s := &shell{t: t, dir: dir, keyboard: keyboard, screen: screen, output: ptytest.Read(keyboard, screen)}
	t.Cleanup(func() {
		cmd.Process.Kill()
		keyboard.Close()
		s.output.Wait()
		cmd.Wait()
	})
	return s
}

// typed returns the line of the cursor, without the prompt and trailing spaces.
func (s *shell) typed() string {
	s.screen.Lock()
	row := s.screen.Cursor().Y
	s.screen.Unlock()
	lines := strings.Split(s.screen.String(), "\n")
	line := strings.TrimRight(lines[row], " ")
	if _, after, ok := strings.Cut(line, "] "); ok {
		return after
	}
	return line
}

func (s *shell) press(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// until waits until wanted returns true for the screen.
func (s *shell) until(what string, wanted func() bool) {
	s.t.Helper()
	met := false
	s.output.Until(testTimeout, func() bool {
		met = wanted()
		return met || s.output.Err() != nil
	})
	if !met {
		s.t.Fatalf("%s did not happen; reading: %v; the screen is\n%s", what, s.output.Err(), s.screen.String())
	}
}

// do runs a command, and returns when it has ended.
func (s *shell) do(command string) {
	s.t.Helper()
	s.press(command + "; echo do''ne\r")
	s.until(command, func() bool { return strings.Contains(s.screen.String(), "\ndone") })
	s.press("\x0c") // Ctrl-L
	s.until("an empty screen", func() bool {
		return strings.TrimSpace(strings.ReplaceAll(s.screen.String(), "]", "")) == "" && s.typed() == "]"
	})
}

// complete types a line and Tab, and waits for the completed line.
func (s *shell) complete(input, want string) {
	s.t.Helper()
	s.press(input)
	s.until("the line "+input, func() bool { return strings.Contains(s.typed(), strings.TrimRight(input, " ")) })
	s.press("\t")
	s.until("the completion of "+input+" to "+want, func() bool { return s.typed() == want })
	s.clear()
}

// clear deletes the line.
func (s *shell) clear() {
	s.t.Helper()
	s.press("\x15\x0c") // Ctrl-U, Ctrl-L
	s.until("an empty line", func() bool { return s.typed() == "]" })
}

// list types an ambiguous line and Tab, and waits for these texts on the screen.
func (s *shell) list(input string, wanted ...string) {
	s.t.Helper()
	s.press(input)
	s.until("the line "+input, func() bool { return strings.Contains(s.typed(), input) })
	s.press("\t")
	for _, text := range wanted {
		pattern := regexp.MustCompile(text)
		s.until("the list with "+text, func() bool { return pattern.MatchString(s.screen.String()) })
	}
	if strings.Contains(s.screen.String(), "`") {
		s.t.Errorf("a backtick is listed:\n%s", s.screen.String())
	}
	s.clear()
}

// listAtOnce makes bash list completions with the first Tab instead of the second.
const listAtOnce = "bind 'set show-all-if-ambiguous on'"

// TestCompletionIsLoadedAsDocumented: README.md and the help have the lines that TestCompletionInShells runs.
func TestCompletionIsLoadedAsDocumented(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`eval "$(wsx completion bash)"`, "autoload -U compinit; compinit; source <(wsx completion zsh)", "wsx completion fish | source"} {
		for name, text := range map[string]string{"README.md": string(readme), "the help": completionLong} {
			if !strings.Contains(strings.ReplaceAll(text, "\n", " "), line) {
				t.Errorf("%s does not have %s", name, line)
			}
		}
	}
}

// TestCompletionInShells presses Tab in each shell.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		shell []string
		load  []string
	}{
		{"bash", []string{"bash", "--norc", "--noprofile", "-i"}, []string{listAtOnce, `eval "$(wsx completion bash)"`}},
		{"bash-completion", []string{"bash", "--norc", "--noprofile", "-i"}, []string{listAtOnce, ". /usr/share/bash-completion/bash_completion", `eval "$(wsx completion bash)"`}},
		{"zsh", []string{"zsh", "-f", "-i"}, []string{"autoload -U compinit; compinit; source <(wsx completion zsh)"}},
		{"zsh from a folder", []string{"zsh", "-f", "-i"}, []string{"wsx completion zsh >~/_wsx; fpath=(~ $fpath); autoload -U compinit; compinit"}},
		{"fish", []string{"fish", "--no-config", "-i"}, []string{"set -g fish_autosuggestion_enabled 0; function fish_prompt; echo -n '] '; end", "wsx completion fish | source"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.name == "bash-completion" {
				if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); err != nil {
					t.Skip("bash-completion is not installed")
				}
			}
			if row.shell[0] == "bash" && exec.Command("bash", "-c", "[ ${BASH_VERSINFO[0]} -ge 4 ]").Run() != nil {
				t.Skip("this bash is older than 4")
			}
			s := startShell(t, row.shell[0], row.shell[1:]...)
			if row.name == "fish" {
				s.press(row.load[0] + "\r")
				row.load = row.load[1:]
			}
			s.until("a prompt", func() bool { return s.typed() == "]" })
			for _, command := range row.load {
				s.do(command)
			}
			s.complete("wsx --subp", "wsx --subprotocol")
			s.complete("wsx serve ch", "wsx serve chat")
			s.complete("wsx ec", "wsx echo:")
			s.complete("wsx --format=js", "wsx --format=json")
			s.complete("wsx --format js", "wsx --format json")
			s.complete("wsx -x @fi", "wsx -x @file-one")
			s.complete("wsx --execute=@fi", "wsx --execute=@file-one")
			s.complete("wsx -x @fol", "wsx -x @folder/")
			s.complete("wsx -x @folder/i", "wsx -x @folder/inner/")
			s.complete("wsx --ca fi", "wsx --ca file-one")
			s.complete("wsx -H 'A: b c' --origi", "wsx -H 'A: b c' --origin")
			s.complete("wsx -x '$(touch ran)' --subp", "wsx -x '$(touch ran)' --subprotocol")
			s.complete("wsx -x $(touch ran) --subp", "wsx -x $(touch ran) --subprotocol")
			s.complete("wsx --as socketio localhost:3000 ca", "wsx --as socketio localhost:3000 call")
			s.list("wsx --until", `--until +\(?-*\s*\(?end with exit code 0 after a message that matches REGEX`, `--until-jq .*end with exit code 0 after a JSON message`)
			s.list("wsx --as graphql-ws", "raphql-ws .*GraphQL", "raphql-ws-old .*GraphQL")
			if _, err := os.Stat(filepath.Join(s.dir, "ran")); err == nil {
				t.Error("Tab has run a command of the typed line")
			}
		})
	}
}
