//go:build unix

package terminal

// dumb says whether TERM names a terminal that takes no escape sequences.
func dumb(term string) bool { return term == "" || term == "dumb" }
