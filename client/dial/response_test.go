package dial

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStreamAfterResponse: bytes sent together with the response are the beginning of the stream.
func TestStreamAfterResponse(t *testing.T) {
	long := "X-Long: " + strings.Repeat("y", 5000) + "\n"
	for _, c := range []struct{ name, before, lines string }{
		{"plain", "", ""},
		{"long header", "", long},
		{"after interim responses", "HTTP/1.1 103 Early Hints\nLink: </x>\n\nHTTP/1.1 100 Continue\n\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			frames := "\x81\x05hello" + strings.Repeat("\x82\x02\r\n", 3000)
			address, _ := recordingServer(t, c.before+upgradeResponse(c.lines)+strings.ReplaceAll(frames, "\r\n", "\n"))
			up := dialStream(t, "ws://"+address, Options{})
			got := make([]byte, len(frames))
			if _, err := io.ReadFull(up.Stream, got); err != nil || string(got) != frames {
				t.Errorf("the stream begins %q, %v", got[:min(len(got), 40)], err)
			}
			if last := up.Handshake.Response[0]; last != "HTTP/1.1 101 Switching Protocols" {
				t.Errorf("the response is %q", last)
			}
		})
	}
}

func TestHalfClosedStream(t *testing.T) {
	ended := make(chan []byte)
	address := startServer(t, func(conn net.Conn) {
		respond(conn, strings.ReplaceAll(upgradeResponse(""), "\n", "\r\n"))
		received, _ := io.ReadAll(conn)
		ended <- received
		io.WriteString(conn, "bye")
	})
	up := dialStream(t, "ws://"+address, Options{})
	io.WriteString(up.Stream, "hello")
	if err := up.Stream.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if received := <-ended; string(received) != "hello" {
		t.Errorf("the server received %q", received)
	}
	if received, err := io.ReadAll(up.Stream); string(received) != "bye" || err != nil {
		t.Errorf("received %q, %v", received, err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		value string
		want  time.Duration
	}{
		{"", 0}, {"120", 2 * time.Minute}, {"-1", 0}, {"soon", 0}, {"99999999999999999999", 0},
		{"Fri, 02 Jan 2026 03:05:05 GMT", time.Minute}, {"Fri, 02 Jan 2026 03:03:05 GMT", 0},
	} {
		if got := retryAfter(c.value, now); got != c.want {
			t.Errorf("Retry-After: %q is %s, wanted %s", c.value, got, c.want)
		}
	}
}

func TestTimingString(t *testing.T) {
	timing := Timing{DNS: time.Millisecond, Connect: 1234567, Upgrade: time.Second}
	if got := timing.String(); got != "dns 1ms, connect 1.23ms, upgrade 1s" {
		t.Errorf("%q", got)
	}
}

// FuzzReadResponse: reading any response ends, and what follows the header is not consumed.
func FuzzReadResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nrest"))
	f.Add([]byte("HTTP/1.1 103 Early Hints\n\nHTTP/1.0 200\nA: b\n c\n\n"))
	f.Add([]byte("\x15\x03\x01"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		reader := bufio.NewReader(bytes.NewReader(answer))
		response, lines, err := readResponse(reader, http.MethodGet)
		if err != nil {
			return
		}
		if len(lines) == 0 || !strings.HasPrefix(lines[0], "HTTP/") {
			t.Fatalf("%q: lines %q", answer, lines)
		}
		if response.StatusCode == http.StatusSwitchingProtocols {
			rest, _ := io.ReadAll(reader)
			if !bytes.HasSuffix(answer, rest) || !bytes.HasSuffix(bytes.TrimSuffix(answer, rest), []byte("\n")) {
				t.Fatalf("%q: rest %q", answer, rest)
			}
			return
		}
		if refusal := refuse(response, lines, time.Time{}); len(refusal.Body) > maxRefusalBody {
			t.Fatalf("%d bytes of body", len(refusal.Body))
		}
		_, _ = verify(response.Header, "key", Options{})
	})
}
