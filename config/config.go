// Package config reads contexts, which are named connections, from TOML files. It runs no commands and does not connect; it
// only returns what a context contains. A file in a project's folder, which others may have written, is used only if the user
// has trusted its content.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Context is a named connection. Paths in it are absolute, or relative to the working folder if the path of its file is.
type Context struct {
	Name         string
	File         string   // path of the file that contains it
	URL          string   // "" = none
	Headers      []string // "Name: value"
	Bearer       string   // a token, "@FILE" with one, or "cmd:COMMAND" that prints one; "" = none
	Subprotocols []string
	As           string // a dialect, or the path of a file of one; "" = none
	Proxy        string
	CA           []string // paths of certificates of authorities; "system" means those of the system
	Cert, Key    string   // paths of a client certificate and its key
}

// CommandPrefix begins a Bearer that a command prints, and FilePrefix one that is read from a file.
const (
	CommandPrefix = "cmd:"
	FilePrefix    = "@"
)

// Command returns the command that prints the bearer token, and reports whether there is one.
func (c *Context) Command() (string, bool) { return strings.CutPrefix(c.Bearer, CommandPrefix) }

// maxFile bounds the size of a file, in bytes.
const maxFile = 1 << 20

// FileError is an error in a file of contexts.
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

// keys are the keys of a context in a file, each with a description.
type keys struct {
	URL         string `toml:"url" help:"the server"`
	Headers     any    `toml:"headers" help:"[\"Name: value\", ...], or { Name = \"value\", ... }"`
	Bearer      string `toml:"bearer" help:"a token; \"@FILE\" reads it from a file, \"cmd:COMMAND\" from the output of a command"`
	Subprotocol any    `toml:"subprotocol" help:"a name, or [\"NAME\", ...]"`
	As          string `toml:"as" help:"a dialect, or the path of a dialect file"`
	Proxy       string `toml:"proxy" help:"the URL of a proxy, or \"none\""`
	CA          any    `toml:"ca" help:"a file of CA certificates, or a list of files; \"system\" adds the system's"`
	Cert        string `toml:"cert" help:"a client certificate"`
	Key         string `toml:"key" help:"the private key of cert"`
}

// Keys returns the keys of a context, each with its description.
func Keys() (list [][2]string) {
	for field := range reflect.TypeFor[keys]().Fields() {
		list = append(list, [2]string{field.Tag.Get("toml"), field.Tag.Get("help")})
	}
	return list
}

// parse parses a file and returns its contexts, sorted by name. The error is a *FileError.
func parse(file string, content []byte) ([]*Context, error) {
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

// fileError returns a *FileError for an error of the decoder, with the line of the first mistake.
func fileError(file string, err error) error {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return &FileError{File: file, Line: line, Reason: fmt.Sprintf("unknown key %q: the keys of a context are %s", strings.Join(first.Key(), "."), keyNames())}
	}
	if decodeErr, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := decodeErr.Position()
		return &FileError{File: file, Line: line, Reason: strings.TrimPrefix(decodeErr.Error(), "toml: ")}
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

// nameBytes are the characters that the name of a context may contain.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// context returns the context that a table describes.
func (k keys) context(name, file string) (*Context, error) {
	if strings.Trim(name, nameBytes) != "" || name == "" {
		return nil, errors.New("is not a valid name for a context: use letters, digits, dots, - and _")
	}
	dir := filepath.Dir(file)
	c := &Context{Name: name, File: file, URL: k.URL, Bearer: k.Bearer, As: k.As, Proxy: k.Proxy, Cert: resolvePath(dir, k.Cert), Key: resolvePath(dir, k.Key)}
	if path, isFile := strings.CutPrefix(c.Bearer, FilePrefix); isFile {
		c.Bearer = FilePrefix + resolvePath(dir, path)
	}
	if strings.ContainsAny(c.As, `/\`) {
		c.As = resolvePath(dir, c.As)
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
			c.CA[i] = resolvePath(dir, path)
		}
	}
	return c, nil
}

// resolvePath returns a path relative to the folder dir; "" stays empty.
func resolvePath(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// textList returns a string, or a list of strings, as a list.
func textList(key string, value any) ([]string, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{value}, nil
	case []any:
		list := make([]string, len(value))
		for i, item := range value {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("%s: expected a string or a list of strings", key)
			}
			list[i] = text
		}
		return list, nil
	}
	return nil, fmt.Errorf("%s: expected a string or a list of strings", key)
}

// headerLines returns a list of header lines. A table from names to values is sorted by name.
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
