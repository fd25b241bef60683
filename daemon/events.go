package daemon

import (
	"bytes"
	"io"
	"net/netip"
	"strconv"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/repl/render"
)

// Render keeps an event for the processes that read it. It is called by one goroutine at a time.
func (s *Server) Render(_ io.Writer, e client.Event) error {
	if e.Kind == client.KindMessage && e.Dir == client.Out {
		s.mark(&e)
		return nil
	}
	as, isTranslated := e.Detail.(render.As)
	isHidden := isTranslated && as.Event.Hidden()
	if isTranslated && as.Event.Kind == "ready" {
		s.signalReady()
	}
	control := e.Kind == client.KindPing || e.Kind == client.KindPong || isHidden
	if control && !s.isWatched() {
		return nil
	}
	if line := s.encoder.encode(e); line.head != nil {
		s.add(&e, line, control, e.Kind == client.KindMessage && !as.Again && !isHidden)
	}
	return nil
}

// Frame keeps the event of a frame for the processes that watch the session. Any goroutine may call it.
func (s *Server) Frame(e client.Event) {
	if s.isWatched() {
		var own encoder
		s.add(&e, own.encode(e), true, false)
	}
}

// isWatched reports whether a process gets control frames.
func (s *Server) isWatched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watchers > 0
}

// add adds an event to those that are kept, or to those about how the session ended.
func (s *Server) add(e *client.Event, line encoded, control, isReceived bool) {
	remote := directRemote(e.Detail)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case client.KindError:
		s.endLines = line.finish(0) // sent after all other events
		return
	case client.KindEnd:
		s.state, s.endLines = StateClosed, append(s.endLines, line.finish(0)...)
		close(s.ended)
		s.work.Go(s.rejectTasks)
	default:
		kept := entry{line: line.finish(s.ring.last.next), control: control}
		s.ring.add(kept, isReceived)
		s.setState(e.Kind, remote, kept.line)
	}
	for c := range s.conns {
		c.wake()
	}
}

// setState records what an event shows about the connection. The caller holds the lock.
func (s *Server) setState(kind client.Kind, remote string, line []byte) {
	switch kind {
	case client.KindOpen:
		s.state, s.remote, s.open = StateOpen, remote, line
		if s.login == nil {
			s.login = time.AfterFunc(loginTimeout, s.signalReady)
		}
	case client.KindRetry:
		s.state = StateReconnecting
	}
}

// directRemote returns the address of the server of a handshake; "" = it is unknown, or the connection
// uses a proxy or a socket of the file system.
func directRemote(detail any) string {
	h, ok := detail.(*dial.Handshake)
	if !ok || h.Proxy != "" {
		return ""
	}
	if _, err := netip.ParseAddrPort(h.Remote); err != nil {
		return ""
	}
	return h.Remote
}

// encoder encodes events as lines.
type encoder struct {
	json   render.JSON
	buffer bytes.Buffer
}

// encoded is the JSON object of an event.
type encoded struct {
	head  []byte // without the members below, and the brace that ends it; nil = the event is not complete yet
	extra []byte // further members
}

// finish returns the line, with the number of the event; 0 = it has none.
func (l encoded) finish(seq uint64) []byte {
	line := l.head
	if seq > 0 {
		line = strconv.AppendUint(append(line, `,"seq":`...), seq, 10)
	}
	return append(append(line, l.extra...), "}\n"...)
}

// encode encodes an event.
func (x *encoder) encode(e client.Event) encoded {
	var extra []byte
	if as, ok := e.Detail.(render.As); ok {
		extra = append(append(extra, `,"meaning":`...), bytes.TrimSpace(marshal(newMeaning(as)))...)
		if as.Again {
			e.Payload = nil
		}
		as.Again = false // otherwise the event would not be rendered
		e.Detail = as
	}
	if t, ok := e.Detail.(*wire.Trace); ok {
		extra = append(append(extra, `,"rest":`...), bytes.TrimSpace(marshal(frameRest{t.Opcode, t.Head}))...)
	}
	x.buffer.Reset()
	x.json.Render(&x.buffer, e) // a bytes.Buffer returns no error
	if x.buffer.Len() == 0 {
		return encoded{}
	}
	head := append([]byte(nil), x.buffer.Bytes()[:x.buffer.Len()-len("}\n")]...)
	if x.buffer.Cap() > keptBuffer {
		x.buffer = bytes.Buffer{}
	}
	return encoded{head, extra}
}

// keptBuffer is the largest buffer that is reused for the next event, in bytes.
const keptBuffer = 64 << 10

// loginTimeout is the time after which the session counts as ready although its login is not done.
const loginTimeout = 5 * time.Second
