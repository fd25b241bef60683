package accept

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"wsx/client"

	"github.com/coder/websocket"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/errno"
	"wsx/server/servertest"
	"wsx/upgrade"
)

func TestOneClient(t *testing.T) {
	for _, compress := range []websocket.CompressionMode{
		websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover,
	} {
		t.Run(fmt.Sprint(compress), func(t *testing.T) {
			acceptor := start(t, client.Options{Options: dial.Options{Subprotocols: []string{"chat"}}, ReportSent: true}, Options{Wait: true})
			conn := connect(t, acceptor.url, &websocket.DialOptions{CompressionMode: compress, Subprotocols: []string{"x", "chat"}})
			if conn.Subprotocol() != "chat" {
				t.Errorf("subprotocol %q", conn.Subprotocol())
			}
			open := acceptor.until(t, client.KindOpen, client.In).Detail.(*dial.Handshake)
			if !open.Accepted || open.Remote == "" || (open.Extensions != "") != (compress != websocket.CompressionDisabled) {
				t.Errorf("handshake: %+v", open)
			}
			long := strings.Repeat("hello ", 1000)
			acceptor.SendData(client.Text, []byte(long))
			acceptor.Acceptor.Flush()
			expect(t, conn, long)
			send(t, conn, long)
			if got := acceptor.message(t); got != long {
				t.Errorf("received %d bytes", len(got))
			}
			go conn.Read(t.Context()) // answers our Close
			acceptor.Acceptor.Close(1000, "bye")
			if err := receive(t, acceptor.ended); err != nil {
				t.Errorf("run: %v", err)
			}
			if all := acceptor.all(); !slices.Equal(all[:3], []string{"listening", "open", "> text " + long}) ||
				!slices.Equal(all[len(all)-2:], []string{"> close 1000 bye", "< close 1000 bye"}) {
				t.Errorf("events %.300q", all)
			}
			if got, want := acceptor.Summary(), (client.Summary{Code: 1000, Sent: 1, Received: 1}); got != want {
				t.Errorf("summary %+v, wanted %+v", got, want)
			}
		})
	}
}

// TestEndsAsTheClientDoes: without Stay an acceptor ends with its client, and returns why as a session does.
func TestEndsAsTheClientDoes(t *testing.T) {
	for _, way := range []struct {
		name string
		end  func(*websocket.Conn)
		fits func(error) bool
	}{
		{"well", func(c *websocket.Conn) { c.Close(1001, "") }, func(err error) bool { return err == nil }},
		{"badly", func(c *websocket.Conn) { c.Close(4000, "no") }, func(err error) bool {
			return is[*client.CloseError](err) && strings.Contains(err.Error(), "the client closed with 4000: no")
		}},
		{"lost", func(c *websocket.Conn) { c.CloseNow() }, is[*client.LostError]},
	} {
		t.Run(way.name, func(t *testing.T) {
			acceptor := start(t, client.Options{}, Options{})
			conn := connect(t, acceptor.url, nil)
			acceptor.until(t, client.KindOpen, client.In)
			way.end(conn)
			if err := receive(t, acceptor.ended); !way.fits(err) {
				t.Errorf("run: %v", err)
			}
			if err := acceptor.SendData(client.Text, nil); err != client.ErrClosed {
				t.Errorf("send after the end: %v", err)
			}
		})
	}
}

func TestSecondClientIsRejected(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{Stay: true})
	first := connect(t, acceptor.url, nil)
	acceptor.until(t, client.KindOpen, client.In)
	_, response, err := websocket.Dial(t.Context(), acceptor.url+"x", nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the second: %v, %v", response, err)
	}
	if refused := acceptor.until(t, client.KindRejected, client.In).Detail.(*client.RejectedClient); refused.URI != "/x" || refused.Err != errBusy || refused.Remote == "" {
		t.Errorf("reported of the second: %+v", refused)
	}
	send(t, first, "still here")
	acceptor.until(t, client.KindMessage, client.In)
	go first.Close(1000, "")
	acceptor.until(t, client.KindClose, client.In)
	next := connect(t, acceptor.url, nil) // also while the first is still closing
	acceptor.until(t, client.KindOpen, client.In)
	acceptor.SendData(client.Text, []byte("welcome"))
	acceptor.Acceptor.Flush()
	expect(t, next, "welcome")
}

// TestSendAwaitsAClientThatIsConnecting: what is sent between its opening handshake and its being listed is not missed.
func TestSendAwaitsAClientThatIsConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Acceptor{rules: Options{All: true, Stay: true}}
		a.changed.L = &a.mu
		here := &peer{initialSent: make(chan struct{})}
		close(here.initialSent)
		a.peers = []*peer{here}
		a.reserve()
		got := make(chan int, 1)
		go func() {
			all, _ := a.readyPeers()
			got <- len(all)
		}()
		synctest.Wait()
		if len(got) > 0 {
			t.Error("the connecting client was passed over")
		}
		a.cancelReservation()
		if n := <-got; n != 1 {
			t.Errorf("%d clients get it", n)
		}
	})
}

