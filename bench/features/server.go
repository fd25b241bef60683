//go:build linux || darwin

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"wsx/server"
	"wsx/test/socks"
)

// sights is what the servers of a trial have seen.
type sights struct {
	mu       sync.Mutex // guards the fields below
	messages []string
	offered  bool // permessage-deflate
	pings    int
	losses   int // connections to /lost
	opened   int // connections
	proxy    bool
	socks5   bool
}

func (s *sights) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *sights) is(condition func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return condition()
}

func (s *sights) message(text string) bool {
	return s.is(func() bool { return slices.Contains(s.messages, text) })
}

func (s *sights) connected() bool { return s.is(func() bool { return s.opened > 0 }) }
func (s *sights) deflate() bool   { return s.is(func() bool { return s.offered }) }
func (s *sights) pinged() bool    { return s.is(func() bool { return s.pings > 1 }) }
func (s *sights) returned() bool  { return s.is(func() bool { return s.losses > 1 }) }
func (s *sights) proxied() bool   { return s.is(func() bool { return s.proxy }) }
func (s *sights) socks() bool     { return s.is(func() bool { return s.socks5 }) }

// servers are those of a trial.
type servers struct {
	sights
	environment []string
	stop        []func()
}

func startServers() (*servers, error) {
	p := &servers{}
	web := httptest.NewServer(http.HandlerFunc(p.serve))
	host := strings.TrimPrefix(web.URL, "http://")
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.connect(w, r, host) }))
	socks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { // ended by closing the listener
		for {
			conn, err := socks.Accept()
			if err != nil {
				return
			}
			go p.serveSOCKS(conn, host)
		}
	}()
	secure, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", TLS: server.TLS{SelfSigned: true}, HTTP2: true, HTTP3: true})
	if err != nil {
		return nil, err
	}
	closed, free := httptest.NewServer(nil), httptest.NewServer(nil)
	closed.Close()
	free.Close()
	p.environment = []string{
		"HOST=" + host, "SECURE=" + secure.URL(), "PROXY=" + strings.TrimPrefix(proxy.URL, "http://"), "SOCKS=" + socks.Addr().String(),
		"CLOSED=" + strings.TrimPrefix(closed.URL, "http://"), "FREE=" + free.URL[strings.LastIndexByte(free.URL, ':')+1:],
	}
	p.stop = []func(){web.CloseClientConnections, proxy.CloseClientConnections, func() { socks.Close() }, func() {
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
			p.note(func() { p.pings++ })
			return true
		},
	})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	p.note(func() {
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
		p.note(func() {
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

// connect is an HTTP proxy that leads to one server, whatever is asked for.
func (p *servers) connect(w http.ResponseWriter, r *http.Request, host string) {
	p.note(func() { p.proxy = true })
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	join(conn, host)
}

// serveSOCKS is a SOCKS proxy that leads to one server, whatever is asked for.
func (p *servers) serveSOCKS(conn net.Conn, host string) {
	p.note(func() { p.socks5 = true })
	socks.Proxy{Connect: func(string) (net.Conn, byte) {
		server, err := net.Dial("tcp", host)
		if err != nil {
			return nil, 1
		}
		return server, 0
	}}.Serve(conn)
}

// join connects a client with a server.
func join(client net.Conn, host string) {
	defer client.Close()
	outer, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer outer.Close()
	go io.Copy(outer, client) // ended by closing both
	io.Copy(client, outer)
}
