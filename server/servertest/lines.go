package servertest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// padding follows the number of a line, and shows that a line arrived completely.
const padding = " and what makes it longer, so that a cut hits fewer lines: as long as a short message in JSON is often enough"

// AppendLine appends line n as a LineRecorder expects it, without an end.
func AppendLine(dst []byte, n int) []byte {
	return append(strconv.AppendInt(dst, int64(n), 10), padding...)
}

// LineSize is the approximate length of a line, in bytes.
const LineSize = len(padding) + 6

// LineRecorder is a server that records the lines it receives, by connection, and echoes every thousandth. Its checks wait until all
// clients have disconnected.
type LineRecorder struct {
	open sync.WaitGroup // connections that have not ended

	mu    sync.Mutex // guards the field below
	conns [][]int    // the numbers of the lines, by connection
}

// ServeHTTP records the lines of one client.
func (r *LineRecorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.open.Add(1)
	defer r.open.Done()
	at := r.add() // before the client is connected and can connect again
	conn, err := websocket.Accept(w, request, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		line, complete := strings.CutSuffix(string(data), padding)
		if !complete {
			return // the library reports a frame that ends after its header as an empty message
		}
		number, _ := strconv.Atoi(line)
		r.record(at, number)
		if number%1000 == 0 {
			conn.Write(context.Background(), websocket.MessageText, data)
		}
	}
}

// add adds a connection and returns its index.
func (r *LineRecorder) add() (at int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = append(r.conns, nil)
	return len(r.conns) - 1
}

func (r *LineRecorder) record(at, line int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[at] = append(r.conns[at], line)
}

// Conns returns the number of connections.
func (r *LineRecorder) Conns() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// CheckAtMostOnce returns an error unless each of the lines from 1 to sent arrived once and in order, or is unconfirmed. missing is
// the number that did not arrive.
func (r *LineRecorder) CheckAtMostOnce(sent int, unconfirmed map[int]bool) (missing int, err error) {
	r.open.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	last := 0
	for at, lines := range r.conns {
		for _, line := range lines {
			if line <= last {
				return 0, fmt.Errorf("connection %d: line %d after line %d", at, line, last)
			}
			for last++; last < line; last++ {
				if missing++; !unconfirmed[last] {
					return 0, fmt.Errorf("line %d neither arrived nor is unconfirmed", last)
				}
			}
		}
	}
	for last++; last <= sent; last++ {
		if missing++; !unconfirmed[last] {
			return 0, fmt.Errorf("line %d neither arrived nor is unconfirmed", last)
		}
	}
	return missing, nil
}

// CheckAtLeastOnce returns an error unless all lines from 1 to sent arrived, in order over each connection and none before earlier
// lines. duplicates is the number that arrived more than once.
func (r *LineRecorder) CheckAtLeastOnce(sent int) (duplicates int, err error) {
	r.open.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	known := 0
	for at, lines := range r.conns {
		for i, line := range lines {
			switch {
			case i > 0 && line != lines[i-1]+1:
				return 0, fmt.Errorf("connection %d: line %d after line %d", at, line, lines[i-1])
			case line > known+1:
				return 0, fmt.Errorf("connection %d: line %d arrived, and line %d did not", at, line, known+1)
			case line <= known:
				duplicates++
			default:
				known = line
			}
		}
	}
	if known != sent {
		return 0, fmt.Errorf("line %d did not arrive", known+1)
	}
	return duplicates, nil
}
