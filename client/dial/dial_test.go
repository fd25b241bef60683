package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestDialStream(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"b"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		conn.Write(r.Context(), websocket.MessageText, []byte("hello"))
		conn.Read(r.Context())
	}))
	defer server.Close()

	up, err := connect(t.Context(), strings.Replace(server.URL, "http", "ws", 1)+"/x?y", Options{Subprotocols: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stream.Close()
	frame := make([]byte, 7)
	if _, err := io.ReadFull(up.Stream, frame); err != nil || string(frame) != "\x81\x05hello" {
		t.Fatalf("first frame: %q, %v", frame, err)
	}
	if h := up.Handshake; h.Subprotocol != "b" || h.Status != 101 || h.HTTP != "HTTP/1.1" || h.Request[0] != "GET /x?y HTTP/1.1" {
		t.Errorf("handshake: %+v", h)
	}
}

func TestConnectTimeoutCoversTheUpgrade(t *testing.T) {
	address := startServer(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	_, err := connect(t.Context(), "ws://"+address, Options{ConnectTimeout: 50 * time.Millisecond})
	var failed *Error
	if !errors.As(err, &failed) || failed.Kind != ConnectFailed || failed.Step != UpgradeStep {
		t.Fatalf("a server that never responds: %v", err)
	}
}

func TestCancelledDial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := startServer(t, func(conn net.Conn) {
		cancel()
		io.Copy(io.Discard, conn)
	})
	_, err := connect(ctx, "ws://"+address, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
}
