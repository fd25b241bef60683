package main

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wsx/client/dial"
)

// preset is a connection that is described elsewhere than by flags, as by a command line of curl. Flags beat it.
type preset struct {
	options dial.Options
	netrc   bool          // look passwords up in ~/.netrc
	timeout time.Duration // of the whole run; 0 = none
	verbose bool
}

// use takes a preset, with what it says beside how to dial.
func (f *flags) use(p *preset) {
	f.preset = p
	if f.timeout == 0 {
		f.timeout = duration(p.timeout)
	}
	f.verbose = f.verbose || p.verbose
}

// complete fills in what the flags leave open. A nil preset fills in nothing.
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

// completeRequest fills in headers and credentials. Of credentials the flags give all or nothing.
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
	orText(&o.Host, p.options.Host)
	orText(&o.Origin, p.options.Origin)
	orText(&o.UserAgent, p.options.UserAgent)
	orList(&o.Subprotocols, p.options.Subprotocols)
	orList(&o.Cookies, p.options.Cookies)
}

// completeTLS fills in certificates and versions.
func (p *preset) completeTLS(o *dial.Options, f *flags) {
	if o.CertFile == "" {
		o.CertFile = p.options.CertFile
		orText(&o.KeyFile, p.options.KeyFile)
		orText(&o.Passphrase, p.options.Passphrase)
	}
	orList(&o.CAFiles, p.options.CAFiles)
	orList(&o.PinSHA256, p.options.PinSHA256)
	o.Insecure = o.Insecure || p.options.Insecure
	if !f.tlsMin.given && p.options.MinVersion != 0 {
		o.MinVersion = p.options.MinVersion
	}
}

// completeRoute fills in the way to the server.
func (p *preset) completeRoute(o *dial.Options, f *flags) {
	orText(&o.Proxy, p.options.Proxy)
	orText(&o.UnixSocket, p.options.UnixSocket)
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
	if !f.connectTimeout.given && p.options.ConnectTimeout != 0 {
		o.ConnectTimeout = p.options.ConnectTimeout
	}
}

// orText sets a text that is empty.
func orText(text *string, otherwise string) {
	if *text == "" {
		*text = otherwise
	}
}

// orList sets a list that is empty.
func orList(list *[]string, otherwise []string) {
	if len(*list) == 0 {
		*list = otherwise
	}
}
