package dial

import (
	"crypto/tls"
	"net/url"
)

// Dialer holds everything that is needed to connect to a URL, so that it can connect again without asking for passwords or
// reading files twice. Several goroutines may call Dial at the same time after a first call has succeeded; until then Dial may
// ask for passwords.
type Dialer struct {
	options      Options
	target       Target
	pinned       []pinnedName
	connectRules []connectRule
	pins         []pin
	tls          *tls.Config
	certificate  *tls.Certificate // nil = none
	credentials  credentials
	proxyLogins  map[string]*url.Userinfo // by address of the proxy; as entered by the user
}
