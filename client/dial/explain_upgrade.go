package dial

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// upgradeExplanations returns the explanations for the response to an upgrade request.
func upgradeExplanations() []explanation {
	return []explanation{
		{PortWantsTLS, UpgradeStep, allOf(statusIs(http.StatusBadRequest), unless(secured), mentions("to https port", "to an https server", "ssl-enabled server port", "requires tls")), "{status}: the port requires TLS"},
		{ClientCertificateRequired, UpgradeStep, allOf(deniedByStatus, withoutCertificate), "{status}: the server requires a client certificate"},
		{ClientCertificateRejected, UpgradeStep, deniedByStatus, "{status}: the server does not accept our certificate"},
		{SignatureRejected, UpgradeStep, allOf(statusIs(http.StatusUnauthorized, http.StatusForbidden), signed), "{status}"},
		{CredentialsRejected, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), withLogin), "{status}"},
		{BasicRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("Basic")), "{status}"},
		{BearerRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("Bearer")), "{status}"},
		{SchemeNotSpoken, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challengedBy("Digest", "NTLM", "Negotiate")), "{status}"},
		{SchemeRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), challenged("")), "{status}"},
		{CredentialsRequired, UpgradeStep, statusIs(http.StatusUnauthorized), "{status}"},
		{ForbiddenOrigin, UpgradeStep, allOf(statusIs(http.StatusForbidden), unless(withoutOrigin)), "{status}"},
		{ForbiddenWithoutOrigin, UpgradeStep, allOf(statusIs(http.StatusForbidden), mentions("origin")), "{status}"},
		{ForbiddenCredentials, UpgradeStep, allOf(statusIs(http.StatusForbidden), withLogin), "{status}"},
		{Forbidden, UpgradeStep, statusIs(http.StatusForbidden), "{status}"},
		{NotFound, UpgradeStep, statusIs(http.StatusNotFound, http.StatusGone), "{status}: no WebSocket endpoint at this path?"},
		{MethodNotAllowed, UpgradeStep, statusIs(http.StatusMethodNotAllowed), "{status}"},
		{RedirectToPlain, UpgradeStep, allOf(refusedAny, redirects, toPlain), "{status}"},
		{Redirected, UpgradeStep, allOf(refusedAny, redirects), "{status}"},
		{OtherVersion, UpgradeStep, allOf(refusedAny, otherVersion), "{status}"},
		{UpgradeRequired, UpgradeStep, statusIs(http.StatusUpgradeRequired), "{status}"},
		{HostNotAllowed, UpgradeStep, allOf(statusIs(http.StatusBadRequest), mentions("websockets request was expected")), "{status}"},
		{SubprotocolRequired, UpgradeStep, allOf(statusIs(http.StatusBadRequest), mentions("subprotocol")), "{status}"},
		{UpgradeChanged, UpgradeStep, allOf(statusIs(http.StatusBadRequest), mentions("can \"upgrade\" only to", "'upgrade' header", "upgrade header", "not a websocket handshake", "connection header", "missing upgrade", "invalid upgrade", "invalid connection")), "{status}"},
		{BadRequest, UpgradeStep, statusIs(http.StatusBadRequest), "{status}"},
		{WebPage, UpgradeStep, allOf(refusedAny, page), "{status}, a page: no WebSocket endpoint at this path?"},
		{NotSwitching, UpgradeStep, allOf(refusedAny, success), "{status}, not 101"},
		{RetryLater, UpgradeStep, allOf(refusedAny, retryLater), "{status}"},
		{TooManyRequests, UpgradeStep, statusIs(http.StatusTooManyRequests), "{status}"},
		{Occupied, UpgradeStep, allOf(statusIs(http.StatusServiceUnavailable), mentions("another client is connected")), "{status}"},
		{BadGateway, UpgradeStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}"},
		{ServerError, UpgradeStep, statusIs(http.StatusInternalServerError), "{status}"},
		{RefusedOther, UpgradeStep, refusedAny, "{status}"},

		{UpgradeTimeout, UpgradeStep, tooSlow, "no answer within {timeout}"},
		{ClientCertificateRequired, UpgradeStep, allOf((*symptom).deniedCertificate, withoutCertificate), "the server requires a client certificate"},
		{ClientCertificateRejected, UpgradeStep, (*symptom).deniedCertificate, "the server does not accept our certificate: {error}"},
		{RedirectDowngrade, UpgradeStep, errorIs(errDowngrade), ""},
		{TooManyRedirects, UpgradeStep, errorIs(errManyRedirects), "the server redirected more than {redirects} times"},
		{AnsweredTLS, UpgradeStep, answered("\x15\x03"), "the server answered in TLS"},
		{AnsweredHTTP2, UpgradeStep, answered("\x00\x00"), "the server answered in HTTP/2"},
		{AnsweredSSH, UpgradeStep, answered("SSH-"), "the server is an SSH server"},
		{HalfHeader, UpgradeStep, errorIs(io.ErrUnexpectedEOF), "the server closed the connection in the middle of the header of its response"},
		{NotHTTP, UpgradeStep, errorAs[*notHTTP], "{error}"},
		{WrongAccept, UpgradeStep, violates("Sec-WebSocket-Accept"), ""},
		{WrongSubprotocol, UpgradeStep, violates("subprotocol"), ""},
		{WrongExtension, UpgradeStep, violates("extension"), ""},
		{WrongUpgrade, UpgradeStep, violates(""), ""},
		{UpgradeClosedTLS, UpgradeStep, allOf(cutOff, secured), "the server closed the connection without an answer"},
		{UpgradeClosed, UpgradeStep, cutOff, "the server closed the connection without an answer"},
		{UpgradeFailed, UpgradeStep, always, ""},
	}
}

