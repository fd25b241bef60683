package curl

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wsx/client/dial"
)

// Programs returns the programs that Write supports.
func Programs() []string { return []string{"curl", "wscat", "websocat"} }

// Write returns the command line of a program that makes the same connection, quoted for sh, and in missing what the program
// has no option for. Unless secrets is set, credentials and the texts in hidden are redacted. Its errors are of type
// *dial.UsageError.
func Write(program, url string, o dial.Options, secrets bool, hidden ...string) (line string, missing []string, err error) {
	target, err := dial.ParseURL(url)
	if err != nil {
		return "", nil, err
	}
	w := &writer{o: o, target: target, secrets: secrets, words: []string{program}}
	if o.UnixSocket != "" {
		w.target.Unix = ""
	} else {
		w.o.UnixSocket = target.Unix
	}
	if target.User != nil && o.User == "" && o.Bearer == "" {
		w.o.User = userInfo(target.User)
	}
	switch program {
	case "curl":
		w.curl()
	case "wscat":
		w.wscat()
	case "websocat":
		w.websocat()
	default:
		return "", nil, usagef("%.40q is not one of %s", program, strings.Join(Programs(), ", "))
	}
	if !secrets {
		w.redactAll(hidden)
	}
	return join(w.words), w.missing, nil
}

// redactAll redacts texts in all words, also where they are escaped for a query.
func (w *writer) redactAll(texts []string) {
	for i, word := range w.words {
		for _, text := range texts {
			if text != "" {
				word = strings.ReplaceAll(strings.ReplaceAll(word, text, dial.Redacted), url.QueryEscape(text), dial.Redacted)
			}
		}
		w.words[i] = word
	}
}

// userInfo returns the user info of a URL as options have it, "user:password".
func userInfo(user *url.Userinfo) string {
	if password, hasPassword := user.Password(); hasPassword {
		return user.Username() + ":" + password
	}
	return user.Username()
}

// writer collects the words of a command line for a connection.
type writer struct {
	o       dial.Options
	target  dial.Target
	secrets bool
	words   []string
	missing []string
}

// add adds words if a condition holds.
func (w *writer) add(condition bool, words ...string) {
	if condition {
		w.words = append(w.words, words...)
	}
}

// value adds an option with its value, unless that is empty.
func (w *writer) value(option, value string) { w.add(value != "", option, value) }

// lacks records what the program has no option for, if a condition holds.
func (w *writer) lacks(condition bool, what string) {
	if condition {
		w.missing = append(w.missing, what)
	}
}

// hide returns a secret, or its replacement if secrets are redacted.
func (w *writer) hide(secret string) string {
	if w.secrets || secret == "" {
		return secret
	}
	return dial.Redacted
}

// url returns the URL without user info.
func (w *writer) url() string {
	target := w.target
	target.Unix = ""
	if w.secrets {
		return target.String()
	}
	return dial.RedactURL(target.String())
}

// user returns a "user:password" with its password redacted if necessary.
func (w *writer) user(login string) string {
	user, password, hasPassword := strings.Cut(login, ":")
	if !hasPassword {
		return user
	}
	return user + ":" + w.hide(password)
}

// proxyURL returns the URL of the proxy with its user info.
func (w *writer) proxyURL() string {
	if w.secrets {
		return w.o.Proxy
	}
	return dial.RedactURL(w.o.Proxy)
}

// headers returns the header lines of the options, "Name: value", without those that the program has options of its own for.
// The user agent, the cookies, the origin and the subprotocols are lines like any other.
func (w *writer) headers(except ...string) (lines []string) {
	add := func(name, value string) {
		if value == "" || slices.ContainsFunc(except, func(other string) bool { return strings.EqualFold(name, other) }) {
			return
		}
		if !w.secrets {
			value = dial.RedactHeader(name, value)
		}
		lines = append(lines, name+": "+value)
	}
	given := map[string]bool{}
	for _, line := range w.o.Header {
		given[strings.ToLower(line.Name)] = true
	}
	bearer := ""
	if w.o.Bearer != "" {
		bearer = "Bearer " + w.o.Bearer
	}
	for _, line := range [][2]string{
		{"Host", w.o.Host}, {"User-Agent", w.o.UserAgent}, {"Origin", w.o.Origin},
		{"Sec-WebSocket-Protocol", strings.Join(w.o.Subprotocols, ", ")}, {"Authorization", bearer}, {"Cookie", strings.Join(w.o.Cookies, "; ")},
	} {
		if !given[strings.ToLower(line[0])] {
			add(line[0], line[1])
		}
	}
	for _, line := range w.o.Header {
		if !line.Remove {
			add(line.Name, line.Value)
		}
	}
	return lines
}

