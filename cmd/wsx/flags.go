package main

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wsx/client"
	"wsx/client/dial"
	"wsx/curl"
	"wsx/repl"
	"wsx/repl/script"
)

// flags is the parsed command line. Each flag is declared once, below: parsing, --help, completion and the
// manual page read it there.
type flags struct {
	// connection
	connect, listen                string
	all                            bool
	headers, subprotocols, cookies list
	origin, host, userAgent        string
	user, auth, bearer             string
	netrc                          bool
	netrcFile                      string
	awsSigV4                       awsScope
	insecure, noCheck              bool
	ca, pins                       list
	cert, key                      string
	passphrase                     passphrase
	serverName                     string
	tlsMin                         choice
	proxy                          string
	resolve, connectTo             list
	ipv4, ipv6                     bool
	unixSocket                     string
	location                       bool
	maxRedirects                   int
	connectTimeout                 givenDuration
	protocol                       int
	compress, noCompress           bool
	maxMessage                     size
	http1, http2, http3            bool
	pingInterval, pingTimeout      duration
	reconnect, resend              bool
	reconnectMax                   duration
	showSecrets                    bool
	paste                          bool
	curlWords                      []string // behind the word curl; nil = it is not there
	preset                         *preset  // that the flags complete; nil = none

	// input
	execute                         list
	interactive, binary, text, null bool
	input                           choice
	chunkSize                       size
	fragment                        givenSize
	stream, echo, slash             bool

	// output
	format                             choice
	json, showPingPong, verbose, trace bool
	timestamps                         choice
	color                              choice
	template, jq, grep, grepV, record  string
	decode, encode                     choice
	proto, message, dictionary         string
	rate                               rate
	lockstep                           bool
	pace                               choice
	jqRaw, vi, noHistory, plain        bool
	only                               []string
	print                              choice
	noColor, quiet                     bool
	maxRows                            rowCount

	// rules
	on, onJQ, every list
	eol             choice

	// application protocols
	as        string
	opts      list
	verb      []string // behind the URL, with its words
	rawFrames bool
	dialect   *repl.Dialect // that of as; nil = messages are taken as they are

	// sessions in the background
	background *background // serves its session to others; nil = it does not
	attached   *attached   // uses the session of another process; nil = it connects

	// ending
	wait           givenDuration
	duration       duration
	count          int
	one            bool
	until, untilJQ string
	timeout        duration
	expectTimeout  duration
	closeCode      int
	closeReason    string
	closeTimeout   givenDuration
}

// section is a part of --help.
type section struct {
	title   string
	declare func(*flags, *pflag.FlagSet)
}

// set has the flags of the section alone, with their defaults.
func (p section) set() *pflag.FlagSet {
	set := pflag.NewFlagSet(p.title, pflag.ContinueOnError)
	set.SortFlags = false
	p.declare(&flags{}, set)
	return set
}

// sections declare every flag, in the order of --help.
func sections() []section {
	return []section{
		{"Connection", (*flags).connecting},
		{"Listening", (*flags).listening},
		{"Authentication", (*flags).identity},
		{"TLS", (*flags).tls},
		{"Proxy and routing", (*flags).route},
		{"Keep-alive and reconnect", (*flags).staying},
		{"Input", (*flags).sendingFlags},
		{"Rules", (*flags).ruleFlags},
		{"Output", (*flags).outputFlags},
		{"Encoding", (*flags).encodingFlags},
		{"Application protocols", (*flags).dialects},
		{"Ending", (*flags).ending},
	}
}

func (f *flags) listening(set *pflag.FlagSet) {
	set.StringVarP(&f.listen, "listen", "l", "", "wait for clients on `PORT` of 127.0.0.1, one at a time, and send them what you type; others get 503. (wsx serve answers by itself.) HOST:PORT and :PORT listen on other interfaces, unix:PATH on a socket of the file system. Ends with the client, at a terminal waits for the next. --cert and --key use TLS, --origin admits web pages of other hosts")
	set.BoolVar(&f.all, "all", false, "with -l, accept any number of clients; messages go to all of them, as fast as the slowest reads, and it goes on when they leave")
}

