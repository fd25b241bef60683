package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/errno"
	"wsx/server/servertest"
	"wsx/upgrade"
)

// testAcceptor is a running Acceptor and its events.
type testAcceptor struct {
	*Acceptor
	*recorder
	events chan Event // all events, with copies of their payloads; buffered for more than any test causes
	ended  chan error
}

// startAcceptor starts an Acceptor. Its handler records each event, then calls each of do.
func startAcceptor(t *testing.T, o Options, rules AcceptOptions, do ...func(*testAcceptor, Event) error) *testAcceptor {
	t.Helper()
	h := &testAcceptor{events: make(chan Event, 1024), ended: make(chan error, 1)}
	h.recorder = &recorder{onEvent: func(e Event) error {
		e.Payload = slices.Clone(e.Payload)
		h.events <- e
		for _, one := range do {
			if err := one(h, e); err != nil {
				return err
			}
		}
		return nil
	}}
	p, err := Listen(t.Context(), "0", o, rules, h.recorder)
	if err != nil {
		t.Fatal(err)
	}
	h.Acceptor = p
	go func() { h.ended <- p.Run() }()
	t.Cleanup(func() { p.Abort(goingAway, "") })
	return h
}

// waitFor waits for an event of a kind and direction.
func (h *testAcceptor) waitFor(t *testing.T, kind Kind, dir Dir) Event {
	t.Helper()
	for {
		if e := await(t, h.events); e.Kind == kind && e.Dir == dir {
			return e
		}
	}
}

// message waits for a received message, and joins its fragments.
func (h *testAcceptor) message(t *testing.T) string {
	t.Helper()
	var whole []byte
	for {
		e := h.waitFor(t, KindMessage, In)
		if whole = append(whole, e.Payload...); e.Last {
			return string(whole)
		}
	}
}

// waitDisconnected waits until no client is connected.
func (h *testAcceptor) waitDisconnected() {
	h.Acceptor.mu.Lock()
	defer h.Acceptor.mu.Unlock()
	for len(h.present) > 0 {
		h.arrival.Wait()
	}
}

// connectClient connects a client of another implementation.
func connectClient(t *testing.T, url string, o *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v (%v)", url, err, response)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func wantMessage(t *testing.T, conn *websocket.Conn, wanted string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	_, got, err := conn.Read(ctx)
	if err != nil || string(got) != wanted {
		t.Fatalf("the client received %q, %v; wanted %q", got, err, wanted)
	}
}

func sendText(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestAcceptorOneClient(t *testing.T) {
	for _, compress := range []websocket.CompressionMode{
		websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover,
	} {
		t.Run(fmt.Sprint(compress), func(t *testing.T) {
			h := startAcceptor(t, Options{Options: dial.Options{Subprotocols: []string{"chat"}}, ReportSent: true}, AcceptOptions{Wait: true})
			conn := connectClient(t, h.url, &websocket.DialOptions{CompressionMode: compress, Subprotocols: []string{"x", "chat"}})
			if conn.Subprotocol() != "chat" {
				t.Errorf("subprotocol %q", conn.Subprotocol())
			}
			open := h.waitFor(t, KindOpen, In).Detail.(*dial.Handshake)
			if !open.Accepted || open.Remote == "" || (open.Extensions != "") != (compress != websocket.CompressionDisabled) {
				t.Errorf("handshake: %+v", open)
			}
			long := strings.Repeat("hello ", 1000)
			h.SendData(Text, []byte(long))
			h.Acceptor.Flush()
			wantMessage(t, conn, long)
			sendText(t, conn, long)
			if got := h.message(t); got != long {
				t.Errorf("received %d bytes", len(got))
			}
			go conn.Read(t.Context()) // answers our Close
			h.Acceptor.Close(1000, "bye")
			if err := await(t, h.ended); err != nil {
				t.Errorf("run: %v", err)
			}
			if all := h.all(); !slices.Equal(all[:3], []string{"event 1", "opened", "> text " + long}) ||
				!slices.Equal(all[len(all)-2:], []string{"> close 1000 bye", "< close 1000 bye"}) {
				t.Errorf("events %.300q", all)
			}
			if got, want := h.Summary(), (Summary{Code: 1000, Sent: 1, Received: 1}); got != want {
				t.Errorf("summary %+v, wanted %+v", got, want)
			}
		})
	}
}

// TestAcceptorEndsWithItsClient: without Stay an acceptor ends with its client, and Run returns what Session.Run would.
func TestAcceptorEndsWithItsClient(t *testing.T) {
	for _, c := range []struct {
		name    string
		end     func(*websocket.Conn)
		matches func(error) bool
	}{
		{"normal close", func(conn *websocket.Conn) { conn.Close(1001, "") }, func(err error) bool { return err == nil }},
		{"error close", func(conn *websocket.Conn) { conn.Close(4000, "no") }, func(err error) bool {
			return is[*CloseError](err) && strings.Contains(err.Error(), "the client closed with 4000: no")
		}},
		{"lost", func(conn *websocket.Conn) { conn.CloseNow() }, is[*LostError]},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := startAcceptor(t, Options{}, AcceptOptions{})
			conn := connectClient(t, h.url, nil)
			h.waitFor(t, KindOpen, In)
			c.end(conn)
			if err := await(t, h.ended); !c.matches(err) {
				t.Errorf("run: %v", err)
			}
			if err := h.SendData(Text, nil); err != ErrClosed {
				t.Errorf("send after the end: %v", err)
			}
		})
	}
}

