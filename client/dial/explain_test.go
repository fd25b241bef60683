package dial

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"wsx/server/servertest"
)

// failureCase is a failing dial and its expected error. In message and facts {address}, {host} and {port} are the server's.
type failureCase struct {
	name    string
	serve   func(net.Conn)
	url     string // "" = ws://{address}/x
	o       Options
	kind    Kind
	step    Step
	message string // of the error
	reason  Reason
	facts   map[string]string // of those that a hint may name
}

// explains reports whether an error has a reason and, among others, these facts.
func (e *Error) explains(reason Reason, facts map[string]string) bool {
	for name, fact := range facts {
		if e.facts[name] != fact {
			return false
		}
	}
	return e.Reason == reason
}

func TestUpgradeFailures(t *testing.T) {
	const refused = "upgrade ws://{address}/x: "
	for _, c := range []failureCase{
		{name: "basic", serve: respondWith("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=x\n\n"),
			message: refused + "401 Unauthorized", reason: BasicRequired},
		{name: "bearer", serve: respondWith("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer\n\n"),
			message: refused + "401 Unauthorized", reason: BearerRequired},
		{name: "other scheme", serve: respondWith("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Negotiate\n\n"),
			message: refused + "401 Unauthorized", reason: SchemeUnsupported, facts: map[string]string{"scheme": "Negotiate"}},
		{name: "other scheme despite credentials", serve: respondWith("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=x\n\n"), o: Options{User: "a:b"},
			message: refused + "401 Unauthorized", reason: SchemeUnsupported, facts: map[string]string{"scheme": "Digest"}},
		{name: "no scheme", serve: respondWith("HTTP/1.1 401 Unauthorized\n\n"),
			message: refused + "401 Unauthorized", reason: CredentialsRequired},
		{name: "wrong credentials", serve: respondWith("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic\n\n"), o: Options{User: "a:b"},
			message: refused + "401 Unauthorized", reason: CredentialsRejected},
		{name: "forbidden", serve: respondWith("HTTP/1.1 403 Forbidden\n\n"),
			message: refused + "403 Forbidden", reason: Forbidden, facts: map[string]string{"origin": "http://{address}"}},
		{name: "forbidden origin", serve: respondWith("HTTP/1.1 403 Forbidden\n\n"), o: Options{Origin: "http://x"},
			message: refused + "403 Forbidden", reason: ForbiddenOrigin},
		{name: "not found", serve: respondWith("HTTP/1.1 404 Not Found\n\n"),
			message: refused + "404 Not Found: no WebSocket endpoint at this path?", reason: NotFound, facts: map[string]string{"path": "/x"}},
		{name: "no GET", serve: respondWith("HTTP/1.1 405 Method Not Allowed\n\n"),
			message: refused + "405 Method Not Allowed", reason: MethodNotAllowed, facts: map[string]string{"path": "/x"}},
		{name: "redirect", serve: respondWith("HTTP/1.1 302 Found\nLocation: /y\n\n"),
			message: refused + "302 Found", reason: Redirected, facts: map[string]string{"location": "/y"}},
		{name: "other versions", serve: respondWith("HTTP/1.1 426 Upgrade Required\nSec-WebSocket-Version: 7, 8\n\n"),
			message: refused + "426 Upgrade Required", reason: OtherVersion, facts: map[string]string{"versions": "7, 8"}},
		{name: "version by 400", serve: respondWith("HTTP/1.1 400 Bad Request\nSec-WebSocket-Version: 8\n\n"),
			message: refused + "400 Bad Request", reason: OtherVersion, facts: map[string]string{"versions": "8"}},
		{name: "upgrade taken out", serve: respondWith("HTTP/1.1 426 Upgrade Required\nSec-WebSocket-Version: 13\n\n"),
			message: refused + "426 Upgrade Required", reason: UpgradeRequired},
		{name: "upgrade changed", serve: respondWith("HTTP/1.1 400 Bad Request\n\nCan \"Upgrade\" only to \"WebSocket\"."),
			message: refused + "400 Bad Request", reason: UpgradeChanged},
		{name: "bad request", serve: respondWith("HTTP/1.1 400 Bad Request\n\n"),
			message: refused + "400 Bad Request", reason: BadRequest},
		{name: "page", serve: respondWith("HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n<h1>hi</h1>"),
			message: refused + "200 OK, a page: no WebSocket endpoint at this path?", reason: WebPage},
		{name: "no upgrade", serve: respondWith("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{}"),
			message: refused + "200 OK, not 101", reason: NotSwitching},
		{name: "busy", serve: respondWith("HTTP/1.1 503 Service Unavailable\nRetry-After: 30\n\n"),
			message: refused + "503 Service Unavailable", reason: RetryLater, facts: map[string]string{"retryafter": "30s"}},
		{name: "too many", serve: respondWith("HTTP/1.1 429 Too Many Requests\n\n"),
			message: refused + "429 Too Many Requests", reason: TooManyRequests},
		{name: "gateway", serve: respondWith("HTTP/1.1 502 Bad Gateway\n\n"),
			message: refused + "502 Bad Gateway", reason: BadGateway},
		{name: "server error", serve: respondWith("HTTP/1.1 500 Internal Server Error\n\n"),
			message: refused + "500 Internal Server Error", reason: ServerError},
		{name: "teapot", serve: respondWith("HTTP/1.1 418\n\n"),
			message: refused + "418", reason: RefusedOther},
		{name: "plain HTTP to nginx", serve: respondWith("HTTP/1.1 400 Bad Request\n\nThe plain HTTP request was sent to HTTPS port"),
			message: refused + "400 Bad Request: the port requires TLS", reason: PortWantsTLS, facts: map[string]string{"secure": "wss://{address}/x"}},
		{name: "plain HTTP to Apache", serve: respondWith("HTTP/1.1 400 Bad Request\n\nspeaking plain HTTP to an SSL-enabled server port"),
			message: refused + "400 Bad Request: the port requires TLS", reason: PortWantsTLS, facts: map[string]string{"secure": "wss://{address}/x"}},
		{name: "plain HTTP to OpenSSL", serve: sendAtOnce("\x15\x03\x01\x00\x02\x02\x46"),
			message: refused + "the server answered in TLS", reason: AnsweredTLS, facts: map[string]string{"secure": "wss://{address}/x"}},
		{name: "HTTP/2", serve: sendAtOnce("\x00\x00\x12\x04\x00\x00\x00\x00\x00"),
			message: refused + "the server answered in HTTP/2", reason: AnsweredHTTP2},
		{name: "SSH", serve: sendAtOnce("SSH-2.0-x\r\n"),
			message: refused + "the server is an SSH server", reason: AnsweredSSH, facts: map[string]string{"port": "{port}"}},
		{name: "garbage", serve: sendAtOnce("220 mail ready\r\n"),
			message: refused + `the response is not HTTP: "220 mail ready\r\n"`, reason: NotHTTP, facts: map[string]string{"port": "{port}"}},
		{name: "malformed", serve: sendAtOnce("HTTP/one fine day\r\n\r\n"),
			message: refused + `the response is not HTTP: "HTTP/one fine day"`, reason: NotHTTP, facts: map[string]string{"port": "{port}"}},
		{name: "malformed header", serve: sendAtOnce("HTTP/1.1 101 x\r\nno colon\r\n\r\n"),
			message: refused + `"101 x", followed by a header that cannot be parsed: malformed MIME header: missing colon: "no colon"`, reason: UpgradeFailed},
		{name: "refused with a malformed header", serve: sendAtOnce("HTTP/1.1 403 Forbidden\r\nX: \x1b[2J\r\n\r\n"),
			message: refused + `"403 Forbidden", followed by a header that cannot be parsed: malformed MIME header line: "X: \x1b[2J"`, reason: UpgradeFailed},
		{name: "endless header", serve: sendAtOnce("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 10000)),
			message: refused + "the header of the response is longer than 256 KiB", reason: UpgradeFailed},
		{name: "endless interim responses", serve: sendAtOnce(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)),
			message: refused + "more than 8 interim responses", reason: UpgradeFailed},
		{name: "silence", serve: neverRespond, o: Options{ConnectTimeout: shortTimeout}, kind: ConnectFailed,
			message: refused + "no answer within 100ms", reason: UpgradeTimeout},
		{name: "half a header", serve: sendAtOnce("HTTP/1.1 101 Switching Protocols\r\nUpgr"), o: Options{ConnectTimeout: shortTimeout}, kind: ConnectFailed,
			message: refused + "no answer within 100ms", reason: UpgradeTimeout},
		{name: "closed", serve: readAndClose,
			message: refused + "the server closed the connection without an answer", reason: UpgradeClosed, facts: map[string]string{"secure": "wss://{address}/x"}},
		{name: "wrong accept", serve: respondWith("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: x\n\n"),
			message: refused + `the 101 response has Sec-WebSocket-Accept: "x", not "{accept}"`, reason: WrongAccept},
		{name: "wrong version", serve: respondWith("HTTP/2.0 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: {accept}\n\n"),
			message: refused + `the 101 response has the version "HTTP/2.0", not "HTTP/1.1"`, reason: WrongUpgrade},
		{name: "no accept", serve: respondWith("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\n"),
			message: refused + "the 101 response has no header Sec-WebSocket-Accept", reason: WrongAccept},
		{name: "no upgrade header", serve: respondWith("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\n\n"),
			message: refused + "the 101 response has no header Upgrade", reason: WrongUpgrade},
		{name: "wrong connection header", serve: respondWith("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: close\n\n"),
			message: refused + `the 101 response has Connection: "close", not "Upgrade"`, reason: WrongUpgrade},
		{name: "subprotocol without an offer", serve: respondWith(upgradeResponse("Sec-WebSocket-Protocol: a\n")),
			message: refused + `the server chose the subprotocol "a", but none was offered`, reason: WrongSubprotocol},
		{name: "subprotocol not offered", serve: respondWith(upgradeResponse("Sec-WebSocket-Protocol: A\n")), o: Options{Subprotocols: []string{"a", "b"}},
			message: refused + `the server chose the subprotocol "A", but "a, b" was offered`, reason: WrongSubprotocol},
		{name: "two subprotocols", serve: respondWith(upgradeResponse("Sec-WebSocket-Protocol: a\nSec-WebSocket-Protocol: b\n")), o: Options{Subprotocols: []string{"a", "b"}},
			message: refused + `the server chose 2 subprotocols: ["a" "b"]`, reason: WrongSubprotocol},
		{name: "extension not offered", serve: respondWith(upgradeResponse("Sec-WebSocket-Extensions: permessage-deflate\n")), o: Options{NoCompress: true},
			message: refused + `the server chose the extension "permessage-deflate", but none was offered`, reason: WrongExtension},
		{name: "unknown extension", serve: respondWith(upgradeResponse("Sec-WebSocket-Extensions: x-mux\n")),
			message: refused + `the server chose the extension "x-mux": extension "x-mux" was not offered`, reason: WrongExtension},
		{name: "too many redirects", serve: respondWith("HTTP/1.1 307 Temporary Redirect\nLocation: /x\n\n"), o: Options{FollowRedirects: true, MaxRedirects: 3},
			message: refused + "the server redirected more than 3 times", reason: TooManyRedirects},
		{name: "redirect to nowhere", serve: respondWith("HTTP/1.1 307 Temporary Redirect\nLocation: ftp://x/\n\n"), o: Options{FollowRedirects: true},
			message: refused + `the server redirected to "ftp://x/": the scheme "ftp" is not ws, wss, http, https or ws+unix`, reason: UpgradeFailed},
	} {
		c.step = UpgradeStep
		c.run(t)
	}
}

