package main

import (
	"cmp"
	"path/filepath"
	"strings"
)

// configFolder is where the user's configuration is kept (XDG Base Directory Specification); "" = nowhere.
func configFolder(env func(string) string) string {
	config := env("XDG_CONFIG_HOME")
	if config == "" && env("HOME") != "" {
		config = filepath.Join(env("HOME"), ".config")
	}
	if config == "" {
		return ""
	}
	return filepath.Join(config, "wsx")
}

// statePath is where a file with the state of the program is kept.
func statePath(env func(string) string, name string) string {
	state := cmp.Or(env("XDG_STATE_HOME"), filepath.Join(env("HOME"), ".local", "state"))
	return filepath.Join(state, "wsx", name)
}

// historyPath is where what was typed is kept.
func historyPath(env func(string) string) string {
	return statePath(env, "history")
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
