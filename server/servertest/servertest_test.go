package servertest

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wsx/errno"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testTimeout bounds what a test waits for; a passing test does not take that long.
const testTimeout = 30 * time.Second

// client is a raw connection to a server.
type client struct {
	t testing.TB
	net.Conn
	in     *bufio.Reader
	status int // of the response; 0 = none
	header http.Header
}

// dial sends an upgrade request and reads the response, if there is one.
func dial(t testing.TB, s *Server, path string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testTimeout))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path)
	c := &client{t: t, Conn: conn, in: bufio.NewReader(conn)}
	c.readHead()
	return c
}

// readHead accepts every byte in a header value: net/http refuses control characters.
func (c *client) readHead() {
	c.header = http.Header{}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil || line == "\r\n" {
			return
		}
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r\n"), ": "); ok {
			c.header.Add(name, value)
		} else {
			fmt.Sscanf(line, "HTTP/1.1 %d", &c.status)
		}
	}
}

// send sends a masked frame.
func (c *client) send(first byte, payload string) {
	c.t.Helper()
	b := []byte{first, maskBit | 126, 0, 0, 1, 2, 3, 4}
	binary.BigEndian.PutUint16(b[2:], uint16(len(payload)))
	for i := range len(payload) {
		b = append(b, payload[i]^b[4+i%4])
	}
	if _, err := c.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// readAll returns what arrives until the end of the connection.
func (c *client) readAll() string {
	b, err := io.ReadAll(c.in)
	if err != nil {
		return string(b) + "<" + err.Error() + ">"
	}
	return string(b)
}

func (c *client) expect(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(c.in, got)
	if err != nil || string(got) != want {
		c.t.Fatalf("got %q (%v), want %q", got[:n], err, want)
	}
}

func TestUpgrade(t *testing.T) {
	c := dial(t, Start(t), "/echo")
	if got := c.header.Get("Sec-WebSocket-Accept"); c.status != 101 || got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("status %d, Sec-WebSocket-Accept %q", c.status, got)
	}
	c.send(finBit|opText, "hello")
	c.expect("\x81\x05hello")
	c.send(finBit|opPing, "beat")
	c.expect("\x8a\x04beat")
	c.send(finBit|opClose, "\x03\xe8bye")
	if got := c.readAll(); got != "\x88\x05\x03\xe8bye" {
		t.Errorf("after Close: received %q", got)
	}
}

