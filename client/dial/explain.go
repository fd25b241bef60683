package dial

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
)

// explanation is the reason of a failed step, and a sentence that may name facts in braces, like "{host}". An empty sentence
// stands for the text of the error.
type explanation struct {
	reason  Reason
	step    Step
	matches func(*failedStep) bool
	why     string
}

// failedStep is a step of an attempt that failed, with the error or the response that refused it.
type failedStep struct {
	*attempt
	step    Step
	err     error    // nil if there is a refusal
	refusal *Refusal // nil if there is an error
}

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

// innermostText returns the innermost error, without the operations and addresses that wrap it.
func innermostText(err error) string {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return strings.TrimPrefix(certificate.Err.Error(), "x509: ")
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return name.Err
	}
	if system, ok := errors.AsType[*os.SyscallError](err); ok {
		return system.Err.Error()
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return innermostText(operation.Err)
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
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

func matchAll(*failedStep) bool { return true }

func timedOut(s *failedStep) bool { return s.err == errConnectTimeout }

func errorIs(targets ...error) func(*failedStep) bool {
	return func(s *failedStep) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(s.err, target) })
	}
}

// errorAs reports whether the error is of a type, or wraps one that is.
func errorAs[E error](s *failedStep) bool {
	_, ok := errors.AsType[E](s.err)
	return ok
}

func errorSays(texts ...string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		return s.err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(s.err.Error(), text) })
	}
}

func statusIs(codes ...int) func(*failedStep) bool {
	return func(s *failedStep) bool { return s.refusal != nil && slices.Contains(codes, s.refusal.Status) }
}

func allOf(conditions ...func(*failedStep) bool) func(*failedStep) bool {
	return func(s *failedStep) bool {
		return !slices.ContainsFunc(conditions, func(condition func(*failedStep) bool) bool { return !condition(s) })
	}
}

func unless(condition func(*failedStep) bool) func(*failedStep) bool {
	return func(s *failedStep) bool { return !condition(s) }
}
