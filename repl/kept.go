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

// keptMessages are messages with names, of one host: a file each, which is the message, in a folder of the host.
type keptMessages struct{ dir string }

// extensions are those of the files of each type of message.
var extensions = map[client.Type]string{client.Text: ".txt", client.Binary: ".bin"}

// keptFor returns the messages of the host of a URL, which are below dir.
func keptFor(dir, host string) keptMessages {
	return keptMessages{filepath.Join(dir, notInFileName().ReplaceAllString(strings.ToLower(host), "_"))}
}

// notInFileName is what the folder of a host cannot have in its name on every system.
var notInFileName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9.-]|^\.+`) })

// keptName is what a message may be called.
var keptName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$`) })

// write keeps a message in place of the one that has the name.
func (k keptMessages) write(name string, t client.Type, message []byte) error {
	if !keptName().MatchString(name) {
		return fmt.Errorf("invalid name %q for a message: use letters, digits, -, _ and .", name)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	path := filepath.Join(k.dir, name)
	temp, err := os.CreateTemp(k.dir, ".new-*")
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

// read returns the message that has a name.
func (k keptMessages) read(name string) (client.Type, []byte, error) {
	if keptName().MatchString(name) {
		for t, extension := range extensions {
			path := filepath.Join(k.dir, name+extension)
			if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue
			} else if err == nil && !info.Mode().IsRegular() {
				return 0, nil, fmt.Errorf("%s is not a regular file", path)
			}
			message, err := os.ReadFile(path)
			return t, message, err
		}
	}
	names := k.names()
	if len(names) == 0 {
		return 0, nil, fmt.Errorf("there is no message %q: /keep NAME saves the last sent message", name)
	}
	return 0, nil, fmt.Errorf("there is no message %q: known messages are %s", name, strings.Join(names, ", "))
}

// names returns what there is, in the order of the alphabet.
func (k keptMessages) names() (names []string) {
	entries, _ := os.ReadDir(k.dir)
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
