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

// house is a party that runs, and events.
type house struct {
	*Acceptor
	*recorder
	events chan Event // all that is heard, payloads kept; room for more than any test has
	ended  chan error
}

// hosting runs a party; do is what its listener does beyond remembering.
func hosting(t *testing.T, o Options, rules AcceptOptions, do ...func(*house, Event) error) *house {
	t.Helper()
	h := &house{events: make(chan Event, 1024), ended: make(chan error, 1)}
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

// until waits for an event of a kind.
func (h *house) until(t *testing.T, kind Kind, dir Dir) Event {
	t.Helper()
	for {
		if e := soon(t, h.events); e.Kind == kind && e.Dir == dir {
			return e
		}
	}
}

// message waits for a message, and puts its pieces together.
func (h *house) message(t *testing.T) string {
	t.Helper()
	var whole []byte
	for {
		e := h.until(t, KindMessage, In)
		if whole = append(whole, e.Payload...); e.Last {
			return string(whole)
		}
	}
}

// empties waits until all have left.
func (h *house) empties() {
	h.Acceptor.mu.Lock()
	defer h.Acceptor.mu.Unlock()
	for len(h.present) > 0 {
		h.arrival.Wait()
	}
}

// guest is a client of the library's: no code of ours is on that side.
func guest(t *testing.T, url string, o *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v (%v)", url, err, response)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func hears(t *testing.T, conn *websocket.Conn, wanted string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, got, err := conn.Read(ctx)
	if err != nil || string(got) != wanted {
		t.Fatalf("the guest heard %q, %v; wanted %q", got, err, wanted)
	}
}

func says(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestOneClientIsAConversation(t *testing.T) {
	for _, compress := range []websocket.CompressionMode{
		websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover,
	} {
		t.Run(fmt.Sprint(compress), func(t *testing.T) {
			h := hosting(t, Options{Options: dial.Options{Subprotocols: []string{"chat"}}, ReportSent: true}, AcceptOptions{Wait: true})
			conn := guest(t, h.url, &websocket.DialOptions{CompressionMode: compress, Subprotocols: []string{"x", "chat"}})
			if conn.Subprotocol() != "chat" {
				t.Errorf("subprotocol %q", conn.Subprotocol())
			}
			open := h.until(t, KindOpen, In).Detail.(*dial.Handshake)
			if !open.Accepted || open.Remote == "" || (open.Extensions != "") != (compress != websocket.CompressionDisabled) {
				t.Errorf("handshake: %+v", open)
			}
			long := strings.Repeat("hello ", 1000)
			h.SendData(Text, []byte(long))
			h.Acceptor.Flush()
			hears(t, conn, long)
			says(t, conn, long)
			if heard := h.message(t); heard != long {
				t.Errorf("heard %d bytes", len(heard))
			}
			go conn.Read(t.Context()) // answers our Close
			h.Acceptor.Close(1000, "bye")
			if err := soon(t, h.ended); err != nil {
				t.Errorf("run: %v", err)
			}
			if all := h.all(); !slices.Equal(all[:3], []string{"event 1", "opened", "> text " + long}) ||
				!slices.Equal(all[len(all)-2:], []string{"> close 1000 bye", "< close 1000 bye"}) {
				t.Errorf("heard %.300q", all)
			}
			if got, want := h.Summary(), (Summary{Code: 1000, Sent: 1, Received: 1}); got != want {
				t.Errorf("summary %+v, wanted %+v", got, want)
			}
		})
	}
}

// TestItEndsAsTheClientDoes: without Stay a party is over with its client, and tells why as a session does.
func TestItEndsAsTheClientDoes(t *testing.T) {
	for _, way := range []struct {
		name string
		end  func(*websocket.Conn)
		fits func(error) bool
	}{
		{"well", func(c *websocket.Conn) { c.Close(1001, "") }, func(err error) bool { return err == nil }},
		{"badly", func(c *websocket.Conn) { c.Close(4000, "no") }, func(err error) bool {
			return is[*CloseError](err) && strings.Contains(err.Error(), "the client closed with 4000: no")
		}},
		{"lost", func(c *websocket.Conn) { c.CloseNow() }, is[*LostError]},
	} {
		t.Run(way.name, func(t *testing.T) {
			h := hosting(t, Options{}, AcceptOptions{})
			conn := guest(t, h.url, nil)
			h.until(t, KindOpen, In)
			way.end(conn)
			if err := soon(t, h.ended); !way.fits(err) {
				t.Errorf("run: %v", err)
			}
			if err := h.SendData(Text, nil); err != ErrClosed {
				t.Errorf("send after the end: %v", err)
			}
		})
	}
}

func TestASecondClientIsSentAway(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{Stay: true})
	first := guest(t, h.url, nil)
	h.until(t, KindOpen, In)
	_, response, err := websocket.Dial(t.Context(), h.url+"x", nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the second: %v, %v", response, err)
	}
	if refused := h.until(t, KindRejected, In).Detail.(*RejectedClient); refused.URI != "/x" || refused.Err != errOccupied || refused.Remote == "" {
		t.Errorf("told of the second: %+v", refused)
	}
	says(t, first, "still here")
	h.until(t, KindMessage, In)
	go first.Close(1000, "")
	h.until(t, KindClose, In)
	next := guest(t, h.url, nil) // also while the first has not quite gone
	h.until(t, KindOpen, In)
	h.SendData(Text, []byte("welcome"))
	h.Acceptor.Flush()
	hears(t, next, "welcome")
}

// TestWhoIsAboutToComeIsWaitedFor: between the opening handshake and being present, what is said is not missed.
func TestWhoIsAboutToComeIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Acceptor{rules: AcceptOptions{All: true, Stay: true}}
		p.arrival.L = &p.mu
		here := &peer{greeted: make(chan struct{})}
		close(here.greeted)
		p.present = []*peer{here}
		p.reserve()
		heard := make(chan int, 1)
		go func() {
			all, _ := p.peersAt()
			heard <- len(all)
		}()
		synctest.Wait()
		if len(heard) > 0 {
			t.Error("somebody was spoken past")
		}
		p.removePeer()
		if n := <-heard; n != 1 {
			t.Errorf("%d hear it", n)
		}
	})
}