func TestAcceptorRejectsSecondClient(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{Stay: true})
	first := connectClient(t, h.url, nil)
	h.waitFor(t, KindOpen, In)
	_, response, err := websocket.Dial(t.Context(), h.url+"x", nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the second: %v, %v", response, err)
	}
	if refused := h.waitFor(t, KindRejected, In).Detail.(*RejectedClient); refused.URI != "/x" || refused.Err != errOccupied || refused.Remote == "" {
		t.Errorf("event of the second: %+v", refused)
	}
	sendText(t, first, "still connected")
	h.waitFor(t, KindMessage, In)
	go first.Close(1000, "")
	h.waitFor(t, KindClose, In)
	next := connectClient(t, h.url, nil) // also while the first is still disconnecting
	h.waitFor(t, KindOpen, In)
	h.SendData(Text, []byte("welcome"))
	h.Acceptor.Flush()
	wantMessage(t, next, "welcome")
}

// TestSendWaitsForPendingHandshake: a message sent while a client's opening handshake is pending goes to that client as well.
func TestSendWaitsForPendingHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Acceptor{rules: AcceptOptions{All: true, Stay: true}}
		p.arrival.L = &p.mu
		connected := &peer{initialSent: make(chan struct{})}
		close(connected.initialSent)
		p.present = []*peer{connected}
		p.reserve()
		receivers := make(chan int, 1)
		go func() {
			all, _ := p.peersAt()
			receivers <- len(all)
		}()
		synctest.Wait()
		if len(receivers) > 0 {
			t.Error("the send did not wait for the pending client")
		}
		p.removePeer()
		if n := <-receivers; n != 1 {
			t.Errorf("sent to %d clients", n)
		}
	})
}

func TestAcceptorManyClients(t *testing.T) {
	h := startAcceptor(t, Options{ReportSent: true}, AcceptOptions{All: true, Stay: true})
	h.Send(Message{Type: Text, Data: []byte("hello"), Repeat: true})
	var clients []*websocket.Conn
	for range 3 {
		clients = append(clients, connectClient(t, h.url, nil))
		h.waitFor(t, KindOpen, In)
	}
	h.SendAll(Text, slices.Values([][]byte{[]byte("a"), []byte("b")}))
	h.SendFragment(Text, []byte("c"), true, false)
	h.SendFragment(Text, []byte("d"), false, true)
	h.Acceptor.Flush()
	for _, one := range clients {
		for _, text := range []string{"hello", "a", "b", "cd"} {
			wantMessage(t, one, text)
		}
	}
	for i, one := range clients {
		text := strings.Repeat(fmt.Sprint(i), 300<<10) // is received in fragments
		sendText(t, one, text)
		e := h.waitFor(t, KindMessage, In)
		if e.Peer != i+1 || !e.First || !e.Last || string(e.Payload) != text {
			t.Errorf("event of client %d: %d bytes, first %v, last %v", e.Peer, len(e.Payload), e.First, e.Last)
		}
	}
	clients[0].CloseNow()
	if e := h.waitFor(t, KindError, In); e.Peer != 1 || !is[*LostError](e.Detail.(error)) {
		t.Errorf("the loss: %+v", e)
	}
	h.CloseNow(1001, "")
	for _, one := range clients[1:] {
		if _, _, err := one.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the closing handshake: %v", err)
		}
	}
	if err := await(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	sent := slices.DeleteFunc(h.all(), func(event string) bool { return !strings.HasPrefix(event, "> text") })
	want := []string{"> text hello", "> text hello", "> text hello", "> text a", "> text b", "> text+ c", "> text… d"}
	if !slices.Equal(sent, want) {
		t.Errorf("reported %q, wanted %q", sent, want)
	}
}

