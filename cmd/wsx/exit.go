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
	exitClosed     = 8   // the server closed with a code other than 1000 and 1001
	exitTimeout    = 9   // --timeout, --count or --until
	exitSignalBase = 128 // and the signal's number
	exitRemoteMost = 255 // a program that the server ran ended with a code that is no exit code here, such as those of Windows
)

// exitCode is the one place that turns kinds of errors into exit codes.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if signal, ok := errors.AsType[*signalError](err); ok {
		return exitSignalBase + int(signal.signal)
	}
	if coded, ok := errors.AsType[*codedError](err); ok {
		return coded.code
	}
	if ended, ok := errors.AsType[*daemon.EndError](err); ok {
		return ended.Exit
	}
	if is[*script.Failure](err) { // whatever ended the session before
		return exitTimeout
	}
	if status, ok := errors.AsType[*repl.StatusError](err); ok {
		if status.Code < 0 || status.Code > exitRemoteMost { // the lowest eight bits may be 0
			return exitRemoteMost
		}
		return status.Code
	}
	unmeasured, isUnmeasured := errors.AsType[*load.UnmeasuredError](err)
	kind, hasKind := errors.AsType[interface {
		error
		Kind() string
	}](err)
	switch {
	case is[*daemon.GoneError](err):
		return exitLost
	case is[*daemon.UnresponsiveError](err):
		return exitTimeout
	case is[*daemon.NameError](err), is[*daemon.UnknownError](err), is[*daemon.TakenError](err):
		return exitUsage
	case is[*dialect.LoginError](err), is[*repl.NotLoggedInError](err):
		return exitHandshake
	case is[*repl.ReplyError](err), isUnmeasured && unmeasured.Refused:
		return exitClosed
	case is[*dial.UsageError](err), is[*dialect.FileError](err), is[*repl.RuleError](err), is[*dialect.UsageError](err), is[*check.CarrierError](err),
		hasKind && kind.Kind() == "usage", is[*render.FormatError](err), is[*script.SyntaxError](err):
		return exitUsage
	}
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		return map[dial.Kind]int{
			dial.ConnectFailed: exitConnect, dial.TLSFailed: exitTLS, dial.HandshakeFailed: exitHandshake,
		}[failed.Kind]
	}
	if serving, ok := errors.AsType[*server.Error](err); ok {
		return map[server.Kind]int{
			server.Usage: exitUsage, server.Certificate: exitTLS, server.Address: exitFailed, server.File: exitFailed,
		}[serving.Kind]
	}
	switch {
	case is[*client.CertificateError](err):
		return exitTLS
	case is[*client.ProtocolError](err):
		return exitProtocol
	case is[*client.LostError](err), is[*client.UnconfirmedError](err), is[*load.LostError](err):
		return exitLost
	case is[*client.CloseError](err):
		return exitClosed
	case is[*repl.UnmetError](err), is[*report.MissedError](err), isUnmeasured, is[*timeoutError](err), errors.Is(err, context.DeadlineExceeded):
		return exitTimeout
	}
	return exitFailed
}

// is reports whether an error is of a type, or wraps one that is.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// codedError is an error with an exit code of its own.
type codedError struct {
	message string
	code    int
}

func (e *codedError) Error() string { return e.message }

// timeoutError is the error when --timeout has expired.
type timeoutError struct {
	after   string
	missing string // what the server has not sent to an application protocol, like "no reply"; "" = nothing that is known
}

func (e *timeoutError) Error() string {
	text := fmt.Sprintf("the time limit of %s ran out", e.after)
	if e.missing != "" {
		text += ": " + e.missing
	}
	return text
}

func (e *timeoutError) Kind() string { return "timeout" }

// signalError is a signal that ended the program. Only the exit code shows it.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return e.signal.String() }
func (e *signalError) Kind() string  { return "io" }

// reportedError is an error that the session's output has reported already.
type reportedError struct{ error }

func (e *reportedError) Unwrap() error { return e.error }