// authorized reports whether there is an Authorization line, which takes precedence over a user.
func (w *writer) authorized() bool {
	return w.o.Bearer != "" || slices.ContainsFunc(w.o.Header, func(line dial.HeaderLine) bool { return strings.EqualFold(line.Name, "Authorization") })
}

func (w *writer) curl() {
	o := w.o
	w.add(true, w.url())
	for _, line := range w.headers("User-Agent", "Cookie") {
		w.value("-H", line)
	}
	for _, line := range o.Header {
		switch {
		case line.Remove:
			w.add(true, "-H", line.Name+":")
		case line.Value == "":
			w.add(true, "-H", line.Name+";")
		}
	}
	w.headerOption("-A", "User-Agent", o.UserAgent)
	w.headerOption("-b", "Cookie", strings.Join(o.Cookies, "; "))
	w.add(o.User != "" && !w.authorized(), "-u", w.user(o.User))
	w.value("--netrc-file", o.Netrc)
	w.add(o.Insecure, "-k")
	for _, file := range o.CAFiles {
		w.add(file != "system", "--cacert", file)
	}
	w.lacks(len(o.CAFiles) > 1, "more than one file of CA certificates")
	w.value("--cert", strings.ReplaceAll(o.CertFile, ":", `\:`))
	w.value("--key", o.KeyFile)
	w.value("--pass", w.hide(o.Passphrase))
	w.lacks(o.ServerName != "", "another name to expect in the certificate")
	w.lacks(o.Sign != nil, "a signature in the URL")
	w.add(tlsOptions[o.MinVersion] != "", tlsOptions[o.MinVersion])
	w.value("--pinnedpubkey", pinList(o.PinSHA256))
	w.proxy("-x", "--noproxy", "*")
	for _, pair := range o.Resolve {
		w.value("--resolve", pair)
	}
	for _, pair := range o.ConnectTo {
		w.value("--connect-to", pair)
	}
	w.add(o.IPv4Only, "-4")
	w.add(o.IPv6Only, "-6")
	w.value("--unix-socket", o.UnixSocket)
	w.add(o.FollowRedirects, "-L")
	w.add(w.boundsRedirects(), "--max-redirs", strconv.Itoa(o.MaxRedirects))
	w.add(o.ConnectTimeout > 0 && o.ConnectTimeout != dial.DefaultConnectTimeout, "--connect-timeout", strconv.FormatFloat(o.ConnectTimeout.Seconds(), 'f', -1, 64))
	w.add(o.HTTP == dial.HTTP2, "--http2")
	w.add(o.HTTP == dial.HTTP3, "--http3")
}

// boundsRedirects reports whether the number of redirects to follow is not the default.
func (w *writer) boundsRedirects() bool {
	return w.o.FollowRedirects && w.o.MaxRedirects > 0 && w.o.MaxRedirects != dial.DefaultMaxRedirects
}

// headerOption adds a header that has an option of its own: the value of its header line, or else that of the connection's
// options.
func (w *writer) headerOption(option, name, value string) {
	for _, line := range w.o.Header {
		if strings.EqualFold(line.Name, name) {
			value = line.Value
		}
	}
	if !w.secrets && value != "" {
		value = dial.RedactHeader(name, value)
	}
	w.value(option, value)
}

// proxy adds the proxy, or the words that disable it.
func (w *writer) proxy(option string, none ...string) {
	if w.o.Proxy == "none" {
		w.add(true, none...)
		return
	}
	w.value(option, w.proxyURL())
}

// tlsOptions are curl's options for minimum versions of TLS other than its default.
var tlsOptions = map[uint16]string{tls.VersionTLS10: "--tlsv1.0", tls.VersionTLS11: "--tlsv1.1", tls.VersionTLS13: "--tlsv1.3"}

// pinList returns the hashes of keys in curl's form.
func pinList(pins []string) string {
	list := make([]string, len(pins))
	for i, pin := range pins {
		list[i] = "sha256//" + strings.TrimPrefix(pin, "sha256//")
	}
	return strings.Join(list, ";")
}

