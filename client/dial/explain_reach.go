package dial

import (
	"errors"
	"io/fs"
	"net"

	"wsx/errno"
)

// reachExplanations returns the explanations for resolving a host and connecting to it, the target or a proxy.
func reachExplanations() []explanation {
	return []explanation{
		{NameTimeout, NameStep, tooSlow, "no answer within {timeout}"},
		{NameWrongFamily, NameStep, wrongFamily, "it has no {family} address"},
		{ProxyNameNotFound, NameStep, allOf(proxyOfEnvironment, noSuchHost), "no such host"},
		{NameNotFound, NameStep, noSuchHost, "no such host"},
		{NameFailed, NameStep, always, ""},

		{SocketNotFound, TCPStep, allOf(onSocket, errorIs(fs.ErrNotExist)), "no such file"},
		{SocketPermission, TCPStep, allOf(onSocket, errorIs(fs.ErrPermission)), "permission denied"},
		{SocketRefused, TCPStep, allOf(onSocket, errorIs(errno.Refused)), "connection refused"},
		{ProxyTimeout, TCPStep, allOf(proxyOfEnvironment, tooSlow), "no answer within {timeout}"},
		{ProxyRefused, TCPStep, allOf(proxyOfEnvironment, errorIs(errno.Refused)), "connection refused"},
		{TCPTimeout, TCPStep, tooSlow, "no answer within {timeout}"},
		{TCPRefused, TCPStep, errorIs(errno.Refused), "connection refused"},
		{TCPNoAnswer, TCPStep, errorIs(errno.TimedOut), "no answer"},
		{TCPUnreachable, TCPStep, errorIs(errno.HostUnreachable), "no route to the host"},
		{NoNetwork, TCPStep, errorIs(errno.NetworkUnreachable, errno.NoAddress), "the network is unreachable"},
		{TCPReset, TCPStep, errorIs(errno.Reset, errno.Aborted), "the connection was reset"},
		{TCPFailed, TCPStep, always, ""},
	}
}

func onSocket(s *symptom) bool { return s.unixSocket() != "" }

// proxyOfEnvironment reports whether the environment, and no option, names the proxy.
func proxyOfEnvironment(s *symptom) bool { return s.proxy != nil && s.proxy.source != proxyOption }

func noSuchHost(s *symptom) bool {
	name, ok := errors.AsType[*net.DNSError](s.err)
	return ok && name.IsNotFound
}

// wrongFamily reports whether a host has no address of the one family that the options allow. Others were not queried.
func wrongFamily(s *symptom) bool {
	return s.options.network() != "tcp" && (errorAs[*net.AddrError](s) || noSuchHost(s))
}
