package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"

	"wsx/errno"
)

// proxyExplanations returns the explanations for a proxy that does not connect to the target.
func proxyExplanations() []explanation {
	return []explanation{
		{"proxy-login-rejected", ProxyStep, allOf(statusIs(http.StatusProxyAuthRequired, http.StatusUnauthorized), hasProxyLogin), "{status}"},
		{"proxy-login-required", ProxyStep, statusIs(http.StatusProxyAuthRequired), "{status}"},
		{"proxy-forbidden-by-variable", ProxyStep, allOf(statusIs(http.StatusForbidden), isEnvironmentProxy), "{status}"},
		{"proxy-forbidden", ProxyStep, statusIs(http.StatusForbidden), "{status}"},
		{"proxy-bad-gateway", ProxyStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}"},
		{"not-a-proxy", ProxyStep, statusIs(http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented), "{status}"},
		{"proxy-status", ProxyStep, isRefusal, "{status}"},

		{"proxy-silent", ProxyStep, timedOut, "no answer within {timeout}"},
		{"socks-login-rejected", ProxyStep, errorSays("username/password authentication failed", "invalid username/password"), "the proxy does not accept this user and password"},
		{"socks-login-required", ProxyStep, errorSays("no acceptable authentication methods", "unsupported authentication method"), "the proxy requires a user and password"},
		{"socks-answered-http", ProxyStep, errorSays("unexpected protocol version 72"), "it does not speak SOCKS 5, but HTTP"},
		{"not-socks", ProxyStep, errorSays("unexpected protocol version"), "it does not speak SOCKS 5"},
		{"socks-forbidden", ProxyStep, socksErrorHas("connection not allowed by ruleset"), "the proxy answered: {error}"},
		{"socks-target-refused", ProxyStep, socksErrorHas("refused"), "the proxy answered: {error}"},
		{"socks-name-unreachable", ProxyStep, allOf(socksErrorHas("host unreachable"), resolvedLocally), "the proxy answered: {error}"},
		{"socks-failed", ProxyStep, socksErrorHas(""), "the proxy answered: {error}"},
		{"proxy-answered-socks", ProxyStep, proxyAnsweredSOCKS, "it does not speak HTTP, but SOCKS"},
		{"proxy-not-http", ProxyStep, errorAs[*notHTTP], "{error}"},
		{"proxy-unknown-authority", ProxyStep, errorAs[x509.UnknownAuthorityError], "its certificate is signed by an unknown authority"},
		{"proxy-certificate", ProxyStep, errorAs[*tls.CertificateVerificationError], "its certificate is not accepted: {error}"},
		{"proxy-not-tls", ProxyStep, errorAs[tls.RecordHeaderError], "the proxy does not speak TLS"},
		{"http-proxy-closed", ProxyStep, allOf(closedEarly, unless(isSOCKSProxy)), "the proxy closed the connection without an answer"},
		{"socks-proxy-closed", ProxyStep, closedEarly, "the proxy closed the connection without an answer"},
		{"proxy-failed", ProxyStep, matchAll, ""},
	}
}

func isRefusal(s *failedStep) bool { return s.refusal != nil }

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

// closedEarly reports whether the connection ended before anything useful was received.
func closedEarly(s *failedStep) bool {
	return errorIs(io.EOF, io.ErrUnexpectedEOF)(s) || errno.IsReset(s.err) || errno.IsClosedPipe(s.err)
}