func TestAllHearAndAreHeard(t *testing.T) {
	h := hosting(t, Options{ReportSent: true}, AcceptOptions{All: true, Stay: true})
	h.Send(Message{Type: Text, Data: []byte("hello"), Repeat: true})
	var guests []*websocket.Conn
	for range 3 {
		guests = append(guests, guest(t, h.url, nil))
		h.until(t, KindOpen, In)
	}
	h.SendAll(Text, slices.Values([][]byte{[]byte("a"), []byte("b")}))
	h.SendFragment(Text, []byte("c"), true, false)
	h.SendFragment(Text, []byte("d"), false, true)
	h.Acceptor.Flush()
	for _, one := range guests {
		for _, text := range []string{"hello", "a", "b", "cd"} {
			hears(t, one, text)
		}
	}
	for i, one := range guests {
		text := strings.Repeat(fmt.Sprint(i), 300<<10) // comes in pieces
		says(t, one, text)
		e := h.until(t, KindMessage, In)
		if e.Peer != i+1 || !e.First || !e.Last || string(e.Payload) != text {
			t.Errorf("heard of %d: %d bytes, first %v, last %v", e.Peer, len(e.Payload), e.First, e.Last)
		}
	}
	guests[0].CloseNow()
	if e := h.until(t, KindError, In); e.Peer != 1 || !is[*LostError](e.Detail.(error)) {
		t.Errorf("the loss: %+v", e)
	}
	h.CloseNow(1001, "")
	for _, one := range guests[1:] {
		if _, _, err := one.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the goodbye: %v", err)
		}
	}
	if err := soon(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	sent := slices.DeleteFunc(h.all(), func(told string) bool { return !strings.HasPrefix(told, "> text") })
	want := []string{"> text hello", "> text hello", "> text hello", "> text a", "> text b", "> text+ c", "> text… d"}
	if !slices.Equal(sent, want) {
		t.Errorf("told %q, wanted %q", sent, want)
	}
}

