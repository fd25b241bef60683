// Command ethereum serves JSON-RPC over WebSocket with go-ethereum's rpc package, for tests.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/ethereum/go-ethereum/rpc"
)

// calculator has the methods that are served as calc_…
type calculator struct{}

func (calculator) Add(a, b int) int { return a + b }

func (calculator) Fail() error { return errors.New("it failed") }

// Ticks is a subscription to the numbers from 1.
func (calculator) Ticks(ctx context.Context, count int) (*rpc.Subscription, error) {
	notifier, ok := rpc.NotifierFromContext(ctx)
	if !ok {
		return nil, rpc.ErrNotificationsUnsupported
	}
	subscription := notifier.CreateSubscription()
	go func() { // ended by the count
		for i := 1; i <= count; i++ {
			notifier.Notify(subscription.ID, i)
		}
	}()
	return subscription, nil
}

func main() {
	server := rpc.NewServer()
	if err := server.RegisterName("calc", calculator{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening on ws://%s/\n", listener.Addr())
	http.Serve(listener, server.WebsocketHandler([]string{"*"}))
}
