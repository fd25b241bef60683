package render

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
)

// eventsOfEveryKind has an event of every kind, and its JSON.
func eventsOfEveryKind() []struct {
	event client.Event
	want  string
} {
	return []struct {
		event client.Event
		want  string
	}{
		{
			client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{
				URL: "ws://127.0.0.1:8080/", HTTP: "HTTP/1.1", Status: 101, Subprotocol: "chat", Extensions: "permessage-deflate",
				Header:  http.Header{"Server": {"x"}, "Set-Cookie": {"id=secret"}},
				Request: []string{"GET / HTTP/1.1", "Host: 127.0.0.1:8080"},
			}},
			`{"v":1,"time":"2026-11-20T12:00:00.000000001Z","event":"open","url":"ws://127.0.0.1:8080/","http":"HTTP/1.1","status":101,"subprotocol":"chat","extensions":"permessage-deflate","headers":{"Server":["x"],"Set-Cookie":["id=[redacted]"]},"request":["GET / HTTP/1.1","Host: 127.0.0.1:8080"]}`,
		},
		{
			client.Event{Kind: client.KindInvalid, Type: client.Text, First: true, Last: true, Payload: []byte("caf\xe9")},
			`{"time":"2026-11-20T12:00:00.000000001Z","event":"message","dir":"in","type":"text","bytes":4,"data":"Y2Fm6Q==","encoding":"base64"}`,
		},
		{
			client.Event{Kind: client.KindListening, Detail: &client.Listening{URL: "ws://127.0.0.1:8080/"}},
			`{"v":1,"time":"2026-11-20T12:00:00.000000001Z","event":"listen","url":"ws://127.0.0.1:8080/"}`,
		},
		{
			client.Event{Kind: client.KindRejected, Detail: &client.RejectedClient{Remote: "127.0.0.1:5", URI: "/x", Err: errors.New("no \x1b")}},
			`{"time":"2026-11-20T12:00:00.000000001Z","event":"refused","remote":"127.0.0.1:5","uri":"/x","message":"no \u001b"}`,
		},
		{
			client.Event{Kind: client.KindOpen, Peer: 2, Detail: &dial.Handshake{
				Accepted: true, URL: "ws://127.0.0.1:8080/x", HTTP: "HTTP/1.1", Status: 101, Remote: "127.0.0.1:5", Header: http.Header{"Upgrade": {"websocket"}},
			}},
			`{"v":1,"time":"2026-11-20T12:00:00.000000001Z","event":"open","client":2,"url":"ws://127.0.0.1:8080/x","http":"HTTP/1.1","status":101,"subprotocol":"","extensions":"","remote":"127.0.0.1:5","headers":{"Upgrade":["websocket"]}}`,
		},
		{client.Event{Kind: client.KindPing, Peer: 2, Payload: []byte("beat")}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"ping","client":2,"dir":"in","bytes":4,"data":"beat"}`},
		{textMessage("hello"), `{"time":"2026-11-20T12:00:00.000000001Z","event":"message","dir":"in","type":"text","bytes":5,"data":"hello"}`},
		{sent(binaryMessage("\x00\x01\x02")), `{"time":"2026-11-20T12:00:00.000000001Z","event":"message","dir":"out","type":"binary","bytes":3,"data":"AAEC","encoding":"base64"}`},
		{textMessage("a\xff"), `{"time":"2026-11-20T12:00:00.000000001Z","event":"message","dir":"in","type":"text","bytes":2,"data":"Yf8=","encoding":"base64"}`},
		{client.Event{Kind: client.KindPing, Payload: []byte("beat")}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"ping","dir":"in","bytes":4,"data":"beat"}`},
		{client.Event{Kind: client.KindPong, Dir: client.Out, Payload: []byte("\x80")}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"pong","dir":"out","bytes":1,"data":"gA==","encoding":"base64"}`},
		{client.Event{Kind: client.KindClose, Code: 1000, Payload: []byte("bye")}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"close","dir":"in","code":1000,"reason":"bye"}`},
		{client.Event{Kind: client.KindClose, Dir: client.Out, Code: 1005}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"close","dir":"out","code":1005,"reason":""}`},
		{
			client.Event{Kind: client.KindFrame, Detail: &wire.Trace{Out: true, Fin: true, Opcode: wire.Text, Length: 5, Masked: true, Mask: [4]byte{0x16, 0x39, 0x8f, 0x63}}},
			`{"time":"2026-11-20T12:00:00.000000001Z","event":"frame","dir":"out","fin":true,"rsv":0,"opcode":"text","bytes":5,"mask":"16398f63"}`,
		},
		{
			client.Event{Kind: client.KindFrame, Detail: &wire.Trace{Rsv: 4, Opcode: wire.Binary, Length: 7, Compressed: true, Inflated: 90}},
			`{"time":"2026-11-20T12:00:00.000000001Z","event":"frame","dir":"in","fin":false,"rsv":4,"opcode":"binary","bytes":7,"inflated":90}`,
		},
		{client.Event{Kind: client.KindRetry, Detail: &client.Attempt{After: 500 * time.Millisecond, Attempt: 1}}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"retry","after":"500ms","attempt":1}`},
		{client.Event{Kind: client.KindGap, Detail: &client.Gap{Count: 7}}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"gap","count":7}`},
		{client.Event{Kind: client.KindUnconfirmed, Detail: &client.Unconfirmed{First: 3, Last: 5, Count: 3}}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"doubt","first":3,"last":5,"count":3}`},
		{
			client.Event{Kind: client.KindError, Detail: error(&dial.Error{Kind: dial.HandshakeFailed, What: "upgrade ws://h/", Why: "404 Not Found", Reason: dial.NotFound})},
			`{"time":"2026-11-20T12:00:00.000000001Z","event":"error","kind":"handshake","message":"upgrade ws://h/: 404 Not Found","hint":"is the path right?"}`,
		},
		{client.Event{Kind: client.KindError, Detail: errors.New("disk full")}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"error","kind":"io","message":"disk full"}`},
		{client.Event{Kind: client.KindEnd, Detail: &End{client.Summary{Code: 1000, Sent: 2, Received: 2}, 0}}, `{"time":"2026-11-20T12:00:00.000000001Z","event":"end","exit":0,"code":1000,"sent":2,"received":2}`},
	}
}

func TestJSON(t *testing.T) {
	for _, c := range eventsOfEveryKind() {
		c.event.Time = noon
		same(t, c.want[:60], shown(t, &JSON{Hinter: pathHint}, c.event), c.want+"\n")
	}
}

func TestJSONFragments(t *testing.T) {
	in, out := fragments(textMessage("héllo"), 2), fragments(sent(binaryMessage("abc")), 1)
	var mixed []client.Event
	for i := range in {
		mixed = append(mixed, in[i])
		if i < len(out) {
			mixed = append(mixed, out[i])
		}
	}
	got := shown(t, &JSON{}, mixed...)
	for _, want := range []string{`"bytes":6,"data":"héllo"}`, `"bytes":3,"data":"YWJj","encoding":"base64"}`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%s is not once in %s", want, got)
		}
	}
}

func TestJSONMaxMessage(t *testing.T) {
	j := &JSON{MaxMessage: 4}
	got := shown(t, j, fragments(textMessage("aaaüü"), 2)...)
	if !strings.Contains(got, `"bytes":7,"data":"aaa","truncated":true}`) {
		t.Errorf("got %s", got)
	}
	if got = shown(t, j, fragments(textMessage("next"), 3)...); !strings.Contains(got, `"bytes":4,"data":"next"}`) {
		t.Errorf("then %s", got)
	}
}

func TestJSONTimes(t *testing.T) {
	j := &JSON{}
	for _, at := range []time.Time{noon, noon.Add(999999998), noon.Add(time.Second), noon.Add(-time.Nanosecond * 2)} {
		e := textMessage("x")
		e.Time = at.In(time.FixedZone("elsewhere", 3600))
		want := `{"time":"` + at.UTC().Format("2006-01-02T15:04:05.000000000Z") + `"`
		if got := shown(t, j, e); !strings.HasPrefix(got, want) {
			t.Errorf("got %.50s, want %s", got, want)
		}
	}
}

func TestSecretsAreShownOnRequest(t *testing.T) {
	open := eventsOfEveryKind()[0].event
	if got := shown(t, &JSON{ShowSecrets: true}, open); !strings.Contains(got, "id=secret") {
		t.Errorf("got %s", got)
	}
}

// FuzzJSON checks that encoding/json reads what was shown, that nothing is lost, and that a terminal could
// show it.
func FuzzJSON(f *testing.F) {
	f.Add([]byte("hello \"quoted\"\\\n\x00\x7f"), false)
	f.Add([]byte("\u202e\u2028\U000e0041 👩‍💻"), false)
	f.Add([]byte("\xff"), true)
	f.Fuzz(func(t *testing.T, payload []byte, isBinary bool) {
		e := textMessage(string(payload))
		if isBinary {
			e.Type = client.Binary
		}
		line := shown(t, &JSON{}, e)
		for _, r := range strings.TrimSuffix(line, "\n") {
			if isHidden(r) {
				t.Fatalf("%q: U+%04X is left in %q", payload, r, line)
			}
		}
		if isBinary || !utf8.Valid(payload) {
			var got struct{ Data []byte }
			if err := json.Unmarshal([]byte(line), &got); err != nil || string(got.Data) != string(payload) {
				t.Fatalf("%q became %q: %v", payload, line, err)
			}
			return
		}
		var got struct{ Data string }
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Data != string(payload) {
			t.Fatalf("%q became %q: %v", payload, line, err)
		}
	})
}

// TestLongMessagesInJSON compares messages that are written in chunks with what the standard library makes of them.
func TestLongMessagesInJSON(t *testing.T) {
	for _, c := range []struct {
		kind    client.Type
		payload string
	}{
		{client.Text, strings.Repeat("aé€😀\"\\\n\x01", longData/8)}, {client.Text, strings.Repeat("€", longData)}, {client.Text, strings.Repeat("\xff", longData+1)},
		{client.Binary, strings.Repeat("\x00\xff", longData/2+1)}, {client.Binary, strings.Repeat("x", longData+1)}, {client.Binary, strings.Repeat("x", longData+2)},
	} {
		e := client.Event{Kind: client.KindMessage, Type: c.kind, First: true, Last: true, Payload: []byte(c.payload)}
		var event struct{ Data, Encoding string }
		if err := json.Unmarshal([]byte(shown(t, &JSON{}, e)), &event); err != nil {
			t.Fatal(err)
		}
		got := event.Data
		if event.Encoding == "base64" {
			decoded, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatal(err)
			}
			got = string(decoded)
		}
		if got != c.payload {
			t.Errorf("%d bytes %.8q became %d bytes %.8q", len(c.payload), c.payload, len(got), got)
		}
	}
}
