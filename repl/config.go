package repl

import (
	"context"

	"wsx/client"
	"wsx/client/accept"
	"wsx/client/dial"
	"wsx/codec"
	"wsx/repl/input"
	"wsx/repl/script"
)

// Config is the configuration of a REPL.
type Config struct {
	URL          string          // of the server; with Accept, the address to listen on
	Accept       *accept.Options // how clients are accepted; nil = it connects to a server
	Options      client.Options
	Dial         func(context.Context, client.Handler) (Session, error) // opens the session; nil = URL is dialed
	Opened       bool                                                   // the session that Dial returns is open already
	Source       input.Source                                           // of lines; nil = no lines are read
	Name         string                                                 // what the source reads, for errors; "" = standard input
	Output       *Output                                                // where events are shown
	Slash        bool                                                   // a line that begins with / is a command
	Interactive  bool                                                   // lines are typed at a prompt: an error in one is shown, and the session goes on
	Echo         bool                                                   // answer each message with itself
	FragmentSize int                                                    // largest frame of a message, in bytes; 0 = one frame up to 64 MiB; negative = one frame
	Encode       codec.Encoder                                          // of each text message; nil = sent as it is
	Lockstep     bool                                                   // send the next line when an answer to the last has been received
	Inbox        *script.Inbox                                          // keeps what was received for /expect and scripts; nil = it is not kept
	Ending       Ending
	Decoder      *codec.Decoder // decodes messages for Inbox and Ending; nil = they are used as they are
	Speed        float64        // of /replay: 1 = as it was recorded; 0 = at once
	Trace        bool           // show every frame, from the start

	Dialect     *Dialect                                                  // translates messages; nil = they are not translated
	OpenDialect func(name string) (*Dialect, error)                       // finds the dialect of /as; nil = no dialects
	OpenContext func(name string) (url string, o dial.Options, err error) // finds what /open @NAME connects to; nil = there are no names
	Rules       Rules                                                     // the messages that are sent automatically
	LineEnd     string                                                    // a name of LineEndNames: what ends each message made from a line; "" = none
	Recognized  func(title, dialect string) string                        // returns the note that the server's first message looks like a protocol; nil = it is not shown

	Page       func(text []byte) error        // shows text that is longer than the screen; nil = it is printed
	KeepDir    string                         // where /keep keeps messages, in a folder for each host; "" = nowhere
	KeepAs     string                         // the folder of the first server; "" = its host
	Unread     func(line string)              // puts a line to the prompt, to be edited; nil = there is no prompt
	Edit       func() (string, error)         // returns what was written in an editor; nil = there is no terminal
	Height     func() int                     // rows of the screen
	Status     func(string)                   // shows a status row, "" removes it; nil = there is no status row
	Handled    func(*input.Line, error) error // called with each line and its error; an error that it returns ends the session; nil = every error does
	Frame      func(client.Event)             // called with the frames that are not shown, if Options.Trace is set; nil = they are dropped
	Guard      func()                         // deferred by every goroutine, recovers from panics; nil = panics are not recovered
	Completion *Completion                    // learns words of messages for Tab; nil = there is no prompt
}

// defaultMaxMessage is the largest message that is held in memory, if Options.MaxMessage is not set, in bytes.
const defaultMaxMessage = 64 << 20
