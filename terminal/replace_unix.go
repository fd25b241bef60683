//go:build !windows

package terminal

import "os"

// replaceFile replaces the file at path by the one at temp.
func replaceFile(temp, path string) error { return os.Rename(temp, path) }
