package server

import (
	"errors"
	"net/http"
	"strings"

	"wsx/client/wire"
	"wsx/upgrade"
)

// ServeHTTP accepts opening handshakes, and serves browsers the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.HTTP2 && isHTTP2Preface(r) {
		s.switchToHTTP2(w)
		return
	}
	if s.options.Handler != nil {
		s.options.Handler.ServeHTTP(w, r)
		return
	}
	if !isUpgrade(r) {
		s.page.ServeHTTP(w, r)
		return
	}
	if !s.begin() {
		http.Error(w, shuttingDown.reason, http.StatusServiceUnavailable)
		s.log.refused(r, errors.New(shuttingDown.reason))
		return
	}
	behave := s.behave()
	p, agreed, err := s.accept(w, r)
	if err != nil {
		s.log.refused(r, err)
		s.active.Done()
		return
	}
	opened := newOpenEntry(r, p.subprotocol)
	serve := func() {
		defer s.active.Done()
		p.beginFrames(agreed)
		s.add(p)
		defer s.remove(p)
		s.log.opened(p.id, opened)
		err := p.run(behave)
		s.log.closed(p.id, p.received.Load(), p.sent.Load(), err)
	}
	if _, isStream := w.(*extended); isStream {
		serve() // the stream ends with the handler
		return
	}
	go serve() // so that net/http releases the request and its buffers; ended by Shutdown
}

// accept responds to an opening handshake (RFC 6455, section 4.2). If it returns an error, it has refused the handshake.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) (*peer, *wire.Deflate, error) {
	o := upgrade.Options{Subprotocols: s.options.Subprotocols, Origins: s.options.Origins, Host: Host(r)}
	if !s.options.NoCompress {
		o.Deflate = acceptDeflate(r.Header.Values("Sec-WebSocket-Extensions"))
	}
	conn, err := upgrade.Accept(w, r, o)
	if err != nil {
		return nil, nil, err
	}
	return &peer{
		log: s.log, maxMessage: s.options.MaxMessage, name: strings.Clone(r.URL.Query().Get("name")), subprotocol: conn.Subprotocol,
		stream: &stream{Stream: conn.Stream},
	}, o.Deflate, nil
}

// acceptDeflate accepts a client's offer of permessage-deflate. It always has no context takeover: else each client would take the
// memory of a compressor.
func acceptDeflate(offers []string) *wire.Deflate {
	agreed := wire.Accept(offers)
	if agreed != nil {
		agreed.ServerNoContextTakeover, agreed.ClientNoContextTakeover = true, true
	}
	return agreed
}
