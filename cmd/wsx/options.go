package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/sigv4"
)

// defaultMaxMessage is the default of --max-message where a message must be held in memory, in bytes.
const defaultMaxMessage = 64 << 20

// options returns the session's options from the command line.
func (f *flags) options(s environment, u *ui) (client.Options, error) {
	ask := u.secretPrompt()
	o := client.Options{
		Options: dial.Options{
			Host:            f.host,
			Origin:          f.origin,
			UserAgent:       f.userAgent,
			Subprotocols:    splitNames(f.subprotocols),
			Cookies:         f.cookies,
			NoCompress:      f.noCompress,
			Version:         f.protocol,
			Insecure:        f.insecure || f.noCheck,
			CAFiles:         f.ca,
			CertFile:        f.cert,
			KeyFile:         f.key,
			ServerName:      f.serverName,
			Passphrase:      string(f.passphrase),
			MinVersion:      tlsVersions[f.tlsMin.Value],
			PinSHA256:       f.pins,
			Proxy:           f.proxy,
			Env:             s.getenv,
			Resolve:         f.resolve,
			ConnectTo:       f.connectTo,
			IPv4Only:        f.ipv4,
			IPv6Only:        f.ipv6,
			UnixSocket:      f.unixSocket,
			FollowRedirects: f.location,
			MaxRedirects:    f.maxRedirects,
			ConnectTimeout:  time.Duration(f.connectTimeout.Duration),
			ShowSecrets:     f.showSecrets,
			AskPassword:     ask,
			AskPassphrase:   ask,
		},
		CloseTimeout: f.closeLimit(),
		PingInterval: time.Duration(f.pingInterval),
		PingTimeout:  time.Duration(f.pingTimeout),
		Reconnect:    f.reconnect,
		ReconnectMax: time.Duration(f.reconnectMax),
		Resend:       f.resend,
		MaxMessage:   int64(f.maxMessage),
		ReportSent:   u.showsSent,
		Trace:        f.trace || u.interactive(),
	}
	version, err := f.httpVersion()
	if err != nil {
		return o, err
	}
	o.HTTP = version
	if f.maxRedirects == 0 {
		o.MaxRedirects = -1
	}
	if err := f.identify(&o, s); err != nil {
		return o, err
	}
	for _, header := range f.headers {
		lines, err := parseHeader(header)
		if err != nil {
			return o, err
		}
		o.Header = append(o.Header, lines...)
	}
	f.preset.complete(&o.Options, f, s)
	if path := s.getenv("SSLKEYLOGFILE"); path != "" {
		log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return o, fmt.Errorf("open SSLKEYLOGFILE: %w", err)
		}
		o.KeyLog = log
	}
	return o, nil
}

// closeLimit returns --close-timeout as an option of the session, where 0 means that it is not set.
func (f *flags) closeLimit() time.Duration {
	if f.closeTimeout.Given && f.closeTimeout.Duration == 0 {
		return 1
	}
	return time.Duration(f.closeTimeout.Duration)
}

// splitNames splits each value at commas, as in a header: "a, b" is two names.
func splitNames(values []string) (names []string) {
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			names = append(names, strings.Trim(name, " \t"))
		}
	}
	return names
}

var tlsVersions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// httpVersion returns the version of HTTP that the flags choose.
func (f *flags) httpVersion() (dial.HTTPVersion, error) {
	asked, version := 0, dial.HTTP1
	for _, one := range []struct {
		asked   bool
		version dial.HTTPVersion
	}{{f.http1, dial.HTTP1}, {f.http2, dial.HTTP2}, {f.http3, dial.HTTP3}} {
		if one.asked {
			asked, version = asked+1, one.version
		}
	}
	if asked > 1 {
		return version, &dial.UsageError{Message: "use only one of --http1.1, --http2 and --http3"}
	}
	return version, nil
}

// identify sets the credentials.
func (f *flags) identify(o *client.Options, s environment) (err error) {
	if f.user != "" && f.auth != "" {
		return &dial.UsageError{Message: "--user and --auth mean the same: use only one"}
	}
	if o.User, err = valueOrFile(f.user + f.auth); err != nil {
		return err
	}
	if o.Bearer, err = valueOrFile(f.bearer); err != nil {
		return err
	}
	if f.awsSigV4.Given {
		o.Sign = sigv4.Signer{Region: f.awsSigV4.Region, Service: f.awsSigV4.Service, Env: s.getenv}.Sign
	}
	if f.netrcFile != "" {
		o.Netrc = f.netrcFile
	} else if f.netrc {
		o.Netrc = filepath.Join(s.getenv("HOME"), ".netrc")
	}
	return nil
}

// parseHeader parses the value of -H: a header line, or after @ a file of them.
func parseHeader(value string) ([]dial.HeaderLine, error) {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		line, err := dial.ParseHeader(value)
		return []dial.HeaderLine{line}, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := dial.ParseHeaders(file)
	if usage, ok := err.(*dial.UsageError); ok {
		return nil, &dial.UsageError{Message: name + ": " + usage.Message, Hint: usage.Hint, Reason: usage.Reason}
	}
	return lines, err
}
