package recording

import (
	"bufio"
	"fmt"
	"time"
)

// pcap writes a pcapng capture of the sessions as if they had been over TCP without TLS and compression. The messages are
// those of the recording, the rest is synthetic. All sessions use HTTP/1.1 and port 80, so that Wireshark recognizes
// them.
type pcap struct {
	file     *captureFile
	conn     *connection // of the current session; nil = no session
	sessions uint16      // number of sessions so far
}

func beginPcap(out *bufio.Writer, o Options) writer {
	return &pcap{file: newCaptureFile(out, "wsx "+o.Version)}
}

func (p *pcap) open(e *Event) error {
	p.close(e.Time)
	p.conn = newConnection(p.file, p.sessions)
	p.sessions++
	p.conn.handshake(e.Time)
	request, key := upgradeRequest(e)
	p.conn.send(e.Time, client, nil, request)
	p.conn.send(e.Time, server, nil, upgradeResponse(e, key))
	return nil
}

func (p *pcap) add(e *Event) error {
	from := server
	if e.Sent() {
		from = client
	}
	data, err := e.Payload()
	if err != nil {
		return err
	}
	if e.Event == "close" {
		data = closePayload(e)
	}
	op := opcodeOf(e)
	switch {
	case e.Event == "end":
		p.close(e.Time)
	case op >= opClose && len(data) > maxControl:
		return fmt.Errorf("a control frame of %d bytes, but at most %d are allowed", len(data), maxControl)
	case op != 0:
		p.conn.sendFrame(e.Time, from, op, data)
	}
	return nil
}

// close ends the current session. A session whose end was not recorded has no end in the capture.
func (p *pcap) close(t time.Time) {
	if p.conn != nil {
		p.conn.close(t)
	}
}

func (p *pcap) end() (note string, err error) { return "", nil }
