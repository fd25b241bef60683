package terminal

// outcome is what a key requests of the console or the loop.
type outcome uint8

const (
	proceed   outcome = iota
	submit            // the line is done
	interrupt         // Ctrl-C
	end               // Ctrl-D on an empty line
	suspend           // Ctrl-Z
	clear             // Ctrl-L: begin a fresh screen
	compose           // the line goes to $EDITOR
)