func (f *flags) connecting(set *pflag.FlagSet) {
	set.StringVarP(&f.connect, "connect", "c", "", "connect to `URL`, spelled as wscat spells it")
	set.VarP(&f.headers, "header", "H", "add the header `'K: V'`; @file reads lines, 'K:' removes a default; repeatable")
	set.VarP(&f.subprotocols, "subprotocol", "s", "offer the subprotocol `NAME`; repeatable")
	set.StringVarP(&f.origin, "origin", "o", "", "send the header Origin: `URL`")
	set.StringVar(&f.host, "host", "", "send `HOST` in the header Host instead of the URL's")
	set.StringVarP(&f.userAgent, "user-agent", "A", "", "send `NAME` as User-Agent")
	set.Var(&f.cookies, "cookie", "send the cookie `K=V`; repeatable")
	set.BoolVarP(&f.location, "location", "L", false, "follow redirects; credentials stay with their host")
	set.IntVar(&f.maxRedirects, "max-redirects", 10, "follow at most `N` redirects")
	set.Lookup("max-redirects").NoOptDefVal = "10"
	f.connectTimeout.duration = duration(dial.DefaultConnectTimeout)
	set.Var(&f.connectTimeout, "connect-timeout", "give up connecting after `D`: name, TCP, proxy, TLS and upgrade")
	set.IntVarP(&f.protocol, "protocol", "p", 13, "use `VERSION` of the WebSocket protocol; only 13 is supported")
	set.BoolVar(&f.compress, "compress", false, "offer permessage-deflate (the default)")
	set.BoolVar(&f.noCompress, "no-compress", false, "do not offer permessage-deflate")
	set.BoolVar(&f.http1, "http1.1", false, "use HTTP/1.1 (the default)")
	set.BoolVar(&f.http2, "http2", false, "use HTTP/2 (RFC 8441)")
	set.BoolVar(&f.http3, "http3", false, "use HTTP/3 (RFC 9220)")
	set.Var(&f.maxMessage, "max-message", "refuse received messages larger than `SIZE`, inflated (default 64MiB where a message is held whole)")
}

func (f *flags) identity(set *pflag.FlagSet) {
	set.StringVarP(&f.user, "user", "u", "", "use Basic authentication as `USER[:PASS]`; @file reads it from a file; a missing password is asked for")
	set.StringVar(&f.auth, "auth", "", "the same, spelled as wscat spells it: `USER:PASS`")
	set.StringVar(&f.bearer, "bearer", "", "send `TOKEN` as a bearer token; @file reads it from a file")
	set.BoolVarP(&f.netrc, "netrc", "N", false, "look the password up in ~/.netrc")
	set.StringVar(&f.netrcFile, "netrc-file", "", "look the password up in `FILE`")
	set.Var(&f.awsSigV4, "aws-sigv4", "sign the URL for a service of AWS on each dial, for `REGION/SERVICE`, or as the host tells (API Gateway, IoT, Transcribe); credentials from AWS_ACCESS_KEY_ID and its like, or ~/.aws")
	set.Lookup("aws-sigv4").NoOptDefVal = standingAlone
}

func (f *flags) tls(set *pflag.FlagSet) {
	set.BoolVarP(&f.insecure, "insecure", "k", false, "accept any certificate")
	set.BoolVarP(&f.noCheck, "no-check", "n", false, "the same, spelled as wscat spells it")
	set.Var(&f.ca, "ca", "trust the certificates in the PEM `FILE` instead of the system's; 'system' adds those")
	set.StringVar(&f.cert, "cert", "", "use the client certificate in `FILE`, PEM or PKCS#12; with -l the server certificate")
	set.StringVar(&f.key, "key", "", "use the key in the PEM `FILE`")
	set.Var(&f.passphrase, "passphrase", "decrypt the key with the passphrase `P`; asked for when the flag stands alone")
	set.Lookup("passphrase").NoOptDefVal = standingAlone
	set.StringVar(&f.serverName, "servername", "", "expect `NAME` in the certificate, and send it as SNI")
	f.tlsMin = choice{value: "1.2", among: []string{"1.0", "1.1", "1.2", "1.3"}}
	set.Var(&f.tlsMin, "tls-min", "use at least TLS `VERSION`: 1.0, 1.1, 1.2 or 1.3")
	set.Var(&f.pins, "pin-sha256", "require that the server's key has this `HASH`; repeatable")
}

func (f *flags) route(set *pflag.FlagSet) {
	set.StringVar(&f.proxy, "proxy", "", "connect through the proxy `URL`: http, https, socks5, socks5h or host:port; 'none' uses none")
	set.Var(&f.resolve, "resolve", "use the address in `HOST:PORT:ADDR` for that host and port; repeatable")
	set.Var(&f.connectTo, "connect-to", "connect to HOST2:PORT2 instead of HOST1:PORT1: `HOST1:PORT1:HOST2:PORT2`; repeatable")
	set.BoolVarP(&f.ipv4, "ipv4", "4", false, "connect over IPv4 only")
	set.BoolVarP(&f.ipv6, "ipv6", "6", false, "connect over IPv6 only")
	set.StringVar(&f.unixSocket, "unix-socket", "", "connect to the Unix socket at `PATH`, whatever the host in the URL")
}

