package render

import (
	"crypto/tls"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
)

// Notes shows every event that is not a message, on standard error or the terminal. Its lines begin with * so that a message
// cannot be mistaken for one.
type Notes struct {
	Quiet   bool   // no status lines; failures and unconfirmed messages are reported all the same
	Verbose bool   // show the opening handshake, each Close, and the counts at the end
	Control bool   // pings and pongs
	Trace   bool   // show messages that are not UTF-8 whole
	Theme   Theme  // the colours of where it is shown
	Stamp   *Stamp // before each line; nil = no timestamps
	Hinter  Hinter // hints for errors; nil = the error's own hint
	More    string // how to see more of a failed opening handshake, after its times; "" = nothing
	Tip     string // for a new user, after the note about the first connection; "" = no tip

	text     []byte
	invalid  assembler    // fragments of text that is not, or may not be, UTF-8
	opened   bool         // there was a connection
	accepted bool         // the peers are clients
	closed   map[int]bool // by client: a Close was sent or received
	traced   bool         // the heading of the columns was written
}

// Render writes the note about an event, in one write.
func (n *Notes) Render(w io.Writer, e client.Event) error {
	if e.Kind == client.KindMessage {
		n.keepFragments(e)
		return nil
	}
	n.text = n.append(n.text[:0], e)
	if len(n.text) == 0 {
		return nil
	}
	_, err := w.Write(n.text)
	return err
}

func (n *Notes) append(dst []byte, e client.Event) []byte {
	switch e.Kind {
	case client.KindPing, client.KindPong:
		return n.appendControl(dst, e)
	case client.KindClose:
		return n.appendClose(dst, e)
	case client.KindInvalid:
		return n.appendInvalid(dst, e)
	}
	switch detail := e.Detail.(type) {
	case *client.Listening:
		return n.status(dst, e.Time, "listening on "+detail.URL)
	case *client.RejectedClient:
		return n.appendRejected(dst, e, detail)
	case *dial.Handshake:
		return n.appendOpen(dst, e, detail)
	case *wire.Trace:
		return n.appendFrame(dst, detail)
	case *client.Attempt:
		return n.appendRetry(dst, e, detail)
	case *client.Gap:
		return n.line(dst, e.Time, n.Theme.Error, fmt.Sprintf("gap: %d messages were received and dropped before they were read", detail.Count))
	case *client.Unconfirmed:
		return n.line(dst, e.Time, n.Theme.Error, unconfirmedText(detail))
	case *End:
		return n.appendEnd(dst, e, detail)
	case error:
		return n.appendFailure(dst, detail)
	}
	return dst
}

// line appends a note. Text from the peer in it must have been sanitized.
func (n *Notes) line(dst []byte, t time.Time, style Style, text string) []byte {
	if n.Stamp != nil {
		dst = n.Stamp.append(dst, t)
	}
	return append(style.append(dst, "* "+text), '\n')
}

// status appends a note that Quiet hides.
func (n *Notes) status(dst []byte, t time.Time, text string) []byte {
	if n.Quiet {
		return dst
	}
	return n.line(dst, t, n.Theme.Status, text)
}

func (n *Notes) appendRejected(dst []byte, e client.Event, s *client.RejectedClient) []byte {
	text := "refused " + clean(s.Remote) + ", which requested " + clean(dial.RedactURL(s.URI)) + ": " + clean(s.Err.Error())
	if hint := n.Hinter.Hint(s.Err); hint != "" {
		text += " (" + hint + ")"
	}
	return n.status(dst, e.Time, text)
}

func (n *Notes) appendOpen(dst []byte, e client.Event, h *dial.Handshake) []byte {
	n.opened, n.accepted = true, h.Accepted
	delete(n.closed, e.Peer)
	if n.Verbose {
		dst = n.appendHandshake(dst, h, "")
	}
	if n.Quiet {
		return dst
	}
	text := "connected to " + clean(h.URL)
	if h.Accepted {
		text = strings.Replace(n.peerName(e), "the", "a", 1) + " connected from " + clean(h.Remote) + " to " + clean(h.URL)
	}
	text += " (" + clean(negotiated(h)) + ")"
	if n.Tip != "" {
		text, n.Tip = text+"; "+n.Tip, ""
	}
	return n.line(dst, e.Time, n.Theme.Status, text)
}

// maxInvalid bounds how much is kept of text that may not be UTF-8, in bytes.
const maxInvalid = 64 << 20

// keepFragments keeps the fragments of a text message: if a later fragment is not UTF-8, Trace shows the whole message.
func (n *Notes) keepFragments(e client.Event) {
	if n.Trace && e.Dir == client.In && e.Type == client.Text && !(e.First && e.Last) {
		n.invalid.max = maxInvalid
		n.invalid.add(e)
	}
}