func (c failureCase) run(t *testing.T) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		t.Helper()
		address := "127.0.0.1:1"
		if c.serve != nil {
			address = startServer(t, c.serve)
		}
		host, port, _ := net.SplitHostPort(address)
		placeholders := strings.NewReplacer("{address}", address, "{host}", host, "{port}", port)
		c.o.Proxy = placeholders.Replace(c.o.Proxy)
		failed := dialFails(t, placeholders.Replace(cmp.Or(c.url, "ws://{address}/x")), c.o)
		message := placeholders.Replace(c.message)
		message = strings.Replace(message, "{accept}", accept(requestKey(failed.Handshake.Request)), 1)
		facts := maps.Clone(c.facts)
		for name, fact := range facts {
			facts[name] = placeholders.Replace(fact)
		}
		if failed.Error() != message || !failed.explains(c.reason, facts) {
			t.Errorf("error %q\n%s %q\n  wanted %q\n%s %q", failed.Error(), failed.Reason, failed.facts, message, c.reason, facts)
		}
		if kind := Kind(cmp.Or(string(c.kind), string(HandshakeFailed))); failed.Kind != kind || failed.Step != c.step {
			t.Errorf("kind %s, step %s; wanted %s, %s", failed.Kind, failed.Step, kind, c.step)
		}
		// On Windows the clock may not advance while a name is resolved without a query.
		if failed.Handshake.Timing == (Timing{}) && (runtime.GOOS != "windows" || c.step != NameStep) {
			t.Error("no timing")
		}
		if sent := c.step == UpgradeStep && c.o.HTTP == HTTP1 || c.step == ProxyStep && failed.Refusal != nil; sent && len(failed.Handshake.Request) == 0 {
			t.Error("no request lines")
		}
		if failed.Refusal != nil && len(failed.Handshake.Response) == 0 {
			t.Error("no response lines")
		}
	})
}

