package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wsx/client/wire"
)

// errTooSlow ends the context of a dial whose Options.ConnectTimeout ran out.
var errTooSlow = errors.New("connect timeout")

// upgraded is what connecting yields: a stream that begins with the first frame, and what was agreed about it.
type upgraded struct {
	stream    io.ReadWriteCloser
	handshake *Handshake
	deflate   *wire.Deflate // nil = not agreed
}

// connect makes a dialer and dials once.
func connect(ctx context.Context, url string, o Options) (*upgraded, error) {
	d, err := newDialer(url, o)
	if err != nil {
		return nil, err
	}
	return d.connect(ctx)
}

// dialer knows all that connecting to a URL needs, so that it can be done again without asking or reading files twice.
// It is for one goroutine.
type dialer struct {
	options     Options
	target      Target
	pinned      []pinnedName
	detours     []detour
	pins        []pin
	tls         *tls.Config
	certificate *tls.Certificate // nil = none
	credentials credentials
	proxyLogins map[string]*url.Userinfo // by address of the proxy; what a person answered
}

// newDialer checks the URL and the options, reads the files they name and asks for the passwords they lack.
// Its errors are of type *UsageError, or say which file or answer is missing.
func newDialer(url string, o Options) (*dialer, error) {
	target, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.checkHTTP3(target); err != nil {
		return nil, err
	}
	d := &dialer{options: o, target: target}
	for _, load := range []func() error{d.parseLists, d.loadTLS, d.loadCredentials} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// parseLists reads the options that are small languages.
func (d *dialer) parseLists() (err error) {
	for _, s := range d.options.Resolve {
		p, err := parsePinnedName(s)
		if err != nil {
			return err
		}
		d.pinned = append(d.pinned, p)
	}
	for _, s := range d.options.ConnectTo {
		way, err := parseDetour(s)
		if err != nil {
			return err
		}
		d.detours = append(d.detours, way)
	}
	d.pins, err = parsePins(d.options.PinSHA256)
	return err
}

func (d *dialer) loadTLS() (err error) {
	if d.tls, err = d.options.tlsConfig(); err != nil {
		return err
	}
	d.certificate, err = d.options.certificate()
	return err
}

func (d *dialer) loadCredentials() (err error) {
	if d.credentials, err = d.options.credentials(d.target); err != nil {
		return err
	}
	d.proxyLogins = map[string]*url.Userinfo{}
	p, err := d.options.proxyFor(d.target)
	if err != nil || p == nil || p.user == nil {
		return err
	}
	if _, has := p.user.Password(); !has && d.options.AskPassword != nil {
		return d.askProxyLogin(p)
	}
	return nil
}

// connect opens a connection and upgrades it. Its error is a *DialError, or the cause that ended ctx.
func (d *dialer) connect(ctx context.Context) (*upgraded, error) {
	for {
		up, err := d.connectInTime(ctx)
		p := d.wantsLogin(err)
		if p == nil {
			return up, err
		}
		if err := d.askProxyLogin(p); err != nil { // takes its time: nothing is connected meanwhile
			return nil, err
		}
	}
}

// connectInTime connects once, before Options.ConnectTimeout runs out.
func (d *dialer) connectInTime(ctx context.Context) (*upgraded, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	return d.followRedirects(ctx)
}

// limit ends a context when Options.ConnectTimeout has run out.
func (d *dialer) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if timeout := d.options.connectTimeout(); timeout > 0 {
		return context.WithTimeoutCause(ctx, timeout, errTooSlow)
	}
	return context.WithCancel(ctx)
}

// followRedirects makes one attempt after another until one is not redirected, or may not be.
func (d *dialer) followRedirects(ctx context.Context) (*upgraded, error) {
	jar, target := newJar(), d.target
	var followed []string
	for {
		a := d.attempt(target, jar)
		a.handshake.Redirects = followed
		up, err := a.run(ctx)
		location, leads := redirected(err)
		if !leads || !d.options.FollowRedirects {
			return up, err
		}
		next, wrong := relocate(target, location)
		if len(followed) >= d.options.maxRedirects() {
			wrong = errManyRedirects
		}
		if wrong != nil {
			return nil, a.misled(err, wrong)
		}
		keepCookies(jar, target, a.handshake.Header)
		followed = append(followed, fmt.Sprintf("%d from %s to %s", a.handshake.Status, target, next))
		target = next
	}
}

// attempt is the next try to open a target, with what that target may know.
func (d *dialer) attempt(target Target, jar http.CookieJar) *attempt {
	a := &attempt{dialer: d, options: d.options, target: target, certificate: d.certificate, now: time.Now}
	if !target.sameOrigin(d.target) {
		a.options, a.certificate = d.options.forStranger(), nil
	}
	a.handshake = &Handshake{URL: target.String()}
	a.authorization = d.credentials.authorizationFor(target)
	a.cookies = cookieLine(a.options.Cookies, jar, target)
	return a
}

// proxyLogin is who we are to a proxy; nil = nobody.
func (d *dialer) proxyLogin(p *proxy) *url.Userinfo {
	if login := d.proxyLogins[p.address()]; login != nil {
		return login
	}
	return p.user
}

// wantsLogin is the proxy that refused us for want of a login which a person can be asked for; nil = there is none.
func (d *dialer) wantsLogin(err error) *proxy {
	var failed *DialError
	if !errors.As(err, &failed) || failed.Step != ProxyStep || failed.Refusal == nil || failed.proxy == nil {
		return nil
	}
	known := d.proxyLogin(failed.proxy) != nil
	if failed.Refusal.Status != http.StatusProxyAuthRequired || known || d.options.AskPassword == nil {
		return nil
	}
	return failed.proxy
}

// askProxyLogin asks for the password of the proxy's user, or for both.
func (d *dialer) askProxyLogin(p *proxy) error {
	user, prompt := "", fmt.Sprintf("User and password (USER:PASS) for proxy %s: ", p)
	if p.user != nil {
		user = p.user.Username()
		prompt = fmt.Sprintf("Password of %s for proxy %s: ", user, p)
	}
	answer, err := d.options.AskPassword(prompt)
	if err != nil {
		return fmt.Errorf("ask for the password for proxy %s: %w", p, err)
	}
	if p.user == nil {
		user, answer, _ = strings.Cut(answer, ":")
	}
	d.proxyLogins[p.address()] = url.UserPassword(user, answer)
	return nil
}
