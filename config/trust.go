package config

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Trust is the path of the list of trusted files: one a line, the SHA-256 of the content and the path. Its mode is 0600.
type Trust string

// has reports whether a file with this content is trusted.
func (t Trust) has(path string, content []byte) (bool, error) {
	lines, err := t.lines()
	return slices.Contains(lines, line(path, content)), err
}

// Add trusts a file with this content, and no longer with other content.
func (t Trust) Add(path string, content []byte) error {
	lines, err := t.lines()
	if err != nil {
		return err
	}
	var list bytes.Buffer
	for _, other := range lines {
		if _, name, _ := strings.Cut(other, " "); name != quotedPath(path) {
			list.WriteString(other + "\n")
		}
	}
	list.WriteString(line(path, content) + "\n")
	return t.write(list.Bytes())
}

// lines returns the lines of the list, none if it does not exist.
func (t Trust) lines() (lines []string, err error) {
	file, err := os.Open(string(t))
	if errors.Is(err, fs.ErrNotExist) || t == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the trusted files: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the trusted files: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s must have mode 0600, so that only you can change it, and has %04o", t, info.Mode().Perm())
	}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, maxFile)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines, scanner.Err()
}

// write replaces the list.
func (t Trust) write(list []byte) error {
	if t == "" {
		return errors.New("save the trusted files: there is no home directory to save them in")
	}
	dir := filepath.Dir(string(t))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save the trusted files: %w", err)
	}
	temp, err := os.CreateTemp(dir, ".trusted-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("save the trusted files: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(list)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), string(t))
	}
	if err != nil {
		return fmt.Errorf("save the trusted files: %w", err)
	}
	return nil
}

// line returns the line for a file.
func line(path string, content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]) + " " + quotedPath(path)
}

// quotedPath returns a path with symbolic links resolved, quoted so that it is on one line.
func quotedPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return strconv.Quote(path)
}
