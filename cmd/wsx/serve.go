package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/server"
)

// serveCommand returns the command wsx serve.
func serveCommand(s environment) *cobra.Command {
	var o server.Options
	var every = value.Duration(10 * time.Second)
	var maxMessage value.Size
	var port uint16
	var replay replayFlags
	var log bool
	cmd := &cobra.Command{
		Use:       "serve [" + strings.Join(behaviourNames(), "|") + "] [ADDRESS]",
		Short:     "run a small server to test clients with",
		Long:      "wsx serve runs a small WebSocket server that answers by itself. (wsx -l PORT sends clients what you type.) ADDRESS is the same as for --addr.\n\n" + behaviours(),
		Example:   "  wsx serve                        echo on 127.0.0.1:8080\n  wsx serve 9000                   echo on 127.0.0.1:9000\n  wsx serve chat --addr :9000 --log\n  wsx serve --addr unix:/run/echo.sock\n  wsx serve --replay FILE --match jq:.id",
		Args:      maxArgs(2),
		ValidArgs: behaviourNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			named, err := serveAddress(&args, cmd.Flags().Changed("addr"), cmd.Flags().Changed("port"), port)
			if err != nil {
				return err
			}
			if named != "" {
				o.Addr = named
			}
			if len(args) == 1 {
				o.Behaviour = args[0]
			}
			if err := maxArgs(1)(cmd, args); err != nil {
				return err
			}
			if every == 0 {
				return &dial.UsageError{Message: "the interval of the clock must be positive, not 0s"}
			}
			o.Every, o.MaxMessage = time.Duration(every), int64(maxMessage)
			if log || o.JSON {
				o.Log = s.stderr
			}
			failed, err := replay.open(s, cmd.Flags(), &o)
			if err != nil {
				return err
			}
			return serve(s, o, failed)
		},
	}
	set := cmd.Flags()
	set.SortFlags = false
	set.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "listen on `ADDRESS`: HOST:PORT, PORT on 127.0.0.1, or unix:PATH; port 0 picks a free port")
	set.Uint16Var(&port, "port", 8080, "listen on `PORT` on 127.0.0.1")
	set.Var(&every, "every", "interval of the clock")
	set.VarP((*value.List)(&o.Subprotocols), "subprotocol", "s", "accept the subprotocol `NAME`; repeatable")
	set.BoolVar(&o.NoCompress, "no-compress", false, "do not accept permessage-deflate")
	set.Var(&maxMessage, "max-message", "refuse messages larger than `SIZE`")
	set.Var((*value.List)(&o.Origins), "origin", "accept web pages from other hosts that match `PATTERN`; repeatable")
	set.BoolVar(&o.TLS.SelfSigned, "tls", false, "serve wss with a certificate that is generated at the start")
	set.BoolVar(&o.HTTP2, "http2", false, "serve HTTP/2 as well")
	set.BoolVar(&o.HTTP3, "http3", false, "serve HTTP/3 as well, on the UDP port with the same number; needs TLS")
	set.StringVar(&o.TLS.Out, "tls-out", "", "write the certificate of --tls to `FILE`, for --ca of a client")
	set.StringVar(&o.TLS.CertFile, "cert", "", "serve wss with the certificate in the PEM `FILE`")
	set.StringVar(&o.TLS.KeyFile, "key", "", "use the private key in the PEM `FILE`")
	replay.declare(set)
	set.BoolVar(&log, "log", false, "log each connection and each message on standard error, one per line")
	set.BoolVar(&o.JSON, "json", false, "log as JSON objects")
	return cmd
}

// serveAddress returns the address that the last argument or --port names; "" = neither. It removes the argument from args.
func serveAddress(args *[]string, addr, port bool, number uint16) (string, error) {
	address := ""
	if n := len(*args); n > 0 && isAddress((*args)[n-1]) {
		address = (*args)[n-1]
		*args = (*args)[:n-1]
	}
	switch {
	case address != "" && (addr || port), addr && port:
		return "", &dial.UsageError{Message: "the address to listen on was given twice"}
	case port:
		return strconv.Itoa(int(number)), nil
	}
	return address, nil
}

// isAddress reports whether a word is an address, and not the name of a behaviour.
func isAddress(word string) bool {
	_, err := strconv.Atoi(word)
	return err == nil || strings.Contains(word, ":")
}

func behaviours() string {
	return linesOf(server.Behaviours(), func(b server.Behaviour) string { return fmt.Sprintf("  %-9s %s", b.Name, b.Help) })
}

// serve runs a server until SIGINT or SIGTERM, then closes all connections and returns nil. An error from failed ends it as
// well, and is returned.
func serve(s environment, o server.Options, failed <-chan error) error {
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
	var result error
	select {
	case <-ctx.Done():
	case result = <-failed:
	case <-running.Done():
		return running.Err()
	}
	stop() // a second signal ends the program as signals do
	ending, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := running.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return result
}
