package dial

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"wsx/client/wire"
)

// bodyTimeout bounds reading the body of a refused upgrade, which only explains the refusal.
const bodyTimeout = time.Second

// upgrade sends the upgrade request on conn and reads the response. On success the stream is in a.upgraded, and the response returned
// is for the library.
func (a *attempt) upgrade(ctx context.Context, conn net.Conn, library http.Header) (*http.Response, error) {
	defer a.addTime(&a.handshake.Timing.Upgrade)()
	stop := interrupt(ctx, conn)
	defer stop()
	lines := a.requestLines(library)
	a.handshake.Request = a.shown(lines)
	reader := bufio.NewReader(conn)
	response, received, err := ask(conn, reader, lines, http.MethodGet)
	a.handshake.Response = a.shown(received)
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	a.handshake.HTTP, a.handshake.Status, a.handshake.Header = response.Proto, response.StatusCode, response.Header
	if response.StatusCode != http.StatusSwitchingProtocols {
		conn.SetReadDeadline(time.Now().Add(bodyTimeout))
		return nil, a.refused(UpgradeStep, refuse(response, received, time.Now()))
	}
	if response.ProtoMajor != 1 {
		return nil, a.fail(ctx, UpgradeStep, &violation{WrongUpgrade, fmt.Sprintf("the 101 response has the version %q, not \"HTTP/1.1\"", response.Proto)})
	}
	agreed, err := verify(response.Header, library.Get("Sec-WebSocket-Key"), a.options)
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	if !stop() {
		return nil, a.fail(ctx, UpgradeStep, context.Cause(ctx))
	}
	a.setHandshake(&wire.Stream{Conn: conn, Early: reader}, agreed)
	return forLibrary(response), nil
}

// ask sends a request and reads the response, even if the request cannot be sent, since the server may have responded early.
func ask(w io.Writer, r *bufio.Reader, lines []string, method string) (*http.Response, []string, error) {
	_, unsent := io.WriteString(w, strings.Join(lines, "\r\n")+"\r\n\r\n")
	response, received, err := readResponse(r, method)
	if err == io.EOF && unsent != nil {
		err = unsent
	}
	return response, received, err
}

// setHandshake records the result of the handshake.
func (a *attempt) setHandshake(s io.ReadWriteCloser, agreed agreement) {
	a.handshake.Subprotocol, a.handshake.Extensions = agreed.subprotocol, agreed.extensions
	a.upgraded = &Conn{Stream: s, Handshake: a.handshake, Deflate: agreed.deflate}
}

// shown returns the lines as Handshake lists them.
func (a *attempt) shown(lines []string) []string {
	if a.options.ShowSecrets {
		return lines
	}
	return Redact(lines)
}

// shownURL returns a target as errors and Handshake name it.
func (a *attempt) shownURL(target Target) string {
	if a.options.ShowSecrets {
		return target.String()
	}
	return shortURL(RedactURL(target.String()))
}

// forLibrary returns the response without the stream, and without the extensions that the library did not offer.
func forLibrary(response *http.Response) *http.Response {
	seen := *response
	seen.Header = response.Header.Clone()
	seen.Header.Del("Sec-WebSocket-Extensions")
	seen.Body = closedBody{}
	return &seen
}

// closedBody is the body of the response for the library. Closing it, as the library does, does not close the stream.
type closedBody struct{}

func (closedBody) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (closedBody) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (closedBody) Close() error              { return nil }
