//go:build linux || darwin

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"wsx/server"
	"wsx/test/proxytest"
)

// observations has what the servers of a trial have received.
type observations struct {
	mu       sync.Mutex // guards the fields below
	messages []string
	offered  bool // permessage-deflate was offered
	pings    int
	losses   int // number of connections to /lost
	opened   int // number of connections
	proxy    bool
	socks5   bool
}

func (s *observations) record(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *observations) check(condition func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return condition()
}

func (s *observations) message(text string) bool {
	return s.check(func() bool { return slices.Contains(s.messages, text) })
}

func (s *observations) connected() bool { return s.check(func() bool { return s.opened > 0 }) }
func (s *observations) deflate() bool   { return s.check(func() bool { return s.offered }) }
func (s *observations) pinged() bool    { return s.check(func() bool { return s.pings > 1 }) }
func (s *observations) returned() bool  { return s.check(func() bool { return s.losses > 1 }) }
func (s *observations) proxied() bool   { return s.check(func() bool { return s.proxy }) }
func (s *observations) socks() bool     { return s.check(func() bool { return s.socks5 }) }

// servers are the servers of a trial.
type servers struct {
	observations
	environment []string
	stop        []func()
}

func startServers() (*servers, error) {
	p := &servers{}
	web := httptest.NewServer(http.HandlerFunc(p.serve))
	host := strings.TrimPrefix(web.URL, "http://")
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.record(func() { p.proxy = true })
		proxytest.HTTP{To: host}.ServeHTTP(w, r)
	}))
	socksListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	toHost := proxytest.To(host)
	go proxytest.SOCKS{Connect: func(address string) (net.Conn, byte) { // ended by closing the listener
		p.record(func() { p.socks5 = true })
		return toHost(address)
	}}.ServeAll(socksListener)
	secure, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", TLS: server.TLS{SelfSigned: true}, HTTP2: true, HTTP3: true})
	if err != nil {
		return nil, err
	}
	closed, free := httptest.NewServer(nil), httptest.NewServer(nil)
	closed.Close()
	free.Close()
	p.environment = []string{
		"HOST=" + host, "SECURE=" + secure.URL(), "PROXY=" + strings.TrimPrefix(proxy.URL, "http://"), "SOCKS=" + socksListener.Addr().String(),
		"CLOSED=" + strings.TrimPrefix(closed.URL, "http://"), "FREE=" + free.URL[strings.LastIndexByte(free.URL, ':')+1:],
	}
	p.stop = []func(){web.CloseClientConnections, proxy.CloseClientConnections, func() { socksListener.Close() }, func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		secure.Shutdown(ended)
	}}
	return p, nil
}

func (p *servers) close() {
	for _, stop := range p.stop {
		stop()
	}
}

func (p *servers) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/missing" {
		http.NotFound(w, r)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		CompressionMode: websocket.CompressionNoContextTakeover,
		Subprotocols:    []string{"graphql-transport-ws"},
		OnPingReceived: func(context.Context, []byte) bool {
			p.record(func() { p.pings++ })
			return true
		},
	})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	p.record(func() {
		p.opened++
		p.offered = p.offered || strings.Contains(r.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
		if r.URL.Path == "/lost" {
			p.losses++
		}
	})
	switch r.URL.Path {
	case "/fails":
		conn.Close(websocket.StatusInternalError, "it fails")
	case "/lost":
		conn.Read(r.Context())
	case "/graphql":
		tick(r.Context(), conn)
	default:
		p.echo(r.Context(), conn)
	}
}

func (p *servers) echo(ctx context.Context, conn *websocket.Conn) {
	for {
		kind, payload, err := conn.Read(ctx)
		if err != nil {
			return
		}
		p.record(func() {
			if len(p.messages) < 100 {
				p.messages = append(p.messages, strings.TrimRight(string(payload), "\r\n"))
			}
		})
		if conn.Write(ctx, kind, payload) != nil {
			return
		}
	}
}

// tick answers a subscription with 1.
func tick(ctx context.Context, conn *websocket.Conn) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var message struct{ ID, Type string }
		json.Unmarshal(text, &message)
		answer := `{"type":"connection_ack"}`
		if message.Type == "subscribe" {
			answer = fmt.Sprintf(`{"id":%q,"type":"next","payload":{"data":{"tick":1}}}`, message.ID)
		}
		conn.Write(ctx, websocket.MessageText, []byte(answer))
	}
}
