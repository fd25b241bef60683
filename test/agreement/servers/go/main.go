// Echo servers on three Go libraries, each as its documentation shows.
//
//	go run . gorilla|gobwas|coder PORT
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	coder "github.com/coder/websocket"
	gobwas "github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: echo gorilla|gobwas|coder PORT")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	handlers := map[string]http.HandlerFunc{"gorilla": echoGorilla, "gobwas": echoGobwas, "coder": echoCoder}
	fmt.Println("listening")
	log.Fatal(http.Serve(listener, handlers[os.Args[1]]))
}

func echoGorilla(w http.ResponseWriter, r *http.Request) {
	upgrader := gorilla.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil || conn.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func echoGobwas(w http.ResponseWriter, r *http.Request) {
	conn, _, _, err := gobwas.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		message, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, message) != nil {
			return
		}
	}
}

func echoCoder(w http.ResponseWriter, r *http.Request) {
	conn, err := coder.Accept(w, r, &coder.AcceptOptions{InsecureSkipVerify: true, CompressionMode: coder.CompressionContextTakeover})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	for {
		kind, message, err := conn.Read(context.Background())
		if err != nil || conn.Write(context.Background(), kind, message) != nil {
			return
		}
	}
}
