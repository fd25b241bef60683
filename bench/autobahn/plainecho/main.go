// Plainecho is an echo client on coder/websocket. Its verdicts are known
// (366 of 517 OK; no UTF-8 check, no window bits), so it shows that the harness is right.
//
//	go build -o /tmp/plainecho ./bench/autobahn/plainecho
//	go run ./bench/autobahn --client '/tmp/plainecho {url}'
package main

import (
	"context"
	"log"
	"os"

	"github.com/coder/websocket"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: plainecho URL")
	}
	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, os.Args[1], &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		log.Fatal(err)
	}
	conn.SetReadLimit(-1)
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if err := conn.Write(ctx, kind, data); err != nil {
			return
		}
	}
}
