package dial

import (
	"errors"
	"io/fs"
	"net"
)

// reachExplanations are about finding a host and connecting to it, be it the target or a proxy.
func reachExplanations() []explanation {
	return []explanation{
		{NameStep, tooSlow, "no answer within {timeout}", "the name servers do not answer; --resolve {host}:{port}:ADDRESS goes without them"},
		{NameStep, wrongFamily, "there is no {family} address for it", "without {familyflag} other addresses are tried too"},
		{NameStep, allOf(proxyOfEnvironment, noSuchHost), "no such host", "{variable} names this proxy; --proxy none goes without one"},
		{NameStep, noSuchHost, "no such host", "check the spelling; --resolve {host}:{port}:ADDRESS gives a name an address"},
		{NameStep, always, "", "the name servers cannot be asked; --resolve {host}:{port}:ADDRESS goes without them"},

		{TCPStep, allOf(onSocket, errorIs(fs.ErrNotExist)), "no such file", "is the server running, and does it listen on this socket?"},
		{TCPStep, allOf(onSocket, errorIs(fs.ErrPermission)), "permission denied", "the socket belongs to somebody else"},
		{TCPStep, allOf(onSocket, errorIs(errnoRefused)), "connection refused", "nothing listens on this socket: is the server running?"},
		{TCPStep, allOf(proxyOfEnvironment, tooSlow), "no answer within {timeout}", "{variable} names this proxy; --proxy none goes without one"},
		{TCPStep, allOf(proxyOfEnvironment, errorIs(errnoRefused)), "connection refused", "{variable} names this proxy; --proxy none goes without one"},
		{TCPStep, tooSlow, "no answer within {timeout}", "the host is down, or a firewall drops what is sent to port {port}; --connect-timeout waits longer"},
		{TCPStep, errorIs(errnoRefused), "connection refused", "nothing listens on port {port} there: is the server running, and is the port right?"},
		{TCPStep, errorIs(errnoTimedOut), "no answer", "the host is down, or a firewall drops what is sent to port {port}"},
		{TCPStep, errorIs(errnoUnreachable), "no route to the host", "the host is down, or a firewall is in the way"},
		{TCPStep, errorIs(errnoNoNetwork, errnoNoAddress), "no network leads there", "is there a network of this kind? -4 and -6 choose between IPv4 and IPv6"},
		{TCPStep, errorIs(errnoReset, errnoAborted), "the connection was reset", "a firewall may be in the way"},
		{TCPStep, always, "", ""},
	}
}

func onSocket(s *symptom) bool { return s.unixSocket() != "" }

// proxyOfEnvironment is true on the way to a proxy that nobody asked for on the command line.
func proxyOfEnvironment(s *symptom) bool { return s.proxy != nil && s.proxy.source != proxyFlag }

func noSuchHost(s *symptom) bool {
	var name *net.DNSError
	return errors.As(s.err, &name) && name.IsNotFound
}

// wrongFamily is a host without an address of the one family that the options want. Whether it has others was not asked.
func wrongFamily(s *symptom) bool {
	var none *net.AddrError
	return s.options.network() != "tcp" && (errors.As(s.err, &none) || noSuchHost(s))
}