func TestManyClients(t *testing.T) {
	acceptor := start(t, client.Options{ReportSent: true}, Options{All: true, Stay: true})
	acceptor.Send(client.Message{Type: client.Text, Data: []byte("hello"), Repeat: true})
	var clients []*websocket.Conn
	for range 3 {
		clients = append(clients, connect(t, acceptor.url, nil))
		acceptor.until(t, client.KindOpen, client.In)
	}
	acceptor.SendAll(client.Text, slices.Values([][]byte{[]byte("a"), []byte("b")}))
	acceptor.SendFragment(client.Text, []byte("c"), true, false)
	acceptor.SendFragment(client.Text, []byte("d"), false, true)
	acceptor.Acceptor.Flush()
	for _, one := range clients {
		for _, text := range []string{"hello", "a", "b", "cd"} {
			expect(t, one, text)
		}
	}
	for i, one := range clients {
		text := strings.Repeat(fmt.Sprint(i), 300<<10) // arrives in fragments
		send(t, one, text)
		e := acceptor.until(t, client.KindMessage, client.In)
		if e.Peer != i+1 || !e.First || !e.Last || string(e.Payload) != text {
			t.Errorf("received of %d: %d bytes, first %v, last %v", e.Peer, len(e.Payload), e.First, e.Last)
		}
	}
	clients[0].CloseNow()
	if e := acceptor.until(t, client.KindError, client.In); e.Peer != 1 || !is[*client.LostError](e.Detail.(error)) {
		t.Errorf("the loss: %+v", e)
	}
	acceptor.CloseNow(1001, "")
	for _, one := range clients[1:] {
		if _, _, err := one.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the Close: %v", err)
		}
	}
	if err := receive(t, acceptor.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	sent := slices.DeleteFunc(acceptor.all(), func(told string) bool { return !strings.HasPrefix(told, "> text") })
	want := []string{"> text hello", "> text hello", "> text hello", "> text a", "> text b", "> text+ c", "> text… d"}
	if !slices.Equal(sent, want) {
		t.Errorf("reported %q, wanted %q", sent, want)
	}
}

// TestReplyGoesToTheSender: also while every frame is traced, which the writer reports.
func TestReplyGoesToTheSender(t *testing.T) {
	answer := func(acceptor *testAcceptor, e client.Event) error {
		if e.Kind == client.KindMessage && e.Dir == client.In {
			acceptor.Reply(e.Type, e.Payload, e.First, e.Last)
		}
		return nil
	}
	acceptor := start(t, client.Options{Trace: true, ReportSent: true}, Options{All: true, Stay: true}, answer)
	one := connect(t, acceptor.url, nil)
	other := connect(t, acceptor.url, nil)
	for range 20 {
		send(t, one, "one")
		send(t, other, "other")
		expect(t, one, "one")
		expect(t, other, "other")
	}
}

// TestSeveralClientsSendAtOnce: what they send is handled one message at a time, in the order of each client.
func TestSeveralClientsSendAtOnce(t *testing.T) {
	const clients, each = 4, 200 // fewer events than the channel of the test has room for
	var handling atomic.Bool
	acceptor := start(t, client.Options{}, Options{All: true, Stay: true}, func(_ *testAcceptor, e client.Event) error {
		if e.Dir == client.Out {
			return nil
		}
		if handling.Swap(true) {
			return errors.New("two events at once")
		}
		runtime.Gosched()
		handling.Store(false)
		return nil
	})
	var sending sync.WaitGroup
	for range clients {
		conn := connect(t, acceptor.url, nil)
		sending.Go(func() {
			for i := range each {
				text := fmt.Sprint(i)
				if i%7 == 0 {
					text += strings.Repeat(" ", 1000) // not short
				}
				send(t, conn, text)
			}
		})
	}
	next := map[int]int{}
	for range clients * each {
		e := acceptor.until(t, client.KindMessage, client.In)
		if got := strings.TrimSpace(string(e.Payload)); got != fmt.Sprint(next[e.Peer]) {
			t.Fatalf("client %d: received %s, wanted %d", e.Peer, got, next[e.Peer])
		}
		next[e.Peer]++
	}
	sending.Wait()
}