func (f *flags) staying(set *pflag.FlagSet) {
	set.Var(&f.pingInterval, "ping-interval", "send a ping every `D`")
	set.Var(&f.pingTimeout, "ping-timeout", "end the session (exit 7) when neither a pong nor any data arrives for `D` after a ping")
	set.BoolVar(&f.reconnect, "reconnect", false, "connect again when the connection is lost; -x messages are sent again, lines that may not have arrived are named and end in exit code 7")
	f.reconnectMax = duration(client.DefaultReconnectMax)
	set.Var(&f.reconnectMax, "reconnect-max", "wait at most this long before an attempt")
	set.BoolVar(&f.resend, "resend", false, "with --reconnect, send again what may not have arrived")
}

func (f *flags) sendingFlags(set *pflag.FlagSet) {
	set.VarP(&f.execute, "execute", "x", "send `MSG` first; @file sends a file, @@ a leading @; repeatable. With -1, --count or --until standard input is not read, unless --input is given")
	set.BoolVarP(&f.interactive, "interactive", "i", false, "after -x, stay at the prompt")
	set.BoolVarP(&f.binary, "binary", "b", false, "send binary messages; with -t only from standard input, -x stays text")
	set.BoolVarP(&f.text, "text", "t", false, "send text messages (the default)")
	f.input = choice{value: "lines", among: inputForms()}
	set.Var(&f.input, "input", "how standard input is cut into messages: `FORM` is "+strings.Join(inputForms(), ", "))
	set.BoolVarP(&f.null, "null", "0", false, "end lines with NUL, in and out")
	set.Var(&f.chunkSize, "chunk-size", "with --input chunks, send messages of exactly `SIZE` (default: as they are read, up to 64KiB)")
	set.Var(&f.fragment, "fragment", "send messages in frames of at most `SIZE`; 0 = one frame each, whatever the size (default: one frame up to 64MiB, but chunks and longer messages in frames of 64KiB)")
	set.BoolVar(&f.stream, "stream", false, "a byte-exact pipe both ways: --input chunks --binary --format bytes")
	set.BoolVar(&f.echo, "echo", false, "answer each message with itself until the server closes, or --count or --duration ends it")
	set.Var(&f.rate, "rate", "send at most `N/s` lines a second")
	set.BoolVar(&f.lockstep, "lockstep", false, "send the next line only when an answer to the last has arrived")
	f.pace = choice{value: "fast", among: []string{"real", "fast", "2x"}}
	set.Var(&f.pace, "pace", "with --input json, send a recording at `SPEED`: fast (at once), real, 2x")
	set.BoolVar(&f.vi, "vi", false, "at the prompt, use the keys of vi")
	set.BoolVar(&f.plain, "plain", false, "at the prompt, no line editing, colours of what is typed, or escape sequences: for screen readers (also ACCESSIBLE=1) and simple terminals")
	set.BoolVar(&f.noHistory, "no-history", false, "do not keep what is typed at the prompt")
	set.BoolVar(&f.paste, "paste", false, "read a command line that a browser copied, as cURL (bash or cmd) or for PowerShell, from standard input, and connect as it says. What follows it is input")
	set.BoolVar(&f.slash, "slash", false, "run commands like /ping and /close in piped lines too")
}

func (f *flags) ruleFlags(set *pflag.FlagSet) {
	set.Var(&f.on, "on", "answer each message that matches: `'REGEX => MSG'`; $1 and ${name} in MSG are its groups; repeatable")
	set.Var(&f.onJQ, "on-jq", "answer each JSON message with every result of the jq `EXPR`; repeatable")
	set.Var(&f.every, "every", "send a message again and again: `'D => MSG'`; repeatable")
	f.eol = choice{value: "none", among: repl.LineEndNames()}
	set.Var(&f.eol, "eol", "end each message made from a line with `NAME`: none, crlf, lf or nul")
}

