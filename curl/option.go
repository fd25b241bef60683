package curl

import (
	"crypto/tls"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wsx/client/dial"
)

// option is an option of curl's manual page. It takes a value if set is not nil, else it is a switch.
type option struct {
	short string // "" = none
	long  string
	on    func(p *parser)                     // handles a switch; on and set both nil = ignored, as it means nothing for a connection
	set   func(p *parser, value string) error // handles the value
}

// options returns the options that are supported or can be ignored.
func options() []option {
	return []option{
		{short: "-H", long: "--header", set: (*parser).header},
		{short: "-A", long: "--user-agent", set: setText(func(p *parser) *string { return &p.UserAgent })},
		{short: "-e", long: "--referer", set: (*parser).referer},
		{short: "-b", long: "--cookie", set: (*parser).cookie},
		{short: "-u", long: "--user", set: setText(func(p *parser) *string { return &p.User })},
		{long: "--oauth2-bearer", set: setText(func(p *parser) *string { return &p.Bearer })},
		{short: "-n", long: "--netrc", on: func(p *parser) { p.command.Netrc = true }},
		{long: "--netrc-file", set: setText(func(p *parser) *string { return &p.Netrc })},
		{short: "-k", long: "--insecure", on: func(p *parser) { p.Insecure = true }},
		{long: "--cacert", set: func(p *parser, file string) error { p.CAFiles = []string{file}; return nil }},
		{short: "-E", long: "--cert", set: (*parser).certificate},
		{long: "--key", set: setText(func(p *parser) *string { return &p.KeyFile })},
		{long: "--pass", set: setText(func(p *parser) *string { return &p.Passphrase })},
		{long: "--pinnedpubkey", set: (*parser).pins},
		{short: "-1", long: "--tlsv1", on: func(p *parser) { p.MinVersion = tls.VersionTLS10 }},
		{long: "--tlsv1.0", on: func(p *parser) { p.MinVersion = tls.VersionTLS10 }},
		{long: "--tlsv1.1", on: func(p *parser) { p.MinVersion = tls.VersionTLS11 }},
		{long: "--tlsv1.2", on: func(p *parser) { p.MinVersion = tls.VersionTLS12 }},
		{long: "--tlsv1.3", on: func(p *parser) { p.MinVersion = tls.VersionTLS13 }},
		{short: "-x", long: "--proxy", set: (*parser).proxy},
		{short: "-U", long: "--proxy-user", set: setText(func(p *parser) *string { return &p.proxyUser })},
		{long: "--socks5", set: func(p *parser, host string) error { return p.proxy("socks5://" + host) }},
		{long: "--socks5-hostname", set: func(p *parser, host string) error { return p.proxy("socks5h://" + host) }},
		{long: "--noproxy", set: (*parser).noProxy},
		{long: "--resolve", set: func(p *parser, value string) error {
			p.Resolve = append(p.Resolve, strings.TrimPrefix(value, "+"))
			return nil
		}},
		{long: "--connect-to", set: func(p *parser, value string) error { p.ConnectTo = append(p.ConnectTo, value); return nil }},
		{long: "--unix-socket", set: setText(func(p *parser) *string { return &p.UnixSocket })},
		{short: "-4", long: "--ipv4", on: func(p *parser) { p.IPv4Only = true }},
		{short: "-6", long: "--ipv6", on: func(p *parser) { p.IPv6Only = true }},
		{short: "-L", long: "--location", on: func(p *parser) { p.FollowRedirects = true }},
		{long: "--max-redirs", set: (*parser).redirects},
		{short: "-m", long: "--max-time", set: seconds(func(p *parser) *time.Duration { return &p.command.Timeout })},
		{long: "--connect-timeout", set: seconds(func(p *parser) *time.Duration { return &p.ConnectTimeout })},
		{long: "--http1.1", on: func(p *parser) { p.HTTP = dial.HTTP1 }},
		{long: "--http2", on: func(p *parser) { p.HTTP = dial.HTTP2 }},
		{long: "--http3", on: func(p *parser) { p.HTTP = dial.HTTP3 }},
		{short: "-X", long: "--request", set: (*parser).method},
		{long: "--url", set: (*parser).url},
		{short: "-g", long: "--globoff", on: func(p *parser) { p.literal = true }},
		{short: "-v", long: "--verbose", on: func(p *parser) { p.command.Verbose = true }},

		// These change how curl prints, or set what is the default here.
		{long: "--compressed"}, {short: "-i", long: "--include"}, {long: "--show-headers"}, {short: "-N", long: "--no-buffer"},
		{short: "-s", long: "--silent"}, {short: "-S", long: "--show-error"}, {short: "-f", long: "--fail"},
		{short: "-#", long: "--progress-bar"}, {long: "--no-progress-meter"}, {short: "-p", long: "--proxytunnel"},
		{short: "-G", long: "--get"}, {long: "--basic"}, {long: "--path-as-is"}, {short: "-q", long: "--disable"},
	}
}

