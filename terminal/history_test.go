package terminal

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func openHistory(t *testing.T, path string) *History {
	t.Helper()
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func add(t *testing.T, h *History, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := h.Add(line, false); err != nil {
			t.Fatal(err)
		}
	}
}

func entries(h *History) (all []string) {
	for i := range h.Len() {
		all = append(all, h.at(i))
	}
	return all
}

func TestHistoryRemembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "wsx", "history")
	h := openHistory(t, path)
	add(t, h, "one", "two", "two", "", " a secret", "three\nrows\n\tof it", "one", `"quoted" \ <é世👍>`, "\u2028\x1b", " ", "/last")
	want := []string{"one", "two", "three\nrows\n\tof it", "one", `"quoted" \ <é世👍>`, "\u2028\x1b", "/last"}
	if got := entries(h); !slices.Equal(got, want) {
		t.Errorf("this session remembers %q", got)
	}
	if got := entries(openHistory(t, path)); !slices.Equal(got, want) {
		t.Errorf("the next session remembers %q", got)
	}
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		var entry string
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("row %q: %v", line, err)
		}
	}
	if strings.Contains(string(text), "secret") {
		t.Errorf("a line that begins with a space is kept: %q", text)
	}
}

func TestHistoryIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir := filepath.Join(t.TempDir(), "state", "wsx")
	path := filepath.Join(dir, "history")
	add(t, openHistory(t, path), "one")
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got := mode(path); got != 0o600 {
		t.Errorf("the file has mode %o", got)
	}
	if got := mode(dir); got != 0o700 {
		t.Errorf("its directory has mode %o", got)
	}
	os.Chmod(path, 0o644)
	h := openHistory(t, path)
	if got := mode(path); got != 0o644 {
		t.Errorf("a file that had mode 644 already has %o", got)
	}
	h.max = 1
	add(t, h, "two", "three", "four")
	if err := h.shorten(); err != nil {
		t.Fatal(err)
	}
	if got := mode(path); got != 0o600 {
		t.Errorf("the shorter file has mode %o", got)
	}
}

func TestTwoSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	one, two := openHistory(t, path), openHistory(t, path)
	add(t, one, "a1")
	add(t, two, "b1")
	add(t, one, "a2")
	if got := entries(openHistory(t, path)); !slices.Equal(got, []string{"a1", "b1", "a2"}) {
		t.Errorf("the next session remembers %q", got)
	}
}

// TestShortenRace appends to the file in sessions that also shorten it: no recent entry is lost.
func TestShortenRace(t *testing.T) {
	const sessions, lines = 4, 200
	path := filepath.Join(t.TempDir(), "history")
	first := openHistory(t, path)
	first.max, first.wait = sessions*lines, time.Minute
	for i := range 2*first.max + 1 {
		add(t, first, fmt.Sprint("old ", i))
	}
	var all sync.WaitGroup
	for session := range sessions {
		h := openHistory(t, path)
		h.max, h.wait = first.max, first.wait
		all.Go(func() {
			for i := range lines {
				if err := h.Add(fmt.Sprintf("session %d line %d", session, i), false); err != nil {
					t.Error(err)
				}
				if i%10 == session {
					if err := h.shorten(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	kept := map[string]bool{}
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		var entry string
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("row %q: %v", line, err)
		}
		kept[entry] = true
	}
	for session := range sessions {
		for i := range lines {
			if line := fmt.Sprintf("session %d line %d", session, i); !kept[line] {
				t.Errorf("%q is lost", line)
			}
		}
	}
	if len(kept) > 2*first.max {
		t.Errorf("the file has %d entries", len(kept))
	}
	if temporary, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".history-*")); len(temporary) > 0 {
		t.Errorf("temporary files remain: %q", temporary)
	}
}

func TestDamagedHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	os.WriteFile(path, []byte("\"one\"\nnot JSON\n{\"a\":1}\n\x00\xff\n\"two\"\n\"two\"\n\"torn"), 0o600)
	h := openHistory(t, path)
	if got := entries(h); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("remembered %q", got)
	}
	add(t, h, "three")
	if got := entries(openHistory(t, path)); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("after a torn entry: %q", got)
	}
}

func TestHistoryIsShortened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var text strings.Builder
	for i := range 2*maxHistory + 1 {
		fmt.Fprintf(&text, "\"line %d\"\n", i)
	}
	os.WriteFile(path, []byte(text.String()), 0o600)
	h := openHistory(t, path)
	if h.Len() != maxHistory || h.at(h.Len()-1) != fmt.Sprint("line ", 2*maxHistory) {
		t.Errorf("%d entries are remembered", h.Len())
	}
	add(t, h, "new")
	kept, _ := os.ReadFile(path)
	if n := strings.Count(string(kept), "\n"); n != maxHistory+1 {
		t.Errorf("the file has %d entries", n)
	}
}

func TestLongEntriesStayInTheSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := openHistory(t, path)
	long := strings.Repeat("x", maxEntry+1)
	add(t, h, long, "short")
	if got := entries(h); len(got) != 2 || got[0] != long {
		t.Errorf("this session remembers %d entries", len(got))
	}
	if got := entries(openHistory(t, path)); !slices.Equal(got, []string{"short"}) {
		t.Errorf("the next session remembers %d entries", len(got))
	}
}

func TestHistoryThatCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	if _, err := OpenHistory(filepath.Join(file, "history")); err == nil || !strings.HasPrefix(err.Error(), "open history: ") {
		t.Errorf("OpenHistory: %v", err)
	}
	large := filepath.Join(t.TempDir(), "large")
	os.WriteFile(large, nil, 0o644)
	if err := os.Truncate(large, 1<<30); err != nil {
		t.Skip(err)
	}
	if _, err := OpenHistory(large); err == nil || !strings.HasSuffix(err.Error(), "too large: 1073741824 bytes") {
		t.Errorf("a file of 1 GiB: %v", err)
	}
	for _, path := range []string{t.TempDir(), os.DevNull} {
		before, _ := os.Stat(path)
		if _, err := OpenHistory(path); err == nil || !strings.HasPrefix(err.Error(), "open history: ") {
			t.Errorf("%s: %v", path, err)
		}
		if after, err := os.Stat(path); err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s had the mode %v and has %v", path, before.Mode(), after.Mode())
		}
	}
}

// TestHistoryReadsTheEndOfALargeFile opens a file that is larger than what is read of it: its newest entries are kept, and the file is shortened.
func TestHistoryReadsTheEndOfALargeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	long := strings.Repeat("x", 1000)
	var text strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&text, "\"line %d %s\"\n", i, long)
	}
	os.WriteFile(path, []byte(text.String()), 0o600)
	h := openHistory(t, path)
	if n := h.Len(); n < 4000 || n > 4200 || h.at(n-1) != "line 5999 "+long {
		t.Errorf("%d entries are remembered", n)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > maxHistoryRead {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

// TestHistoryReadsTheLastLines skips the first lines of a file with too many lines.
func TestHistoryReadsTheLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	os.WriteFile(path, []byte(strings.Repeat("\"\n", maxHistoryRead/4)+"\"one\"\n\"two\"\n"), 0o600)
	h := openHistory(t, path)
	if got := entries(h); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("remembered %d entries", len(got))
	}
	if text, _ := os.ReadFile(path); string(text) != "\"one\"\n\"two\"\n" {
		t.Errorf("the file has %d bytes", len(text))
	}
	for n, want := range []string{"a\nb\nc", "c", "b\nc", "a\nb\nc", "a\nb\nc"} {
		if got := string(lastLines([]byte("a\nb\nc"), max(n, 1))); n > 0 && got != want {
			t.Errorf("the last %d lines are %q", n, got)
		}
	}
	if got := string(lastLines([]byte("a\nb\n"), 1)); got != "b\n" {
		t.Errorf("the last line is %q", got)
	}
}

// TestHistoryThatIsALink shortens the target of a symbolic link, and keeps the link.
func TestHistoryThatIsALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	os.WriteFile(target, []byte("\"one\"\n\"two\"\n\"three\"\n"), 0o600)
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	h := openHistory(t, link)
	h.max = 1
	if err := h.shorten(); err != nil {
		t.Fatal(err)
	}
	if name, err := os.Readlink(link); err != nil || name != target {
		t.Errorf("the link leads to %q, %v", name, err)
	}
	if text, _ := os.ReadFile(target); string(text) != "\"three\"\n" {
		t.Errorf("the file is %q", text)
	}
}

// TestLockedHistory adds an entry while another process has the file locked for ever.
func TestLockedHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, other := openHistory(t, path), openHistory(t, path)
	unlock := other.lock()
	defer unlock()
	add(t, h, "one")
	if got := entries(openHistory(t, path)); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the next session remembers %q", got)
	}
}

// TestNoSecretIsRemembered types a password into ReadSecret's editor and searches for it everywhere.
func TestNoSecretIsRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := openHistory(t, path)
	s := newSimulation(t, 40, 10, Config{Prompt: "> ", History: h})
	asked := newSecret("password: ")
	s.console.startSecret(asked)
	s.frameUnchecked()
	s.press("hunter2\x15hunter2\x17hunter2\r")
	if got := <-asked.answer; got.line != "hunter2" {
		t.Errorf("the answer is %q", got.line)
	}
	s.press("\x19\x1b[A\x1b.\x12hunter")
	s.frameUnchecked()
	for _, line := range s.vt.text() {
		if strings.Contains(strings.TrimPrefix(line, "no match: hunter"), "hunter") {
			t.Errorf("the screen shows %q", line)
		}
	}
	if text, _ := os.ReadFile(path); strings.Contains(string(text), "hunter") || slices.Contains(entries(h), "hunter2") {
		t.Errorf("the history has %q", text)
	}
}

// TestHistorySecretStaysInMemory: a secret line can be recalled in its session, and is not in the file.
func TestHistorySecretStaysInMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	e := newEditor(Config{History: h, Secret: func(line string) bool { return strings.Contains(line, "hunter2") }})
	for _, line := range []string{"first", "/open wss://u:hunter2@example.com", "last"} {
		e.text = []rune(line)
		e.submit()
	}
	if h.Len() != 3 || h.at(1) != "/open wss://u:hunter2@example.com" {
		t.Errorf("%d lines, the second is %q", h.Len(), h.at(1))
	}
	file, err := os.ReadFile(path)
	if string(file) != "\"first\"\n\"last\"\n" || err != nil {
		t.Errorf("%q, %v", file, err)
	}
}
