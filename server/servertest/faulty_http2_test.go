package servertest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"wsx/http2"
)

// extendedCONNECT returns the fields of a request, with some of them replaced; a value of "" removes a field.
func extendedCONNECT(replaced ...string) []hpack.HeaderField {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: "CONNECT"}, {Name: ":protocol", Value: "websocket"}, {Name: ":scheme", Value: "http"},
		{Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/"}, {Name: "sec-websocket-version", Value: "13"},
	}
	for i := 0; i < len(replaced); i += 2 {
		for at := range fields {
			if fields[at].Name == replaced[i] {
				fields[at].Value = replaced[i+1]
			}
		}
	}
	var kept []hpack.HeaderField
	for _, f := range fields {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// TestFaultsOverHTTP2: for each fault, the correct server responds as wanted and the faulty server differs.
func TestFaultsOverHTTP2(t *testing.T) {
	const accepted = ":status=200, \x81\x01x\x88\x02\x03\xe8, EOF"
	for _, row := range []struct {
		fault  string
		fields []hpack.HeaderField
		want   string
	}{
		{"http2-method-accepted", extendedCONNECT(":method", "GET", ":protocol", ""), ":status=405 allow=CONNECT, , EOF"},
		{"http2-protocol-accepted", extendedCONNECT(":protocol", "other"), ":status=501, , EOF"},
		{"http2-status-201", extendedCONNECT(), accepted},
		{"http2-accept-sent", extendedCONNECT(), accepted},
		{"http2-connection-sent", extendedCONNECT(), accepted},
		{"http2-reset", extendedCONNECT(), accepted},
		{"version-accepted", extendedCONNECT("sec-websocket-version", "8"), ":status=426 sec-websocket-version=13, , EOF"},
		{"close-1005-sent", extendedCONNECT(), accepted}, // a fault of frames: shown below
	} {
		t.Run(row.fault, func(t *testing.T) {
			send := textFrame("x") + closeFrame(1000)
			if got := outcomeHTTP2(t, listenFaulty(t, "", ""), row.fields, send); got != row.want {
				t.Errorf("the correct server: %q, want %q", got, row.want)
			}
			if row.fault == "close-1005-sent" {
				send, row.want = closeFrame(0), ":status=200, \x88\x00, EOF"
			}
			if got := outcomeHTTP2(t, listenFaulty(t, row.fault, ""), row.fields, send); got == row.want {
				t.Errorf("the faulty server does the same: %q", got)
			}
		})
	}
}

// outcomeHTTP2 sends frames on a stream and describes all that the server sends.
func outcomeHTTP2(t *testing.T, f *Faulty, fields []hpack.HeaderField, send string) string {
	t.Helper()
	conn := http2.NewClient(dialFaulty(t, f))
	defer conn.Close()
	if err := conn.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	stream, err := conn.Open(fields)
	if err != nil {
		t.Fatal(err)
	}
	response, err := stream.Response(t.Context())
	if err != nil {
		return err.Error()
	}
	var head []string
	for _, field := range response {
		head = append(head, field.Name+"="+field.Value)
	}
	io.WriteString(stream, send)
	stream.CloseWrite()
	body, err := io.ReadAll(stream)
	end := "EOF"
	if reset := new(http2.ResetError); errors.As(err, &reset) {
		end = "reset"
	} else if err != nil {
		end = err.Error()
	}
	return fmt.Sprintf("%s, %s, %s", strings.Join(head, " "), body, end)
}
