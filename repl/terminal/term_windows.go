//go:build windows

package terminal

// dumb says whether TERM names a terminal that takes no escape sequences; a Windows console needs no TERM.
func dumb(term string) bool { return term == "dumb" }
