package dial

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
)

// errDowngrade is a redirect from wss to ws, which is not followed: it would send secrets in clear text.
var errDowngrade = errors.New("the server redirected from wss to ws")

// errManyRedirects is a chain of redirects longer than Options.MaxRedirects.
var errManyRedirects = errors.New("the server redirected again")

// isRedirect reports whether a status is a redirect.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirected returns the Location of the response to a failed upgrade; false if it is not a redirect.
func redirected(err error) (location string, ok bool) {
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.Step != UpgradeStep || failed.Refusal == nil || !isRedirect(failed.Refusal.Status) {
		return "", false
	}
	location = failed.Refusal.Header.Get("Location")
	return location, location != ""
}

// relocate returns the target of a Location, which may be relative to from (RFC 9110, 10.2.2).
func relocate(from Target, location string) (Target, error) {
	reference, err := url.Parse(location)
	if err != nil {
		return Target{}, fmt.Errorf("the server redirected to an invalid URL: %w", plainURLError(err))
	}
	whole := from.httpURL().ResolveReference(reference)
	if whole.Opaque != "" {
		return Target{}, fmt.Errorf("the server redirected to %q, which has no host", shortURL(location))
	}
	whole.Fragment, whole.RawFragment = "", ""
	next, err := parseURL(whole.String())
	if err != nil {
		return Target{}, fmt.Errorf("the server redirected to %q: %w", shortURL(location), err)
	}
	if next.Unix != "" {
		return Target{}, fmt.Errorf("the server redirected to %q: a redirect to a unix socket is not allowed", shortURL(location))
	}
	if from.Secure && !next.Secure {
		return Target{}, errDowngrade
	}
	if next.Host == from.Host && next.Port == from.Port && next.Secure == from.Secure {
		next.Unix = from.Unix
	}
	return next, nil
}

// httpURL returns the target as an http or https URL.
func (t Target) httpURL() *url.URL {
	path, query, hasQuery := strings.Cut(t.Path, "?")
	u := &url.URL{Scheme: "http", Host: t.authority(), RawQuery: query, ForceQuery: hasQuery && query == ""}
	if t.Secure {
		u.Scheme = "https"
	}
	if unescaped, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = unescaped, path
	}
	return u
}

// forOtherHost returns the options for another host that a redirect leads to: without those for the first host only.
func (o Options) forOtherHost() Options {
	o.Host, o.ServerName, o.Cookies, o.Sign = "", "", nil, nil
	o.Subprotocols = withoutTokens(o.Subprotocols)
	o.Header = slices.DeleteFunc(slices.Clone(o.Header), func(line HeaderLine) bool {
		return !line.Remove && (secretHeader(line.Name) || strings.EqualFold(line.Name, "Host"))
	})
	return o
}

// withoutSignature returns the path and query of a redirect without the parameters that signing added to those of the request: a
// server may copy the query of the request.
func (a *attempt) withoutSignature(path string) string {
	if a.signed == "" {
		return path
	}
	path, query, _ := strings.Cut(path, "?")
	added := queryNames(a.signed)
	for name := range queryNames(a.target.Path) {
		delete(added, name)
	}
	kept := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool { return added[parameterName(pair)] })
	if query = strings.Join(kept, "&"); query == "" {
		return path
	}
	return path + "?" + query
}

// queryNames returns the names of the parameters in the query of a path.
func queryNames(path string) map[string]bool {
	names := map[string]bool{}
	if _, query, asked := strings.Cut(path, "?"); asked {
		for pair := range strings.SplitSeq(query, "&") {
			names[parameterName(pair)] = true
		}
	}
	return names
}

// keepCookies keeps the cookies of a redirect. They are sent only to the host that set them, whatever domain they name.
func keepCookies(jar http.CookieJar, from Target, header http.Header) {
	cookies := (&http.Response{Header: header}).Cookies()
	for _, cookie := range cookies {
		cookie.Domain = ""
	}
	jar.SetCookies(from.httpURL(), cookies)
}

// cookieLine returns the value of the Cookie header: the cookies of the options, then those kept for the target.
func cookieLine(given []string, jar http.CookieJar, target Target) string {
	pairs := slices.Clone(given)
	for _, cookie := range jar.Cookies(target.httpURL()) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

// newJar returns an empty cookie jar.
func newJar() http.CookieJar {
	jar, _ := cookiejar.New(nil) // never fails (net/http/cookiejar)
	return jar
}
