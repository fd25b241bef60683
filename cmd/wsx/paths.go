package main

import (
	"cmp"
	"path/filepath"
	"strings"
)

// historyPath is where what was typed is kept (XDG Base Directory Specification).
func historyPath(env func(string) string) string {
	state := cmp.Or(env("XDG_STATE_HOME"), filepath.Join(env("HOME"), ".local", "state"))
	return filepath.Join(state, "wsx", "history")
}

// keepDir is where messages with names are kept (XDG Base Directory Specification).
func keepDir(env func(string) string) string {
	data := cmp.Or(env("XDG_DATA_HOME"), filepath.Join(env("HOME"), ".local", "share"))
	return filepath.Join(data, "wsx", "messages")
}

// editor is the command that edits a line: $VISUAL or $EDITOR, which may have arguments.
func editor(env func(string) string) []string {
	return strings.Fields(cmp.Or(env("VISUAL"), env("EDITOR"), "vi"))
}
