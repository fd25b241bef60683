package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// History holds the submitted lines, oldest first, of this session and, if it has a file, of earlier ones. The file has one
// JSON string a line, since an entry may have several lines, and mode 0600. Several processes may append to it at the same
// time. A History belongs to one goroutine: from Open to Close to that of the terminal.
type History struct {
	path string
	max  int           // entries kept; the file may hold twice as many before it is made shorter
	wait time.Duration // for a lock, at most

	file   *os.File // nil when entries are kept in memory only
	lines  []string
	newest map[string]int // index of the newest entry of each text; nil until it is asked for
}

const (
	maxHistory     = 10_000                // entries
	maxEntry       = 64 << 10              // bytes of an entry in the file; longer ones are remembered in this session only
	maxHistoryRead = 4 << 20               // bytes at the end of the file that are read
	maxHistoryFile = 64 << 20              // bytes of a file that may be a history
	lockWait       = 50 * time.Millisecond // for a process that has the file locked
)

// OpenHistory reads the history in a file. It creates the file and its directories if they do not exist. A file that is not
// regular, or larger than 64 MiB, is an error, and is not opened.
func OpenHistory(path string) (*History, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // so that a link stays when the file is made shorter
	}
	h := &History{path: path, max: maxHistory, wait: lockWait}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	if err := h.open(); err != nil {
		return nil, err
	}
	all, whole, err := h.read()
	if err != nil {
		h.file.Close()
		return nil, err
	}
	h.lines = all[max(0, len(all)-h.max):]
	if len(all) > 2*h.max || !whole {
		return h, h.shorten()
	}
	return h, nil
}

// open opens the file. It never blocks, even if the path names a FIFO.
func (h *History) open() error {
	if info, err := os.Stat(h.path); err == nil {
		if err := checkHistory(h.path, info); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(h.path, os.O_RDWR|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return fmt.Errorf("open history: %w", err)
	}
	info, err := file.Stat()
	if err == nil {
		err = checkHistory(h.path, info)
	}
	if err != nil {
		file.Close()
		return err
	}
	h.file = file
	return nil
}

// checkHistory returns an error for a file that cannot be a history.
func checkHistory(path string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("open history: %s is not a regular file", path)
	}
	if info.Size() > maxHistoryFile {
		return fmt.Errorf("open history: %s is too large: %d bytes", path, info.Size())
	}
	return nil
}

// read returns the entries at the end of the file, without consecutive duplicates, and reports whether these are all. Invalid
// lines are skipped.
func (h *History) read() (all []string, whole bool, err error) {
	info, err := h.file.Stat()
	if err != nil {
		return nil, false, fmt.Errorf("read history: %w", err)
	}
	from := max(0, info.Size()-maxHistoryRead)
	text, err := io.ReadAll(io.NewSectionReader(h.file, from, maxHistoryRead))
	if err != nil {
		return nil, false, fmt.Errorf("read history: %w", err)
	}
	last := lastLines(text, 2*h.max+1)
	for row := range bytes.Lines(last) {
		if line, ok := parseEntry(row); ok && (len(all) == 0 || all[len(all)-1] != line) {
			all = append(all, line)
		}
	}
	return all, from == 0 && len(last) == len(text), nil
}

// parseEntry parses a JSON string that is not empty. Strings without escapes, the most frequent ones, take a fast path.
func parseEntry(row []byte) (line string, ok bool) {
	row = bytes.TrimRight(row, "\r\n")
	if len(row) < 3 || row[0] != '"' || row[len(row)-1] != '"' {
		return "", false
	}
	if inner := row[1 : len(row)-1]; bytes.IndexFunc(inner, needsDecoding) < 0 {
		return string(inner), true
	}
	err := json.Unmarshal(row, &line)
	return line, err == nil && line != ""
}

// needsDecoding reports whether a character in a JSON string may not stand for itself.
func needsDecoding(r rune) bool { return r == '\\' || r == '"' || r < ' ' || r == utf8.RuneError }