func TestTLSFailures(t *testing.T) {
	ca := servertest.NewAuthority(t)
	serve := func(selfSigned bool, change func(*x509.Certificate)) func(net.Conn) {
		return behindTLS(&tls.Config{Certificates: []tls.Certificate{ca.Issue(selfSigned, change)}}, neverRespond)
	}
	good := ca.Issue(false, nil)
	wantClientCert := func(version uint16, serve func(net.Conn)) func(net.Conn) {
		return behindTLS(&tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MaxVersion: version}, serve)
	}
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	const prefix = "TLS with {address}: "
	yesterday, tomorrow := time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour)
	for _, c := range []failureCase{
		{name: "self-signed", serve: serve(true, nil), message: prefix + "the certificate is self-signed", reason: CertificateSelfSigned},
		{name: "unknown authority", serve: serve(false, nil), message: prefix + "the certificate is signed by an unknown authority, CN=Test CA", reason: CertificateUnknownAuthority},
		{name: "expired", serve: serve(false, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = yesterday.Add(-time.Hour), yesterday }), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the certificate expired on " + day(yesterday), reason: CertificateExpired},
		{name: "not yet valid", serve: serve(false, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = tomorrow, tomorrow.Add(time.Hour) }), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the certificate is valid only from " + day(tomorrow), reason: CertificateNotYetValid},
		{name: "wrong name", serve: serve(false, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"a.example", "b.example"}, nil }), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the certificate is for a.example, b.example, not for 127.0.0.1", reason: CertificateName},
		{name: "no name", serve: serve(false, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }), o: Options{CAFiles: []string{ca.File}, ServerName: "c.example"},
			message: prefix + "the certificate is for no name at all, not for c.example", reason: CertificateName},
		{name: "wrong purpose", serve: serve(false, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning} }), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the certificate is not accepted: certificate specifies an incompatible key usage", reason: CertificateInvalid},
		{name: "pin", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}}, neverRespond), o: Options{CAFiles: []string{ca.File}, PinSHA256: []string{strings.Repeat("00", 32)}},
			message: prefix + "the server's key is " + pinOf(good) + ", which is not pinned", reason: PinMismatch, facts: map[string]string{"pin": pinOf(good)}},
		{name: "pin without checking", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}}, neverRespond), o: Options{Insecure: true, PinSHA256: []string{strings.Repeat("00", 32)}},
			message: prefix + "the server's key is " + pinOf(good) + ", which is not pinned", reason: PinMismatch, facts: map[string]string{"pin": pinOf(good)}},
		{name: "old version", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS11}, neverRespond), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the server supports no TLS version that is allowed here", reason: TLSVersion},
		{name: "plain HTTP", serve: sendAtOnce("HTTP/1.1 400 Bad Request\r\n\r\n"), message: prefix + "the server answered in plain HTTP", reason: TLSAnsweredHTTP, facts: map[string]string{"port": "{port}", "plain": "ws://{address}/x"}},
		{name: "no TLS", serve: sendAtOnce("220 mail ready\r\n"), message: prefix + "the server does not speak TLS", reason: NotTLS},
		{name: "closed", serve: readAndClose, message: prefix + "the server closed the connection during the TLS handshake", reason: TLSClosed, facts: map[string]string{"port": "{port}"}},
		{name: "unknown name", serve: behindTLS(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}, neverRespond),
			message: prefix + "the server does not know the name 127.0.0.1", reason: TLSUnknownName},
		{name: "nothing in common", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256}}, neverRespond),
			message: prefix + "client and server have no TLS version, cipher or name in common", reason: TLSNothingInCommon},
		{name: "silence", serve: neverRespond, o: Options{ConnectTimeout: shortTimeout}, kind: ConnectFailed, message: prefix + "no answer within 100ms", reason: TLSTimeout},
		{name: "no client certificate, TLS 1.2", serve: wantClientCert(tls.VersionTLS12, neverRespond), o: Options{CAFiles: []string{ca.File}},
			message: prefix + "the server requires a client certificate", reason: ClientCertificateRequired},
		{name: "wrong client certificate", serve: wantClientCert(tls.VersionTLS12, neverRespond), o: Options{CAFiles: []string{ca.File}, CertFile: certFile, KeyFile: keyFile},
			message: prefix + "the server does not accept the client certificate: unknown certificate authority", reason: ClientCertificateRejected},
	} {
		c.url, c.step = "wss://{address}/x", TLSStep
		if c.kind == "" {
			c.kind = TLSFailed
		}
		c.run(t)
	}
	failureCase{
		name: "no client certificate, TLS 1.3", serve: wantClientCert(tls.VersionTLS13, neverRespond), url: "wss://{address}/x", o: Options{CAFiles: []string{ca.File}},
		kind: TLSFailed, step: UpgradeStep, message: "upgrade wss://{address}/x: the server requires a client certificate", reason: ClientCertificateRequired,
	}.run(t)
	failureCase{
		name: "wrong client certificate, TLS 1.3", serve: wantClientCert(tls.VersionTLS13, neverRespond), url: "wss://{address}/x",
		o:    Options{CAFiles: []string{ca.File}, CertFile: certFile, KeyFile: keyFile},
		kind: TLSFailed, step: UpgradeStep, message: "upgrade wss://{address}/x: the server does not accept the client certificate: unknown certificate authority", reason: ClientCertificateRejected,
	}.run(t)
	failureCase{
		name: "downgrade", url: "wss://{address}/x", o: Options{CAFiles: []string{ca.File}, FollowRedirects: true},
		serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}}, respondWith("HTTP/1.1 301 Moved\nLocation: ws://127.0.0.1/\n\n")),
		step:  UpgradeStep, message: "upgrade wss://{address}/x: the server redirected from wss to ws", reason: RedirectDowngrade,
	}.run(t)
	failureCase{
		name: "downgrade shown", url: "wss://{address}/x", o: Options{CAFiles: []string{ca.File}},
		serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}}, respondWith("HTTP/1.1 301 Moved\nLocation: http://h/\n\n")),
		step:  UpgradeStep, message: "upgrade wss://{address}/x: 301 Moved", reason: RedirectToPlain, facts: map[string]string{"location": "http://h/"},
	}.run(t)
	failureCase{
		name: "closed behind TLS", url: "wss://{address}/x", o: Options{CAFiles: []string{ca.File}},
		serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{good}}, readAndClose),
		step:  UpgradeStep, message: "upgrade wss://{address}/x: the server closed the connection without an answer", reason: UpgradeClosedTLS,
	}.run(t)
}
