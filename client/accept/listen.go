package accept

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"path"
	"time"

	"wsx/client"

	"wsx/client/dial"
	"wsx/errno"
	"wsx/listener"
)

// requestTimeout bounds how long a client may take to send its request, TLS handshake included.
const requestTimeout = 10 * time.Second

// Listen binds an address: HOST:PORT, PORT or unix:PATH, as listener.Listen takes it; ctx bounds the binding only. Events are
// reported to handler once Run is called. It uses TLS if o.CertFile is set. Of the other dial options only Subprotocols,
// NoCompress, MinVersion, KeyLog and ShowSecrets have an effect. The error is a *dial.UsageError, a *client.CertificateError,
// or that of the operating system.
func Listen(ctx context.Context, address string, o client.Options, rules Options, handler client.Handler) (*Acceptor, error) {
	if err := rules.check(o); err != nil {
		return nil, err
	}
	if _, _, err := listener.Parse(address); err != nil {
		return nil, &dial.UsageError{Message: err.Error()}
	}
	certificate, err := o.Certificate(ctx)
	if err != nil {
		return nil, &client.CertificateError{Err: err}
	}
	socket, err := listener.Listen(ctx, address)
	if err != nil {
		return nil, bindError(address, err)
	}
	a := &Acceptor{options: o, rules: rules, handler: handler, socket: socket, ended: make(chan struct{})}
	a.changed.L = &a.mu
	a.url = listener.URL(socket.Addr(), certificate != nil)
	a.http = &http.Server{Handler: a, ReadHeaderTimeout: requestTimeout, ErrorLog: log.New(io.Discard, "", 0)}
	if certificate != nil {
		a.socket = tls.NewListener(socket, serverTLS(o, *certificate))
	}
	return a, nil
}

// check returns an error for options that an acceptor does not support.
func (rules Options) check(o client.Options) error {
	for _, pattern := range rules.Origins {
		if _, err := path.Match(pattern, ""); err != nil {
			return &dial.UsageError{Message: fmt.Sprintf("origin pattern %q: %v", pattern, err)}
		}
	}
	switch {
	case o.Reconnect:
		return &dial.UsageError{Message: "a listener cannot reconnect: clients connect to it"}
	case o.HTTP != dial.HTTP1:
		return &dial.UsageError{Message: "a listener accepts HTTP/1.1 only", Reason: dial.ListenHTTPVersion}
	}
	if err := o.CheckSession(); err != nil {
		return err
	}
	return o.Options.Check()
}

func serverTLS(o client.Options, certificate tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   o.MinVersion,
		KeyLogWriter: o.KeyLog,
		NextProtos:   []string{"http/1.1"},
	}
}

// bindError shortens the error of an address that cannot be bound.
func bindError(address string, err error) error {
	return fmt.Errorf("listen on %s: %w", address, errno.Cause(err))
}
