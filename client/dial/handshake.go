package dial

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"time"

	"wsx/client/wire"
)

// Handshake is the result of an opening handshake, with its requests and timing; the Detail of a KindOpen event.
type Handshake struct {
	Accepted    bool                 // this side accepted a client
	URL         string               // as dialed last, after redirects, without user info; if Accepted, as the client requested it
	Redirects   []string             // that led there, "301 from ws://a/ to ws://b/"
	HTTP        string               // "HTTP/1.1", "HTTP/2.0" or "HTTP/3.0"
	Status      int                  // 101, or 200 over HTTP/2 and HTTP/3
	Subprotocol string               // as chosen by the server; "" = none
	Extensions  string               // as accepted by the server; "" = none
	Header      http.Header          // of the response
	Request     []string             // request line and header lines as sent, secrets redacted unless Options.ShowSecrets
	Response    []string             // status line and header lines as received, Set-Cookie redacted likewise
	Local       string               // our address
	Remote      string               // the server's, or the proxy's, address
	Proxy       string               // the proxy and what named it, without a password; "" = none
	Direct      string               // why a proxy of the environment was not used; "" = it names none, or one was used
	TLS         *tls.ConnectionState // nil without TLS
	Timing      Timing
}

// Timing has the duration of each step of connecting; 0 = the step was not needed.
type Timing struct {
	DNS, Connect, Proxy, TLS, Upgrade time.Duration
}

// Of returns the duration of a step. Over QUIC, TLS is a part of connecting.
func (t Timing) Of(step Step) time.Duration {
	if step == TLSStep && t.TLS == 0 {
		step = TCPStep
	}
	return map[Step]time.Duration{NameStep: t.DNS, TCPStep: t.Connect, ProxyStep: t.Proxy, TLSStep: t.TLS, UpgradeStep: t.Upgrade}[step]
}

// String returns the steps that were needed, in order: "dns 1ms, connect 2ms, upgrade 3ms".
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

// Conn is an upgraded connection: a stream that begins with the first frame, and the result of the handshake.
type Conn struct {
	Stream    io.ReadWriteCloser
	Handshake *Handshake
	Deflate   *wire.Deflate // nil = not agreed
}
