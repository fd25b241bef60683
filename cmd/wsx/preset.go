package main

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"wsx/client/dial"
	"wsx/cmd/wsx/value"
)

// use sets the preset, and the flags that it implies besides dial options.
func (f *flags) use(p *preset) {
	f.preset = p
	f.timeout = cmp.Or(f.timeout, value.Duration(p.timeout))
	f.verbose = f.verbose || p.verbose
}

// complete sets the options that the flags do not set. A nil preset sets nothing.
func (p *preset) complete(o *dial.Options, f *flags, s environment) {
	if p == nil {
		return
	}
	p.completeRequest(o)
	p.completeTLS(o, f)
	p.completeRoute(o, f)
	if p.netrc && o.Netrc == "" && o.User+o.Bearer == "" {
		o.Netrc = filepath.Join(s.getenv("HOME"), ".netrc")
	}
}

// completeRequest sets headers and credentials. If the flags give any credentials, those of the preset are not used.
func (p *preset) completeRequest(o *dial.Options) {
	identified := o.User+o.Bearer+o.Netrc != "" || o.Sign != nil
	replaced := map[string]bool{
		"authorization": identified, "origin": o.Origin != "", "host": o.Host != "", "user-agent": o.UserAgent != "", "cookie": len(o.Cookies) > 0,
	}
	for _, line := range o.Header {
		replaced[strings.ToLower(line.Name)] = true
	}
	if !replaced["authorization"] {
		o.User, o.Bearer, o.Netrc = p.options.User, p.options.Bearer, p.options.Netrc
	}
	lines := slices.DeleteFunc(slices.Clone(p.options.Header), func(line dial.HeaderLine) bool { return replaced[strings.ToLower(line.Name)] })
	o.Header = append(lines, o.Header...)
	setDefault(&o.Host, p.options.Host)
	setDefault(&o.Origin, p.options.Origin)
	setDefault(&o.UserAgent, p.options.UserAgent)
	setDefaults(&o.Subprotocols, p.options.Subprotocols)
	setDefaults(&o.Cookies, p.options.Cookies)
}

// completeTLS sets certificates and TLS versions.
func (p *preset) completeTLS(o *dial.Options, f *flags) {
	if o.CertFile == "" {
		o.CertFile = p.options.CertFile
		setDefault(&o.KeyFile, p.options.KeyFile)
		setDefault(&o.Passphrase, p.options.Passphrase)
	}
	setDefaults(&o.CAFiles, p.options.CAFiles)
	setDefaults(&o.PinSHA256, p.options.PinSHA256)
	o.Insecure = o.Insecure || p.options.Insecure
	if !f.tlsMin.Given && p.options.MinVersion != 0 {
		o.MinVersion = p.options.MinVersion
	}
}

// completeRoute sets the proxy, the addresses and the version of HTTP.
func (p *preset) completeRoute(o *dial.Options, f *flags) {
	setDefault(&o.Proxy, p.options.Proxy)
	setDefault(&o.UnixSocket, p.options.UnixSocket)
	o.Resolve = append(o.Resolve, p.options.Resolve...)
	o.ConnectTo = append(o.ConnectTo, p.options.ConnectTo...)
	if !o.IPv4Only && !o.IPv6Only {
		o.IPv4Only, o.IPv6Only = p.options.IPv4Only, p.options.IPv6Only
	}
	if !f.http1 && !f.http2 && !f.http3 {
		o.HTTP = p.options.HTTP
	}
	o.NoCompress = o.NoCompress || p.options.NoCompress && !f.compress
	o.FollowRedirects = o.FollowRedirects || p.options.FollowRedirects
	if o.MaxRedirects == dial.DefaultMaxRedirects && p.options.MaxRedirects != 0 {
		o.MaxRedirects = p.options.MaxRedirects
	}
	if !f.connectTimeout.Given && p.options.ConnectTimeout != 0 {
		o.ConnectTimeout = p.options.ConnectTimeout
	}
}

// setDefault sets text if it is empty.
func setDefault(text *string, otherwise string) {
	if *text == "" {
		*text = otherwise
	}
}

// setDefaults sets list if it is empty.
func setDefaults(list *[]string, otherwise []string) {
	if len(*list) == 0 {
		*list = otherwise
	}
}
