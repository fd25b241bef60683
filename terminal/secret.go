package terminal

import "errors"

// secret is a prompt for text that is neither shown nor added to the history.
type secret struct {
	prompt string
	editor *editor
	answer chan submission // receives one
}

func newSecret(prompt string) *secret {
	e := &editor{keys: secretKeys(), recall: newRecall(nil)}
	return &secret{prompt: prompt, editor: e, answer: make(chan submission, 1)}
}

// secretKeys returns the keymap for secrets, without commands that would show, store or complete the text.
func secretKeys() keymap {
	return newKeymap([]binding{
		{"Enter", func(*editor) outcome { return submit }},
		{"C-c", func(*editor) outcome { return interrupt }},
		{"C-d", (*editor).deleteOrEnd},
		{"C-z", func(*editor) outcome { return suspend }},
		{"C-l", func(*editor) outcome { return clear }},
		{"C-q C-v", func(e *editor) outcome { e.literal = true; return proceed }},
		{"Backspace C-h", func(e *editor) outcome { e.cut(e.left(e.pos), e.pos); return proceed }},
		{"C-u C-k", func(e *editor) outcome { e.line = line{}; return proceed }},
		{"C-w", func(e *editor) outcome { e.cut(e.wordLeft(e.pos, bigWord), e.pos); return proceed }},
	})
}

// errSecretBusy is returned by ReadSecret while another one is running.
var errSecretBusy = errors.New("the terminal is asking for something else")

// startSecret starts reading a secret, unless another one is being read.
func (c *console) startSecret(s *secret) {
	if c.secret != nil {
		s.answer <- submission{err: errSecretBusy}
		return
	}
	c.secret, c.dirty = s, true
}

// answerSecret ends the prompt with what was typed.
func (c *console) answerSecret(s submission, mark string) {
	c.prints.push(append(emit(nil, layOut(c.secretView(), c.screen.width).cells, "\n"), mark+"\n"...))
	c.secret.answer <- s
	c.secret, c.dirty = nil, true
}

// cancelSecret ends the prompt with an error; nil cancels any.
func (c *console) cancelSecret(s *secret, err error) {
	if c.secret != nil && (s == nil || c.secret == s) {
		c.secret.answer <- submission{err: err}
		c.secret, c.dirty = nil, true
	}
}

// secretView returns the view of the prompt alone.
func (c *console) secretView() view {
	return view{prompt: c.secret.prompt, colors: c.config.Colors}
}
