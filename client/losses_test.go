package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"wsx/client/dial"
	"wsx/server/servertest"
)

// logbook notes what a session says of losses.
type logbook struct {
	mu       sync.Mutex // guards what follows
	doubtful map[int]bool
	retries  int
}

func (l *logbook) Flush() error { return nil }

func (l *logbook) Handle(e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch detail := e.Detail.(type) {
	case *Attempt:
		l.retries++
	case *Unconfirmed:
		if detail.Count != detail.Last-detail.First+1 {
			return fmt.Errorf("doubt %+v", *detail)
		}
		for line := detail.First; line <= detail.Last; line++ {
			l.doubtful[line] = true
		}
	}
	return nil
}

// TestStorm: whatever becomes of connections, every line arrives once and in order, or is named; with Resend every line
// arrives. WSX_STORM=1 cuts 200 times in a million lines.
func TestStorm(t *testing.T) {
	lines, cuts := 40_000, 20
	if os.Getenv("WSX_STORM") != "" {
		lines, cuts = 1_000_000, 200
	}
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprint("resend ", resend), func(t *testing.T) {
			ledger := &servertest.Ledger{}
			server := httptest.NewServer(ledger)
			defer server.Close()
			storm := servertest.StartStorm(t, server.Listener.Addr().String(), cuts, lines*servertest.LineSize*3/2/cuts)
			o := Options{
				Options: dial.Options{
					ConnectTimeout: patience,
				},
				Reconnect:    true,
				ReconnectMax: 2 * time.Millisecond,
				Resend:       resend,
				PingInterval: 50 * time.Millisecond,
				PingTimeout:  250 * time.Millisecond,
				CloseTimeout: patience,
			}
			book := &logbook{doubtful: map[int]bool{}}
			s := stormSession(t, "ws://"+storm.Addr(), o, book)
			result := running(s)
			said := 0
			for said < lines || storm.Cuts() < cuts {
				said++
				if err := s.Send(Message{Type: Text, Data: servertest.AppendLine(nil, said), Line: said}); err != nil {
					t.Fatalf("say line %d: %v, %v", said, err, <-result)
				}
			}
			s.Close(1000, "")
			var unconfirmed *UnconfirmedError
			err := <-result
			if resend && err != nil {
				t.Errorf("run: %v", err)
			} else if !resend && (!errors.As(err, &unconfirmed) || unconfirmed.Count != len(book.doubtful)) {
				t.Errorf("run: %v, with %d unconfirmed", err, len(book.doubtful))
			}
			judge(t, ledger, said, resend, book)
			t.Logf("%d lines, %d cuts, %d connections, %d tries", said, storm.Cuts(), ledger.Conns(), book.retries)
		})
	}
}

func judge(t *testing.T, ledger *servertest.Ledger, said int, resend bool, book *logbook) {
	if resend {
		again, err := ledger.AtLeastOnce(said)
		if err != nil || len(book.doubtful) > 0 {
			t.Errorf("%v; %d lines are in doubt", err, len(book.doubtful))
		}
		t.Logf("%d lines came again", again)
		return
	}
	missing, err := ledger.AtMostOnce(said, book.doubtful)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d lines in doubt, %d of them did not come", len(book.doubtful), missing)
}

// stormSession has small buffers, so that a cut hits few lines.
func stormSession(t *testing.T, url string, o Options, l Handler) *Session {
	d, err := dial.New(url, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context) (*dial.Conn, error) {
		up, err := d.Dial(ctx)
		if err == nil {
			up.Stream.(*dial.Stream).Conn.(*net.TCPConn).SetWriteBuffer(8 << 10)
		}
		return up, err
	}
	up, err := dial(t.Context())
	for err != nil {
		up, err = dial(t.Context())
	}
	return newSession(up, dial, o, l)
}
