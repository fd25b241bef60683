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
	"wsx/client/wire"
	"wsx/server/servertest"
)

// lossHandler counts retries and unconfirmed lines.
type lossHandler struct {
	mu          sync.Mutex // guards the fields below
	unconfirmed map[int]bool
	retries     int
}

func (l *lossHandler) Flush() error { return nil }

func (l *lossHandler) Handle(e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch detail := e.Detail.(type) {
	case *Attempt:
		l.retries++
	case *Unconfirmed:
		if detail.Count != detail.Last-detail.First+1 {
			return fmt.Errorf("unconfirmed lines %+v", *detail)
		}
		for line := detail.First; line <= detail.Last; line++ {
			l.unconfirmed[line] = true
		}
	}
	return nil
}

// TestLossyProxy: across cut connections every line arrives once and in order, or is reported; with Resend every line
// arrives. WSX_LOSSES=1 cuts 200 times in a million lines.
func TestLossyProxy(t *testing.T) {
	lines, cuts := 40_000, 20
	if os.Getenv("WSX_LOSSES") != "" {
		lines, cuts = 1_000_000, 200
	}
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprint("resend ", resend), func(t *testing.T) {
			recorder := &servertest.LineRecorder{}
			server := httptest.NewServer(recorder)
			defer server.Close()
			proxy := servertest.StartLossyProxy(t, server.Listener.Addr().String(), cuts, lines*servertest.LineSize*3/2/cuts)
			o := Options{
				Options: dial.Options{
					ConnectTimeout: testTimeout,
				},
				Reconnect:    true,
				ReconnectMax: 2 * time.Millisecond,
				Resend:       resend,
				PingInterval: 50 * time.Millisecond,
				PingTimeout:  250 * time.Millisecond,
				CloseTimeout: testTimeout,
			}
			handler := &lossHandler{unconfirmed: map[int]bool{}}
			s := lossySession(t, "ws://"+proxy.Addr(), o, handler)
			result := startRun(s)
			sent := 0
			for sent < lines || proxy.Cuts() < cuts {
				sent++
				if err := s.Send(Message{Type: Text, Data: servertest.AppendLine(nil, sent), Number: sent}); err != nil {
					t.Fatalf("send line %d: %v, %v", sent, err, <-result)
				}
			}
			s.Close(1000, "")
			var unconfirmed *UnconfirmedError
			err := <-result
			if resend && err != nil {
				t.Errorf("run: %v", err)
			} else if !resend && (!errors.As(err, &unconfirmed) || unconfirmed.Count != len(handler.unconfirmed)) {
				t.Errorf("run: %v, with %d unconfirmed", err, len(handler.unconfirmed))
			}
			checkArrived(t, recorder, sent, resend, handler)
			t.Logf("%d lines, %d cuts, %d connections, %d attempts", sent, proxy.Cuts(), recorder.Conns(), handler.retries)
		})
	}
}

func checkArrived(t *testing.T, recorder *servertest.LineRecorder, sent int, resend bool, handler *lossHandler) {
	if resend {
		repeated, err := recorder.CheckAtLeastOnce(sent)
		if err != nil || len(handler.unconfirmed) > 0 {
			t.Errorf("%v; %d lines are unconfirmed", err, len(handler.unconfirmed))
		}
		t.Logf("%d lines arrived again", repeated)
		return
	}
	missing, err := recorder.CheckAtMostOnce(sent, handler.unconfirmed)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d lines unconfirmed, %d of them did not arrive", len(handler.unconfirmed), missing)
}

// lossySession dials with small buffers, so that a cut affects few lines.
func lossySession(t *testing.T, url string, o Options, handler Handler) *Session {
	d, err := dial.New(t.Context(), url, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context) (*dial.Conn, error) {
		dialed, err := d.Dial(ctx)
		if err == nil {
			dialed.Stream.(*wire.Stream).Conn.(*net.TCPConn).SetWriteBuffer(8 << 10)
		}
		return dialed, err
	}
	dialed, err := dial(t.Context())
	for err != nil {
		dialed, err = dial(t.Context())
	}
	return newSession(dialed, dial, o, handler)
}
