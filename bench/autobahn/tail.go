package main

import "strings"

// tail keeps the last words of a process: enough to say why it failed.
type tail struct{ last []byte }

const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if cut := len(t.last) - tailSize; cut > 0 {
		t.last = append(t.last[:0], t.last[cut:]...)
	}
	return len(p), nil
}

// text may be called when the process has ended.
func (t *tail) text() string { return strings.TrimSpace(string(t.last)) }
