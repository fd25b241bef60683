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
		{NameTimeout, NameStep, timedOut, "no answer within {timeout}"},
		{NameWrongFamily, NameStep, lacksFamily, "it has no {family} address"},
		{ProxyNameNotFound, NameStep, allOf(isEnvironmentProxy, isNotFound), "no such host"},
		{NameNotFound, NameStep, isNotFound, "no such host"},
		{NameFailed, NameStep, matchAll, ""},

		{SocketNotFound, TCPStep, allOf(isUnixSocket, errorIs(fs.ErrNotExist)), "no such file"},
		{SocketPermission, TCPStep, allOf(isUnixSocket, errorIs(fs.ErrPermission)), "permission denied"},
		{SocketRefused, TCPStep, allOf(isUnixSocket, errorIs(errno.Refused)), "connection refused"},
		{ProxyTimeout, TCPStep, allOf(isEnvironmentProxy, timedOut), "no answer within {timeout}"},
		{ProxyRefused, TCPStep, allOf(isEnvironmentProxy, errorIs(errno.Refused)), "connection refused"},
		{TCPTimeout, TCPStep, timedOut, "no answer within {timeout}"},
		{TCPRefused, TCPStep, errorIs(errno.Refused), "connection refused"},
		{TCPNoAnswer, TCPStep, errorIs(errno.TimedOut), "no answer"},
		{TCPUnreachable, TCPStep, errorIs(errno.HostUnreachable), "no route to the host"},
		{NoNetwork, TCPStep, errorIs(errno.NetworkUnreachable, errno.NoAddress), "the network is unreachable"},
		{TCPReset, TCPStep, errorIs(errno.Reset, errno.Aborted), "the connection was reset"},
		{TCPFailed, TCPStep, matchAll, ""},
	}
}

func isUnixSocket(s *failedStep) bool { return s.unixSocket() != "" }

func isNotFound(s *failedStep) bool {
	name, ok := errors.AsType[*net.DNSError](s.err)
	return ok && name.IsNotFound
}

// lacksFamily reports whether a host has no address of the only family that the options allow. Addresses of the other family
// were not queried.
func lacksFamily(s *failedStep) bool {
	return s.options.network() != "tcp" && (errorAs[*net.AddrError](s) || isNotFound(s))
}