func secured(s *symptom) bool { return s.target.Secure }

// mentions reports whether the body of the refusal contains one of the words, which are lower case.
func mentions(words ...string) func(*symptom) bool {
	return func(s *symptom) bool {
		body := bytes.ToLower(s.refusal.Body)
		return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(body, []byte(word)) })
	}
}

// deniedByStatus reports whether the server asked for a certificate and refused with the status that nginx has for that.
func deniedByStatus(s *symptom) bool {
	return s.askedForCertificate && statusIs(http.StatusBadRequest)(s) && mentions("no required ssl certificate", "ssl certificate error")(s)
}

func signed(s *symptom) bool { return s.signed != "" }

func withLogin(s *symptom) bool {
	return s.authorization != "" || replaced(s.options.Header, "Authorization")
}

// challenged reports whether the server asks for the authentication scheme, or for any if the scheme is empty.
func challenged(scheme string) func(*symptom) bool {
	return func(s *symptom) bool {
		wanted := s.refusal.scheme()
		return wanted != "" && (scheme == "" || strings.EqualFold(wanted, scheme))
	}
}

// challengedBy reports whether the first authentication scheme that the server asks for is one of these.
func challengedBy(schemes ...string) func(*symptom) bool {
	return func(s *symptom) bool {
		return slices.ContainsFunc(schemes, func(scheme string) bool { return challenged(scheme)(s) })
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

// otherVersion reports whether the server lists versions without 13 (RFC 6455, section 4.4).
func otherVersion(s *symptom) bool {
	versions := s.refusal.versions()
	return versions != "" && !strings.Contains(versions, "13")
}

func success(s *symptom) bool { return s.refusal.Status/100 == 2 }

func page(s *symptom) bool {
	return success(s) && strings.HasPrefix(s.refusal.Header.Get("Content-Type"), "text/html")
}

func retryLater(s *symptom) bool { return s.refusal.RetryAfter > 0 }

// answered reports whether the response is not HTTP and begins with prefix.
func answered(prefix string) func(*symptom) bool {
	return func(s *symptom) bool {
		answer, ok := errors.AsType[*notHTTP](s.err)
		return ok && bytes.HasPrefix(answer.answer, []byte(prefix))
	}
}

// violates reports whether the 101 response is invalid, and the sentence about it contains word.
func violates(word string) func(*symptom) bool {
	return func(s *symptom) bool {
		invalid, ok := errors.AsType[*violation](s.err)
		return ok && strings.Contains(invalid.sentence, word)
	}
}
