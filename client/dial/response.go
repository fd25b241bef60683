package dial

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// maxResponseHeader bounds the status line and header lines of a response, in bytes.
const maxResponseHeader = 256 << 10

// maxInterim bounds how many 1xx responses may precede the final one.
const maxInterim = 8

// errHeaderTooLong is a response whose header is longer than maxResponseHeader.
var errHeaderTooLong = errors.New("the header of the response is longer than 256 KiB")

// notHTTP is a response that is not HTTP/1.
type notHTTP struct {
	answer []byte // its first bytes
}

func (e *notHTTP) Error() string { return fmt.Sprintf("the response is not HTTP: %q", e.answer) }

// readResponse reads the response to a request of method from r, and its status and header lines as received. Interim responses (RFC 9110,
// 15.2) are skipped. Bytes that follow the header stay in r or are read through the body.
func readResponse(r *bufio.Reader, method string) (*http.Response, []string, error) {
	for range maxInterim {
		block, err := readHeaderBlock(r)
		if err != nil {
			return nil, headerLines(block), err
		}
		whole := bufio.NewReader(io.MultiReader(bytes.NewReader(block), r))
		response, err := http.ReadResponse(whole, &http.Request{Method: method})
		if err != nil {
			return nil, headerLines(block), headerError(err, block)
		}
		response.Header = headerOf(block)
		if response.StatusCode/100 != 1 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, headerLines(block), nil
		}
	}
	return nil, nil, fmt.Errorf("more than %d interim responses", maxInterim)
}

// headerOf returns the header as received. The one of net/http lacks the fields that it has processed, like "Connection: close".
func headerOf(block []byte) http.Header {
	reader := textproto.NewReader(bufio.NewReader(bytes.NewReader(block)))
	_, _ = reader.ReadLine() // the status line; net/http has read all of it before
	header, _ := reader.ReadMIMEHeader()
	return http.Header(header)
}

// readHeaderBlock reads up to the empty line that ends a header, and returns what it read also with an error.
func readHeaderBlock(r *bufio.Reader) ([]byte, error) {
	start, err := r.Peek(len("HTTP/"))
	if len(start) > 0 && !bytes.HasPrefix([]byte("HTTP/"), start) {
		start, _ = r.Peek(min(r.Buffered(), 64))
		return nil, &notHTTP{bytes.Clone(start)}
	}
	if err != nil {
		return nil, err
	}
	var block []byte
	for {
		line, err := r.ReadSlice('\n')
		block = append(block, line...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return block, noEOF(err)
		}
		if len(block) > maxResponseHeader {
			return block, errHeaderTooLong
		}
		if bytes.HasSuffix(block, []byte("\n\n")) || bytes.HasSuffix(block, []byte("\n\r\n")) {
			return block, nil
		}
	}
}

// noEOF turns io.EOF into io.ErrUnexpectedEOF.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// headerError returns the error for a header that net/http cannot parse. It contains the status, since the response may be a
// refusal.
func headerError(err error, block []byte) error {
	line, _, _ := bytes.Cut(block, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if strings.Contains(err.Error(), "malformed HTTP") {
		return &notHTTP{line}
	}
	_, status, _ := strings.Cut(string(line), " ")
	return fmt.Errorf("%.100q, followed by a header that cannot be parsed: %w", status, err)
}

// headerLines splits a header into its lines, without the empty one.
func headerLines(block []byte) []string {
	var lines []string
	for line := range strings.Lines(string(block)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
