package daemon

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"wsx/client"
	"wsx/recording"
	"wsx/repl/render"
)

// conn is the connection of a process. One goroutine reads its requests, another writes what it is to get.
type conn struct {
	server *Server
	socket net.Conn
	gone   chan struct{} // closed when the process sends nothing more
	woken  chan struct{} // there may be something to write

	mu      sync.Mutex // guards the field below
	replies []byte     // lines that are written before any event

	// The server's mutex guards the fields below.
	asked   bool // it has asked for what it wants to read
	from    string
	follow  bool
	begun   bool // reading has begun
	at      position
	reader  *reader // that it reads as; nil = none
	holds   bool    // it is the reader's turn to read here
	watches bool    // it wants control frames as well
	calls   []int   // numbers of the verbs that it has used
}

// longestRequest bounds a line that a process sends, in bytes. A message of 64 MiB has at most six times as much as JSON. A longer
// line is refused.
const longestRequest = 400 << 20

// read does what the process asks for, until it has gone.
func (c *conn) read() {
	defer close(c.gone)
	lines := bufio.NewReaderSize(c.socket, 16<<10)
	for {
		line, err := readLine(lines, longestRequest)
		if err != nil && !errors.Is(err, errLongLine) {
			return
		}
		var r request
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err == nil {
			err = c.do(&r)
		}
		if err != nil {
			a := rejected(c.server.o.Hinter, err)
			a.Number = r.Number
			c.reply(marshal(a))
		}
	}
}

var errLongLine = errors.New("the message is too large for the session")

// readLine reads a line, which may be longer than the buffer. It is valid until the next call only if it is not.
func readLine(from *bufio.Reader, most int) ([]byte, error) {
	line, err := from.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	whole, long := slices.Clone(line), false
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = from.ReadSlice('\n')
		if long = long || len(whole)+len(line) > most; long {
			whole = nil // the rest is read all the same: another line may follow
			continue
		}
		whole = append(whole, line...)
	}
	if long && err == nil {
		return nil, errLongLine
	}
	return whole, err
}

// do does what a request asks for.
func (c *conn) do(r *request) error {
	switch r.Event.Event {
	case "read":
		return c.startReading(r)
	case "seen":
		c.see(r.Seq)
		return nil
	case "status":
		c.reply(c.statusLine())
		return nil
	case "retry":
		c.server.Retry()
		return nil
	}
	// The payload of a request is decoded where it lies, and its line is the reader's buffer.
	r.Data = recording.Literal(slices.Clone(r.Data))
	t, err := r.newTask(c)
	if err != nil {
		return err
	}
	if t.ends || r.Event.Event == "close" {
		stuck := time.AfterFunc(patience, c.server.quit)
		go func() { // ended by the session's end
			select {
			case <-c.server.ended:
			case <-c.server.over:
			}
			stuck.Stop()
		}()
	}
	select {
	case c.server.tasks <- t:
	case <-c.server.over:
	}
	return nil
}

// startReading begins to read where the process wants to.
func (c *conn) startReading(r *request) error {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.asked {
		return errors.New("reading has already begun")
	}
	switch r.From {
	case FromUnread:
		if err := CheckName(r.Reader); err != nil {
			return err
		}
		if s.readers[r.Reader] == nil {
			if len(s.readers) > maxReaders {
				return errors.New("the session has too many readers")
			}
			s.readers[r.Reader] = &reader{turn: make(chan struct{}, 1), at: position{next: 1}}
		}
		c.reader = s.readers[r.Reader]
	case FromNow:
		c.watches, c.begun, c.at = true, true, s.ring.last
		s.watchers++
	case FromSeq:
		if r.Seq >= s.ring.last.next {
			return fmt.Errorf("there is no event %d: does it belong to an earlier session of this name?", r.Seq)
		}
		c.begun, c.at = true, s.ring.behind(r.Seq)
	case FromAnswer, FromNone:
	default:
		return errors.New("expected answer, unread, now, seq or none")
	}
	c.asked, c.from, c.follow = true, r.From, r.Follow
	c.wake()
	return nil
}

// begin begins to read what comes after a request, if that is what the process wants. The server's lock is held.
func (c *conn) begin(at position) {
	if !c.asked {
		c.asked, c.from, c.follow = true, FromAnswer, true
	}
	if c.from == FromAnswer && !c.begun {
		c.begun, c.at = true, at
		c.wake()
	}
}

