package dial

import (
	"crypto/tls"
	"net/http"
	"strings"
	"time"
)

// Handshake is what an opening handshake agreed on, and how it went; the Detail of a KindOpen event.
type Handshake struct {
	Accepted    bool                 // the other side is a client, and came to us
	URL         string               // as dialed last, after redirects, without user info; as the client asked for it
	Redirects   []string             // that led there, "301 from ws://a/ to ws://b/"
	HTTP        string               // "HTTP/1.1", "HTTP/2.0" or "HTTP/3.0"
	Status      int                  // 101, or 200 over HTTP/2 and HTTP/3
	Subprotocol string               // the one chosen; "" = none
	Extensions  string               // as the server agreed to them; "" = none
	Header      http.Header          // of the response
	Request     []string             // request line and header lines as sent, secrets redacted unless Options.ShowSecrets
	Response    []string             // status line and header lines as received, Set-Cookie redacted likewise
	Local       string               // our address
	Remote      string               // the server's, or the proxy's, address
	Proxy       string               // through which proxy and why, "" = none; never with a password
	Direct      string               // why no proxy, although the environment names one; "" = it names none, or one was used
	TLS         *tls.ConnectionState // nil without TLS
	Timing      Timing
}

// Timing is how long each step of connecting took; 0 = the step was not needed.
type Timing struct {
	DNS, Connect, Proxy, TLS, Upgrade time.Duration
}

// Of is how long a step took. Over QUIC, TLS is a part of connecting.
func (t Timing) Of(step Step) time.Duration {
	if step == TLSStep && t.TLS == 0 {
		step = TCPStep
	}
	return map[Step]time.Duration{NameStep: t.DNS, TCPStep: t.Connect, ProxyStep: t.Proxy, TLSStep: t.TLS, UpgradeStep: t.Upgrade}[step]
}

// String is the steps that were needed, in their order: "dns 1ms, connect 2ms, upgrade 3ms".
func (t Timing) String() string {
	var steps []string
	for _, step := range []struct {
		name string
		took time.Duration
	}{{"dns", t.DNS}, {"connect", t.Connect}, {"proxy", t.Proxy}, {"tls", t.TLS}, {"upgrade", t.Upgrade}} {
		if step.took > 0 {
			steps = append(steps, step.name+" "+step.took.Round(10*time.Microsecond).String())
		}
	}
	return strings.Join(steps, ", ")
}