func (w *writer) wscat() {
	o := w.o
	address := w.url()
	if o.UnixSocket != "" {
		scheme, _, _ := strings.Cut(address, ":")
		address = fmt.Sprintf("%s+unix:%s:%s", scheme, o.UnixSocket, w.target.Path)
		if !w.secrets {
			address = dial.RedactURL(address)
		}
	}
	w.add(true, "-c", address)
	for _, line := range w.headers("Host", "Origin", "Sec-WebSocket-Protocol") {
		w.value("-H", line)
	}
	w.headerOption("--host", "Host", o.Host)
	w.headerOption("-o", "Origin", o.Origin)
	for name := range strings.SplitSeq(w.subprotocols(), ", ") {
		w.value("-s", name)
	}
	w.add(o.User != "" && !w.authorized(), "--auth", w.user(o.User))
	w.add(o.Insecure, "-n")
	for _, file := range o.CAFiles {
		w.add(file != "system", "--ca", file)
	}
	w.value("--cert", o.CertFile)
	w.value("--key", o.KeyFile)
	w.value("--passphrase", w.hide(o.Passphrase))
	w.proxy("--proxy")
	w.add(o.FollowRedirects, "-L")
	w.add(w.boundsRedirects(), "--max-redirects", strconv.Itoa(o.MaxRedirects))
	w.lacks(o.ServerName != "", "another name to expect in the certificate")
	w.lackRouting()
}

// subprotocols returns the offered names as the value of a header.
func (w *writer) subprotocols() string {
	names := strings.Join(w.o.Subprotocols, ", ")
	if w.secrets {
		return names
	}
	return dial.RedactHeader("Sec-WebSocket-Protocol", names)
}

// lackRouting records what neither wscat nor websocat has options for.
func (w *writer) lackRouting() {
	o := w.o
	w.lacks(o.Sign != nil, "a signature in the URL")
	w.lacks(o.Netrc != "", "a .netrc file")
	w.lacks(len(o.CAFiles) > 1, "more than one file of CA certificates")
	w.lacks(tlsOptions[o.MinVersion] != "", "a minimum TLS version")
	w.lacks(len(o.PinSHA256) > 0, "pinned keys")
	w.lacks(len(o.Resolve) > 0, "addresses for names")
	w.lacks(len(o.ConnectTo) > 0, "other hosts to connect to")
	w.lacks(o.IPv4Only || o.IPv6Only, "an IP version")
	w.lacks(o.HTTP != dial.HTTP1, "another version of HTTP")
	for _, line := range o.Header {
		w.lacks(line.Remove, "the removal of "+line.Name)
	}
}

// websocat's option -H takes all words that follow, unless it is written with an equals sign.
func (w *writer) websocat() {
	o := w.o
	for _, line := range w.headers("User-Agent", "Origin", "Sec-WebSocket-Protocol") {
		w.add(true, "-H="+line)
	}
	w.headerOption("--ua", "User-Agent", o.UserAgent)
	w.headerOption("--origin", "Origin", o.Origin)
	w.value("--protocol", w.subprotocols())
	w.add(o.User != "" && !w.authorized(), "--basic-auth", w.user(o.User))
	w.add(o.Insecure, "-k")
	w.value("--tls-domain", o.ServerName)
	w.lacks(len(o.CAFiles) > 0, "a file of CA certificates (SSL_CERT_FILE names one)")
	w.lacks(o.CertFile != "", "a client certificate in PEM")
	if address, socks := socksAddress(o.Proxy); socks {
		w.add(true, "--socks5", address)
		w.lacks(strings.Contains(o.Proxy, "@"), "proxy credentials")
	} else {
		w.lacks(o.Proxy != "" && o.Proxy != "none", "an HTTP proxy")
	}
	w.lacks(o.FollowRedirects, "redirects")
	w.lackRouting()
	if o.UnixSocket != "" {
		w.add(true, "--ws-c-uri", w.url(), "-", "ws-c:unix:"+o.UnixSocket)
		return
	}
	w.add(true, w.url())
}

// socksAddress returns the address of a SOCKS 5 proxy, and reports whether the proxy is one.
func socksAddress(proxy string) (string, bool) {
	u, err := url.Parse(proxy)
	if err != nil || u.Scheme != "socks5" && u.Scheme != "socks5h" {
		return "", false
	}
	if u.Port() == "" {
		return u.Host + ":1080", true
	}
	return u.Host, true
}