// see notes that a reader has got all up to an event.
func (c *conn) see(seq uint64) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.holds && seq < c.server.ring.last.next && seq+1 > c.reader.at.next {
		c.reader.at = c.server.ring.behind(seq)
	}
}

// reply has a line written before all events that are not written yet.
func (c *conn) reply(line []byte) {
	c.mu.Lock()
	c.replies = append(c.replies, line...)
	c.mu.Unlock()
	c.wake()
}

func (c *conn) takeReplies() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.replies
	c.replies = nil
	return lines
}

// wake has the writing goroutine look for something to write.
func (c *conn) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

// statusLine is the session at a glance, as a line.
func (c *conn) statusLine() []byte {
	s := c.server
	stats := s.Stats()
	s.mu.Lock()
	defer s.mu.Unlock()
	return marshal(statusLine{Version: Version, Event: "status", Status: s.status(stats), Open: bytes.TrimSpace(s.open)})
}

// write writes what the process is to get, until it has gone, or has got all that there will be.
func (c *conn) write() {
	defer c.end()
	c.reply(c.statusLine())
	out := bufio.NewWriterSize(c.socket, 64<<10)
	for {
		out.Write(c.takeReplies())
		if !c.takeTurn(out) {
			return
		}
		lines, more, over := c.next()
		for _, line := range lines {
			out.Write(line)
		}
		if over {
			out.Write(c.takeReplies())
			out.Flush()
			c.awaitRelease()
			c.awaitGone()
			return
		}
		if more {
			continue
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-c.woken:
		case <-c.gone:
			return
		case <-c.server.over:
			out.Write(c.takeReplies()) // of what has ended the session
			for more := true; more; {
				var lines [][]byte
				lines, more, _ = c.next()
				for _, line := range lines {
					out.Write(line)
				}
			}
			out.Flush()
			c.awaitRelease()
			return
		}
	}
}

// awaitRelease waits until the name is given back if the server ends: then a process that has closed the session knows that.
func (c *conn) awaitRelease() {
	s := c.server
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	if !closing {
		return
	}
	select {
	case <-s.released:
	case <-c.gone:
	}
}

// awaitGone reports to the process that nothing more comes, and waits until it has confirmed what it got and has closed.
func (c *conn) awaitGone() {
	c.socket.(*net.UnixConn).CloseWrite()
	if !c.server.isOver() {
		c.socket.SetReadDeadline(time.Now().Add(answerTime))
		<-c.gone
	}
}

// end gives up what the connection has. The goroutine that reads ends with the socket.
func (c *conn) end() {
	c.socket.Close()
	<-c.gone
	if c.holds {
		<-c.reader.turn
	}
	c.server.leave(c)
}

// takeTurn waits until no other process reads as the same reader, and reports false when this one has gone meanwhile.
func (c *conn) takeTurn(out *bufio.Writer) bool {
	s := c.server
	s.mu.Lock()
	wanted := c.reader
	if c.holds {
		wanted = nil
	}
	s.mu.Unlock()
	if wanted == nil {
		return true
	}
	out.Flush()
	select {
	case wanted.turn <- struct{}{}:
	case <-c.gone:
		return false
	case <-s.over:
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.holds, c.begun, c.at = true, true, wanted.at
	return true
}

// batch is how many events are written before it is looked again what else there is.
const batch = 256

// next returns the lines to write. more reports whether further ones may be there, over whether these were the last.
func (c *conn) next() (lines [][]byte, more, over bool) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.begun {
		if s.isOver() && s.endLines != nil { // it may be about to ask for events
			return [][]byte{s.endLines}, false, true
		}
		return nil, false, s.isOver()
	}
	list, next, gap := s.ring.read(c.at, batch)
	c.at = next
	if gap > 0 {
		lines = append(lines, gapLine(gap))
	}
	for _, e := range list {
		if !e.control || c.watches {
			lines = append(lines, e.line)
		}
	}
	switch {
	case len(list) > 0:
		return lines, true, false
	case s.state == StateClosed:
		return append(lines, s.endLines), false, true
	case !c.follow:
		c.begun = false // it has nothing more to get
		return append(lines, marshal(answer{Event: "current"})), false, false
	}
	return lines, false, s.isOver()
}

// isOver reports whether the server ends.
func (s *Server) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// gapLine reports how many messages are missing.
func gapLine(count int64) []byte {
	var line bytes.Buffer
	events := render.JSON{}
	events.Render(&line, client.Event{Kind: client.KindGap, Time: time.Now(), Detail: &client.Gap{Count: count}})
	return line.Bytes()
}
