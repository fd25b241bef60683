package dial

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Target is the target of a URL: a host and port or a unix socket, and the path to request.
type Target struct {
	Secure bool   // wss
	Host   string // a name in ASCII, or an address; an IPv6 address without brackets, with its zone
	Port   string // a number from 1 to 65535
	Unix   string // path of the socket; "" = Host and Port are dialed
	Path   string // path and query, escaped; begins with a slash
	User   *url.Userinfo
}

// ParseURL parses ws, wss, http, https, ws+unix and wss+unix URLs. Without a scheme it is ws for a loopback host or a port
// other than 443, otherwise wss. The error is a *UsageError.
func ParseURL(s string) (Target, error) {
	target, err := parseURL(strings.TrimSpace(s))
	if err != nil {
		return Target{}, &UsageError{Message: fmt.Sprintf("URL %q: %v", shortURL(RedactURL(s)), err), Hint: urlHint(s)}
	}
	return target, nil
}

func parseURL(s string) (Target, error) {
	if s == "" {
		return Target{}, fmt.Errorf("it is empty")
	}
	if scheme, rest, found := strings.Cut(s, ":"); found && strings.HasSuffix(strings.ToLower(scheme), "+unix") {
		return parseUnix(strings.ToLower(scheme), rest)
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || strings.ContainsAny(scheme, "/?#@[") {
		scheme, rest = "", strings.TrimPrefix(s, "//")
	}
	target, err := parseAuthority(rest)
	if err != nil {
		return Target{}, err
	}
	switch strings.ToLower(scheme) {
	case "ws", "http":
	case "wss", "https":
		target.Secure = true
	case "":
		target.Secure = !isLoopback(target.Host) && (target.Port == "" || target.Port == "443")
	default:
		return Target{}, fmt.Errorf("the scheme %q is not ws, wss, http, https or ws+unix", scheme)
	}
	target.Port = cmp.Or(target.Port, target.defaultPort())
	return target, nil
}

// parseAuthority parses everything after "ws://". Port stays empty if none is given.
func parseAuthority(rest string) (Target, error) {
	if _, err := netip.ParseAddr(rest); err == nil && strings.Contains(rest, ":") {
		rest = "[" + rest + "]"
	}
	u, err := url.Parse("ws://" + escapeZone(rest))
	if err != nil {
		return Target{}, plainURLError(err)
	}
	if strings.Contains(rest, "#") {
		return Target{}, fmt.Errorf("a WebSocket URL has no fragment (RFC 6455, 3)")
	}
	if u.Host == "" {
		return Target{}, fmt.Errorf("it has no host")
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return Target{}, err
	}
	if u.Port() != "" && !isPort(u.Port()) {
		return Target{}, fmt.Errorf("the port %s is not between 1 and 65535", u.Port())
	}
	return Target{Host: host, Port: u.Port(), Path: requestPath(u), User: u.User}, nil
}

// parseUnix reads "/path.sock:/uri", as npm ws spells it, and on Windows `C:\path.sock:/uri`.
func parseUnix(scheme, rest string) (Target, error) {
	if scheme != "ws+unix" && scheme != "wss+unix" {
		return Target{}, fmt.Errorf("the scheme %q is not ws, wss, http, https or ws+unix", scheme)
	}
	rest = strings.TrimPrefix(rest, "//")
	drive := filepath.VolumeName(rest) // of Windows, with a colon of its own
	socket, path, _ := strings.Cut(rest[len(drive):], ":")
	if socket == "" {
		return Target{}, fmt.Errorf("the path of the socket is missing")
	}
	if path != "" && path[0] != '/' && path[0] != '?' {
		return Target{}, fmt.Errorf("the path after the socket must begin with a slash")
	}
	target, err := parseAuthority("localhost" + path)
	target.Unix, target.Secure = drive+socket, scheme == "wss+unix"
	target.Port = target.defaultPort()
	return target, err
}

// String returns the URL without user info.
func (t Target) String() string {
	scheme := "ws"
	if t.Secure {
		scheme = "wss"
	}
	if t.Unix != "" {
		return scheme + "+unix:" + t.Unix + ":" + t.Path
	}
	return scheme + "://" + t.authority() + t.Path
}

// authority returns the host as the Host header has it: without the default port (RFC 6455, 4.1), and without the zone,
// which has a meaning only on this machine (RFC 6874, 1).
func (t Target) authority() string {
	host := withoutZone(t.Host)
	if t.Port != t.defaultPort() {
		return net.JoinHostPort(host, t.Port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// withoutZone returns an IPv6 address without its zone.
func withoutZone(host string) string {
	address, _, _ := strings.Cut(host, "%")
	return address
}

// address returns host and port as they are dialed.
func (t Target) address() string {
	return net.JoinHostPort(t.Host, t.Port)
}

func (t Target) defaultPort() string {
	if t.Secure {
		return "443"
	}
	return "80"
}

// sameOrigin reports whether credentials for one target may be sent to the other.
func (t Target) sameOrigin(other Target) bool {
	return t.Secure == other.Secure && t.Unix == other.Unix && t.Port == other.Port && t.Host == other.Host
}

// hostCharacters are those of host names, and the underscore, which many names contain.
const hostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// asciiHost returns a host name in the form that DNS, certificates and the Host header use (RFC 5891); localhost if it is empty.
func asciiHost(host string) (string, error) {
	if host == "" {
		return "localhost", nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host, nil
	}
	name := strings.ToLower(host)
	if !isASCII(host) {
		var err error
		if name, err = idna.Lookup.ToASCII(host); err != nil {
			return "", fmt.Errorf("the host %q is not a valid name: %w", host, err)
		}
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(hostCharacters, r) }) {
		return "", fmt.Errorf("the host %q is not a valid name", host)
	}
	return name, nil
}

// normalizeHost returns the host of an option in the form of Target.Host, so that the two can be compared. It returns what is
// not a name, like "" and "*", unchanged.
func normalizeHost(host string) string {
	if name, err := asciiHost(host); err == nil && host != "" {
		return name
	}
	return host
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

// isLoopback reports whether a host is this machine, as far as that is known without DNS (RFC 6761, section 6.3).
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && (address.IsLoopback() || address.IsUnspecified())
}

// escapeZone allows the zone of an IPv6 address to be written "[fe80::1%eth0]" (RFC 6874 requires "%25").
func escapeZone(rest string) string {
	end := strings.Index(rest, "]")
	if end < 0 {
		return rest
	}
	zone := strings.Index(rest[:end], "%")
	if zone < 0 || strings.HasPrefix(rest[zone:], "%25") {
		return rest
	}
	return rest[:zone] + "%25" + rest[zone+1:]
}

// requestPath returns the path and query for the request line. It escapes characters in the query that url.Parse accepts but a
// request line must not contain.
func requestPath(u *url.URL) string {
	path := cmp.Or(u.EscapedPath(), "/")
	if u.RawQuery == "" && !u.ForceQuery {
		return path
	}
	return path + "?" + escapeQuery(u.RawQuery)
}

func escapeQuery(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' || strings.IndexByte(`"<>`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// plainURLError returns the reason, without the URL and without the word "parse".
func plainURLError(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// urlHint suggests a URL that may have been meant.
func urlHint(s string) string {
	switch {
	case strings.Contains(s, "#"):
		return "write %23 for a # that is part of the path or query"
	case strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//"), strings.HasPrefix(s, "."):
		return "the URL of a unix socket begins with ws+unix:" + s
	}
	return ""
}

// shortURL cuts a URL that is too long to read.
func shortURL(s string) string {
	if len(s) <= maxShownURL {
		return s
	}
	return fmt.Sprintf("%s… (%d more bytes)", strings.ToValidUTF8(s[:maxShownURL], ""), len(s)-maxShownURL)
}

func isPort(s string) bool {
	number, err := strconv.ParseUint(s, 10, 16)
	return err == nil && number > 0
}

// maxShownURL bounds a URL in an error, in bytes: a server can send a Location of any length.
const maxShownURL = 2000
