package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ProjectFile is the name of a file with contexts in the folder of a project.
const ProjectFile = ".wsx"

// Places are the files that are searched for contexts: the project's file, which is the nearest one in a folder or above it,
// then that of the user.
type Places struct {
	User  string // path of the user's file, which needs no trust; "" = none
	Dir   string // the folder where the search for a project's file begins
	Trust Trust  // list of trusted files
}

// File is a file with contexts.
type File struct {
	Path     string
	Content  []byte
	Trusted  bool
	Contexts []*Context // if Err is nil
	Err      error      // a *FileError
}

// UnknownError is the error for a context that does not exist.
type UnknownError struct {
	Name  string
	Known []string // names of the contexts that exist
}

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no context %q", e.Name) }

// Kind is the kind of the error event.
func (e *UnknownError) Kind() string { return "usage" }

// UntrustedError is the error for a context in a file that is not trusted.
type UntrustedError struct{ Name, File string }

func (e *UntrustedError) Error() string {
	return fmt.Sprintf("context %q is in %s, which is not trusted or has changed since it was", e.Name, e.File)
}

// Kind is the kind of the error event.
func (e *UntrustedError) Kind() string { return "usage" }

// Facts returns the reason of the error, and the file that a hint names.
func (e *UntrustedError) Facts() (reason string, facts map[string]string) {
	return "context-untrusted", map[string]string{"file": e.File}
}

// Facts returns the reason of the error, and the names that a hint lists.
func (e *UnknownError) Facts() (reason string, facts map[string]string) {
	if len(e.Known) == 0 {
		return "no-contexts", nil
	}
	return "context-unknown", map[string]string{"names": "@" + strings.Join(e.Known, ", @")}
}

// Find returns the context with a name. One in a project's file that is not trusted is an *UntrustedError, even if the user's
// own file has a context of this name, so that trusting a file does not change what a name means. Only the names of an
// untrusted file are used.
func (p Places) Find(name string) (*Context, error) {
	files, err := p.Files()
	if err != nil {
		return nil, err
	}
	var known []string
	for _, file := range files {
		switch {
		case file.Err != nil && !file.Trusted:
			return nil, &UntrustedError{Name: name, File: file.Path}
		case file.Err != nil:
			return nil, file.Err
		}
		for _, c := range file.Contexts {
			switch {
			case c.Name == name && !file.Trusted:
				return nil, &UntrustedError{Name: name, File: file.Path}
			case c.Name == name:
				return c, nil
			case file.Trusted && !slices.Contains(known, c.Name):
				known = append(known, c.Name)
			}
		}
	}
	return nil, &UnknownError{Name: name, Known: known}
}

// Files returns the existing files, the project's first.
func (p Places) Files() ([]*File, error) {
	var files []*File
	if path := Nearest(p.Dir); path != "" {
		file, err := Read(path)
		if err != nil {
			return nil, err
		}
		if file.Trusted, err = p.Trust.has(path, file.Content); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if p.User == "" {
		return files, nil
	}
	file, err := Read(p.User)
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	file.Trusted = true
	return append(files, file), nil
}

// Nearest returns the path of the project's file: that of a folder, or of the nearest one above it; "" = no such file.
func Nearest(dir string) string {
	for {
		path := filepath.Join(dir, ProjectFile)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// Read reads and parses a file. It reads the file once, so that the content that is trusted is the content that is used. It
// does not check whether the file is trusted.
func Read(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &FileError{File: path, Reason: "not a regular file"} // opening a FIFO would block
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read contexts: %w", err)
	}
	defer opened.Close()
	if info, err := opened.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, &FileError{File: path, Reason: "not a regular file"}
	}
	content, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read contexts: %w", err)
	}
	if len(content) > maxFile {
		return nil, &FileError{File: path, Reason: fmt.Sprintf("longer than %d bytes", maxFile)}
	}
	file := &File{Path: path, Content: content}
	file.Contexts, file.Err = parse(path, content)
	return file, nil
}
