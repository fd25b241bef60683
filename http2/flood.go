package http2

import (
	"io"
	"time"

	"golang.org/x/net/http2"
)

// Frames without content cost their sender almost nothing. They are empty DATA, PING, SETTINGS, PRIORITY and RST_STREAM. A peer
// has a budget for them, which grows with time.
const (
	idleFrames     = 2000 // size of the budget, in frames
	idleFramesRate = 200  // growth of the budget, in frames per second
)

// maxContinuations is how many CONTINUATION frames may follow a HEADERS frame. The limit on the size of the fields does not
// bound empty ones.
const maxContinuations = 128

// budget counts the frames without content. The zero value has spent nothing.
type budget struct {
	spent float64   // frames
	at    time.Time // when spent was last updated
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
	header      [frameHeader]byte // the part of the next frame's header read so far
	headerLen   int               // number of bytes in header
	unread      int               // unread bytes of the payload
	consecutive int               // number of consecutive CONTINUATION frames
	exceeded    bool              // too many of them were read
}

// frameHeader is the size of a frame's header, in bytes (RFC 9113, section 4.1).
const frameHeader = 9

func (l *continuationLimit) Read(p []byte) (int, error) {
	if l.exceeded {
		return 0, &FloodError{l.peer, "CONTINUATION frames"}
	}
	n, err := l.in.Read(p)
	l.count(p[:n])
	return n, err
}

func (l *continuationLimit) count(p []byte) {
	for len(p) > 0 {
		if l.unread > 0 {
			n := min(l.unread, len(p))
			l.unread -= n
			p = p[n:]
			continue
		}
		n := copy(l.header[l.headerLen:], p)
		l.headerLen += n
		p = p[n:]
		if l.headerLen < frameHeader {
			return
		}
		l.headerLen = 0
		l.unread = int(l.header[0])<<16 | int(l.header[1])<<8 | int(l.header[2])
		if http2.FrameType(l.header[3]) == http2.FrameContinuation {
			l.consecutive++
			l.exceeded = l.exceeded || l.consecutive > maxContinuations
		} else {
			l.consecutive = 0
		}
	}
}