// TestReplyGoesToTheSender: also with Options.Trace, where the goroutine that writes a frame reports it.
func TestReplyGoesToTheSender(t *testing.T) {
	answer := func(h *testAcceptor, e Event) error {
		if e.Kind == KindMessage && e.Dir == In {
			h.Reply(e.Type, e.Payload, e.First, e.Last)
		}
		return nil
	}
	h := startAcceptor(t, Options{Trace: true, ReportSent: true}, AcceptOptions{All: true, Stay: true}, answer)
	one := connectClient(t, h.url, nil)
	other := connectClient(t, h.url, nil)
	for range 20 {
		sendText(t, one, "one")
		sendText(t, other, "other")
		wantMessage(t, one, "one")
		wantMessage(t, other, "other")
	}
}

func TestSendWaitsForFirstClient(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{Wait: true})
	sent := make(chan error, 1)
	go func() {
		h.Send(Message{Type: Text, Data: []byte("first"), Repeat: true})
		sent <- h.SendData(Text, []byte("second"))
		h.Acceptor.Flush()
	}()
	if h.Silence() != 0 {
		t.Error("a silence before the first client")
	}
	conn := connectClient(t, h.url, nil)
	wantMessage(t, conn, "first")
	wantMessage(t, conn, "second")
	if err := await(t, sent); err != nil {
		t.Error(err)
	}
}

func TestSendWithoutClient(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{Stay: true})
	for name, err := range map[string]error{
		"send": h.SendData(Text, nil), "fragment": h.SendFragment(Text, nil, true, true), "ping": h.Ping(nil), "close peers": h.ClosePeers(1000, ""),
	} {
		if err != ErrNoClient {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := h.Handshake().URL; got != h.url {
		t.Errorf("handshake without a client: %s", got)
	}
	h.Acceptor.Close(1000, "")
	if err := await(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	if got := h.Summary().Code; got != noClose {
		t.Errorf("code %d", got)
	}
}

// TestCloseEndsWaitingSend: a send that waits for a client fails when the acceptor closes.
func TestCloseEndsWaitingSend(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{Wait: true})
	sent := make(chan error, 1)
	go func() { sent <- h.SendData(Text, nil) }()
	h.CloseNow(1001, "")
	if err := await(t, sent); err != ErrClosed {
		t.Errorf("send: %v", err)
	}
	if err := await(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestAcceptorGoesOnAfterClosePeers(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{Stay: true})
	conn := connectClient(t, h.url, nil)
	h.waitFor(t, KindOpen, In)
	go h.ClosePeers(4001, "next, please")
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 4001 {
		t.Errorf("the client: %v", err)
	}
	h.waitFor(t, KindClose, In)
	h.waitDisconnected()
	connectClient(t, h.url, nil)
	h.waitFor(t, KindOpen, In)
}

// TestFailingHandlerEndsAcceptor: Run returns the error of the handler.
func TestFailingHandlerEndsAcceptor(t *testing.T) {
	full := errors.New("the disk is full")
	h := startAcceptor(t, Options{}, AcceptOptions{All: true, Stay: true}, func(_ *testAcceptor, e Event) error {
		if e.Kind == KindMessage {
			return full
		}
		return nil
	})
	one, other := connectClient(t, h.url, nil), connectClient(t, h.url, nil)
	sendText(t, one, "x")
	for _, conn := range []*websocket.Conn{one, other} {
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the client: %v", err)
		}
	}
	if err := await(t, h.ended); err != full {
		t.Errorf("run: %v", err)
	}
}

func TestAcceptorChecksOrigin(t *testing.T) {
	for _, c := range []struct {
		origins  []string
		host     func(*http.Request) string
		origin   string
		accepted bool
	}{
		{nil, nil, "", true},
		{nil, nil, "http://evil.example", false},
		{nil, func(*http.Request) string { return "evil.example" }, "http://evil.example", true},
		{[]string{"*.example"}, nil, "http://good.example", true},
		{[]string{"*"}, nil, "null", true},
	} {
		h := startAcceptor(t, Options{}, AcceptOptions{Origins: c.origins, Host: c.host})
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, response, err := websocket.Dial(t.Context(), h.url, &websocket.DialOptions{HTTPHeader: header})
		if (err == nil) != c.accepted {
			t.Errorf("origin %q, allowed %q: %v, %v", c.origin, c.origins, response, err)
		}
		if err == nil {
			conn.CloseNow()
		} else if response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", c.origin, response.Status)
		} else if why := h.waitFor(t, KindRejected, In).Detail.(*RejectedClient).Err; !is[*upgrade.OriginError](why) {
			t.Errorf("event of origin %q: %v", c.origin, why)
		}
	}
}