// TestSendWhileHandling: the handler may send to all clients, which reports another event.
func TestSendWhileHandling(t *testing.T) {
	for _, all := range []bool{false, true} {
		acceptor := start(t, client.Options{ReportSent: true}, Options{All: all, Stay: true}, func(acceptor *testAcceptor, e client.Event) error {
			if e.Kind == client.KindMessage && e.Dir == client.In {
				acceptor.SendData(e.Type, e.Payload)
				acceptor.Acceptor.Flush()
			}
			return nil
		})
		conn := connect(t, acceptor.url, nil)
		send(t, conn, "all")
		expect(t, conn, "all")
	}
}

func TestSendAwaitsTheFirstClient(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{Wait: true})
	sent := make(chan error, 1)
	go func() {
		acceptor.Send(client.Message{Type: client.Text, Data: []byte("first"), Repeat: true})
		sent <- acceptor.SendData(client.Text, []byte("second"))
		acceptor.Acceptor.Flush()
	}()
	if acceptor.Silence() != 0 {
		t.Error("no client has connected, and Silence is not 0")
	}
	conn := connect(t, acceptor.url, nil)
	expect(t, conn, "first")
	expect(t, conn, "second")
	if err := receive(t, sent); err != nil {
		t.Error(err)
	}
}

func TestNoClient(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{Stay: true})
	for name, err := range map[string]error{
		"send": acceptor.SendData(client.Text, nil), "part": acceptor.SendFragment(client.Text, nil, true, true), "ping": acceptor.Ping(nil), "close": acceptor.ClosePeers(1000, ""),
	} {
		if err != ErrNoClient {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := acceptor.Handshake().URL; got != acceptor.url {
		t.Errorf("handshake without a client: %s", got)
	}
	acceptor.Acceptor.Close(1000, "")
	if err := receive(t, acceptor.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	if got := acceptor.Summary().Code; got != client.NoClose {
		t.Errorf("code %d", got)
	}
}

// TestCloseNowEndsASendThatWaits: no client ever connects, and the sender that waits for one must get an error.
func TestCloseNowEndsASendThatWaits(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{Wait: true})
	sent := make(chan error, 1)
	go func() { sent <- acceptor.SendData(client.Text, nil) }()
	acceptor.CloseNow(1001, "")
	if err := receive(t, sent); err != client.ErrClosed {
		t.Errorf("send: %v", err)
	}
	if err := receive(t, acceptor.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestClosePeersLetsOthersConnect(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{Stay: true})
	conn := connect(t, acceptor.url, nil)
	acceptor.until(t, client.KindOpen, client.In)
	go acceptor.ClosePeers(4001, "next, please")
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 4001 {
		t.Errorf("the client: %v", err)
	}
	acceptor.until(t, client.KindClose, client.In)
	acceptor.awaitNoPeer()
	connect(t, acceptor.url, nil)
	acceptor.until(t, client.KindOpen, client.In)
}

// TestHandlerErrorEndsTheAcceptor: its error is what Run returns.
func TestHandlerErrorEndsTheAcceptor(t *testing.T) {
	full := errors.New("the disk is full")
	acceptor := start(t, client.Options{}, Options{All: true, Stay: true}, func(_ *testAcceptor, e client.Event) error {
		if e.Kind == client.KindMessage {
			return full
		}
		return nil
	})
	one, other := connect(t, acceptor.url, nil), connect(t, acceptor.url, nil)
	send(t, one, "x")
	for _, conn := range []*websocket.Conn{one, other} {
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 1001 {
			t.Errorf("the client: %v", err)
		}
	}
	if err := receive(t, acceptor.ended); err != full {
		t.Errorf("run: %v", err)
	}
}

func TestOrigins(t *testing.T) {
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
		acceptor := start(t, client.Options{}, Options{Origins: c.origins, Host: c.host})
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, response, err := websocket.Dial(t.Context(), acceptor.url, &websocket.DialOptions{HTTPHeader: header})
		if (err == nil) != c.accepted {
			t.Errorf("origin %q, allowed %q: %v, %v", c.origin, c.origins, response, err)
		}
		if err == nil {
			conn.CloseNow()
		} else if response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", c.origin, response.Status)
		} else if why := acceptor.until(t, client.KindRejected, client.In).Detail.(*client.RejectedClient).Err; !is[*upgrade.OriginError](why) {
			t.Errorf("reported of origin %q: %v", c.origin, why)
		}
	}
}

func TestRequestWithoutUpgrade(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{})
	response, err := http.Get("http" + strings.TrimPrefix(acceptor.url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("answered %s", response.Status)
	}
	acceptor.until(t, client.KindRejected, client.In)
	connect(t, acceptor.url, nil)
	acceptor.until(t, client.KindOpen, client.In)
}