// Options returns the long names of the known options.
func Options() (names []string) {
	for _, o := range options() {
		names = append(names, o.long)
	}
	return names
}

// setText returns a function that stores the value of an option as it is.
func setText(where func(*parser) *string) func(*parser, string) error {
	return func(p *parser, value string) error {
		*where(p) = value
		return nil
	}
}

// seconds returns a function that parses a number of seconds, which may have decimals.
func seconds(where func(*parser) *time.Duration) func(*parser, string) error {
	return func(p *parser, value string) error {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !(n >= 0) || n > math.MaxInt32 {
			return usagef("expected a number of seconds, not %.40q", value)
		}
		*where(p) = time.Duration(n * float64(time.Second))
		return nil
	}
}

// parser parses the words of a command line.
type parser struct {
	dial.Options
	command   Command
	read      ReadFile
	urls      []string
	literal   bool   // brackets in the URL are not patterns
	proxyUser string // "user:password"; "" = none
	lines     []dial.HeaderLine
}

// words parses options and URLs.
func (p *parser) words(words []string) error {
	for i := 0; i < len(words); i++ {
		word := words[i]
		var err error
		switch {
		case word == "--":
			p.urls = append(p.urls, words[i+1:]...)
			return nil
		case strings.HasPrefix(word, "--"):
			i, err = p.long(words, i)
		case len(word) > 1 && word[0] == '-':
			i, err = p.short(words, i)
		default:
			err = p.url(word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// long parses an option with a long name, and returns the index of the last word it uses.
func (p *parser) long(words []string, i int) (int, error) {
	for _, o := range options() {
		if o.long != words[i] {
			continue
		}
		if o.set == nil {
			o.switchOn(p)
			return i, nil
		}
		if i+1 == len(words) {
			return i, usagef("curl's option %s needs a value", o.long)
		}
		return i + 1, named(o.long, o.set(p, words[i+1]))
	}
	return i, unknown(words[i])
}

// short parses options of one letter, such as "-sSL". The value of the last one is the rest of the word or the next word.
func (p *parser) short(words []string, i int) (int, error) {
	rest := words[i][1:]
	for rest != "" {
		name := "-" + rest[:1]
		rest = rest[1:]
		all := options()
		at := slices.IndexFunc(all, func(o option) bool { return o.short == name })
		switch {
		case at < 0:
			return i, unknown(name)
		case all[at].set == nil:
			all[at].switchOn(p)
		case rest != "":
			return i, named(name, all[at].set(p, rest))
		case i+1 == len(words):
			return i, usagef("curl's option %s needs a value", name)
		default:
			return i + 1, named(name, all[at].set(p, words[i+1]))
		}
	}
	return i, nil
}

func (o option) switchOn(p *parser) {
	if o.on != nil {
		o.on(p)
	}
}

// unknown returns the error for an option that is not supported. For an option that sends a body, the reason is
// that an opening handshake has none.
func unknown(name string) error {
	switch name {
	case "-d", "-F", "-T", "--data", "--data-ascii", "--data-binary", "--data-raw", "--data-urlencode", "--form", "--json", "--upload-file":
		return usagef("curl's option %s sends a body, which a WebSocket handshake does not have", name)
	}
	return usagef("curl's option %.40s is not supported", name)
}

// named prefixes an error with the name of the option.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	if usage, ok := err.(*dial.UsageError); ok {
		return &dial.UsageError{Message: fmt.Sprintf("curl's option %s: %s", name, usage.Message), Hint: usage.Hint, Reason: usage.Reason}
	}
	return fmt.Errorf("curl's option %s: %w", name, err)
}

func (p *parser) url(url string) error {
	p.urls = append(p.urls, url)
	return nil
}

// method accepts GET, which opens a WebSocket, and no other method.
func (p *parser) method(name string) error {
	if !strings.EqualFold(name, "GET") {
		return usagef("a WebSocket is opened with GET, not %.20q", name)
	}
	return nil
}

func (p *parser) referer(url string) error {
	url, _, _ = strings.Cut(url, ";auto")
	if url != "" {
		p.lines = append(p.lines, dial.HeaderLine{Name: "Referer", Value: url})
	}
	return nil
}

// cookie parses cookies. A value without an equals sign is a file name for curl.
func (p *parser) cookie(value string) error {
	if value == "" { // curl begins without cookies
		return nil
	}
	if !strings.Contains(value, "=") {
		return usagef("cookie files are not supported: write the cookies as 'name=value'")
	}
	p.Cookies = append(p.Cookies, value)
	return nil
}

// certificate parses FILE[:PASSPHRASE], in which a backslash escapes a colon.
func (p *parser) certificate(value string) error {
	start := 0
	if len(value) > 2 && value[1] == ':' && (value[2] == '\\' || value[2] == '/') { // a drive of Windows
		start = 2
	}
	for i := start; i < len(value); i++ {
		switch {
		case value[i] == '\\' && i+1 < len(value) && value[i+1] == ':':
			value = value[:i] + value[i+1:]
		case value[i] == ':':
			p.CertFile, p.Passphrase = value[:i], value[i+1:]
			return nil
		}
	}
	p.CertFile = value
	return nil
}

// pins parses "sha256//HASH;sha256//HASH".
func (p *parser) pins(value string) error {
	for pin := range strings.SplitSeq(value, ";") {
		if !strings.HasPrefix(pin, "sha256//") {
			return usagef("key files are not supported: write sha256//HASH")
		}
		p.PinSHA256 = append(p.PinSHA256, pin)
	}
	return nil
}

// proxy sets the proxy. The default port is 1080, except for https.
func (p *parser) proxy(value string) error {
	if value == "" {
		p.Proxy = "none"
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	if u, err := url.Parse(value); err == nil && u.Host != "" && u.Port() == "" && u.Scheme != "https" {
		u.Host = strings.TrimSuffix(u.Host, ":") + ":1080"
		value = u.String()
	}
	p.Proxy = value
	return nil
}

func (p *parser) noProxy(hosts string) error {
	if hosts != "*" {
		return usagef("only '*', which means all hosts, is supported")
	}
	p.Proxy = "none"
	return nil
}

func (p *parser) redirects(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return usagef("expected a number, not %.20q", value)
	}
	switch {
	case n == 0:
		n = -1 // none, in the terms of dial.Options
	case n < 0:
		n = math.MaxInt32
	}
	p.MaxRedirects = n
	return nil
}

// build returns the command from what was parsed.
func (p *parser) build() (*Command, error) {
	switch {
	case len(p.urls) == 0:
		return nil, usagef("the curl command line has no URL")
	case len(p.urls) > 1:
		return nil, usagef("the curl command line has %d URLs instead of one", len(p.urls))
	}
	p.command.URL = webSocketURL(p.urls[0], p.literal)
	if err := p.addProxyUser(); err != nil {
		return nil, err
	}
	p.addHeaders()
	p.command.Options = p.Options
	return &p.command, nil
}

// addProxyUser adds the user of the proxy to its URL.
func (p *parser) addProxyUser() error {
	if p.proxyUser == "" || p.Proxy == "" || p.Proxy == "none" {
		return nil
	}
	u, err := url.Parse(p.Proxy)
	if err != nil {
		return usagef("the value of curl's option --proxy is not a URL")
	}
	if user, password, hasPassword := strings.Cut(p.proxyUser, ":"); hasPassword {
		u.User = url.UserPassword(user, password)
	} else {
		u.User = url.User(user)
	}
	p.Proxy = u.String()
	return nil
}

// webSocketURL returns the WebSocket URL for one of curl. Without a scheme, curl assumes http. Browsers escape brackets, which
// are patterns in curl, with a backslash.
func webSocketURL(url string, literal bool) string {
	if !literal {
		url = strings.NewReplacer(`\[`, "[", `\]`, "]", `\{`, "{", `\}`, "}").Replace(url)
	}
	url, _, _ = strings.Cut(strings.TrimSpace(url), "#")
	scheme, rest, found := strings.Cut(url, "://")
	switch {
	case !found || strings.ContainsAny(scheme, "/?@"):
		return "ws://" + url
	case strings.EqualFold(scheme, "http"):
		return "ws://" + rest
	case strings.EqualFold(scheme, "https"):
		return "wss://" + rest
	}
	return url
}
