package server

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"wsx/client/wire"
)

var errTwoOrigins = errors.New("the request has more than one Origin header")

// ServeHTTP opens a WebSocket for a request that asks for one, and gives browsers the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.HTTP2 && asksForHTTP2(r) {
		s.switchToHTTP2(w)
		return
	}
	if s.options.Handler != nil {
		s.options.Handler.ServeHTTP(w, r)
		return
	}
	if !asksForUpgrade(r) {
		servePage(w, r)
		return
	}
	if !s.begin() {
		http.Error(w, shuttingDown.reason, http.StatusServiceUnavailable)
		s.log.refused(r, errors.New(shuttingDown.reason))
		return
	}
	p, agreed, err := s.accept(w, r)
	if err != nil {
		s.log.refused(r, err)
		s.active.Done()
		return
	}
	opened := newOpenEntry(p, r)
	serve := func() {
		defer s.active.Done()
		p.speak(agreed)
		s.add(p)
		defer s.remove(p)
		s.log.opened(p, opened)
		s.log.closed(p, p.run(s.behave))
	}
	if _, carried := w.(*extended); carried {
		serve() // the stream ends with the handler
		return
	}
	go serve() // so that net/http can let go of the request and of its buffers; ended by Shutdown
}

// accept answers an opening handshake (RFC 6455, section 4.2). When it returns an error, the answer was a refusal.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) (*peer, *wire.Deflate, error) {
	if len(r.Header.Values("Origin")) > 1 {
		http.Error(w, errTwoOrigins.Error(), http.StatusBadRequest)
		return nil, nil, errTwoOrigins
	}
	taken := &takeover{ResponseWriter: w}
	if !s.options.NoCompress {
		taken.agreed = acceptDeflate(r.Header.Values("Sec-WebSocket-Extensions"))
	}
	r.Host = Host(r) // to which the library compares the Origin
	library, err := websocket.Accept(taken, r, &websocket.AcceptOptions{
		Subprotocols:       s.options.Subprotocols,
		OriginPatterns:     s.options.Origins,
		InsecureSkipVerify: slices.Contains(s.options.Origins, "*"),
	})
	if err != nil {
		if why := errors.Unwrap(err); why != nil {
			err = why
		}
		return nil, nil, err
	}
	library.CloseNow() // its part ends here; the stream is ours
	return &peer{
		server: s, name: strings.Clone(r.URL.Query().Get("name")), subprotocol: library.Subprotocol(), stream: taken.stream,
	}, taken.agreed, nil
}

// acceptDeflate chooses from what a client offers. Neither side keeps its window between messages: each client would cost
// the memory of a compressor.
func acceptDeflate(offers []string) *wire.Deflate {
	agreed := wire.Accept(offers)
	if agreed != nil {
		agreed.ServerNoContextTakeover, agreed.ClientNoContextTakeover = true, true
	}
	return agreed
}

// takeover has the library answer the handshake, and keeps the stream from it.
type takeover struct {
	http.ResponseWriter
	agreed *wire.Deflate // nil = no extension
	stream *stream       // once the handshake is answered
}

// WriteHeader names the extension in the answer that accepts.
func (t *takeover) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols && t.agreed != nil {
		t.Header().Set("Sec-WebSocket-Extensions", t.agreed.String())
	}
	t.ResponseWriter.WriteHeader(status)
}

// Hijack hands the library a connection that does nothing.
func (t *takeover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn.SetDeadline(time.Time{}) // those of the request
	t.stream = &stream{Conn: conn, early: buffered.Reader}
	unused := unusedConn{conn}
	return unused, bufio.NewReadWriter(bufio.NewReaderSize(unused, 16), bufio.NewWriterSize(unused, 16)), nil
}

// unusedConn is a connection that belongs to the server.
type unusedConn struct{ net.Conn }

func (unusedConn) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (unusedConn) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (unusedConn) Close() error              { return nil }
