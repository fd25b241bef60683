//go:build linux || darwin

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/coder/websocket"
)

// listenNear listens on the port that a picture shows, or the next that is free, and returns which it is.
func listenNear[L any](port int, listen func(address string) (L, error)) (bound L, free string, err error) {
	for candidate := port; candidate < port+100; candidate++ {
		if bound, err = listen(fmt.Sprintf("127.0.0.1:%d", candidate)); err == nil {
			return bound, strconv.Itoa(candidate), nil
		}
	}
	return bound, "", err
}

// serving returns a function that serves a handler on an address, until the listener is closed.
func serving(handler http.Handler) func(address string) (net.Listener, error) {
	return func(address string) (net.Listener, error) {
		bound, err := net.Listen("tcp", address)
		if err == nil {
			go http.Serve(bound, handler) // ended by closing the listener
		}
		return bound, err
	}
}

// answer calls a function with each message of a WebSocket, and with another that sends a text.
func answer(subprotocol string, handle func(message []byte, send func(text string))) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			_, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			handle(message, func(text string) { conn.Write(r.Context(), websocket.MessageText, []byte(text)) })
		}
	}
}

// quotes answers a subscription with two prices, by the rules of graphql-transport-ws, and a query with its sum.
func quotes() http.HandlerFunc {
	return answer("graphql-transport-ws", func(text []byte, send func(string)) {
		var message struct{ ID, Type string }
		json.Unmarshal(text, &message)
		switch message.Type {
		case "connection_init":
			send(`{"type":"connection_ack"}`)
		case "subscribe":
			for _, bid := range []string{"1.0821", "1.0823"} {
				send(fmt.Sprintf(`{"id":%q,"type":"next","payload":{"data":{"quote":{"pair":"EUR/USD","bid":%s}}}}`, message.ID, bid))
			}
			send(fmt.Sprintf(`{"id":%q,"type":"complete"}`, message.ID))
		}
	})
}

// account answers calls of JSON-RPC, and sends a price after the first.
func account() http.HandlerFunc {
	return answer("", func(text []byte, send func(string)) {
		var call struct {
			ID     json.RawMessage
			Method string
		}
		json.Unmarshal(text, &call)
		if call.Method != "balance" {
			send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no method %s"}}`, call.ID, call.Method))
			return
		}
		send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"owner":"ann","amounts":{"EUR":120.5,"USD":null}}}`, call.ID))
		send(`{"jsonrpc":"2.0","method":"price","params":["EUR/USD",1.0823]}`)
	})
}

// echoUnchecked is an echo server with the defaults of a library, which does not check that text is UTF-8.
func echoUnchecked(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	for {
		kind, payload, err := conn.Read(r.Context())
		if err != nil || conn.Write(r.Context(), kind, payload) != nil {
			return
		}
	}
}
