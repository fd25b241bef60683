package dial

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// upgradeExplanations returns the explanations for the response to an upgrade request.
func upgradeExplanations() []explanation {
	return []explanation{
		{PortWantsTLS, UpgradeStep, allOf(statusIs(http.StatusBadRequest), unless(isTLS), bodyMentions("to https port", "to an https server", "ssl-enabled server port", "requires tls")), "{status}: the port requires TLS"},
		{ClientCertificateRequired, UpgradeStep, allOf(deniedByStatus, hasNoCertificate), "{status}: the server requires a client certificate"},
		{ClientCertificateRejected, UpgradeStep, deniedByStatus, "{status}: the server does not accept the client certificate"},
		{SignatureRejected, UpgradeStep, allOf(statusIs(http.StatusUnauthorized, http.StatusForbidden), isSigned), "{status}"},
		{SchemeUnsupported, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), asksForAnyScheme("Digest", "NTLM", "Negotiate"), unless(asksForAnyScheme("Basic", "Bearer"))), "{status}"},
		{CredentialsRejected, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), hasLogin), "{status}"},
		{BasicRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), asksForScheme("Basic")), "{status}"},
		{BearerRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), asksForScheme("Bearer")), "{status}"},
		{SchemeRequired, UpgradeStep, allOf(statusIs(http.StatusUnauthorized), asksForScheme("")), "{status}"},
		{CredentialsRequired, UpgradeStep, statusIs(http.StatusUnauthorized), "{status}"},
		{ForbiddenOrigin, UpgradeStep, allOf(statusIs(http.StatusForbidden), unless(hasNoOrigin)), "{status}"},
		{ForbiddenWithoutOrigin, UpgradeStep, allOf(statusIs(http.StatusForbidden), bodyMentions("origin")), "{status}"},
		{ForbiddenCredentials, UpgradeStep, allOf(statusIs(http.StatusForbidden), hasLogin), "{status}"},
		{Forbidden, UpgradeStep, statusIs(http.StatusForbidden), "{status}"},
		{NotFound, UpgradeStep, statusIs(http.StatusNotFound, http.StatusGone), "{status}: no WebSocket endpoint at this path?"},
		{MethodNotAllowed, UpgradeStep, statusIs(http.StatusMethodNotAllowed), "{status}"},
		{RedirectToPlain, UpgradeStep, allOf(isRefusal, isRedirectWithLocation, redirectsToPlain), "{status}"},
		{Redirected, UpgradeStep, allOf(isRefusal, isRedirectWithLocation), "{status}"},
		{OtherVersion, UpgradeStep, allOf(isRefusal, listsOtherVersion), "{status}"},
		{UpgradeRequired, UpgradeStep, statusIs(http.StatusUpgradeRequired), "{status}"},
		{HostNotAllowed, UpgradeStep, allOf(statusIs(http.StatusBadRequest), bodyMentions("websockets request was expected")), "{status}"},
		{SubprotocolRequired, UpgradeStep, allOf(statusIs(http.StatusBadRequest), bodyMentions("subprotocol")), "{status}"},
		{UpgradeChanged, UpgradeStep, allOf(statusIs(http.StatusBadRequest), bodyMentions("can \"upgrade\" only to", "'upgrade' header", "upgrade header", "not a websocket handshake", "connection header", "missing upgrade", "invalid upgrade", "invalid connection")), "{status}"},
		{BadRequest, UpgradeStep, statusIs(http.StatusBadRequest), "{status}"},
		{WebPage, UpgradeStep, allOf(isRefusal, isPage), "{status}, a page: no WebSocket endpoint at this path?"},
		{NotSwitching, UpgradeStep, allOf(isRefusal, isSuccess), "{status}, not 101"},
		{RetryLater, UpgradeStep, allOf(isRefusal, retryLater), "{status}"},
		{TooManyRequests, UpgradeStep, statusIs(http.StatusTooManyRequests), "{status}"},
		{Occupied, UpgradeStep, allOf(statusIs(http.StatusServiceUnavailable), bodyMentions("another client is connected")), "{status}"},
		{BadGateway, UpgradeStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}"},
		{ServerError, UpgradeStep, statusIs(http.StatusInternalServerError), "{status}"},
		{RefusedOther, UpgradeStep, isRefusal, "{status}"},

		{UpgradeTimeout, UpgradeStep, timedOut, "no answer within {timeout}"},
		{ClientCertificateRequired, UpgradeStep, allOf((*failedStep).deniedCertificate, hasNoCertificate), "the server requires a client certificate"},
		{ClientCertificateRejected, UpgradeStep, (*failedStep).deniedCertificate, "the server does not accept the client certificate: {error}"},
		{RedirectDowngrade, UpgradeStep, errorIs(errDowngrade), ""},
		{TooManyRedirects, UpgradeStep, errorIs(errManyRedirects), "the server redirected more than {redirects} times"},
		{AnsweredTLS, UpgradeStep, startsWith("\x15\x03"), "the server answered in TLS"},
		{AnsweredHTTP2, UpgradeStep, startsWith("\x00\x00"), "the server answered in HTTP/2"},
		{AnsweredSSH, UpgradeStep, startsWith("SSH-"), "the server is an SSH server"},
		{HalfHeader, UpgradeStep, errorIs(io.ErrUnexpectedEOF), "the server closed the connection in the middle of the header of its response"},
		{NotHTTP, UpgradeStep, errorAs[*notHTTP], "{error}"},
		{WrongAccept, UpgradeStep, violates(WrongAccept), ""},
		{WrongSubprotocol, UpgradeStep, violates(WrongSubprotocol), ""},
		{WrongExtension, UpgradeStep, violates(WrongExtension), ""},
		{WrongUpgrade, UpgradeStep, violates(WrongUpgrade), ""},
		{UpgradeClosedTLS, UpgradeStep, allOf(closedEarly, isTLS), "the server closed the connection without an answer"},
		{UpgradeClosed, UpgradeStep, closedEarly, "the server closed the connection without an answer"},
		{UpgradeFailed, UpgradeStep, matchAll, ""},
	}
}

