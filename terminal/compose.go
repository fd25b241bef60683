package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// composed is the result of editing a line with $EDITOR.
type composed struct {
	text string
	err  error
}

// edit runs an editor on a text, in a temporary file of mode 0600.
func edit(ctx context.Context, command []string, text string, in, out *os.File) (c composed) {
	file, err := os.CreateTemp("", "wsx-*.txt")
	if err != nil {
		return composed{err: err}
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return composed{err: err}
	}
	if err := runEditor(ctx, append(command[:len(command):len(command)], file.Name()), in, out); err != nil {
		return composed{err: err}
	}
	edited, err := os.ReadFile(file.Name())
	return composed{text: string(edited), err: err}
}

// runEditor runs an editor on the terminal, and terminates it when the context ends.
func runEditor(ctx context.Context, command []string, in, out *os.File) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, out
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = 500 * time.Millisecond
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("edit with %s: %w", command[0], err)
	}
	return nil
}

// compose edits the line in the external editor. The loop keeps running: Write blocks meanwhile, Close does not.
func (t *screenTerminal) compose() {
	editor := t.console.config.Editor
	if len(editor) == 0 {
		t.console.note("no editor is set: set $VISUAL or $EDITOR")
		return
	}
	text := t.console.editor.folds.expand(t.console.editor.text)
	t.release()
	ctx, cancel := context.WithCancel(context.Background())
	edited := make(chan composed, 1)
	t.stopEditor = func() {
		cancel()
		<-edited
	}
	go func() {
		c := edit(ctx, editor, text, t.tty.in, t.tty.out)
		edited <- c
		t.do(func() {
			cancel()
			t.stopEditor = nil
			t.console.composed(c)
			t.resume()
		})
	}()
}

// composed replaces the line by the edited text.
func (c *console) composed(edited composed) {
	c.dirty = true
	if edited.err != nil {
		c.note(edited.err.Error())
		return
	}
	text := strings.ToValidUTF8(strings.ReplaceAll(edited.text, "\r\n", "\n"), "\uFFFD")
	c.editor.change(func() {
		c.editor.line = line{}
		c.editor.paste(text)
	})
}

// note prints a message of the program itself.
func (c *console) note(s string) { c.prints.push([]byte(sanitize(s) + "\n")) }
