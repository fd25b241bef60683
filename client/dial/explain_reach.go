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
		{"name-timeout", NameStep, timedOut, "no answer within {timeout}"},
		{"name-wrong-family", NameStep, lacksFamily, "it has no {family} address"},
		{"proxy-name-not-found", NameStep, allOf(isEnvironmentProxy, isNotFound), "no such host"},
		{"name-not-found", NameStep, isNotFound, "no such host"},
		{"name-failed", NameStep, matchAll, ""},

		{"socket-not-found", TCPStep, allOf(isUnixSocket, errorIs(fs.ErrNotExist)), "no such file"},
		{"socket-permission", TCPStep, allOf(isUnixSocket, errorIs(fs.ErrPermission)), "permission denied"},
		{"socket-refused", TCPStep, allOf(isUnixSocket, errorIs(errno.Refused)), "connection refused"},
		{"proxy-timeout", TCPStep, allOf(isEnvironmentProxy, timedOut), "no answer within {timeout}"},
		{"proxy-refused", TCPStep, allOf(isEnvironmentProxy, errorIs(errno.Refused)), "connection refused"},
		{"tcp-timeout", TCPStep, timedOut, "no answer within {timeout}"},
		{"tcp-refused", TCPStep, errorIs(errno.Refused), "connection refused"},
		{"tcp-no-answer", TCPStep, errorIs(errno.TimedOut), "no answer"},
		{"tcp-unreachable", TCPStep, errorIs(errno.HostUnreachable), "no route to the host"},
		{"no-network", TCPStep, errorIs(errno.NetworkUnreachable, errno.NoAddress), "the network is unreachable"},
		{"tcp-reset", TCPStep, errorIs(errno.Reset, errno.Aborted), "the connection was reset"},
		{"tcp-failed", TCPStep, matchAll, ""},
	}
}

func isUnixSocket(s *failedStep) bool { return s.unixSocket() != "" }

// isEnvironmentProxy reports whether the environment, and no option, names the proxy.
func isEnvironmentProxy(s *failedStep) bool { return s.proxy != nil && s.proxy.source != proxyOption }

func isNotFound(s *failedStep) bool {
	name, ok := errors.AsType[*net.DNSError](s.err)
	return ok && name.IsNotFound
}

// lacksFamily reports whether a host has no address of the only family that the options allow. Addresses of the other family
// were not queried.
func lacksFamily(s *failedStep) bool {
	return s.options.network() != "tcp" && (errorAs[*net.AddrError](s) || isNotFound(s))
}
