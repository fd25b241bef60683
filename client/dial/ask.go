package dial

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer bounds the body of a response, in bytes.
const maxAnswer = 1 << 20

// Ask makes an HTTP/1.1 request to the server of the URL, over the same proxies and with the same headers as Dial, and returns
// the body of the response, at most 1 MiB. path begins with a slash. The error is an *Error, also for a status other than 200.
func (d *Dialer) Ask(ctx context.Context, method, path string) (body []byte, err error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	plainDialer := *d
	plainDialer.options.HTTP = HTTP1
	target := d.target
	target.Path = path
	a := plainDialer.attempt(target, newJar())
	if err := a.sign(); err != nil {
		return nil, err
	}
	conn, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer interrupt(ctx, conn)()
	lines := append([]string{method + " " + a.path() + " HTTP/1.1"}, a.plainLines()...)
	if method == http.MethodPost {
		lines = append(lines, "Content-Length: 0")
	}
	response, _, err := ask(conn, bufio.NewReader(conn), lines, method)
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, a.fail(ctx, UpgradeStep, fmt.Errorf("%s %s: HTTP %d", method, path, response.StatusCode))
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("%s %s: the response is longer than %d bytes", method, path, maxAnswer)
	}
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	return body, nil
}

// plainLines returns the header lines of a request that is not an opening handshake.
func (a *attempt) plainLines() []string {
	var lines []string
	for _, line := range a.requestLines(http.Header{})[1:] {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol":
		default:
			lines = append(lines, line)
		}
	}
	return append(lines, "Connection: close")
}
