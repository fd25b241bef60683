package dial

import (
	"cmp"
	"errors"
	"net"
)

// failure explains an error.
func (a *attempt) failure(step Step, err error) *Error {
	return (&failedStep{attempt: a, step: step, err: err}).explain()
}

// refused explains an HTTP response.
func (a *attempt) refused(step Step, r *Refusal) *Error {
	return (&failedStep{attempt: a, step: step, refusal: r}).explain()
}

// notRedirected explains why a redirect was not followed.
func (a *attempt) notRedirected(redirect, err error) *Error {
	explained := a.failure(UpgradeStep, err)
	if answered, ok := errors.AsType[*Error](redirect); ok {
		explained.Refusal = answered.Refusal
	}
	return explained
}

func (s *failedStep) explain() *Error {
	e := s.explanation()
	facts := s.facts()
	explained := &Error{
		Kind: s.kind(), Step: s.step, Reason: e.reason, What: s.describe(s.step), Why: expand(e.why, facts),
		Err: s.err, Handshake: s.handshake, Refusal: s.refusal, facts: facts, proxy: s.proxy,
	}
	if e.why == "" {
		explained.Why = innermostText(s.err)
	}
	return explained
}

// explanation returns the first explanation that matches. There always is one: the last row of each step matches all.
func (s *failedStep) explanation() explanation {
	for _, table := range [][]explanation{extendedExplanations(), reachExplanations(), proxyExplanations(), tlsExplanations(), upgradeExplanations()} {
		for _, e := range table {
			if e.step == s.step && e.matches(s) {
				return e
			}
		}
	}
	return explanation{}
}

// kind returns the kind of the error, on which exit codes depend. A timeout at any step is ConnectFailed.
func (s *failedStep) kind() Kind {
	switch {
	case s.err == errConnectTimeout:
		return ConnectFailed
	case s.step == TLSStep, s.deniedCertificate(), deniedByStatus(s):
		return TLSFailed
	case s.step == UpgradeStep:
		return HandshakeFailed
	}
	return ConnectFailed
}

// describe returns what a step does, for errors: "connect to HOST:PORT".
func (a *attempt) describe(step Step) string {
	switch {
	case step == NameStep:
		host, _, _ := net.SplitHostPort(a.dialing)
		return "look up " + cmp.Or(host, a.target.Host)
	case step == ProxyStep:
		return "connect to " + a.target.address() + " through proxy " + a.proxy.String()
	case step == TLSStep:
		return "TLS with " + cmp.Or(a.unixSocket(), a.target.address())
	case step == UpgradeStep:
		return "upgrade " + a.shownURL(a.target)
	case a.unixSocket() != "":
		return "connect to " + a.unixSocket()
	case a.proxy != nil:
		return "connect to proxy " + a.proxy.String()
	}
	return "connect to " + a.dialing
}

// The conditions that explanations are made of.
