package client

import "fmt"

// failure is a *DialError about a step of this attempt, explained.
func (a *attempt) failure(step Step, err error) *DialError {
	return &DialError{Kind: kindOf(step, err), Step: step, What: a.what(step), Why: err.Error(), Err: err, Handshake: a.handshake}
}

// refused is a *DialError about an answer in HTTP that lets nobody through.
func (a *attempt) refused(step Step, r *Refusal) *DialError {
	return &DialError{Kind: HandshakeFailed, Step: step, What: a.what(step), Why: fmt.Sprint(r.StatusLine), Handshake: a.handshake, Refusal: r}
}

// kindOf is what exit codes go by. Whatever was too slow was not connected.
func kindOf(step Step, err error) DialKind {
	switch {
	case err == errTooSlow:
		return ConnectFailed
	case step == TLSStep:
		return TLSFailed
	case step == UpgradeStep:
		return HandshakeFailed
	}
	return ConnectFailed
}

// what a step tries, and on what.
func (a *attempt) what(step Step) string {
	switch step {
	case NameStep:
		return "look up " + a.target.Host
	case TLSStep:
		return "TLS with " + a.target.address()
	case UpgradeStep:
		return "upgrade " + a.target.String()
	}
	return "connect to " + a.target.address()
}
