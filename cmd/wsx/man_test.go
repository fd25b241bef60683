package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestManual: man shows the page without a warning, with all sections.
func TestManual(t *testing.T) {
	t.Parallel()
	written, err := exec.Command("wsx", "man").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"KEYS", "COMMANDS", "FILES", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"} {
		if !bytes.Contains(written, []byte(".SH \""+want+"\"\n")) {
			t.Errorf("no section %s", want)
		}
	}
	if version, _ := exec.Command("man", "--version").Output(); !bytes.HasPrefix(version, []byte("man 2.")) {
		t.Skip("man-db is not installed")
	}
	man := exec.Command("man", "--warnings", "-l", fileWith(t, "wsx.1", string(written)))
	man.Env = append(os.Environ(), "MANWIDTH=80", "MANPAGER=cat", "MANROFFOPT=-c", "LC_ALL=C.UTF-8")
	var stderr bytes.Buffer
	man.Stderr = &stderr
	shown, err := man.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("man: %v: %s", err, stderr.String())
	}
	text := regexp.MustCompile(".\b").ReplaceAllString(string(shown), "") // bold is a letter, a backspace and the letter
	for _, want := range []string{
		"\nKEYS\n", "Ctrl-R", "\nCOMMANDS\n", "wsx check URL", "\nFILES\n", "wsx/history", "\nENVIRONMENT\n", "NO_PROXY",
		"\nEXIT STATUS\n", "130, 143", "\nEXAMPLES\n", "wsx echo:", "/reconnect", "-x, --execute MSG",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("man does not show %q", want)
		}
	}
}

// TestManualListsTheEnvironment: the page has every variable that the program reads.
func TestManualListsTheEnvironment(t *testing.T) {
	t.Parallel()
	var listed strings.Builder
	for _, row := range manualVariables() {
		listed.WriteString(row[0] + ", ")
	}
	asked := regexp.MustCompile(`(?i)env\("([A-Z_0-9]+)"\)`)
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.ToSlash(path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && regexp.MustCompile(`^../../(bench|test|docs|\.)`).MatchString(name):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		for _, found := range asked.FindAllSubmatch(source, -1) {
			variable := string(found[1])
			if !strings.Contains(listed.String(), variable+",") && variable != "XTERM_VERSION" { // only identifies the terminal
				t.Errorf("%s reads %s, which the manual page does not list", path, variable)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
