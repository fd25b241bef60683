package dial

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
