package terminal

import (
	"os"
	"time"
)

// Config is the configuration of a terminal. In and Out must be set; all other fields may be zero. The functions are called by
// the goroutine that draws: they must return quickly, and must not call the terminal.
type Config struct {
	In, Out    *os.File                          // both must be terminals; if standard output is a pipe, Out is /dev/tty or standard error
	Env        func(string) string               // the environment; nil = the process's
	Prompt     string                            // plain text before the line
	Colors     Colors                            // the zero value has no colour
	Paint      func(line string, pos int) []Span // styles of the parts of a line with the cursor before byte pos; -1 = in the transcript
	Hint       func(string) string               // shown below the line: what a command expects next; "" = no hint
	History    *History                          // earlier lines, for the terminal alone until Close; nil = only those of this session
	Complete   Completer                         // candidates for Tab
	Incomplete func(string) bool                 // reports whether Enter continues the line on a new row; a second Enter submits it; nil = never
	Mistake    func(string) string               // what is wrong with the line, which a second Enter submits; "" = nothing
	Secret     func(string) bool                 // reports whether a line has a secret and must not be in the file of History; nil = never
	Reformat   func(string) (string, bool)       // reformats the line for Ctrl-X Ctrl-P; false = do not change it
	Plain      bool                              // leave the terminal in canonical mode
	ViMode     bool                              // keys as in vi
	Editor     []string                          // the command that Ctrl-X Ctrl-E edits the line with, from $VISUAL or $EDITOR
	// Interrupt is called for Ctrl-C on an empty line while no ReadLine waits; it must not block. It reports whether it has
	// cancelled a running command; if not, or if it is nil, the next ReadLine returns ErrInterrupt. Lines that were typed ahead
	// are returned to the prompt.
	Interrupt func() bool
	Escape    func()        // called for Ctrl-]; must not block; nil = the key does nothing
	Frame     time.Duration // between two frames at least; 0 = 1/60 s
	MaxAhead  int           // capacity of the output buffer, in bytes; 0 = 1 MiB
}