// lastLines returns the last n lines of a text.
func lastLines(text []byte, n int) []byte {
	for end := len(text); ; n-- {
		i := bytes.LastIndexByte(text[:max(0, end-1)], '\n')
		if i < 0 {
			return text
		}
		if n == 1 {
			return text[i+1:]
		}
		end = i + 1
	}
}

// Add appends a line, unless it begins with a space, is empty, or equals the newest entry. A secret line is remembered in this session only.
func (h *History) Add(line string, secret bool) error {
	if line == "" || strings.HasPrefix(line, " ") || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return nil
	}
	if h.lines = append(h.lines, line); h.newest != nil {
		h.newest[line] = len(h.lines) - 1
	}
	if h.file == nil || secret || len(line) > maxEntry {
		return nil
	}
	return h.append(line)
}

// append writes one entry with one write, to the file that is at path now, since another process may have replaced the file by
// a shorter one.
func (h *History) append(line string) error {
	unlock, err := h.lockCurrent()
	if err != nil {
		return err
	}
	defer unlock()
	entry := encodeEntries(line)
	if h.endsIncomplete() {
		entry = append([]byte{'\n'}, entry...)
	}
	if _, err := h.file.Write(entry); err != nil {
		return fmt.Errorf("append to history: %w", err)
	}
	return nil
}

// encodeEntries returns the lines of the file for some entries.
func encodeEntries(lines ...string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		encoder.Encode(line) // no string is an error
	}
	return out.Bytes()
}

// lockCurrent opens, if necessary, and locks the file that is at path now.
func (h *History) lockCurrent() (unlock func(), err error) {
	for {
		unlock := h.lock()
		own, err := h.file.Stat()
		if err != nil {
			unlock()
			return nil, fmt.Errorf("open history: %w", err)
		}
		if named, err := os.Stat(h.path); err == nil && os.SameFile(own, named) {
			return unlock, nil
		}
		unlock()
		h.file.Close()
		if err := h.open(); err != nil {
			h.file = nil
			return nil, err
		}
	}
}

// lock locks the file. It waits for another process, but gives up after h.wait, since that process may be stopped. Without the
// lock a write with O_APPEND is still atomic; it is lost only if the other process shortens the file at the same time.
func (h *History) lock() (unlock func()) {
	for deadline := time.Now().Add(h.wait); ; time.Sleep(time.Millisecond) {
		if unlock, locked := lockFile(h.file); locked || time.Now().After(deadline) {
			return unlock
		}
	}
}

// endsIncomplete reports whether the last entry has no newline, since a process was killed or the disk was full.
func (h *History) endsIncomplete() bool {
	info, err := h.file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = h.file.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// shorten writes the newest entries to a new file, which replaces the one at path. Another process that appends waits for the
// lock, and then opens the new file.
func (h *History) shorten() error {
	unlock, err := h.lockCurrent()
	if err != nil {
		return err
	}
	defer unlock()
	all, whole, err := h.read()
	if err != nil || len(all) <= 2*h.max && whole {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(h.path), ".history-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("shorten history: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(encodeEntries(all[max(0, len(all)-h.max):]...))
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = replaceFile(temp.Name(), h.path)
	}
	if err != nil {
		return fmt.Errorf("shorten history: %w", err)
	}
	return nil
}

// Close closes the file.
func (h *History) Close() error {
	if h.file == nil {
		return nil
	}
	err := h.file.Close()
	h.file = nil
	return err
}

// Len returns the number of entries.
func (h *History) Len() int { return len(h.lines) }

// at returns the entry with an index.
func (h *History) at(i int) string { return h.lines[i] }

// next returns the index of the first entry from i on, in steps of 1 or -1, that begins with prefix and is longer. Of equal
// entries only the newest is considered. It returns -1 if there is no such entry.
func (h *History) next(i, step int, prefix string) int {
	if h.newest == nil {
		h.newest = make(map[string]int, len(h.lines))
		for i, line := range h.lines {
			h.newest[line] = i
		}
	}
	for ; i >= 0 && i < len(h.lines); i += step {
		if line := h.lines[i]; len(line) > len(prefix) && strings.HasPrefix(line, prefix) && h.newest[line] == i {
			return i
		}
	}
	return -1
}
