package probe

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"wsx/client/wire"
)

// Request is an HTTP/1.1 request to write, with any lines, valid or not.
type Request struct {
	Lines     []string // request line and header lines, without their ends
	ChunkSize int      // bytes written at once; 0 = all
}

// NewKey returns the value of a Sec-WebSocket-Key header (RFC 6455, section 4.1).
func NewKey() string {
	key := make([]byte, 16)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

// AcceptFor returns the Sec-WebSocket-Accept that answers a key (RFC 6455, section 4.2.2).
func AcceptFor(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// at returns the index in Lines of the first header line with a name; 0 (the request line) = no header line has that name.
func (r Request) at(name string) int {
	return 1 + slices.IndexFunc(r.Lines[1:], func(line string) bool { return strings.EqualFold(nameOf(line), name) })
}

func nameOf(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

// Get returns the value of the first header line with a name, "" without one.
func (r Request) Get(name string) string {
	if i := r.at(name); i > 0 {
		_, value, _ := strings.Cut(r.Lines[i], ":")
		return strings.TrimSpace(value)
	}
	return ""
}

// Without removes all header lines with a name.
func (r *Request) Without(name string) { r.withoutAfter(0, name) }

// withoutAfter removes the header lines with a name after line i.
func (r *Request) withoutAfter(i int, name string) {
	rest := slices.DeleteFunc(r.Lines[i+1:], func(line string) bool { return strings.EqualFold(nameOf(line), name) })
	r.Lines = r.Lines[:i+1+len(rest)]
}

// Set replaces all header lines with the name of line by line, at the place of the first one.
func (r *Request) Set(line string) {
	name := strings.TrimRight(nameOf(line), " \t")
	i := r.at(name)
	if i == 0 {
		r.Add(line)
		return
	}
	r.Lines[i] = line
	r.withoutAfter(i, name)
}

// Add adds a header line at the end.
func (r *Request) Add(line string) { r.Lines = append(r.Lines, line) }

// Bytes returns the request as it is written.
func (r Request) Bytes() []byte {
	return []byte(strings.Join(r.Lines, "\r\n") + "\r\n\r\n")
}

// Response is the response to a request.
type Response struct {
	Status int      // 0 = no response in HTTP
	Line   string   // the status line
	Lines  []string // the header lines, as received
	Header http.Header
	Stream io.ReadWriteCloser // what follows the header; nil unless Status is 101
}

// String returns the status line, or "no response" if there was none.
func (r *Response) String() string {
	if r.Status == 0 {
		return "no response"
	}
	return r.Line
}

// maxHeader bounds the header of a response, in bytes.
const maxHeader = 64 << 10

// Do writes a request to conn and reads the response until the end of its header. It returns an error if the connection ends or
// limit passes before. The caller closes conn.
func (r Request) Do(conn net.Conn, limit time.Duration) (*Response, error) {
	conn.SetDeadline(time.Now().Add(limit))
	writeErr := r.write(conn)
	reader := bufio.NewReader(conn)
	for {
		response, err := readResponse(reader)
		if err != nil {
			if err == io.EOF && writeErr != nil {
				err = writeErr
			}
			return response, err
		}
		if response.Status/100 != 1 || response.Status == http.StatusSwitchingProtocols {
			conn.SetDeadline(time.Time{})
			response.Stream = &wire.Stream{Conn: conn, Early: reader}
			return response, nil
		}
	}
}

func (r Request) write(w io.Writer) error {
	rest := r.Bytes()
	for len(rest) > 0 {
		n := len(rest)
		if r.ChunkSize > 0 {
			n = min(n, r.ChunkSize)
		}
		if _, err := w.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// readResponse reads a status line and header lines.
func readResponse(reader *bufio.Reader) (*Response, error) {
	r := &Response{Header: http.Header{}}
	for size := 0; ; {
		line, err := reader.ReadString('\n')
		if err != nil {
			return r, err
		}
		if size += len(line); size > maxHeader {
			return r, fmt.Errorf("a response header of more than %d bytes", maxHeader)
		}
		line = strings.TrimRight(line, "\r\n")
		switch {
		case r.Line == "":
			if r.Line = line; !r.parseStatus() {
				return r, fmt.Errorf("a response that is not HTTP: %q", line)
			}
		case line == "":
			return r, nil
		default:
			r.Lines = append(r.Lines, line)
			name, value, _ := strings.Cut(line, ":")
			r.Header.Add(name, strings.TrimSpace(value))
		}
	}
}

func (r *Response) parseStatus() bool {
	version, rest, _ := strings.Cut(r.Line, " ")
	if !strings.HasPrefix(version, "HTTP/") {
		return false
	}
	_, err := fmt.Sscanf(rest, "%3d", &r.Status)
	return err == nil
}
