//go:build !windows

package terminal

import "os"

// replaceFile gives path the content of temp, which it may move there.
func replaceFile(temp, path string) error { return os.Rename(temp, path) }