// TestAnswersGoToWhoAsked: also while every frame is traced, which is told by who writes.
func TestAnswersGoToWhoAsked(t *testing.T) {
	answer := func(h *house, e Event) error {
		if e.Kind == KindMessage && e.Dir == In {
			h.Reply(e.Type, e.Payload, e.First, e.Last)
		}
		return nil
	}
	h := hosting(t, Options{Trace: true, ReportSent: true}, AcceptOptions{All: true, Stay: true}, answer)
	one := guest(t, h.url, nil)
	other := guest(t, h.url, nil)
	for range 20 {
		says(t, one, "one")
		says(t, other, "other")
		hears(t, one, "one")
		hears(t, other, "other")
	}
}

func TestWhatIsSaidWaitsForSomebody(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{Wait: true})
	said := make(chan error, 1)
	go func() {
		h.Send(Message{Type: Text, Data: []byte("first"), Repeat: true})
		said <- h.SendData(Text, []byte("second"))
		h.Acceptor.Flush()
	}()
	if h.Silence() != 0 {
		t.Error("nobody came, and there is a silence")
	}
	conn := guest(t, h.url, nil)
	hears(t, conn, "first")
	hears(t, conn, "second")
	if err := soon(t, said); err != nil {
		t.Error(err)
	}
}

func TestNobodyIsThere(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{Stay: true})
	for name, err := range map[string]error{
		"send": h.SendData(Text, nil), "part": h.SendFragment(Text, nil, true, true), "ping": h.Ping(nil), "hang up": h.ClosePeers(1000, ""),
	} {
		if err != ErrNoClient {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := h.Handshake().URL; got != h.url {
		t.Errorf("handshake of nobody: %s", got)
	}
	h.Acceptor.Close(1000, "")
	if err := soon(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	if got := h.Summary().Code; got != noClose {
		t.Errorf("code %d", got)
	}
}

// TestALeaveEndsWhoWaits: nobody ever comes, and who waits for somebody must hear that it is over.
func TestALeaveEndsWhoWaits(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{Wait: true})
	said := make(chan error, 1)
	go func() { said <- h.SendData(Text, nil) }()
	h.CloseNow(1001, "")
	if err := soon(t, said); err != ErrClosed {
		t.Errorf("said: %v", err)
	}
	if err := soon(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestHangingUpLetsOthersCome(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{Stay: true})
	conn := guest(t, h.url, nil)
	h.until(t, KindOpen, In)
	go h.ClosePeers(4001, "next, please")
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 4001 {
		t.Errorf("the guest: %v", err)
	}
	h.until(t, KindClose, In)
	h.empties()
	guest(t, h.url, nil)
	h.until(t, KindOpen, In)
}

// TestAListenerThatFailsEndsTheParty: what it failed with is the reason.
func TestAListenerThatFailsEndsTheParty(t *testing.T) {
	full := errors.New("the disk is full")
	h := hosting(t, Options{}, AcceptOptions{All: true, Stay: true}, func(_ *house, e Event) error {
		if e.Kind == KindMessage {
			return full
		}
		return nil
	})
	one, other := guest(t, h.url, nil), guest(t, h.url, nil)
	says(t, one, "x")
	for _, conn := range []*websocket.Conn{one, other} {
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the guest: %v", err)
		}
	}
	if err := soon(t, h.ended); err != full {
		t.Errorf("run: %v", err)
	}
}

func TestPagesOfOtherSitesAreSentAway(t *testing.T) {
	for _, c := range []struct {
		origins []string
		host    func(*http.Request) string
		origin  string
		in      bool
	}{
		{nil, nil, "", true},
		{nil, nil, "http://evil.example", false},
		{nil, func(*http.Request) string { return "evil.example" }, "http://evil.example", true},
		{[]string{"*.example"}, nil, "http://good.example", true},
		{[]string{"*"}, nil, "null", true},
	} {
		h := hosting(t, Options{}, AcceptOptions{Origins: c.origins, Host: c.host})
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, response, err := websocket.Dial(t.Context(), h.url, &websocket.DialOptions{HTTPHeader: header})
		if (err == nil) != c.in {
			t.Errorf("origin %q, let in %q: %v, %v", c.origin, c.origins, response, err)
		}
		if err == nil {
			conn.CloseNow()
		} else if response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", c.origin, response.Status)
		} else if why := h.until(t, KindRejected, In).Detail.(*RejectedClient).Err; !is[*upgrade.OriginError](why) {
			t.Errorf("told of origin %q: %v", c.origin, why)
		}
	}
}

