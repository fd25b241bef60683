package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl"
	"wsx/repl/input"
)

// source returns the source of what is sent: the messages of -x, then what is typed or piped; nil = nothing.
func (f *flags) source(ctx context.Context, s environment, u *ui) (input.Source, error) {
	o := input.Options{Type: client.Text, Whole: f.maxInputMessage(), Size: int(f.chunkSize), Speed: paces[f.pace.Value]}
	first := o
	if f.binary && f.encode.Value == "" { // an encoder expects text
		o.Type = client.Binary
		if !f.text {
			first.Type = client.Binary
		}
	}
	var sources []input.Source
	if len(f.execute) > 0 {
		texts, err := executed(ctx, f.execute, first.Type == client.Binary)
		if err != nil {
			return nil, err
		}
		sources = append(sources, input.NewMessages(texts, first))
	}
	switch {
	case f.background != nil:
		sources = append(sources, f.background.server)
	case f.attached != nil && f.attached.waits:
		sources = append(sources, input.NewMessages(nil, o)) // ends at once, and the session then waits for silence
	case u.interactive():
		sources = append(sources, repl.NewPrompt(u.terminal, o.Type, u.output.Interrupt))
	case f.attached != nil && !f.attached.reads:
	case f.echo, len(f.execute) > 0 && (isTerminal(s.stdin) || f.conditional() && !f.input.Given):
	default:
		sources = append(sources, inputForm(f.input.Value, s.stdin, o))
	}
	if len(sources) == 0 {
		return nil, nil
	}
	var source input.Source = input.NewSequence(sources...)
	if f.closesAfterExecute() {
		source = input.NewLimit(sources[0], time.Duration(f.wait.Duration), sources[1:]...)
	} else if len(sources) == 1 {
		source = sources[0]
	}
	if f.rate > 0 {
		source = input.NewRate(source, float64(f.rate), input.SystemClock{})
	}
	return source, nil
}

// checkInput returns an error for flags that contradict --input or have no effect with it.
func (f *flags) checkInput() error {
	form := f.input.Value
	switch {
	case f.null && f.input.Given && form != "null":
		return &dial.UsageError{
			Message: fmt.Sprintf("--null and --input %s split standard input differently: use only one", form),
			Hint:    "-0 means --input null, and prints NUL after each message",
		}
	case f.stream && f.input.Given && form != "chunks":
		return &dial.UsageError{Message: fmt.Sprintf("--stream and --input %s split standard input differently: use only one", form)}
	case f.chunkSize > 0 && form != "chunks" && !f.stream && f.as == "":
		return &dial.UsageError{
			Message: fmt.Sprintf("--chunk-size needs --input chunks, not --input %s", form),
			Hint:    "--input chunks and --stream read chunks",
		}
	}
	return nil
}

// maxInputMessage returns the longest message that --input whole sends in one frame, in bytes; 0 = the default.
func (f *flags) maxInputMessage() int {
	if f.fragment.Given && f.fragment.Size == 0 {
		return math.MaxInt
	}
	return 0
}

// fragmentSize returns --fragment as repl.Config.FragmentSize.
func (f *flags) fragmentSize() int {
	if f.fragment.Given && f.fragment.Size == 0 {
		return -1
	}
	return int(f.fragment.Size)
}

// paces are the speeds of --pace, as input.Options has them.
var paces = map[string]float64{"fast": 0, "real": 1, "2x": 2}

// inputForms returns the names that --input accepts.
func inputForms() []string {
	return namesOf(input.Kinds(), func(k input.Kind) string { return k.Name })
}

// inputForm returns a source that splits from into messages. The flag's parser has checked the name.
func inputForm(name string, from io.Reader, o input.Options) input.Source {
	return input.Kinds()[slices.Index(inputForms(), name)].New(from, o)
}

// maxFile bounds a file that -x reads, in bytes: a device may have no end.
const maxFile = 64 << 20

// executedFile returns the text of -x: as given, or after "@@" for a leading "@". After "@" it is the name of a file.
func executedFile(value string) (text string, isFile bool) {
	text, isFile = strings.CutPrefix(value, "@")
	return text, isFile && !strings.HasPrefix(text, "@")
}

// executed returns the messages of -x, with the contents of files. Text must be UTF-8.
func executed(ctx context.Context, values []string, binary bool) ([]string, error) {
	texts := make([]string, len(values))
	for i, value := range values {
		text, isFile := executedFile(value)
		if isFile {
			content, err := input.ReadFile(ctx, text, maxFile)
			if err != nil {
				return nil, err
			}
			if !binary {
				content = input.TrimMark(content)
			}
			text = string(content)
		}
		texts[i] = text
		if !binary && !utf8.ValidString(texts[i]) {
			return nil, &input.RejectedLine{Name: fmt.Sprintf("send %.40q", value), Reason: "a text message must be UTF-8", Cause: input.NotUTF8Cause([]byte(texts[i]))}
		}
	}
	return texts, nil
}
