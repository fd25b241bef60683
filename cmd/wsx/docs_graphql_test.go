//go:build linux || darwin

package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// serveGreetings answers a GraphQL subscription with five greetings, by the rules of graphql-transport-ws: a client with another
// subprotocol, or that subscribes before connection_ack, is rejected.
func serveGreetings(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	if conn.Subprotocol() == "" {
		conn.Close(4406, "Subprotocol not acceptable")
		return
	}
	acknowledged := false
	for {
		_, text, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		var message struct{ ID, Type string }
		json.Unmarshal(text, &message)
		send := func(text string) { conn.Write(r.Context(), websocket.MessageText, []byte(text)) }
		switch {
		case message.Type == "connection_init":
			acknowledged = true
			send(`{"type":"connection_ack"}`)
		case !acknowledged:
			conn.Close(4401, "Unauthorized")
			return
		case message.Type == "subscribe":
			for _, word := range []string{"Hi", "Bonjour", "Hola", "Ciao", "Zdravo"} {
				send(fmt.Sprintf(`{"id":%q,"type":"next","payload":{"data":{"greetings":%q}}}`, message.ID, word))
			}
			send(fmt.Sprintf(`{"id":%q,"type":"complete"}`, message.ID))
		}
	}
}
