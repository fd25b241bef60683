package repl

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wsx/client"
	"wsx/client/dial"
	"wsx/dialect"
)

// Redact hides secrets wherever sent messages, opening handshakes and errors are shown or recorded.
func (o *Output) Redact(secrets []string) {
	d := o.display.acquire()
	defer o.display.release(d)
	for _, secret := range secrets {
		escaped, _ := json.Marshal(secret) // a string always can be
		for _, form := range []string{secret, inQuotes(escaped), inQuotes(dialect.AppendValue(nil, secret)), url.QueryEscape(secret)} {
			if !slices.Contains(d.secrets, form) {
				d.secrets = append(d.secrets, form)
			}
		}
	}
	slices.SortFunc(d.secrets, func(a, b string) int { return len(b) - len(a) }) // a secret that contains another one is replaced first
}

// inQuotes returns what stands between the quotes of a JSON string. Encoders differ in what they escape: that of Go escapes &, < and >.
func inQuotes(text []byte) string { return string(text[1 : len(text)-1]) }

// redact returns an event without the secrets.
func (d *display) redact(e client.Event) client.Event {
	if d.view.Options.Secrets {
		return e
	}
	switch {
	case e.Kind == client.KindMessage && e.Dir == client.Out:
		for _, secret := range d.secrets {
			e.Payload = bytes.ReplaceAll(e.Payload, []byte(secret), []byte(dial.Redacted))
		}
	case e.Kind == client.KindOpen:
		h, ok := e.Detail.(*dial.Handshake)
		if !ok {
			break
		}
		shown := *h
		shown.URL = d.hide(h.URL)
		shown.Request = d.hideAll(h.Request)
		shown.Response = d.hideAll(h.Response)
		shown.Header = http.Header{}
		for name, values := range h.Header {
			shown.Header[name] = d.hideAll(values)
		}
		e.Detail = &shown
	case e.Kind == client.KindError:
		if err, ok := e.Detail.(error); ok {
			e.Detail = d.hideError(err)
		}
	case e.Kind == client.KindRetry:
		if attempt, ok := e.Detail.(*client.Attempt); ok {
			shown := *attempt
			shown.Err = d.hideError(attempt.Err)
			e.Detail = &shown
		}
	}
	return e
}

// redactedError is an error whose text had a secret.
type redactedError struct {
	error
	text string
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.error }

// hideError returns an error without the secrets in its text.
func (d *display) hideError(err error) error {
	if err == nil {
		return nil
	}
	if text := d.hide(err.Error()); text != err.Error() {
		return &redactedError{err, text}
	}
	return err
}

func (d *display) hide(text string) string {
	if d.view.Options.Secrets {
		return text
	}
	for _, secret := range d.secrets {
		text = strings.ReplaceAll(text, secret, dial.Redacted)
	}
	return text
}

// hidden returns the texts that are hidden.
func (o *Output) hidden() []string {
	d := o.display.acquire()
	defer o.display.release(d)
	return slices.Clone(d.secrets)
}

func (d *display) hideAll(lines []string) []string {
	shown := make([]string, len(lines))
	for i, line := range lines {
		shown[i] = d.hide(line)
	}
	return shown
}
