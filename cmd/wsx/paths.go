package main

import (
	"cmp"
	"path/filepath"
	"strings"
)

// configFolder returns the folder of the user's configuration (XDG Base Directory Specification); "" = none.
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

// statePath returns the path of a file with state of the program.
func statePath(env func(string) string, name string) string {
	state := cmp.Or(env("XDG_STATE_HOME"), filepath.Join(env("HOME"), ".local", "state"))
	return filepath.Join(state, "wsx", name)
}

// keepDir returns the folder of messages saved by /keep (XDG Base Directory Specification).
func keepDir(env func(string) string) string {
	data := cmp.Or(env("XDG_DATA_HOME"), filepath.Join(env("HOME"), ".local", "share"))
	return filepath.Join(data, "wsx", "messages")
}

// editor returns the command of the editor, $VISUAL or $EDITOR, with its arguments.
func editor(env func(string) string) []string {
	return strings.Fields(cmp.Or(env("VISUAL"), env("EDITOR"), "vi"))
}
