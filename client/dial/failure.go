package dial

// UsageError is a wish that cannot be meant: an option, a URL, a header line. It is found before anything is dialed.
type UsageError struct {
	Message string
	Hint    string // the next step; "" = we know none
}

func (e *UsageError) Error() string { return e.Message }

// Kind tells the kinds of Error apart.
type Kind string

// The kinds of Error, spelled as error events spell them.
const (
	ConnectFailed   Kind = "connect"   // a name, TCP, a proxy, or too slow at any step
	TLSFailed       Kind = "tls"       // a certificate, its name, a version
	HandshakeFailed Kind = "handshake" // the upgrade was refused, or answered wrongly
)

// Step is how far connecting had come.
type Step string

// The steps of connecting, in their order.
const (
	NameStep    Step = "name"
	TCPStep     Step = "tcp"
	ProxyStep   Step = "proxy"
	TLSStep     Step = "tls"
	UpgradeStep Step = "upgrade"
)

// Error is why there is no session. Its texts may quote the other side, raw: sanitize before showing them.
type Error struct {
	Kind      Kind
	Step      Step
	What      string     // was tried, on what: "connect to 127.0.0.1:1"
	Why       string     // it failed: "connection refused"
	Hint      string     // the next step; "" = we know none
	Err       error      // the cause; nil if there is no other than Why
	Handshake *Handshake // as far as it came: timing, certificates, what was sent and received; never nil
	Refusal   *Refusal   // what a server or proxy said instead; nil if it said nothing in HTTP

	proxy *proxy // that was on the way, nil = none
}

func (e *Error) Error() string { return e.What + ": " + e.Why }

func (e *Error) Unwrap() error { return e.Err }
