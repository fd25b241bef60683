package main

import (
	"io"
	"os"
	"strings"

	"wsx/client"
	"wsx/repl"
	"wsx/repl/input"
	"wsx/repl/terminal"
)

// stage is where a conversation takes place: where its lines come from, and where it is seen.
type stage struct {
	source    input.Source // nil = nothing is said
	display   *repl.Display
	typed     bool // somebody sits at a prompt
	showsSent bool // what is said may be shown as well

	terminal   *terminal.Terminal // nil = nobody sits there, as the next
	completion *repl.Completion
}

// openStage looks at the streams and the flags, and takes the terminal if there is to be a prompt.
func (f *flags) openStage(s surroundings) (*stage, error) {
	st := &stage{}
	st.typed = isTerminal(s.stdin) && f.input.value == "lines" && !f.echo && (len(f.execute) == 0 || f.interactive)
	st.showsSent = st.typed || f.format.value == "json"
	var out, side io.Writer = s.stdout, s.stderr
	if st.typed {
		st.completion = &repl.Completion{}
		term, err := openTerminal(s, st.completion)
		if err != nil {
			return nil, err
		}
		st.terminal, side = term, term
		if isTerminal(s.stdout) {
			out = term
		}
	}
	var err error
	if st.display, err = repl.NewDisplay(out, side, f.look(s), f.notes(s)); err == nil {
		st.source, err = f.source(s, st)
	}
	if err != nil {
		st.close()
		return nil, err
	}
	return st, nil
}

// close gives the terminal back as it was found.
func (st *stage) close() {
	if st.terminal != nil {
		st.terminal.Close()
	}
}

// openTerminal takes the terminal at standard input. Where standard output leads elsewhere, the prompt is drawn on the
// terminal itself.
func openTerminal(s surroundings, completion *repl.Completion) (*terminal.Terminal, error) {
	out := s.stdout
	if !isTerminal(out) {
		device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		out = device
	}
	return terminal.Open(terminal.Config{
		In: s.stdin, Out: out, Env: s.env, Prompt: "> ",
		Complete: completion.Complete, Hint: repl.Hint,
	})
}

// source is what is said: first what -x gives, then what is typed or piped.
func (f *flags) source(s surroundings, st *stage) (input.Source, error) {
	o := input.Options{Type: f.messageType(), Size: int(f.chunkSize)}
	var sources []input.Source
	if len(f.execute) > 0 {
		texts, err := executed(f.execute)
		if err != nil {
			return nil, err
		}
		sources = append(sources, input.NewMessages(texts, o))
	}
	switch {
	case f.echo, len(f.execute) > 0 && isTerminal(s.stdin) && !f.interactive:
	case st.typed:
		sources = append(sources, repl.Typed(st.terminal, o.Type))
	default:
		sources = append(sources, inputForm(f.input.value, s.stdin, o))
	}
	if len(sources) == 0 {
		return nil, nil
	}
	return input.NewSequence(sources...), nil
}

func (f *flags) messageType() client.Type {
	if f.binary {
		return client.Binary
	}
	return client.Text
}

// inputForm cuts standard input into messages.
func inputForm(form string, from io.Reader, o input.Options) input.Source {
	switch form {
	case "null":
		return input.NewNull(from, o)
	case "whole":
		return input.NewWhole(from, o)
	case "chunks":
		return input.NewChunks(from, o)
	case "json":
		return input.NewJSON(from, o)
	case "hex":
		return input.NewHex(from, o)
	case "base64":
		return input.NewBase64(from, o)
	}
	return input.NewLines(from, o)
}

// executed are the messages of -x: as given, or "@file", or "@@" for a leading "@".
func executed(values []string) ([]string, error) {
	texts := make([]string, len(values))
	for i, value := range values {
		name, isFile := strings.CutPrefix(value, "@")
		switch {
		case !isFile, strings.HasPrefix(name, "@"):
			texts[i] = strings.TrimPrefix(value, "@")
		default:
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			texts[i] = string(content)
		}
	}
	return texts, nil
}
