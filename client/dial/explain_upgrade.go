package dial

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
)

// upgradeExplanations are about what comes back when WebSocket is asked for.
func upgradeExplanations() []explanation {
	return []explanation{
		{UpgradeStep, allOf(refusedAny, unless(secured), mentions("https", "ssl-enabled")), "{status}: the port wants TLS", "try {secure}"},
		{UpgradeStep, allOf(deniedByStatus, withoutCertificate), "{status}: the server wants a client certificate", "--cert FILE --key FILE gives it one"},
		{UpgradeStep, deniedByStatus, "{status}: the server does not accept our certificate", "is it signed by an authority that the server trusts, and not expired?"},
		{UpgradeStep, allOf(statusIs(http.StatusUnauthorized), withLogin), "{status}", "the server does not accept these credentials"},
		{UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("Basic")), "{status}", "the server asks for a user and password: -u USER:PASS"},
		{UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("Bearer")), "{status}", "the server asks for a token: --bearer TOKEN"},
		{UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("")), "{status}", "the server asks for {scheme}: -H 'Authorization: {scheme} …' sends it"},
		{UpgradeStep, statusIs(http.StatusUnauthorized), "{status}", "the server wants to know who asks: -u USER:PASS, --bearer TOKEN or --cookie NAME=VALUE"},
		{UpgradeStep, allOf(statusIs(http.StatusForbidden), withoutOrigin), "{status}", "the server may want an origin: -o {origin}"},
		{UpgradeStep, statusIs(http.StatusForbidden), "{status}", "the server does not allow this origin, or these credentials"},
		{UpgradeStep, statusIs(http.StatusNotFound, http.StatusGone), "{status}", "the path {path} may be wrong"},
		{UpgradeStep, statusIs(http.StatusMethodNotAllowed), "{status}", "the path {path} may be wrong: nothing there is asked for with GET"},
		{UpgradeStep, allOf(refusedAny, redirects, toPlain), "{status}", "the server leads from wss to ws, {location}, which -L does not follow"},
		{UpgradeStep, allOf(refusedAny, redirects), "{status}", "-L follows it to {location}"},
		{UpgradeStep, allOf(refusedAny, otherVersion), "{status}", "the server speaks WebSocket version {versions}, we speak 13"},
		{UpgradeStep, statusIs(http.StatusUpgradeRequired), "{status}", "the upgrade did not reach the server: a proxy or load balancer may have taken it out; with TLS fewer do"},
		{UpgradeStep, allOf(statusIs(http.StatusBadRequest), mentions("upgrade", "websocket")), "{status}", "the upgrade did not reach the server as it was sent: a proxy or load balancer may have changed it"},
		{UpgradeStep, statusIs(http.StatusBadRequest), "{status}", "the server may want another path, a subprotocol (-s) or a header (-H)"},
		{UpgradeStep, allOf(refusedAny, page), "{status}, a page", "the path {path} leads to a web page, not to a WebSocket: try another one"},
		{UpgradeStep, allOf(refusedAny, success), "{status}, not 101", "the path {path} may be wrong, or a load balancer on the way does not know WebSocket"},
		{UpgradeStep, allOf(refusedAny, retryLater), "{status}", "the server wants to be asked again in {retryafter}"},
		{UpgradeStep, statusIs(http.StatusTooManyRequests), "{status}", "wait before the next try"},
		{UpgradeStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}", "a gateway answers, the server behind it does not: is that one running?"},
		{UpgradeStep, statusIs(http.StatusInternalServerError), "{status}", "the server failed: its log may say why"},
		{UpgradeStep, refusedAny, "{status}", ""},

		{UpgradeStep, tooSlow, "no answer within {timeout}", "the server took the connection and says nothing: is it a WebSocket server? --connect-timeout waits longer"},
		{UpgradeStep, allOf((*symptom).deniedCertificate, withoutCertificate), "the server wants a client certificate", "--cert FILE --key FILE gives it one"},
		{UpgradeStep, (*symptom).deniedCertificate, "the server does not accept our certificate: {error}", "is it signed by an authority that the server trusts, and not expired?"},
		{UpgradeStep, errorIs(errDowngrade), "", "-L does not follow it: what is sent could be read on the way"},
		{UpgradeStep, errorIs(errManyRedirects), "it is redirected more than {redirects} times", "--max-redirects N follows more"},
		{UpgradeStep, answered("\x15\x03"), "the server answers in TLS", "try {secure}"},
		{UpgradeStep, answered("\x00\x00"), "the server answers in HTTP/2", "--http2 speaks it; or is there another port for HTTP/1.1?"},
		{UpgradeStep, answered("SSH-"), "the server speaks SSH", "is port {port} right?"},
		{UpgradeStep, isNotHTTP, "{error}", "is port {port} right?"},
		{UpgradeStep, violates("Sec-WebSocket-Accept"), "", "the server, or a cache on the way, does not speak WebSocket (RFC 6455, 4.2.2)"},
		{UpgradeStep, violates("subprotocol"), "", "-s NAME offers a subprotocol"},
		{UpgradeStep, violates("extension"), "", "--no-compress offers none"},
		{UpgradeStep, violates(""), "", "a proxy or load balancer on the way may have changed it"},
		{UpgradeStep, allOf(cutOff, secured), "the server closed the connection without an answer", "the server may want another path or host name, or not speak WebSocket"},
		{UpgradeStep, cutOff, "the server closed the connection without an answer", "does the port want TLS? try {secure}"},
		{UpgradeStep, always, "", ""},
	}
}