// TestFrames compares the first bytes that follow the 101 of each path.
func TestFrames(t *testing.T) {
	s := Start(t)
	for _, row := range []struct{ path, want string }{
		{"/close", "\x88\x02\x03\xe8"},
		{"/close?code=4000&reason=x", "\x88\x03\x0f\xa0x"},
		{"/close?code=0", "\x88\x00"},
		{"/badclose", "\x88\x02\x03\xed"},
		{"/shortclose", "\x88\x01\x03"},
		{"/masked", "\x81\x82\x01\x02\x03\x04ik"},
		{"/rsv", "\xa1\x03rsv"},
		{"/rsv?bits=4", "\xc1\x03rsv"},
		{"/opcode?n=11", "\x8b\x06opcode"},
		{"/utf8", "\x81\x04caf\xe9"},
		{"/utf8split", "\x01\x02\xe2\x82\x80\x01A"},
		{"/bigheader", "\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00"},
		{"/negative", "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"/longping", "\x89\x7e\x00\x7e\x00"},
		{"/fragmentedping", "\x09\x01p"},
		{"/orphan", "\x80\x06orphan"},
		{"/interrupted", "\x01\x03one\x81\x03two"},
		{"/baddeflate", "\xc1\x04\xff\xff\xff\xff"},
		{"/halfframe", "\x81\x64half"},
		{"/count?n=11&size=3", "\x81\x03000\x81\x03001\x81\x03002"},
		{"/count?n=1&type=binary&size=1", "\x82\x010\x88\x02\x03\xe8"},
		{"/eager?n=1", "\x81\x07eager 1\x88"},
		{"/pingflood?n=2", "\x89\x010\x89\x011\x88\x02\x03\xe8"},
		{"/emptyfragments?n=2", "\x01\x00\x00\x00\x00\x00\x80\x03end\x88\x02\x03\xe8"},
		{"/neverending?size=2", "\x01\x02xx\x00\x02xx\x00\x02xx"},
		{"/hostile?n=2", "\x81\x07\x1b[2J\x1b[H\x88"},
		{"/hostile?n=0&as=ping", "\x89\x0a\x1b]0;pwned\x07\x89\x07\x1b[2J\x1b[H\x89"},
		{"/hostile?n=2&as=ping", "\x89\x07\x1b[2J\x1b[H\x88"},
		{"/hostile?n=2&as=binary&then=silent", "\x82\x07\x1b[2J\x1b[H"},
		{"/hostile?n=2&as=close", "\x88\x09\x03\xe8\x1b[2J\x1b[H"},
	} {
		t.Run(row.path, func(t *testing.T) {
			c := dial(t, s, row.path)
			if c.status != 101 {
				t.Fatalf("status %d", c.status)
			}
			c.expect(row.want)
		})
	}
}

func TestRefusals(t *testing.T) {
	s := Start(t)
	for _, row := range []struct {
		path          string
		status        int
		header, value string
		body          string
	}{
		{"/status", 401, "WWW-Authenticate", `Basic realm="servertest"`, "Unauthorized (servertest)\n"},
		{"/status?code=302", 302, "Location", "/echo", "Found (servertest)\n"},
		{"/status?code=307&location=ws://example.com/x", 307, "Location", "ws://example.com/x", ""},
		{"/status?code=426", 426, "Sec-WebSocket-Version", "8, 7", ""},
		{"/status?code=503&body=later", 503, "Retry-After", "7", "later"},
		{"/status?code=500&size=9", 500, "Server", "servertest", "xxxxxxxxx"},
		{"/flaky?refuse=1&id=refusals", 503, "Retry-After", "0", "try again\n"},
		{"/hostile?n=1&as=body", 403, "X-Hostile", "\x1b]0;pwned\x07", "\x1b]0;pwned\x07"},
		{"/hostile?n=2&as=location", 302, "Location", "ws://127.0.0.1:1/\x1b[2J\x1b[H", ""},
		{"/hostile?n=2&as=header", 101, "Server", "\x1b[2J\x1b[H", ""},
		{"/hostile?n=2&as=subprotocol", 101, "Sec-WebSocket-Protocol", "\x1b[2J\x1b[H", ""},
		{"/badaccept", 101, "Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""},
		{"/noaccept", 101, "Sec-WebSocket-Accept", "", ""},
		{"/noupgrade", 101, "Upgrade", "", ""},
		{"/noconnection", 101, "Connection", "", ""},
		{"/badsubprotocol", 101, "Sec-WebSocket-Protocol", "not-offered", ""},
		{"/badextension", 101, "Sec-WebSocket-Extensions", "x-not-offered", ""},
		{"/unknown", 404, "Server", "servertest", "no such path: /unknown\n"},
	} {
		t.Run(row.path, func(t *testing.T) {
			c := dial(t, s, row.path)
			if c.status != row.status || c.header.Get(row.header) != row.value {
				t.Fatalf("status %d %v, want %d with %s: %q", c.status, c.header, row.status, row.header, row.value)
			}
			c.expect(row.body)
		})
	}
}

func TestConnectionEnds(t *testing.T) {
	s := Start(t)
	if c := dial(t, s, "/drop"); c.readAll() != "" {
		t.Error("drop is not a plain end of the connection")
	}
	c := dial(t, s, "/drop?after=1")
	c.send(finBit|opText, "one")
	if got := c.readAll(); got != "" {
		t.Errorf("drop after 1 sent %q", got)
	}
	if c := dial(t, s, "/early"); c.status != 0 {
		t.Errorf("early status %d", c.status)
	}
	c = dial(t, s, "/reset?after=1")
	c.send(finBit|opText, "one")
	if _, err := c.in.ReadByte(); !errno.IsReset(err) {
		t.Errorf("reset gives %v", err)
	}
	if got := dial(t, s, "/flaky?id=a&n=2").readAll(); got != "" {
		t.Errorf("flaky sent %q to its first client", got)
	}
	dial(t, s, "/flaky?id=a&n=2").readAll()
	c = dial(t, s, "/flaky?id=a&n=2")
	c.send(finBit|opText, "third")
	c.expect("\x81\x05third")
}

func TestUnanswered(t *testing.T) {
	s := Start(t)
	c := dial(t, s, "/noclose")
	c.send(finBit|opClose, "")
	c.send(finBit|opText, "still open")
	c.expect("\x81\x0astill open")

	c = dial(t, s, "/lateclose?n=2")
	c.send(finBit|opText, "ignored")
	c.send(finBit|opClose, "\x03\xe8")
	if got := c.readAll(); got != "\x81\x0blast word 1\x81\x0blast word 2\x88\x02\x03\xe8" {
		t.Errorf("received %q", got)
	}

	c = dial(t, s, "/silent")
	c.send(finBit|opPing, "")
	c.send(finBit|opClose, "")
	c.Conn.(*net.TCPConn).CloseWrite()
	if got := c.readAll(); got != "" {
		t.Errorf("silent sent %q", got)
	}
}

func TestReading(t *testing.T) {
	s := Start(t)
	for _, path := range []string{"/late?ms=1", "/dribble", "/slowaccept?ms=1", "/record?then=echo&id=other"} {
		c := dial(t, s, path)
		c.send(finBit|opText, "hello")
		c.expect("\x81\x05hello")
	}
	c := dial(t, s, "/sink?bytes_per_s=1000000")
	c.send(finBit|opText, "hello")
	c.send(finBit|opClose, "\x03\xe8")
	if got := c.readAll(); got != "\x88\x02\x03\xe8" {
		t.Errorf("sink sent %q", got)
	}
	c = dial(t, s, "/request?a=b")
	c.send(finBit|opClose, "")
	if got := c.readAll(); !strings.Contains(got, "GET /request?a=b HTTP/1.1\nHost: a\n") {
		t.Errorf("request sent %q", got)
	}
}

func TestRecord(t *testing.T) {
	s := Start(t)
	c := dial(t, s, "/record?id=r")
	c.send(opText, "hel")
	c.send(finBit|opPing, "beat")
	c.send(finBit|opContinuation, "lo")
	c.send(finBit|opBinary, "\x00\x01")
	c.send(finBit|opClose, "\x03\xe8bye")
	c.readAll()
	response, err := http.Get("http://" + s.Addr() + "/received?id=r")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	got, _ := io.ReadAll(response.Body)
	if want := "ping beat\ntext hello\nbinary \"\\x00\\x01\"\nclose 1000 bye\n"; string(got) != want {
		t.Errorf("received %q, want %q", got, want)
	}
	if got := s.Received("other"); len(got) != 0 {
		t.Errorf("another id received %v", got)
	}
}

func TestBombSize(t *testing.T) {
	c := dial(t, Start(t), "/bomb?size=3145728")
	c.expect("\xc2\x7e") // FIN, RSV1, binary; a length of 16 bits
	var length uint16
	binary.Read(c.in, binary.BigEndian, &length)
	deflated := io.MultiReader(io.LimitReader(c.in, int64(length)), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))
	if n, err := io.Copy(io.Discard, flate.NewReader(deflated)); n != 3<<20 || err != nil {
		t.Errorf("inflates to %d bytes (%v)", n, err)
	}
}

func TestCloseEndsBlockedBehaviors(t *testing.T) {
	s, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/noread", "/late?ms=1000000", "/sink?bytes_per_s=1", "/neverending"} {
		dial(t, s, path).send(finBit|opText, "hello")
	}
	s.Close() // goleak fails if a goroutine is left
}

func TestHostile(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Hostile() {
		seen[p.Name] = seen[p.Bytes] || seen[p.Name]
		if seen[p.Name] {
			t.Errorf("%s is listed twice", p.Name)
		}
		seen[p.Name], seen[p.Bytes] = true, true
	}
	if len(Hostile()) != 30 {
		t.Errorf("%d payloads", len(Hostile()))
	}
}
