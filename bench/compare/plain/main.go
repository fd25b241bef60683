// Plain is the simplest client with coder/websocket: one library call a line, one print a message.
//
//	plain [-receive] [-binary SIZE] URL
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/coder/websocket"
)

func main() {
	receiveOnly := flag.Bool("receive", false, "only receive")
	binary := flag.Int("binary", 0, "send binary messages of this `size`; print messages without line ends")
	flag.Parse()
	if err := run(flag.Arg(0), *receiveOnly, *binary); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

func run(url string, receiveOnly bool, size int) error {
	ctx := context.Background()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		return err
	}
	conn.SetReadLimit(64 << 20)
	received := make(chan error, 1)
	go func() { received <- receive(ctx, conn, size == 0) }()
	if receiveOnly {
		return <-received
	}
	if size > 0 {
		err = sendBinary(ctx, conn, size)
	} else {
		err = sendLines(ctx, conn)
	}
	if err != nil {
		return err
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}

func sendLines(ctx context.Context, conn *websocket.Conn) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := conn.Write(ctx, websocket.MessageText, lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func sendBinary(ctx context.Context, conn *websocket.Conn, size int) error {
	message := make([]byte, size)
	for {
		if _, err := io.ReadFull(os.Stdin, message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageBinary, message); err != nil {
			return err
		}
	}
}

// receive prints messages until the server closes.
func receive(ctx context.Context, conn *websocket.Conn, lines bool) error {
	for {
		_, message, err := conn.Read(ctx)
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return nil
		}
		if err != nil {
			return err
		}
		if lines {
			fmt.Fprintln(os.Stdout, string(message))
		} else {
			os.Stdout.Write(message)
		}
	}
}
