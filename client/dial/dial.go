// Package dial connects to a WebSocket URL: names, proxies, TLS, redirects and the opening handshake over HTTP/1.1, HTTP/2 and
// HTTP/3. It returns a byte stream that begins with the first frame, and the result of the handshake. It knows neither sessions
// nor the command line.
package dial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// New checks the URL and the options, reads the files they name and asks for the passwords they lack.
// It fails with a *UsageError, with the error of a file or of AskPassword, or with the cause that ended ctx.
func New(ctx context.Context, url string, o Options) (*Dialer, error) {
	target, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if err := o.checkHTTP3(target); err != nil {
		return nil, err
	}
	d := &Dialer{options: o, target: target}
	if err := d.parseLists(); err != nil {
		return nil, err
	}
	if err := d.loadTLS(ctx); err != nil {
		return nil, err
	}
	if err := d.loadCredentials(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// parseLists parses the options that are lists of strings with a syntax.
func (d *Dialer) parseLists() (err error) {
	for _, s := range d.options.Resolve {
		p, err := parsePinnedName(s)
		if err != nil {
			return err
		}
		d.pinned = append(d.pinned, p)
	}
	for _, s := range d.options.ConnectTo {
		to, err := parseConnectRule(s)
		if err != nil {
			return err
		}
		d.connectRules = append(d.connectRules, to)
	}
	d.pins, err = parsePins(d.options.PinSHA256)
	return err
}

func (d *Dialer) loadTLS(ctx context.Context) (err error) {
	if d.tls, err = d.options.tlsConfig(ctx); err != nil {
		return err
	}
	d.certificate, err = d.options.Certificate(ctx)
	return err
}

func (d *Dialer) loadCredentials(ctx context.Context) (err error) {
	if d.credentials, err = d.options.credentials(ctx, d.target); err != nil {
		return err
	}
	d.proxyLogins = map[string]*url.Userinfo{}
	p, err := d.options.proxyFor(d.target)
	if err != nil || p == nil || p.user == nil {
		return err
	}
	if _, has := p.user.Password(); !has && d.options.AskPassword != nil {
		return d.askProxyLogin(ctx, p)
	}
	return nil
}

// Dial opens a connection and upgrades it, within Options.ConnectTimeout and ctx. The error is an *Error, or wraps the cause
// that ended ctx.
func (d *Dialer) Dial(ctx context.Context) (*Conn, error) {
	for {
		conn, err := d.followRedirects(ctx)
		p := d.proxyNeedingLogin(err)
		if p == nil {
			return conn, err
		}
		if err := d.askProxyLogin(ctx, p); err != nil { // before connecting: the user may take long
			return nil, err
		}
	}
}

// limit returns a context that ends after Options.ConnectTimeout.
func (d *Dialer) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if timeout := d.options.connectTimeout(); timeout > 0 {
		return context.WithTimeoutCause(ctx, timeout, errConnectTimeout)
	}
	return context.WithCancel(ctx)
}

// followRedirects makes attempts until one is not redirected, or its redirect must not be followed, within Options.ConnectTimeout.
func (d *Dialer) followRedirects(ctx context.Context) (*Conn, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	jar, target := newJar(), d.target
	var followed []string
	for {
		a := d.attempt(target, jar)
		a.handshake.Redirects = followed
		conn, err := a.run(ctx)
		location, ok := redirected(err)
		if !ok || !d.options.FollowRedirects {
			return conn, err
		}
		next, failed := relocate(target, location)
		if len(followed) >= d.options.maxRedirects() {
			failed = errManyRedirects
		}
		if failed != nil {
			return nil, a.notRedirected(err, failed)
		}
		next.Path = a.withoutSignature(next.Path)
		keepCookies(jar, target, a.handshake.Header)
		followed = append(followed, fmt.Sprintf("%d from %s to %s", a.handshake.Status, a.shownURL(target), a.shownURL(next)))
		target = next
	}
}

// attempt returns the next attempt, with the options and credentials that target may be sent.
func (d *Dialer) attempt(target Target, jar http.CookieJar) *attempt {
	a := &attempt{dialer: d, options: d.options, target: target, certificate: d.certificate}
	if !target.sameOrigin(d.target) {
		a.options, a.certificate = d.options.forOtherHost(), nil
	}
	a.handshake = &Handshake{URL: a.shownURL(target)}
	a.authorization = d.credentials.authorizationFor(target)
	a.cookies = cookieLine(a.options.Cookies, jar, target)
	return a
}

// proxyLogin returns the user info for a proxy; nil = no login is known.
func (d *Dialer) proxyLogin(p *proxy) *url.Userinfo {
	return cmp.Or(d.proxyLogins[p.address()], p.user)
}

// proxyNeedingLogin returns the proxy that has refused a connection for want of a login, if the user can be asked for one; nil
// = no such proxy.
func (d *Dialer) proxyNeedingLogin(err error) *proxy {
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.Step != ProxyStep || failed.Refusal == nil || failed.proxy == nil {
		return nil
	}
	known := d.proxyLogin(failed.proxy) != nil
	if failed.Refusal.Status != http.StatusProxyAuthRequired || known || d.options.AskPassword == nil {
		return nil
	}
	return failed.proxy
}

// askProxyLogin asks for the password of the proxy's user, or for both.
func (d *Dialer) askProxyLogin(ctx context.Context, p *proxy) error {
	user, prompt := "", fmt.Sprintf("User and password (USER:PASS) for proxy %s: ", p)
	if p.user != nil {
		user = p.user.Username()
		prompt = fmt.Sprintf("Password of %s for proxy %s: ", user, p)
	}
	answer, err := d.options.AskPassword(ctx, prompt)
	if err != nil {
		return fmt.Errorf("ask for the password for proxy %s: %w", p, err)
	}
	if p.user == nil {
		user, answer, _ = strings.Cut(answer, ":")
	}
	d.proxyLogins[p.address()] = url.UserPassword(user, answer)
	return nil
}
