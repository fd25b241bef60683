package accept

import (
	"errors"
	"net/http"
)

// Options configure which clients are accepted, and when accepting ends: with the zero value, when the first client
// disconnects.
type Options struct {
	Origins []string                   // patterns (path.Match) of further hosts whose pages may connect; "*" = all
	Host    func(*http.Request) string // the host whose pages may always connect; nil = the host of the request
	All     bool                       // accept any number of clients at once; false = one, others are rejected while it is connected
	Stay    bool                       // accepting goes on after a client has disconnected
	Wait    bool                       // sends wait for a client; false = they fail with ErrNoClient
	Guard   func()                     // deferred by every goroutine of the acceptor; nil = nothing is deferred
}

// ErrNoClient is returned by sends while no client is connected.
var ErrNoClient = errors.New("no client is connected: the message was not sent")