func isTLS(s *failedStep) bool { return s.target.Secure }

func isSigned(s *failedStep) bool { return s.signed != "" }

func hasLogin(s *failedStep) bool {
	return s.authorization != "" || replaced(s.options.Header, "Authorization")
}

// asksForScheme reports whether the server asks for the authentication scheme, or for any if the scheme is empty.
func asksForScheme(scheme string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		wanted := s.refusal.scheme()
		return wanted != "" && (scheme == "" || strings.EqualFold(wanted, scheme))
	}
}

// asksForAnyScheme reports whether the first authentication scheme that the server asks for is one of these.
func asksForAnyScheme(schemes ...string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		return slices.ContainsFunc(schemes, func(scheme string) bool { return asksForScheme(scheme)(s) })
	}
}

func hasNoOrigin(s *failedStep) bool {
	return s.options.Origin == "" && !replaced(s.options.Header, "Origin")
}

func isRedirectWithLocation(s *failedStep) bool {
	return isRedirect(s.refusal.Status) && s.refusal.Header.Get("Location") != ""
}

func redirectsToPlain(s *failedStep) bool {
	_, err := relocate(s.target, s.refusal.Header.Get("Location"))
	return errors.Is(err, errDowngrade)
}

// listsOtherVersion reports whether the server lists versions without 13 (RFC 6455, section 4.4).
func listsOtherVersion(s *failedStep) bool {
	versions := s.refusal.versions()
	return versions != "" && !strings.Contains(versions, "13")
}

func isSuccess(s *failedStep) bool { return s.refusal.Status/100 == 2 }

func isPage(s *failedStep) bool {
	return isSuccess(s) && strings.HasPrefix(s.refusal.Header.Get("Content-Type"), "text/html")
}

func retryLater(s *failedStep) bool { return s.refusal.RetryAfter > 0 }

// violates reports whether the 101 response is invalid for a reason.
func violates(reason Reason) func(*failedStep) bool {
	return func(s *failedStep) bool {
		invalid, ok := errors.AsType[*violation](s.err)
		return ok && invalid.reason == reason
	}
}
