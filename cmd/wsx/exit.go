package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"wsx/check"
	"wsx/client"
	"wsx/client/dial"
	"wsx/daemon"
	"wsx/dialect"
	"wsx/load"
	"wsx/load/report"
	"wsx/repl"
	"wsx/repl/render"
	"wsx/repl/script"
	"wsx/server"
)

// The exit codes of the program. Scripts depend on them: add, never change.
const (
	exitOK         = 0
	exitFailed     = 1   // anything else that failed here
	exitUsage      = 2   // flags, URL, header
	exitConnect    = 3   // not connected
	exitTLS        = 4   // certificate, name, version
	exitHandshake  = 5   // the upgrade was refused or wrong
	exitProtocol   = 6   // the server broke the protocol
	exitLost       = 7   // lost without a Close
	exitClosed     = 8   // the server closed with a code that is not well meant
	exitTimeout    = 9   // --timeout, --count or --until
	exitSignalBase = 128 // and the signal's number
)

// exitCode is the one place that turns kinds of errors into exit codes.
func exitCode(err error) int {
	var (
		failed     *dial.Error
		usage      *dial.UsageError
		protocol   *client.ProtocolError
		lost       *client.LostError
		doubt      *client.UnconfirmedError
		closed     *client.CloseError
		unmet      *repl.UnmetError
		timeout    *timeoutError
		signal     *signalError
		mistake    *render.Mistake
		failure    *script.Failure
		checked    *checkError
		syntax     *script.SyntaxError
		serving    *server.Error
		mismatch   *mismatchError
		reply      *repl.ReplyError
		login      *repl.LoginError
		unsent     *repl.NotLoggedInError
		status     *repl.StatusError
		file       *dialect.FileError
		rule       *repl.RuleError
		misused    *dialect.UsageError
		ofKind     interface{ Kind() string }
		pair       *client.CertificateError
		missed     *report.MissedError
		dropped    *load.LostError
		unmeasured *load.UnmeasuredError
		told       *daemon.EndError
		gone       *daemon.GoneError
		silent     *daemon.UnresponsiveError
		name       *daemon.NameError
		unknown    *daemon.UnknownError
		taken      *daemon.TakenError
		passed     *statusError
		barred     *load.LoginError
		rejected   *check.LoginError
		carrier    *check.CarrierError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &signal):
		return exitSignalBase + int(signal.signal)
	case errors.As(err, &passed):
		return passed.code
	case errors.As(err, &told):
		return told.Exit
	case errors.As(err, &gone):
		return exitLost
	case errors.As(err, &silent):
		return exitTimeout
	case errors.As(err, &name), errors.As(err, &unknown), errors.As(err, &taken):
		return exitUsage
	case errors.As(err, &checked):
		return checked.code
	case errors.As(err, &failure): // whatever ended the session before
		return exitTimeout
	case errors.As(err, &status):
		return status.Code
	case errors.As(err, &login), errors.As(err, &unsent), errors.As(err, &barred), errors.As(err, &rejected):
		return exitHandshake
	case errors.As(err, &reply), errors.As(err, &unmeasured) && unmeasured.Refused:
		return exitClosed
	case errors.As(err, &usage), errors.As(err, &file), errors.As(err, &rule), errors.As(err, &misused), errors.As(err, &carrier), errors.As(err, &ofKind) && ofKind.Kind() == "usage", errors.As(err, &mistake), errors.As(err, &syntax):
		return exitUsage
	case errors.As(err, &failed):
		return map[dial.Kind]int{
			dial.ConnectFailed: exitConnect, dial.TLSFailed: exitTLS, dial.HandshakeFailed: exitHandshake,
		}[failed.Kind]
	case errors.As(err, &serving):
		return map[server.Kind]int{
			server.Usage: exitUsage, server.Certificate: exitTLS, server.Address: exitFailed, server.File: exitFailed,
		}[serving.Kind]
	case errors.As(err, &pair):
		return exitTLS
	case errors.As(err, &protocol):
		return exitProtocol
	case errors.As(err, &lost), errors.As(err, &doubt), errors.As(err, &dropped):
		return exitLost
	case errors.As(err, &closed), errors.As(err, &mismatch):
		return exitClosed
	case errors.As(err, &unmet), errors.As(err, &missed), errors.As(err, &unmeasured), errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		return exitTimeout
	}
	return exitFailed
}

func isSignal(err error) bool {
	var signal *signalError
	return errors.As(err, &signal)
}

// hintedError is an error with what to do next, in the command line's words.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

// Hint is what to do next.
func (e *hintedError) Hint() string { return e.hint }

// Kind is the kind of the error event.
func (e *hintedError) Kind() string { return render.ErrorKind(e.error) }

// withHint adds what to do next to an error of a package that does not know the command line.
func withHint(err error) error {
	var unconfirmed *client.UnconfirmedError
	if errors.As(err, &unconfirmed) {
		return &hintedError{err, "--resend sends again what may not have arrived; what did arrive then arrives twice"}
	}
	if hint := sessionHint(err); hint != "" {
		return &hintedError{err, hint}
	}
	return err
}

// timeoutError is the end of --timeout.
type timeoutError struct{ after string }

func (e *timeoutError) Error() string { return fmt.Sprintf("time limit of %s ran out", e.after) }
func (e *timeoutError) Kind() string  { return "timeout" }

// signalError is a signal that ended the program. Only the exit code shows it.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return e.signal.String() }
func (e *signalError) Kind() string  { return "io" }
