package dial

import "errors"

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

// errConnectTimeout ends the context of a dial when Options.ConnectTimeout has passed.
var errConnectTimeout = errors.New("connect timeout")