func TestARequestThatIsNoUpgradeDoesNotEndIt(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{})
	response, err := http.Get("http" + strings.TrimPrefix(h.url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("answered %s", response.Status)
	}
	h.until(t, KindRejected, In)
	guest(t, h.url, nil)
	h.until(t, KindOpen, In)
}

func TestSecretsOfAClientAreRedacted(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{})
	header := http.Header{"Authorization": {"Bearer hush"}, "Cookie": {"id=hush"}, "X-Other": {"seen"}}
	guest(t, h.url, &websocket.DialOptions{HTTPHeader: header})
	open := h.until(t, KindOpen, In).Detail.(*dial.Handshake)
	shown := fmt.Sprint(open.Header, open.Request)
	if strings.Contains(shown, "hush") || !strings.Contains(shown, "seen") {
		t.Errorf("shown: %s", shown)
	}
}

// TestBytesBehindTheRequestAreTheFirstFrame: a client need not wait for our answer before it speaks.
func TestBytesBehindTheRequestAreTheFirstFrame(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{})
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
	if e := h.until(t, KindMessage, In); string(e.Payload) != "early" {
		t.Errorf("heard %q", e.Payload)
	}
}

// TestAClientMustMask: RFC 6455, section 5.1.
func TestAClientMustMask(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{})
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
	if err := soon(t, h.ended); !is[*ProtocolError](err) {
		t.Errorf("run: %v", err)
	}
}

func TestACertificateMakesItSecure(t *testing.T) {
	ca := servertest.NewAuthority(t)
	cert, key := ca.Save(ca.Issue(false, nil))
	h := hosting(t, Options{Options: dial.Options{CertFile: cert, KeyFile: key}}, AcceptOptions{})
	if !strings.HasPrefix(h.url, "wss://") {
		t.Errorf("URL %s", h.url)
	}
	s := dialed(t, h.url, Options{Options: dial.Options{CAFiles: []string{ca.File}}}, &recorder{})
	open := h.until(t, KindOpen, In).Detail.(*dial.Handshake)
	if open.TLS == nil || open.URL != h.url {
		t.Errorf("handshake: %+v", open)
	}
	s.CloseNow(1000, "")
	if err := ended(t, s); err != nil {
		t.Errorf("the client: %v", err)
	}
	if err := soon(t, h.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"", "x", "99999", "::1", "a:b:1", "host:", "-1", "unix:"} {
		if _, err := Listen(t.Context(), address, Options{}, AcceptOptions{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAPortInUse(t *testing.T) {
	h := hosting(t, Options{}, AcceptOptions{})
	_, err := Listen(t.Context(), h.socket.Addr().String(), Options{}, AcceptOptions{}, h.recorder)
	if !errors.Is(err, errno.AddressInUse) {
		t.Errorf("listen: %v", err)
	}
}

func TestWhatAPartyCannotMean(t *testing.T) {
	wrong := AcceptOptions{Origins: []string{"a["}}
	if _, err := Listen(t.Context(), "0", Options{}, wrong, &recorder{}); !is[*dial.UsageError](err) {
		t.Errorf("%+v: %v", wrong, err)
	}
	for _, o := range []Options{{Reconnect: true}, {Options: dial.Options{HTTP: dial.HTTP2}}, {PingTimeout: 1}} {
		if _, err := Listen(t.Context(), "0", o, AcceptOptions{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