func TestSecretsAreRedacted(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{})
	header := http.Header{"Authorization": {"Bearer hush"}, "Cookie": {"id=hush"}, "X-Other": {"seen"}}
	connect(t, acceptor.url, &websocket.DialOptions{HTTPHeader: header})
	open := acceptor.until(t, client.KindOpen, client.In).Detail.(*dial.Handshake)
	shown := fmt.Sprint(open.Header, open.Request)
	if strings.Contains(shown, "hush") || !strings.Contains(shown, "seen") {
		t.Errorf("shown: %s", shown)
	}
}

// TestFrameRightBehindTheRequest: a client need not wait for our response before it sends.
func TestFrameRightBehindTheRequest(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{})
	conn, err := net.Dial("tcp", acceptor.socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := conn.Write([]byte(request + "\x81\x85\x00\x00\x00\x00early")); err != nil {
		t.Fatal(err)
	}
	if e := acceptor.until(t, client.KindMessage, client.In); string(e.Payload) != "early" {
		t.Errorf("received %q", e.Payload)
	}
}

// TestClientMustMask: RFC 6455, section 5.1.
func TestClientMustMask(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{})
	d, err := dial.New(t.Context(), acceptor.url, dial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	up, err := d.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stream.Close()
	conn := wire.NewConn(up.Stream, wire.Options{Server: true})
	conn.WriteMessage(client.Text, []byte("bare"))
	conn.Flush()
	if err := receive(t, acceptor.ended); !is[*client.ProtocolError](err) {
		t.Errorf("run: %v", err)
	}
}

func TestTLS(t *testing.T) {
	ca := servertest.NewAuthority(t)
	cert, key := ca.Save(ca.Issue(false, nil))
	acceptor := start(t, client.Options{Options: dial.Options{CertFile: cert, KeyFile: key}}, Options{})
	if !strings.HasPrefix(acceptor.url, "wss://") {
		t.Errorf("URL %s", acceptor.url)
	}
	s, err := client.Dial(t.Context(), acceptor.url, client.Options{Options: dial.Options{CAFiles: []string{ca.File}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	open := acceptor.until(t, client.KindOpen, client.In).Detail.(*dial.Handshake)
	if open.TLS == nil || open.URL != acceptor.url {
		t.Errorf("handshake: %+v", open)
	}
	s.CloseNow(1000, "")
	if err := s.Run(); err != nil {
		t.Errorf("the client: %v", err)
	}
	if err := receive(t, acceptor.ended); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"", "x", "99999", "::1", "a:b:1", "host:", "-1", "unix:"} {
		if _, err := Listen(t.Context(), address, client.Options{}, Options{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	acceptor := start(t, client.Options{}, Options{})
	_, err := Listen(t.Context(), acceptor.socket.Addr().String(), client.Options{}, Options{}, &recorder{})
	if !errors.Is(err, errno.AddressInUse) {
		t.Errorf("listen: %v", err)
	}
}

func TestOptionsAtOdds(t *testing.T) {
	wrong := Options{Origins: []string{"a["}}
	if _, err := Listen(t.Context(), "0", client.Options{}, wrong, &recorder{}); !is[*dial.UsageError](err) {
		t.Errorf("%+v: %v", wrong, err)
	}
	for _, o := range []client.Options{{Reconnect: true}, {Options: dial.Options{HTTP: dial.HTTP2}}, {PingTimeout: 1}} {
		if _, err := Listen(t.Context(), "0", o, Options{}, &recorder{}); !is[*dial.UsageError](err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestCloseWhileAClientConnects: a client whose handshake is done after the acceptor was closed is closed, in a guarded goroutine.
func TestCloseWhileAClientConnects(t *testing.T) {
	connecting, closed, aborted := make(chan struct{}), make(chan struct{}), make(chan struct{})
	guarded := make(chan struct{}, 16)
	acceptor := start(t, client.Options{CloseTimeout: deadline}, Options{
		Host: func(r *http.Request) string {
			close(connecting)
			<-closed
			return r.Host
		},
		Guard: func() { guarded <- struct{}{} },
	})
	disconnected := make(chan struct{})
	go func() {
		defer close(disconnected)
		conn, _, err := websocket.Dial(t.Context(), acceptor.url, nil)
		if err != nil {
			t.Error(err)
			return
		}
		<-aborted
		conn.Read(t.Context()) // answers the Close
		conn.CloseNow()
	}()
	receive(t, connecting)
	acceptor.CloseNow(1000, "")
	close(closed)
	for acceptor.Stats().Connections == 0 {
		runtime.Gosched()
	}
	acceptor.Abort(1001, "")
	close(aborted)
	if err := receive(t, acceptor.ended); err != nil {
		t.Errorf("run: %v", err)
	}
	receive(t, disconnected)
	if n := len(guarded); n != 5 { // of the listener, two of the client, and those of both calls
		t.Errorf("%d of 5 goroutines are guarded", n)
	}
}
