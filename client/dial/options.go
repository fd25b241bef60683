package dial

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"wsx/client/wire"
)

// noProxy is the value of Options.Proxy for no proxy, not even that of the environment.
const noProxy = "none"

// HTTPVersion is the version of HTTP that carries the opening handshake.
type HTTPVersion uint8

// The versions that carry WebSocket: RFC 6455, RFC 8441 and RFC 9220.
const (
	HTTP1 HTTPVersion = iota
	HTTP2
	HTTP3
)

// Defaults for options left at zero.
const (
	DefaultConnectTimeout = 10 * time.Second
	DefaultMaxRedirects   = 10
	defaultUserAgent      = "wsx"
)

// AskFunc shows a prompt, and returns the secret that the user enters. It returns the cause of the end of ctx as soon as that ends.
type AskFunc func(ctx context.Context, prompt string) (string, error)

// Options configure how a connection is opened. The zero value connects directly, and does not read the environment.
type Options struct {
	// The opening handshake.
	Header       []HeaderLine // sent in this order; each replaces the default line of its name; a name may be repeated
	Host         string       // of the Host header; "" = as in the URL
	Origin       string       // "" = no such header
	UserAgent    string       // "" = defaultUserAgent
	Subprotocols []string     // offered, in the order of preference
	Cookies      []string     // each "name=value", or several joined by "; "
	NoCompress   bool         // do not offer permessage-deflate (RFC 7692)
	HTTP         HTTPVersion  // the zero value is HTTP/1.1
	Version      int          // of the WebSocket protocol: 0 and 13 mean 13, the only version

	// Credentials. The first that is set wins: an Authorization line in Header, Bearer, User, the URL, Netrc.
	User        string  // "user:password"; without a colon the password is asked for
	Bearer      string  // a token (RFC 6750)
	Netrc       string  // path of a .netrc; "" = none is read
	AskPassword AskFunc // nil = passwords cannot be asked for

	// Sign returns a signed path and query for a URL, which has the host of the Host header. It is called for each attempt to
	// connect, but not for other hosts that a redirect leads to. nil = the URL is not signed.
	Sign func(url string) (path string, err error)

	// TLS.
	Insecure      bool      // accept any certificate
	CAFiles       []string  // PEM files trusted instead of the system's roots; the name "system" adds those again
	CertFile      string    // client certificate, PEM or PKCS#12
	KeyFile       string    // its key, PEM; "" = it is in CertFile
	Passphrase    string    // of KeyFile or of a PKCS#12 CertFile
	AskPassphrase AskFunc   // called if a passphrase is needed and Passphrase is empty; nil = it cannot be asked for
	ServerName    string    // sent as SNI and verified in the certificate; "" = the URL's host
	MinVersion    uint16    // a tls.VersionTLS constant; 0 = TLS 1.2
	PinSHA256     []string  // the server's key must hash to one of these: base64 or hex, with or without "sha256//"
	KeyLog        io.Writer // gets the session keys in NSS format (SSLKEYLOGFILE); nil = they are not logged

	// Routing.
	Proxy      string              // URL or host:port; "" = that of Env, "none" = none
	Env        func(string) string // looks up HTTP_PROXY and the like; nil = the environment is empty
	Resolve    []string            // "HOST:PORT:ADDR[,ADDR]": the addresses of a name; HOST may be "*"
	ConnectTo  []string            // "HOST1:PORT1:HOST2:PORT2": connect to the second for the first; an empty part stands for any, or for the same
	IPv4Only   bool
	IPv6Only   bool
	UnixSocket string // path of a socket to connect to, whatever the URL
	Source     string // IP address of this machine to connect from; "" = the system chooses

	FollowRedirects bool
	MaxRedirects    int           // 0 = DefaultMaxRedirects, negative = do not follow any
	ConnectTimeout  time.Duration // for everything from the name to the upgrade; 0 = DefaultConnectTimeout, negative = no limit

	ShowSecrets bool // do not redact credentials in Handshake.Request and Response

	resolver *net.Resolver // nil = the system's; set by tests
}

// Check returns a *UsageError for options that cannot be used or contradict each other.
func (o Options) Check() error {
	for _, conflict := range []struct {
		is       bool
		sentence string
	}{
		{o.User != "" && o.Bearer != "", "use either a user or a bearer token, not both"},
		{o.Sign != nil && o.User+o.Bearer != "", "use either a signed URL or a user or bearer token, not both"},
		{o.IPv4Only && o.IPv6Only, "IPv4 only and IPv6 only leave no address to connect to"},
		{o.UnixSocket != "" && o.Proxy != "" && o.Proxy != noProxy, "a unix socket cannot be reached through a proxy"},
		{o.UnixSocket != "" && (o.IPv4Only || o.IPv6Only), "a unix socket has no IP version"},
		{o.Source != "" && net.ParseIP(o.Source) == nil, fmt.Sprintf("the address to connect from is not an IP address: %q", o.Source)},
		{o.KeyFile != "" && o.CertFile == "", "a private key needs a certificate: give both"},
		{o.Version != 0 && o.Version != 13, fmt.Sprintf("protocol version %d is not supported, only 13 is (RFC 6455)", o.Version)},
	} {
		if conflict.is {
			return &UsageError{Message: conflict.sentence}
		}
	}
	if err := checkSubprotocols(o.Subprotocols); err != nil {
		return err
	}
	return o.checkValues()
}

// checkValues checks the options that go into header lines.
func (o Options) checkValues() error {
	for _, value := range []struct{ what, text string }{
		{"host", o.Host}, {"origin", o.Origin}, {"user agent", o.UserAgent}, {"bearer token", o.Bearer},
	} {
		if err := checkValue(value.what, value.text); err != nil {
			return err
		}
	}
	for _, cookie := range o.Cookies {
		if err := checkValue("cookie", cookie); err != nil {
			return err
		}
	}
	for _, line := range o.Header {
		if err := line.check(); err != nil {
			return err
		}
	}
	return nil
}

// offer returns the value of Sec-WebSocket-Extensions to send; "" = no extension is offered.
func (o Options) offer() string {
	if o.NoCompress {
		return ""
	}
	return wire.Offer()
}

func (o Options) connectTimeout() time.Duration {
	return cmp.Or(o.ConnectTimeout, DefaultConnectTimeout)
}

func (o Options) maxRedirects() int {
	if !o.FollowRedirects || o.MaxRedirects < 0 {
		return 0
	}
	return cmp.Or(o.MaxRedirects, DefaultMaxRedirects)
}

// env looks up a variable in Env.
func (o Options) env(name string) string {
	if o.Env == nil {
		return ""
	}
	return o.Env(name)
}
