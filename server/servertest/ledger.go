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

// padding follows the number of a line, and tells a line that came whole.
const padding = " and what makes it longer, so that a cut hits fewer lines: as long as a short message in JSON is often enough"

// AppendLine appends line n as a Ledger wants it, without an end.
func AppendLine(dst []byte, n int) []byte {
	return append(strconv.AppendInt(dst, int64(n), 10), padding...)
}

// LineSize is about how long a line is, bytes.
const LineSize = len(padding) + 6

// Ledger is a server that notes which lines come, by connection, and answers every thousandth. Whoever asks what
// is wrong waits until its clients have gone.
type Ledger struct {
	open sync.WaitGroup // connections

	mu    sync.Mutex // guards what follows
	conns [][]int
}

// ServeHTTP hears one client.
func (l *Ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.open.Add(1)
	defer l.open.Done()
	at := l.begin() // before the client knows that it is connected, and could connect again
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		line, whole := strings.CutSuffix(string(data), padding)
		if !whole {
			return // the library takes a frame that ends behind its header for an empty message
		}
		number, _ := strconv.Atoi(line)
		l.note(at, number)
		if number%1000 == 0 {
			conn.Write(context.Background(), websocket.MessageText, data)
		}
	}
}

// begin begins the page of a connection.
func (l *Ledger) begin() (at int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, nil)
	return len(l.conns) - 1
}

func (l *Ledger) note(at, line int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[at] = append(l.conns[at], line)
}

// Conns is over how many connections the lines came.
func (l *Ledger) Conns() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// AtMostOnce says what is wrong if the lines from 1 to said were to come once and in order, or be in doubt; missing are those
// that did not come.
func (l *Ledger) AtMostOnce(said int, doubtful map[int]bool) (missing int, wrong error) {
	l.open.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	last := 0
	for at, lines := range l.conns {
		for _, line := range lines {
			if line <= last {
				return 0, fmt.Errorf("connection %d: line %d after line %d", at, line, last)
			}
			for last++; last < line; last++ {
				if missing++; !doubtful[last] {
					return 0, fmt.Errorf("line %d neither arrived nor is in doubt", last)
				}
			}
		}
	}
	for last++; last <= said; last++ {
		if missing++; !doubtful[last] {
			return 0, fmt.Errorf("line %d neither arrived nor is in doubt", last)
		}
	}
	return missing, nil
}

// AtLeastOnce says what is wrong if all lines from 1 to said were to come, in order over each connection and none before
// those it follows; again are those that came more than once.
func (l *Ledger) AtLeastOnce(said int) (again int, wrong error) {
	l.open.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	known := 0
	for at, lines := range l.conns {
		for i, line := range lines {
			switch {
			case i > 0 && line != lines[i-1]+1:
				return 0, fmt.Errorf("connection %d: line %d after line %d", at, line, lines[i-1])
			case line > known+1:
				return 0, fmt.Errorf("connection %d: line %d came, and line %d did not", at, line, known+1)
			case line <= known:
				again++
			default:
				known = line
			}
		}
	}
	if known != said {
		return 0, fmt.Errorf("line %d did not arrive", known+1)
	}
	return again, nil
}
