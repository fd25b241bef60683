package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"wsx/check"
	"wsx/client/dial"
	"wsx/dialect"
)

// graphqlServer closes connections on which the login does not come first, and those that send what it does not understand. Its
// answer to the login is compressed if the client accepts that.
func graphqlServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols: []string{"graphql-transport-ws"}, CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1,
		})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		conn.SetReadLimit(-1)
		answers := map[string]string{"connection_init": `{"type":"connection_ack"}`}
		for {
			_, payload, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			var m struct {
				Type    string
				Payload struct{ Token string }
			}
			json.Unmarshal(payload, &m)
			answer, known := answers[m.Type]
			if !known || m.Type == "connection_init" && m.Payload.Token != "letmein" {
				conn.Close(4400, "bad request")
				return
			}
			conn.Write(r.Context(), websocket.MessageText, []byte(answer))
			answers = map[string]string{"subscribe": `{"id":"1","type":"next","payload":{}}`, "ping": `{"type":"pong"}`}
		}
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// graphql returns the protocol, which logs in with a token.
func graphql(t *testing.T, url, token string) *check.Protocol {
	t.Helper()
	source, _ := dialect.Source("graphql-ws")
	d, err := dialect.Parse("graphql-ws", source)
	if err != nil {
		t.Fatal(err)
	}
	return &check.Protocol{
		Connect: func(context.Context) (string, dial.Options, *dialect.State, error) {
			state, err := d.Start(map[string]string{"payload": `{"token":"` + token + `"}`})
			return url, dial.Options{Subprotocols: []string{"graphql-transport-ws"}}, state, err
		},
		Verb: "subscribe", Words: []string{"{a}"},
	}
}

// TestLogin checks a server that requires a login: after it, checks of control frames pass, also if messages are compressed.
func TestLogin(t *testing.T) {
	t.Parallel()
	url := graphqlServer(t)
	r := run(t, context.Background(), url, check.Options{Protocol: graphql(t, url, "letmein"), Timeout: aMinute}, "control", "close.code", "deflate.data", "fragment")
	if r.Server.Carrier != `{"id":"1","payload":{"query":"{a}"},"type":"subscribe"}` || r.Server.Facts.Closes != 4400 {
		t.Errorf("carrier %s, closes with %d", r.Server.Carrier, r.Server.Facts.Closes)
	}
	if r.Count(check.Pass) < 60 {
		t.Errorf("%d of %d pass", r.Count(check.Pass), len(r.Findings))
	}
	for _, f := range r.Findings {
		if f.Verdict == check.Fail && f.Severity == check.Must {
			t.Errorf("%s: %s", f.ID, f.Received)
		}
	}
}

// TestLoginRefused: without a login no check can run.
func TestLoginRefused(t *testing.T) {
	url := graphqlServer(t)
	_, err := check.Run(context.Background(), nil, check.Options{URL: url, Protocol: graphql(t, url, "wrong")})
	var refused *dialect.LoginError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "4400 bad request") {
		t.Errorf("%v, want a refused login", err)
	}
}

// TestClosesFirst: a server that closes each connection by itself breaks no rule with that.
func TestClosesFirst(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			conn.Close(4000, "go away")
		}
	}))
	t.Cleanup(server.Close)
	r := run(t, context.Background(), "ws"+strings.TrimPrefix(server.URL, "http"), check.Options{Timeout: aMinute}, "opcode", "reserved", "control", "frame.length", "live/pongs")
	if r.Server.Facts.ClosesFirst != 4000 {
		t.Errorf("closes first with %d", r.Server.Facts.ClosesFirst)
	}
	for _, f := range r.Findings {
		if f.Verdict == check.Fail {
			t.Errorf("%s: %s", f.ID, f.Received)
		}
	}
}
