package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
)

// proxyExplanations returns the explanations for a proxy that does not connect to the target.
func proxyExplanations() []explanation {
	return []explanation{
		{ProxyLoginRejected, ProxyStep, allOf(statusIs(http.StatusProxyAuthRequired, http.StatusUnauthorized), hasProxyLogin), "{status}"},
		{ProxyLoginRequired, ProxyStep, statusIs(http.StatusProxyAuthRequired), "{status}"},
		{ProxyForbiddenByVariable, ProxyStep, allOf(statusIs(http.StatusForbidden), isEnvironmentProxy), "{status}"},
		{ProxyForbidden, ProxyStep, statusIs(http.StatusForbidden), "{status}"},
		{ProxyBadGateway, ProxyStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}"},
		{NotAProxy, ProxyStep, statusIs(http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented), "{status}"},
		{ProxyStatus, ProxyStep, isRefusal, "{status}"},

		{ProxySilent, ProxyStep, timedOut, "no answer within {timeout}"},
		{SOCKSLoginRejected, ProxyStep, errorSays("username/password authentication failed", "invalid username/password"), "the proxy does not accept this user and password"},
		{SOCKSLoginRequired, ProxyStep, errorSays("no acceptable authentication methods", "unsupported authentication method"), "the proxy requires a user and password"},
		{SOCKSAnsweredHTTP, ProxyStep, errorSays("unexpected protocol version 72"), "it does not speak SOCKS 5, but HTTP"},
		{NotSOCKS, ProxyStep, errorSays("unexpected protocol version"), "it does not speak SOCKS 5"},
		{SOCKSForbidden, ProxyStep, socksErrorHas("connection not allowed by ruleset"), "the proxy answered: {error}"},
		{SOCKSTargetRefused, ProxyStep, socksErrorHas("refused"), "the proxy answered: {error}"},
		{SOCKSNameUnreachable, ProxyStep, allOf(socksErrorHas("host unreachable"), resolvedLocally), "the proxy answered: {error}"},
		{SOCKSFailed, ProxyStep, socksErrorHas(""), "the proxy answered: {error}"},
		{ProxyAnsweredSOCKS, ProxyStep, proxyAnsweredSOCKS, "it does not speak HTTP, but SOCKS"},
		{ProxyNotHTTP, ProxyStep, errorAs[*notHTTP], "{error}"},
		{ProxyUnknownAuthority, ProxyStep, errorAs[x509.UnknownAuthorityError], "its certificate is signed by an unknown authority"},
		{ProxyCertificate, ProxyStep, errorAs[*tls.CertificateVerificationError], "its certificate is not accepted: {error}"},
		{ProxyNotTLS, ProxyStep, errorAs[tls.RecordHeaderError], "the proxy does not speak TLS"},
		{HTTPProxyClosed, ProxyStep, allOf(closedEarly, unless(isSOCKSProxy)), "the proxy closed the connection without an answer"},
		{SOCKSProxyClosed, ProxyStep, closedEarly, "the proxy closed the connection without an answer"},
		{ProxyFailed, ProxyStep, matchAll, ""},
	}
}

func hasProxyLogin(s *failedStep) bool { return s.dialer.proxyLogin(s.proxy) != nil }

func isSOCKSProxy(s *failedStep) bool { return s.proxy.isSOCKS() }

// resolvedLocally reports whether the proxy is sent an address instead of a name.
func resolvedLocally(s *failedStep) bool { return s.proxy.scheme == "socks5" }

// socksErrorHas reports whether a SOCKS proxy refused with an error that contains text.
func socksErrorHas(text string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		reply, ok := errors.AsType[*socksReply](s.err)
		return ok && strings.Contains(reply.text, text)
	}
}

// proxyAnsweredSOCKS reports whether the "HTTP proxy" began its response with the version of SOCKS.
func proxyAnsweredSOCKS(s *failedStep) bool { return startsWith("\x05")(s) || startsWith("\x00")(s) }
