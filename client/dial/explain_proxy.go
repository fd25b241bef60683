package dial

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// proxyExplanations are about what a proxy says when it is asked to connect to the target.
func proxyExplanations() []explanation {
	return []explanation{
		{ProxyStep, allOf(statusIs(http.StatusProxyAuthRequired, http.StatusUnauthorized), withProxyLogin), "{status}", "the proxy does not accept this user and password"},
		{ProxyStep, statusIs(http.StatusProxyAuthRequired), "{status}", "give user and password: --proxy {proxyscheme}://USER:PASS@{proxyaddress}"},
		{ProxyStep, statusIs(http.StatusForbidden), "{status}", "the proxy does not allow connections to {host}:{port}; NO_PROXY={host} goes without it"},
		{ProxyStep, statusIs(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "{status}", "the proxy cannot reach {host}:{port}"},
		{ProxyStep, statusIs(http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented), "{status}", "it does not know CONNECT: is it a proxy, and is its port right?"},
		{ProxyStep, refusedAny, "{status}", ""},

		{ProxyStep, tooSlow, "no answer within {timeout}", "the proxy took the connection and says nothing: is its port right?"},
		{ProxyStep, errorSays("username/password authentication failed", "invalid username/password"), "the proxy does not accept this user and password", "--proxy {proxyscheme}://USER:PASS@{proxyaddress}"},
		{ProxyStep, errorSays("no acceptable authentication methods", "unsupported authentication method"), "the proxy wants a user and password", "--proxy {proxyscheme}://USER:PASS@{proxyaddress}"},
		{ProxyStep, errorSays("unexpected protocol version 72"), "it does not speak SOCKS 5, it answers in HTTP", "try --proxy http://{proxyaddress}"},
		{ProxyStep, errorSays("unexpected protocol version"), "it does not speak SOCKS 5", "is the port of the proxy right?"},
		{ProxyStep, socksSays("connection not allowed by ruleset"), "the proxy says: {error}", "the proxy does not allow connections to {host}:{port}"},
		{ProxyStep, socksSays("refused"), "the proxy says: {error}", "nothing listens on {host}:{port}, seen from the proxy"},
		{ProxyStep, allOf(socksSays("host unreachable"), resolvedHere), "the proxy says: {error}", "socks5h lets the proxy look the name up"},
		{ProxyStep, socksSays(""), "the proxy says: {error}", "the proxy cannot reach {host}:{port}"},
		{ProxyStep, proxyAnsweredSOCKS, "it does not speak HTTP, it answers in SOCKS", "try --proxy socks5h://{proxyaddress}"},
		{ProxyStep, isNotHTTP, "{error}", "is the port of the proxy right?"},
		{ProxyStep, unknownAuthority, "its certificate is signed by an unknown authority", "--ca FILE trusts the authority whose certificate FILE holds; -k goes on without checking"},
		{ProxyStep, unverified, "its certificate is not accepted: {error}", "-k goes on without checking"},
		{ProxyStep, isNotTLS, "the proxy does not speak TLS", "try --proxy http://{proxyaddress}"},
		{ProxyStep, allOf(cutOff, unless(overSOCKS)), "the proxy closed the connection without an answer", "is it an HTTP proxy? --proxy socks5h://{proxyaddress} speaks SOCKS"},
		{ProxyStep, cutOff, "the proxy closed the connection without an answer", "is it a SOCKS 5 proxy? --proxy http://{proxyaddress} speaks HTTP"},
		{ProxyStep, always, "", ""},
	}
}

func refusedAny(s *symptom) bool { return s.refusal != nil }

func withProxyLogin(s *symptom) bool { return s.dialer.proxyLogin(s.proxy) != nil }

func overSOCKS(s *symptom) bool { return s.proxy.isSOCKS() }

// resolvedHere is true where the proxy was given an address instead of the name.
func resolvedHere(s *symptom) bool { return s.proxy.scheme == "socks5" }

// socksSays is true for a refusal of a SOCKS proxy that has text in it.
func socksSays(text string) func(*symptom) bool {
	return func(s *symptom) bool {
		var reply *socksReply
		return errors.As(s.err, &reply) && strings.Contains(reply.text, text)
	}
}

// proxyAnsweredSOCKS is true if the "HTTP proxy" began its answer with the version of SOCKS.
func proxyAnsweredSOCKS(s *symptom) bool {
	var answer *notHTTP
	return errors.As(s.err, &answer) && len(answer.answer) > 0 && (answer.answer[0] == 5 || answer.answer[0] == 0)
}

func isNotHTTP(s *symptom) bool {
	var answer *notHTTP
	return errors.As(s.err, &answer)
}

// cutOff is a connection that ended before it said anything useful.
func cutOff(s *symptom) bool {
	return errorIs(io.EOF, io.ErrUnexpectedEOF, errnoReset, errnoAborted, errnoPipe)(s)
}