func TestAcceptorSurvivesPlainRequest(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{})
	response, err := http.Get("http" + strings.TrimPrefix(h.url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("response %s", response.Status)
	}
	h.waitFor(t, KindRejected, In)
	connectClient(t, h.url, nil)
	h.waitFor(t, KindOpen, In)
}

func TestAcceptorRedactsSecrets(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{})
	header := http.Header{"Authorization": {"Bearer hush"}, "Cookie": {"id=hush"}, "X-Other": {"seen"}}
	connectClient(t, h.url, &websocket.DialOptions{HTTPHeader: header})
	open := h.waitFor(t, KindOpen, In).Detail.(*dial.Handshake)
	shown := fmt.Sprint(open.Header, open.Request)
	if strings.Contains(shown, "hush") || !strings.Contains(shown, "seen") {
		t.Errorf("shown: %s", shown)
	}
}

// TestFrameSentWithRequest: bytes behind the request are the first frame, as a client need not wait for our response.
func TestFrameSentWithRequest(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{})
	conn, err := net.Dial("tcp", h.socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := conn.Write([]byte(request + "\x81\x85\x00\x00\x00\x00early")); err != nil {
		t.Fatal(err)
	}
	if e := h.waitFor(t, KindMessage, In); string(e.Payload) != "early" {
		t.Errorf("received %q", e.Payload)
	}
}

// TestAcceptorRequiresMask: RFC 6455, section 5.1.
func TestAcceptorRequiresMask(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{})
	d, err := dial.New(h.url, dial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	up, err := d.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stream.Close()
	conn := wire.NewConn(up.Stream, wire.Options{Server: true})
	conn.WriteMessage(Text, []byte("bare"))
	conn.Flush()
	if err := await(t, h.ended); !is[*ProtocolError](err) {
		t.Errorf("run: %v", err)
	}
}

func TestAcceptorTLS(t *testing.T) {
	ca := servertest.NewAuthority(t)
	cert, key := ca.Save(ca.Issue(false, nil))
	h := startAcceptor(t, Options{Options: dial.Options{CertFile: cert, KeyFile: key}}, AcceptOptions{})
	if !strings.HasPrefix(h.url, "wss://") {
		t.Errorf("URL %s", h.url)
	}
	s := dialSession(t, h.url, Options{Options: dial.Options{CAFiles: []string{ca.File}}}, &recorder{})
	open := h.waitFor(t, KindOpen, In).Detail.(*dial.Handshake)
	if open.TLS == nil || open.URL != h.url {
		t.Errorf("handshake: %+v", open)
	}
	s.CloseNow(1000, "")
	if err := runSession(t, s); err != nil {
		t.Errorf("the client: %v", err)
	}
	if err := await(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestListenAddressErrors(t *testing.T) {
	for _, address := range []string{"", "x", "99999", "::1", "a:b:1", "host:", "-1", "unix:"} {
		if _, err := Listen(t.Context(), address, Options{}, AcceptOptions{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	h := startAcceptor(t, Options{}, AcceptOptions{})
	_, err := Listen(t.Context(), h.socket.Addr().String(), Options{}, AcceptOptions{}, h.recorder)
	if !errors.Is(err, errno.AddressInUse) {
		t.Errorf("listen: %v", err)
	}
}

func TestAcceptorOptionErrors(t *testing.T) {
	invalid := AcceptOptions{Origins: []string{"a["}}
	if _, err := Listen(t.Context(), "0", Options{}, invalid, &recorder{}); !is[*dial.UsageError](err) {
		t.Errorf("%+v: %v", invalid, err)
	}
	for _, o := range []Options{{Reconnect: true}, {Options: dial.Options{HTTP: dial.HTTP2}}, {PingTimeout: 1}} {
		if _, err := Listen(t.Context(), "0", o, AcceptOptions{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
