// Package config reads contexts, which are connections with names, from files in TOML. It runs no command and connects to nothing:
// what a context says is handed to its caller. A file in a project's folder, which others may have written, counts only when the user
// has trusted its content.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Context is a connection with a name. Paths in it are absolute, or relative to the working folder where the file's name is.
type Context struct {
	Name         string
	File         string   // that it stands in
	URL          string   // "" = none
	Headers      []string // "Name: value"
	Bearer       string   // a token, "@FILE" with one, or "cmd:COMMAND" that prints one; "" = none
	Subprotocols []string
	As           string // a dialect, or the path of a file of one; "" = none
	Proxy        string
	CA           []string // paths of certificates of authorities; "system" means those of the system
	Cert, Key    string   // paths of a client certificate and its key
}

// CommandPrefix begins a Bearer that a command prints, and FilePrefix one that stands in a file.
const (
	CommandPrefix = "cmd:"
	FilePrefix    = "@"
)

// Command returns the command that prints the bearer token, and reports whether there is one.
func (c *Context) Command() (string, bool) { return strings.CutPrefix(c.Bearer, CommandPrefix) }

// FileError is a mistake in a file, and its place.
type FileError struct {
	File   string
	Line   int // 0 = the whole file
	Reason string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Kind is the kind of the error event.
func (e *FileError) Kind() string { return "usage" }

// keys are a context as a file has it.
type keys struct {
	URL         string `toml:"url"`
	Headers     any    `toml:"headers"`
	Bearer      string `toml:"bearer"`
	Subprotocol any    `toml:"subprotocol"`
	As          string `toml:"as"`
	Proxy       string `toml:"proxy"`
	CA          any    `toml:"ca"`
	Cert        string `toml:"cert"`
	Key         string `toml:"key"`
}

// Keys are the keys of a context, each with what it means.
func Keys() [][2]string {
	return [][2]string{
		{"url", "the server"},
		{"headers", `["Name: value", ...], or { Name = "value", ... }`},
		{"bearer", `a token; "@FILE" reads it from a file, "cmd:COMMAND" from the output of a command`},
		{"subprotocol", `a name, or ["NAME", ...]`},
		{"as", "a dialect, or the path of a dialect file"},
		{"proxy", "the URL of a proxy, or \"none\""},
		{"ca", "a file of CA certificates, or a list of files; \"system\" adds the system's"},
		{"cert", "a client certificate"},
		{"key", "the private key of cert"},
	}
}

// Parse reads a file. Its contexts are in the order of their names. Its errors are of type *FileError.
func Parse(file string, content []byte) ([]*Context, error) {
	tables := map[string]keys{}
	decoder := toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields()
	if err := decoder.Decode(&tables); err != nil {
		return nil, fileError(file, err)
	}
	var contexts []*Context
	for name, table := range tables {
		c, err := table.context(name, file)
		if err != nil {
			return nil, &FileError{File: file, Reason: fmt.Sprintf("[%s] %v", name, err)}
		}
		contexts = append(contexts, c)
	}
	slices.SortFunc(contexts, func(a, b *Context) int { return strings.Compare(a.Name, b.Name) })
	return contexts, nil
}

// fileError is an error of the decoder, with the line of the first mistake.
func fileError(file string, err error) error {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return &FileError{File: file, Line: line, Reason: fmt.Sprintf("unknown key %q: the keys of a context are %s", strings.Join(first.Key(), "."), keyNames())}
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := wrong.Position()
		return &FileError{File: file, Line: line, Reason: strings.TrimPrefix(wrong.Error(), "toml: ")}
	}
	return &FileError{File: file, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
}

func keyNames() string {
	var names []string
	for _, key := range Keys() {
		names = append(names, key[0])
	}
	return strings.Join(names, ", ")
}

// nameBytes are what the name of a context consists of.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// context is the context that a table describes.
func (k keys) context(name, file string) (*Context, error) {
	if strings.Trim(name, nameBytes) != "" || name == "" {
		return nil, errors.New("is not a valid name for a context: use letters, digits, -, _ and .")
	}
	dir := filepath.Dir(file)
	c := &Context{Name: name, File: file, URL: k.URL, Bearer: k.Bearer, As: k.As, Proxy: k.Proxy, Cert: within(dir, k.Cert), Key: within(dir, k.Key)}
	if path, isFile := strings.CutPrefix(c.Bearer, FilePrefix); isFile {
		c.Bearer = FilePrefix + within(dir, path)
	}
	if strings.ContainsAny(c.As, `/\`) {
		c.As = within(dir, c.As)
	}
	var err error
	if c.Headers, err = headerLines(k.Headers); err != nil {
		return nil, err
	}
	if c.Subprotocols, err = textList("subprotocol", k.Subprotocol); err != nil {
		return nil, err
	}
	if c.CA, err = textList("ca", k.CA); err != nil {
		return nil, err
	}
	for i, path := range c.CA {
		if path != "system" {
			c.CA[i] = within(dir, path)
		}
	}
	return c, nil
}

// within is a path that is relative to a folder. "" stays.
func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// textList reads a text, or a list of texts.
func textList(key string, value any) ([]string, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{value}, nil
	case []any:
		list := make([]string, len(value))
		for i, one := range value {
			text, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("%s: expected a string or a list of strings", key)
			}
			list[i] = text
		}
		return list, nil
	}
	return nil, fmt.Errorf("%s: expected a string or a list of strings", key)
}

// headerLines reads a list of lines, or a table from names to values, which is put in the order of the names.
func headerLines(value any) ([]string, error) {
	table, isTable := value.(map[string]any)
	if !isTable {
		return textList("headers", value)
	}
	var lines []string
	for name, value := range table {
		values, err := textList("headers", value)
		if err != nil {
			return nil, err
		}
		for _, text := range values {
			lines = append(lines, name+": "+text)
		}
	}
	slices.Sort(lines)
	return lines, nil
}
