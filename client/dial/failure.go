package dial

// UsageError is an option, a URL or a header line that cannot be used. It is returned before anything is dialed.
type UsageError struct {
	Message string
	Hint    string // the next step; "" = none, or Reason leads to it
	Reason  Reason // "" = Message and Hint are complete
}

func (e *UsageError) Error() string { return e.Message }

// HintText returns the next step; "" = there is none.
func (e *UsageError) HintText() string { return e.Hint }

// Facts returns the reason of the error; there are no other facts.
func (e *UsageError) Facts() (reason string, facts map[string]string) { return string(e.Reason), nil }

// Kind is the kind of an Error.
type Kind string

// The kinds of Error, spelled as error events spell them.
const (
	ConnectFailed   Kind = "connect"   // name lookup, TCP, a proxy, or a timeout at any step
	TLSFailed       Kind = "tls"       // a certificate, its name, a version
	HandshakeFailed Kind = "handshake" // the upgrade was refused, or the response is invalid
)

// Step is the step of connecting that failed.
type Step string

// The steps of connecting, in their order.
const (
	NameStep    Step = "name"
	TCPStep     Step = "tcp"
	ProxyStep   Step = "proxy"
	TLSStep     Step = "tls"
	UpgradeStep Step = "upgrade"
)

// Error is a failed attempt to connect. Its texts may quote the server verbatim, and must be escaped before they are shown.
type Error struct {
	Kind      Kind
	Step      Step
	What      string     // what was tried, on what: "connect to 127.0.0.1:1"
	Why       string     // why it failed: "connection refused"
	Reason    Reason     // of the failure, for a hint
	Err       error      // the cause; nil if Why is all there is
	Handshake *Handshake // as far as it got: timing, certificates, lines sent and received; never nil
	Refusal   *Refusal   // the HTTP response of a server or proxy that refused; nil without one

	facts map[string]string // what a hint may name
	proxy *proxy            // nil = none
}

func (e *Error) Error() string { return e.What + ": " + e.Why }

func (e *Error) Unwrap() error { return e.Err }

// Facts returns the reason of the failure, and what a hint may name in braces: host, port, path, plain and secure (the URL
// without and with TLS), origin, timeout, redirects, name, family, names, issuer, pin, status, scheme, location, versions,
// retryafter, error, proxyscheme, proxyaddress, variable (that names the proxy), credentials, sentorigin.
func (e *Error) Facts() (reason string, facts map[string]string) { return string(e.Reason), e.facts }