func secured(s *symptom) bool { return s.target.Secure }

// mentions is true if the body of the refusal has one of the words in it, which are lower case.
func mentions(words ...string) func(*symptom) bool {
	return func(s *symptom) bool {
		body := bytes.ToLower(s.refusal.Body)
		for _, word := range words {
			if bytes.Contains(body, []byte(word)) {
				return true
			}
		}
		return false
	}
}

// deniedByStatus is true if the server asked who we are and was not content, as nginx says it.
func deniedByStatus(s *symptom) bool {
	return s.askedForCertificate && statusIs(http.StatusBadRequest)(s) && mentions("no required ssl certificate", "ssl certificate error")(s)
}

func withLogin(s *symptom) bool {
	return s.authorization != "" || replaced(s.options.Header, "Authorization")
}

// challenged is true if the server asks for the authentication scheme, or for any if none is named.
func challenged(scheme string) func(*symptom) bool {
	return func(s *symptom) bool {
		asked := s.refusal.scheme()
		return asked != "" && (scheme == "" || strings.EqualFold(asked, scheme))
	}
}

func withoutOrigin(s *symptom) bool {
	return s.options.Origin == "" && !replaced(s.options.Header, "Origin")
}

func redirects(s *symptom) bool {
	return isRedirect(s.refusal.Status) && s.refusal.Header.Get("Location") != ""
}

func toPlain(s *symptom) bool {
	_, err := relocate(s.target, s.refusal.Header.Get("Location"))
	return errors.Is(err, errDowngrade)
}

// otherVersion is true if the server names the versions it speaks, and 13 is not one of them (RFC 6455, 4.4).
func otherVersion(s *symptom) bool {
	versions := s.refusal.versions()
	return versions != "" && !strings.Contains(versions, "13")
}

func success(s *symptom) bool { return s.refusal.Status/100 == 2 }

func page(s *symptom) bool {
	return success(s) && strings.HasPrefix(s.refusal.Header.Get("Content-Type"), "text/html")
}

func retryLater(s *symptom) bool { return s.refusal.RetryAfter > 0 }

// answered is true if the answer is not HTTP and begins with prefix.
func answered(prefix string) func(*symptom) bool {
	return func(s *symptom) bool {
		var answer *notHTTP
		return errors.As(s.err, &answer) && bytes.HasPrefix(answer.answer, []byte(prefix))
	}
}

// violates is true if the 101 response is wrong, and the sentence about it has word in it.
func violates(word string) func(*symptom) bool {
	return func(s *symptom) bool {
		var wrong *violation
		return errors.As(s.err, &wrong) && strings.Contains(wrong.sentence, word)
	}
}
