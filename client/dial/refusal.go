package dial

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
)

// maxRefusalBody is how much of the body of a refused upgrade is kept, in bytes.
const maxRefusalBody = 4 << 10

// Refusal is the response of a server or proxy that refused a request, as received.
type Refusal struct {
	Status     int           // 404
	StatusLine string        // "HTTP/1.1 404 Not Found"
	Header     http.Header   // complete
	Explaining []string      // the header lines that explain the refusal, redacted
	Body       []byte        // its first 4 KiB
	RetryAfter time.Duration // how long to wait before the next attempt; 0 = not given
}

// explaining are the headers that explain why an upgrade was refused.
var explaining = []string{"Location", "WWW-Authenticate", "Proxy-Authenticate", "Retry-After", "Sec-WebSocket-Version", "Upgrade", "Server"}

// refuse returns the Refusal for a response. It reads the body until its end, an error or 4 KiB.
func refuse(response *http.Response, lines []string, now time.Time) *Refusal {
	body, _ := io.ReadAll(io.LimitReader(decoded(response), maxRefusalBody)) // after an error, what was read is shown
	return &Refusal{
		Status:     response.StatusCode,
		StatusLine: shortURL(lines[0]),
		Header:     response.Header,
		Explaining: shortLines(Redact(linesNamed(lines[1:], explaining))),
		Body:       body,
		RetryAfter: retryAfter(response.Header.Get("Retry-After"), now),
	}
}

// decoded returns the body of a response, decoded if its content coding is gzip, deflate or brotli.
func decoded(response *http.Response) io.Reader {
	switch strings.ToLower(strings.TrimSpace(response.Header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		if inflated, err := gzip.NewReader(response.Body); err == nil {
			return inflated
		}
	case "deflate":
		if inflated, err := zlib.NewReader(response.Body); err == nil {
			return inflated
		}
	case "br":
		return brotli.NewReader(response.Body)
	}
	return response.Body
}

// linesNamed returns the header lines with one of the names.
func linesNamed(lines, names []string) []string {
	var kept []string
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if slices.ContainsFunc(names, func(wanted string) bool { return strings.EqualFold(name, wanted) }) {
			kept = append(kept, line)
		}
	}
	return kept
}

// shortLines cuts lines that are too long to read.
func shortLines(lines []string) []string {
	for i, line := range lines {
		lines[i] = shortURL(line)
	}
	return lines
}

// retryAfter parses seconds or a date (RFC 9110, 10.2.3); it returns 0 for a past date or anything else.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