// appendInvalid appends text that is not UTF-8, escaped, once its last fragment has been received.
func (n *Notes) appendInvalid(dst []byte, e client.Event) []byte {
	if n.Quiet && !n.Trace {
		return dst
	}
	if n.invalid.max = maxInvalid; !n.Trace {
		n.invalid.max = noteWidth
	}
	e.First = e.First || !n.invalid.directions[e.Dir].within // with Trace what was received before is held
	e, length, ok := n.invalid.add(e)
	if !ok {
		return dst
	}
	shown := e.Payload
	if !n.Trace {
		shown = shown[:min(len(shown), noteWidth)]
	}
	text := "received text that is not UTF-8: " + string(SanitizeLine(nil, string(shown)))
	if left := length - int64(len(shown)); left > 0 {
		text += fmt.Sprintf("… %d more bytes", left)
	}
	return n.line(dst, e.Time, n.Theme.Error, text)
}

// peerName returns the name of an event's peer in notes.
func (n *Notes) peerName(e client.Event) string {
	switch {
	case e.Peer > 0:
		return "client " + strconv.Itoa(e.Peer)
	case n.accepted:
		return "the client"
	}
	return "the server"
}

// negotiated returns what the handshake has negotiated, without the parameters of extensions.
func negotiated(h *dial.Handshake) string {
	var parts []string
	if h.Subprotocol != "" {
		parts = append(parts, "subprotocol "+h.Subprotocol)
	}
	if name, _, _ := strings.Cut(h.Extensions, ";"); name != "" {
		parts = append(parts, name)
	}
	parts = append(parts, h.HTTP)
	if h.TLS != nil {
		parts = append(parts, tls.VersionName(h.TLS.Version))
	}
	return strings.Join(parts, ", ")
}

// appendControl appends the note about a Ping or Pong. A Pong that answers a Ping of the user has a round trip time, and is
// always shown.
func (n *Notes) appendControl(dst []byte, e client.Event) []byte {
	trip, asked := e.Detail.(time.Duration)
	if !n.Control && !asked {
		return dst
	}
	text := "received "
	if e.Dir == client.Out {
		text = "sent "
	}
	if e.Kind == client.KindPing {
		text += "ping"
	} else {
		text += "pong"
	}
	if e.Peer > 0 {
		text = n.peerName(e) + ": " + text
	}
	if len(e.Payload) > 0 {
		text += ` (data: "` + clean(string(e.Payload)) + `")`
	}
	if asked {
		text += " after " + rounded(trip).String()
	}
	return n.line(dst, e.Time, n.Theme.Control, text)
}

// appendClose appends the note about a Close: ours before it is sent, the peer's when it was received. One that answers the
// peer's is shown only if Verbose is set.
func (n *Notes) appendClose(dst []byte, e client.Event) []byte {
	isAnswer := n.closed[e.Peer]
	if n.closed == nil {
		n.closed = map[int]bool{}
	}
	n.closed[e.Peer] = true
	if (n.Quiet || isAnswer && e.Dir == client.Out) && !n.Verbose {
		return dst
	}
	return n.line(dst, e.Time, n.Theme.Status, n.closeText(e, isAnswer)+": "+string(appendCode(nil, e.Code, e.Payload)))
}

// closeText returns the text for a Close; isAnswer = there was one in the other direction before.
func (n *Notes) closeText(e client.Event, isAnswer bool) string {
	switch {
	case e.Dir == client.Out && isAnswer:
		return "answered the Close"
	case e.Dir == client.Out && e.Peer > 0:
		return "closing the connection with " + n.peerName(e)
	case e.Dir == client.Out:
		return "closing"
	case isAnswer && e.Peer > 0:
		return "disconnected " + n.peerName(e)
	case isAnswer:
		return "disconnected"
	}
	return "disconnected by " + n.peerName(e)
}

func (n *Notes) appendRetry(dst []byte, e client.Event, a *client.Attempt) []byte {
	text := Countdown(a.After, a.Attempt)
	if a.Err != nil {
		text += ": " + clean(a.Err.Error())
	}
	return n.status(dst, e.Time, text)
}

// Countdown returns the text for how long it is until the next attempt to connect.
func Countdown(left time.Duration, attempt int) string {
	return fmt.Sprintf("reconnecting in %s (attempt %d)", rounded(left), attempt)
}

func unconfirmedText(d *client.Unconfirmed) string {
	if d.First == 0 && d.Count == 1 {
		return "1 message may not have arrived"
	}
	if d.First == 0 {
		return fmt.Sprintf("%d messages may not have arrived", d.Count)
	}
	if d.First == d.Last {
		return fmt.Sprintf("line %d may not have arrived", d.First)
	}
	return fmt.Sprintf("lines %d to %d (%d messages) may not have arrived", d.First, d.Last, d.Count)
}

func (n *Notes) appendEnd(dst []byte, e client.Event, s *End) []byte {
	if !n.Verbose || !n.opened {
		return dst
	}
	return n.line(dst, e.Time, n.Theme.Status, fmt.Sprintf("%d sent, %d received", s.Sent, s.Received))
}

func (n *Notes) appendFailure(dst []byte, err error) []byte {
	switch h, failed := handshakeOf(err); {
	case h == nil:
	case n.Verbose:
		dst = n.appendHandshake(dst, h, failed)
	case !n.Quiet && h.Timing != dial.Timing{}:
		dst = n.info(dst, h.Timing.String()+n.More)
	}
	return appendFailure(dst, err, n.Hinter, n.Theme, n.Verbose)
}
