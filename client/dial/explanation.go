package dial

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"wsx/errno"
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

func isRefusal(s *failedStep) bool { return s.refusal != nil }

// closedEarly reports whether the connection ended before anything useful was received.
func closedEarly(s *failedStep) bool {
	return errorIs(io.EOF, io.ErrUnexpectedEOF)(s) || errno.IsReset(s.err) || errno.IsClosedPipe(s.err)
}

// startsWith reports whether the response is not HTTP and begins with prefix.
func startsWith(prefix string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		answer, ok := errors.AsType[*notHTTP](s.err)
		return ok && bytes.HasPrefix(answer.answer, []byte(prefix))
	}
}

// deniedByStatus reports whether the server asked for a certificate and refused as nginx does: with 400 and a body that names
// the certificate.
func deniedByStatus(s *failedStep) bool {
	return s.askedForCertificate && statusIs(http.StatusBadRequest)(s) && bodyMentions("no required ssl certificate", "ssl certificate error")(s)
}

// isEnvironmentProxy reports whether the environment, and no option, names the proxy.
func isEnvironmentProxy(s *failedStep) bool { return s.proxy != nil && s.proxy.source != proxyOption }

func hasNoCertificate(s *failedStep) bool { return s.certificate == nil }

func isExtended(s *failedStep) bool { return s.options.HTTP != HTTP1 }

// bodyMentions reports whether the body of the refusal contains one of the words, in any case. The words are lower case.
func bodyMentions(words ...string) func(*failedStep) bool {
	return func(s *failedStep) bool {
		body := bytes.ToLower(s.refusal.Body)
		return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(body, []byte(word)) })
	}
}
