package daemon

import (
	"encoding/json"
	"time"

	"wsx/client"
	"wsx/client/wire"
	"wsx/dialect"
	"wsx/recording"
	"wsx/repl/render"
)

// The protocol at the socket consists of lines of JSON: the events of --json and of recordings, in both directions, and some
// others. A process sends a request for each message, ping, pong or close to send, and events like these:
//
//	{"event":"read","from":"unread","reader":"default","follow":true}   what it reads; this is its first request
//	{"event":"use","verb":"call","words":[{"text":"add"}],"number":2}   a verb of the session's dialect
//	{"event":"seen","seq":7}                                            it has handled all events up to this one
//	{"event":"status"}  {"event":"retry"}
//
// The session answers with its status, and then with events. Each has its number, "seq"; a message that a dialect translates
// also has "meaning". There are also these events:
//
//	{"event":"done","number":2,"call":1}     what the request with this number asked for was done
//	{"event":"rejected","number":2,"kind":…,"message":…,"hint":…}
//	{"event":"started","started":{…}}        the messages of a verb were sent
//	{"event":"gap","count":12}               messages were dropped before they could be read
//	{"event":"current"}                      nothing more is there to read; only without "follow"
//
// A process that sends a message without an earlier read request reads the events after that message.

// The positions at which reading can begin.
const (
	FromAnswer = "answer" // after the first request of this process
	FromUnread = "unread" // after the last event that a reader has confirmed
	FromNow    = "now"    // after the last event so far; control frames are sent as well
	FromSeq    = "seq"    // after an event
	FromNone   = "none"   // nothing is read
)

// request is a line that a process sends.
type request struct {
	recording.Event
	From    string `json:"from"`
	Reader  string `json:"reader"`
	Follow  bool   `json:"follow"`
	Seq     uint64 `json:"seq"`
	Number  int    `json:"number"` // of the request, for its answer; 0 = it gets no answer
	Frame   int    `json:"frame"`  // the size of the frames of a message, in bytes; 0 = one frame
	Verb    string `json:"verb"`
	Default bool   `json:"default"` // of a close: use the code and reason that the session was opened with

	Words []dialect.Word `json:"words"`
}

// Status is the status of a session.
type Status struct {
	Name          string  `json:"name"`
	URL           string  `json:"url"`
	State         string  `json:"state"`
	PID           int     `json:"pid"`
	Age           float64 `json:"age"` // seconds since it was opened
	Sent          int64   `json:"sent"`
	Received      int64   `json:"received"`
	Unread        int64   `json:"unread"` // messages that the default reader has not read
	SentBytes     int64   `json:"sent_bytes"`
	ReceivedBytes int64   `json:"received_bytes"`
	As            string  `json:"as,omitempty"`     // the dialect, as it was named
	Host          string  `json:"host,omitempty"`   // HOST:PORT of the URL; "" = a socket of the file system
	Remote        string  `json:"remote,omitempty"` // the address that is connected to, as IP:PORT; "" = a proxy, a socket of the file system, or not connected yet
	Uptime        float64 `json:"uptime"`           // of the connection, in seconds; 0 = it is not connected
	Connections   int     `json:"connections"`

	RoundTrips client.RoundTrips `json:"round_trips"`
}

// statusLine is the line of a status event.
type statusLine struct {
	Version int    `json:"v"`
	Event   string `json:"event"` // "status"
	Status
	Open json.RawMessage `json:"open,omitempty"` // the open event of the connection
}

// answer is the line that answers a request.
type answer struct {
	Event   string `json:"event"` // "done" or "rejected"
	Number  int    `json:"number"`
	Seq     uint64 `json:"seq,omitempty"` // of the event before the answers
	Call    int    `json:"call,omitempty"`
	Class   string `json:"kind,omitempty"`
	Message string `json:"message,omitempty"`
	Hint    string `json:"hint,omitempty"`

	Started *dialect.Started `json:"started,omitempty"`
}

// classEnded is the class of a request that was rejected because the session has ended. The events that follow show how.
const classEnded = "ended"

// meaning has what the "as" member of a translated message does not have.
type meaning struct {
	Call  int             `json:"call,omitempty"`
	Live  bool            `json:"live,omitempty"`
	Again bool            `json:"again,omitempty"` // it translates the same message as the previous event
	Shown json.RawMessage `json:"shown,omitempty"` // shown instead of the data; nil = the data is shown
}

// frameRest has what the event of a frame does not have.
type frameRest struct {
	Opcode wire.Opcode `json:"opcode"`
	Head   []byte      `json:"head,omitempty"`
}

// marshal returns a value of this package as a line of JSON, which cannot fail.
func marshal(v any) []byte {
	line, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return append(line, '\n')
}

// drainTimeout is the time that processes have to read the remaining events when the server ends.
const drainTimeout = 5 * time.Second

// answerTimeout bounds the time that the process of a session takes to report its status.
const answerTimeout = 5 * time.Second

func newMeaning(as render.As) meaning {
	m := meaning{Call: as.Event.Call, Live: as.Event.Live, Again: as.Again}
	if as.Event.Shown != nil {
		m.Shown = dialect.AppendValue(nil, as.Event.Shown)
	}
	return m
}
