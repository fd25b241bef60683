package servertest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Faulty is an echo server with one fault, over HTTP/1.1 and HTTP/2.
type Faulty struct {
	*acceptor
	fault Fault
	tls   *tls.Config // nil: no TLS
	pem   []byte      // the certificate; nil without TLS

	opening sync.Mutex // held while a request is read, with the fault request-blocks
}

// StartFaulty listens until the test ends. The fault "" means none.
func StartFaulty(t Test, fault string) *Faulty {
	f, err := ListenFaulty(fault, NeedsNothing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// ListenFaulty listens on loopback until Close. The fault "" means none, with the needs given.
func ListenFaulty(fault string, needs Need) (*Faulty, error) {
	row := Fault{Needs: needs}
	if fault != "" {
		i := slices.IndexFunc(Faults(), func(row Fault) bool { return row.Name == fault })
		if i < 0 {
			return nil, fmt.Errorf("no such fault: %q", fault)
		}
		row = Faults()[i]
	}
	a, err := newAcceptor()
	if err != nil {
		return nil, err
	}
	f := &Faulty{acceptor: a, fault: row}
	if row.Needs == NeedsTLS {
		if f.tls, f.pem, err = faultyTLS(row.Name); err != nil {
			return nil, err
		}
	}
	f.serve(f.handle)
	return f, nil
}

// URL returns the server's address.
func (f *Faulty) URL() string {
	if f.tls != nil {
		return "wss://" + f.Addr() + "/"
	}
	return "ws://" + f.Addr() + "/"
}

// Certificate returns the server's certificate, PEM; nil without TLS.
func (f *Faulty) Certificate() []byte { return f.pem }

// requestLimit is how long a client may take to send its request.
const requestLimit = 30 * time.Second

// closeGrace is how long the server waits for the end of a client's connection after it has ended its own.
const closeGrace = 2 * time.Second

// handle serves one connection.
func (f *Faulty) handle(tcp net.Conn) {
	stream := tcp
	if f.tls != nil {
		stream = tls.Server(tcp, f.tls)
	}
	in := bufio.NewReaderSize(stream, 64<<10)
	stream.SetReadDeadline(time.Now().Add(requestLimit))
	if f.beginsHTTP2(in) {
		f.handleHTTP2(stream, in)
		return
	}
	c := &faultyConn{server: f, stream: stream, in: in, out: bufio.NewWriterSize(stream, 64<<10)}
	if c.open() {
		stream.SetReadDeadline(time.Time{})
		c.echo()
	}
	c.out.Flush()
	if c.leftOpen {
		<-f.closed
		return
	}
	c.closeSending()
}

// crash stops serving.
func (f *Faulty) crash() {
	f.listener.Close()
	f.dropAll()
}

// faultyConn is one connection to the faulty server.
type faultyConn struct {
	server   *Faulty
	stream   net.Conn
	in       *bufio.Reader
	out      *bufio.Writer
	deflate  *deflate // nil: not negotiated
	leftOpen bool     // the connection is not closed by the server
}

// has reports whether the server has a fault.
func (c *faultyConn) has(fault string) bool { return c.server.fault.Name == fault }

// closeSending closes the sending side of the connection and continues to read, so that a reset does not discard the last bytes
// sent.
func (c *faultyConn) closeSending() {
	conn, ok := c.stream.(interface{ CloseWrite() error })
	if !ok || conn.CloseWrite() != nil {
		return
	}
	c.stream.SetReadDeadline(time.Now().Add(closeGrace))
	for {
		if _, err := c.in.Discard(c.in.Size()); err != nil {
			return
		}
	}
}