func (f *flags) outputFlags(set *pflag.FlagSet) {
	f.format = choice{value: "", among: formatNames()}
	set.VarP(&f.format, "format", "f", "show messages as `NAME`: "+strings.Join(formatNames(), ", ")+" (default pretty at a terminal, raw in a pipe)")
	set.BoolVar(&f.json, "json", false, "the same as -f json: events, one JSON object a line")
	set.StringVar(&f.template, "template", "", "show each message with the Go template `T`")
	set.StringVar(&f.jq, "jq", "", "show the results of the jq `EXPR` on each JSON message")
	set.BoolVar(&f.jqRaw, "jq-raw", false, "with --jq, print strings without quotes")
	set.StringSliceVar(&f.only, "only", nil, "show only `WORDS`: in, out, text, binary, control")
	set.StringVar(&f.grep, "grep", "", "show only messages that match `REGEX`")
	set.StringVar(&f.grepV, "grep-v", "", "show only messages that do not match `REGEX`")
	set.Var(&f.maxRows, "max-rows", "at a terminal, cut messages after `N` rows; 0 = not at all (default: after as many as two screens have, at least 40)")
	set.StringVar(&f.record, "record", "", "record the session in `FILE` as JSON events")
	set.BoolVarP(&f.showPingPong, "show-ping-pong", "P", false, "show pings and pongs")
	set.BoolVarP(&f.verbose, "verbose", "v", false, "show the opening handshake, its times and certificates")
	set.BoolVar(&f.trace, "trace", false, "show every frame")
	f.timestamps = choice{value: "", among: []string{"wall", "relative", "delta"}}
	set.VarP(&f.timestamps, "timestamps", "T", "show the time before each message, as `MODE`: wall, relative or delta")
	set.Lookup("timestamps").NoOptDefVal = "wall"
	f.color = choice{value: "auto", among: []string{"auto", "always", "never"}}
	set.Var(&f.color, "color", "use colour `WHEN`: auto, always or never")
	set.BoolVar(&f.noColor, "no-color", false, "the same as --color never")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "print no status lines")
	f.print = choice{among: curl.Programs()}
	set.Var(&f.print, "print", "print the command line of `PROGRAM`, "+strings.Join(curl.Programs(), ", ")+", that makes the same connection, and do not connect; credentials are redacted without --show-secrets")
	set.BoolVar(&f.showSecrets, "show-secrets", false, "do not redact credentials in -v, --json, --record and --print")
}

func (f *flags) encodingFlags(set *pflag.FlagSet) {
	f.decode = choice{among: decoders()}
	set.Var(&f.decode, "decode", "decode messages with `CODEC`: "+strings.Join(decoders(), ", ")+" (default auto where shown pretty)")
	f.encode = choice{among: encoders()}
	set.Var(&f.encode, "encode", "encode lines of JSON with `CODEC`: "+strings.Join(encoders(), ", "))
	set.StringVar(&f.proto, "proto", "", "with protobuf, use the schema in the .proto `FILE`")
	set.StringVar(&f.message, "message", "", "with --proto, use the message `NAME` in it")
	set.StringVar(&f.dictionary, "dictionary", "", "with zstd, use the dictionary in `FILE`")
}

func (f *flags) ending(set *pflag.FlagSet) {
	f.wait.duration = duration(time.Second)
	set.VarP(&f.wait, "wait", "w", "after the end of input, close when the server has been silent for `D`; 0 = at once, -1 = never, which is the default with --count, --until and --until-jq. With -c and -x: close D after the last -x, whatever arrives")
	set.Var(&f.duration, "duration", "end well (exit 0) `D` after the connection was opened")
	set.IntVarP(&f.count, "count", "C", 0, "end well (exit 0) after `N` messages")
	set.BoolVarP(&f.one, "one", "1", false, "the same as --count 1")
	set.StringVar(&f.untilJQ, "until-jq", "", "end well after a JSON message for which the jq `EXPR` is true")
	set.StringVar(&f.until, "until", "", "end well after a message that matches `REGEX`; (?m) before it has ^ and $ match at each line of a message")
	f.expectTimeout = duration(script.DefaultTimeout)
	set.Var(&f.expectTimeout, "expect-timeout", "wait at most `D` for what /expect, a script or a verb waits for")
	set.Var(&f.timeout, "timeout", "end the whole run after `D`, with exit code 9")
	set.IntVar(&f.closeCode, "close-code", 1000, "close with the code `N`")
	set.StringVar(&f.closeReason, "close-reason", "", "close with the reason `S`")
	set.Var(&f.closeTimeout, "close-timeout", "wait at most `D` for the server's Close after ours (default: until it has been silent for 2s, at most 15s)")
}
