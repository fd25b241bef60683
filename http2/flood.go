package http2

import (
	"io"
	"time"

	"golang.org/x/net/http2"
)

// Frames without content cost their sender almost nothing: empty DATA, PING, SETTINGS, PRIORITY and RST_STREAM. A peer has a budget
// of them, which grows with time.
const (
	idleFrames     = 2000 // frames of the whole budget
	idleFramesRate = 200  // frames by which the budget grows in a second
)

// maxContinuations is how many CONTINUATION frames may follow a HEADERS frame. The limit on the size of the fields does not
// bound empty ones.
const maxContinuations = 128

// budget counts the frames without content. The zero value is the whole budget.
type budget struct {
	spent float64
	at    time.Time // when it was last changed
}

// spend reports whether one more frame is within the budget.
func (b *budget) spend(now time.Time) bool {
	b.spent = max(0, b.spent-now.Sub(b.at).Seconds()*idleFramesRate) + 1
	b.at = now
	return b.spent <= idleFrames
}

// withoutContent returns the kind of a frame without content; "" = it has content.
func withoutContent(frame http2.Frame) string {
	switch f := frame.(type) {
	case *http2.DataFrame:
		if len(f.Data()) == 0 && !f.StreamEnded() {
			return "empty DATA frames"
		}
	case *http2.PingFrame:
		return "PING frames"
	case *http2.SettingsFrame:
		return "SETTINGS frames"
	case *http2.RSTStreamFrame:
		return "resets of streams"
	case *http2.PriorityFrame, *http2.PriorityUpdateFrame:
		return "PRIORITY frames"
	case *http2.WindowUpdateFrame, *http2.MetaHeadersFrame, *http2.GoAwayFrame, *http2.PushPromiseFrame:
	default:
		return "frames of unknown types"
	}
	return ""
}

// continuationLimit is the reader of the framer, which reads all CONTINUATION frames of a HEADERS frame at once. Read fails if there
// are too many.
type continuationLimit struct {
	in          io.Reader
	peer        string
	header      [frameHeader]byte // of the next frame, as far as it was read
	have        int               // bytes of header
	rest        int               // bytes of the payload not read yet
	consecutive int               // CONTINUATION frames
	over        bool              // too many of them were read
}

// frameHeader is how long the header of a frame is, in bytes (RFC 9113, section 4.1).
const frameHeader = 9

func (l *continuationLimit) Read(p []byte) (int, error) {
	if l.over {
		return 0, &FloodError{l.peer, "CONTINUATION frames"}
	}
	n, err := l.in.Read(p)
	l.count(p[:n])
	return n, err
}

func (l *continuationLimit) count(p []byte) {
	for len(p) > 0 {
		if l.rest > 0 {
			n := min(l.rest, len(p))
			l.rest -= n
			p = p[n:]
			continue
		}
		n := copy(l.header[l.have:], p)
		l.have += n
		p = p[n:]
		if l.have < frameHeader {
			return
		}
		l.have = 0
		l.rest = int(l.header[0])<<16 | int(l.header[1])<<8 | int(l.header[2])
		if http2.FrameType(l.header[3]) == http2.FrameContinuation {
			l.consecutive++
			l.over = l.over || l.consecutive > maxContinuations
		} else {
			l.consecutive = 0
		}
	}
}
