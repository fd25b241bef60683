package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/server"
)

// shutdownTime is how long clients of a server that ends may take to say goodbye.
const shutdownTime = 5 * time.Second

// serveCommand runs a small server to talk to.
func serveCommand(s environment) *cobra.Command {
	var o server.Options
	var every = duration(10 * time.Second)
	var maxMessage size
	var log bool
	cmd := &cobra.Command{
		Use:       "serve [echo|clock|chat]",
		Short:     "run a small server to talk to",
		Long:      "wsx serve runs a small WebSocket server.\n\n" + behaviours(),
		Example:   "  wsx serve                        echo on 127.0.0.1:8080\n  wsx serve chat --addr :9000 --log",
		Args:      words(1),
		ValidArgs: behaviourNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Behaviour = args[0]
			}
			if every == 0 {
				return &dial.UsageError{Message: "the clock cannot speak every 0s: give a positive time"}
			}
			o.Every, o.MaxMessage = time.Duration(every), int64(maxMessage)
			if log || o.JSON {
				o.Log = s.stderr
			}
			return serve(s, o)
		},
	}
	set := cmd.Flags()
	set.SortFlags = false
	set.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 picks a free one")
	set.Var(&every, "every", "how often the clock speaks")
	set.VarP((*list)(&o.Subprotocols), "subprotocol", "s", "agree to the subprotocol `NAME`; repeatable")
	set.BoolVar(&o.NoCompress, "no-compress", false, "do not agree to permessage-deflate")
	set.Var(&maxMessage, "max-message", "refuse messages over `SIZE`")
	set.Var((*list)(&o.Origins), "origin", "let pages of other sites in whose host matches `PATTERN`; repeatable")
	set.BoolVar(&o.TLS.SelfSigned, "tls", false, "serve wss with a certificate made on the spot")
	set.BoolVar(&o.HTTP2, "http2", false, "speak HTTP/2 as well")
	set.BoolVar(&o.HTTP3, "http3", false, "speak HTTP/3 as well, with TLS, on the UDP port of the same number")
	set.StringVar(&o.TLS.Out, "tls-out", "", "and write that certificate to `FILE`, for --ca")
	set.StringVar(&o.TLS.CertFile, "cert", "", "serve wss with the certificate in the PEM `FILE`")
	set.StringVar(&o.TLS.KeyFile, "key", "", "and its key in `FILE`")
	set.BoolVar(&log, "log", false, "log one line a connection and message on standard error")
	set.BoolVar(&o.JSON, "json", false, "log JSON objects")
	return cmd
}

func behaviours() string {
	var text strings.Builder
	for _, one := range server.Behaviours() {
		fmt.Fprintf(&text, "  %-7s %s\n", one.Name, one.Help)
	}
	return text.String()
}

func behaviourNames() []string {
	var names []string
	for _, one := range server.Behaviours() {
		names = append(names, one.Name)
	}
	return names
}

// serve listens until a signal comes, says goodbye to every client, and ends well.
func serve(s environment, o server.Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	running, err := server.Listen(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "listening on %s (Ctrl-C ends)\n", running.URL())
	if print := running.Fingerprint(); print != "" {
		fmt.Fprintf(s.stderr, "certificate SHA-256 %s\n", print)
	}
	select {
	case <-ctx.Done():
	case <-running.Done():
		return running.Err()
	}
	stop() // a second signal ends the program as signals do
	ending, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := running.Shutdown(ending); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
