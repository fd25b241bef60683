package repl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"wsx/client"
)

// keptMessages are the messages that /keep has saved for one host: one file for each, in a folder of the host.
type keptMessages struct{ dir string }

// extensions are the file name extensions by type of message.
var extensions = map[client.Type]string{client.Text: ".txt", client.Binary: ".bin"}

// keptMessagesOf returns the messages of a host, in a folder below dir.
func keptMessagesOf(dir, host string) keptMessages {
	return keptMessages{filepath.Join(dir, notInFileName().ReplaceAllString(strings.ToLower(host), "_"))}
}

// notInFileName matches what is replaced in the name of a host's folder, since not every system allows it.
var notInFileName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9.-]|^\.+`) })

// keptName matches the valid names of messages.
var keptName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$`) })

// write saves a message under a name, and replaces one that has the name.
func (m keptMessages) write(name string, t client.Type, message []byte) error {
	if !keptName().MatchString(name) {
		return fmt.Errorf("invalid name %q for a message: use letters, digits, dots, - and _", name)
	}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	path := filepath.Join(m.dir, name)
	temp, err := os.CreateTemp(m.dir, ".new-*")
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(message)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path+extensions[t])
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	for other, extension := range extensions {
		if other != t {
			os.Remove(path + extension)
		}
	}
	return nil
}

// read returns the message with a name.
func (m keptMessages) read(name string) (client.Type, []byte, error) {
	if keptName().MatchString(name) {
		for t, extension := range extensions {
			path := filepath.Join(m.dir, name+extension)
			if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue
			} else if err == nil && !info.Mode().IsRegular() {
				return 0, nil, fmt.Errorf("%s is not a regular file", path)
			}
			message, err := os.ReadFile(path)
			return t, message, err
		}
	}
	names := m.names()
	if len(names) == 0 {
		return 0, nil, fmt.Errorf("there is no message %q: /keep NAME saves the last sent message", name)
	}
	return 0, nil, fmt.Errorf("there is no message %q: known messages are %s", name, strings.Join(names, ", "))
}

// names returns the names of the messages, sorted.
func (m keptMessages) names() (names []string) {
	entries, _ := os.ReadDir(m.dir)
	for _, entry := range entries {
		extension := filepath.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), extension)
		if keptName().MatchString(name) && (extension == extensions[client.Text] || extension == extensions[client.Binary]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
