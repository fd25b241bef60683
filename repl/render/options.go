package render

// Options configure how messages are shown. The zero value is for a pipe.
type Options struct {
	Terminal   bool       // a terminal shows it: nothing in a message may control it
	Theme      Theme      // its colours
	Stamp      *Stamp     // before each message, in pretty and raw; nil = no timestamps
	Zero       bool       // raw: NUL ends a message, instead of a newline
	Sent       bool       // show what was sent, too
	Rows       int        // pretty: lines that are shown of a message; 0 = twice the screen, at least 40; negative = all
	Height     func() int // pretty: rows of the screen; nil = not known
	Width      func() int // pretty, hex: columns of the screen; nil = any number
	MaxMessage int64      // bytes of a message that are kept where it must be whole; 0 = all
	Secrets    bool       // json: headers as they are
	Hinter     Hinter     // json: what to do about an error; nil = the error's own
}
