package main

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wsx/client"
	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/curl"
	"wsx/daemon"
	"wsx/repl"
	"wsx/repl/script"
)

// flags are the values of the command line. Each flag is declared once, below; parsing, --help, completion and the manual page
// use that declaration.
type flags struct {
	// connection
	connect, listen                string
	all                            bool
	headers, subprotocols, cookies value.List
	origin, host, userAgent        string
	user, auth, bearer             string
	netrc                          bool
	netrcFile                      string
	awsSigV4                       value.AWSScope
	insecure, noCheck              bool
	ca, pins                       value.List
	cert, key                      string
	passphrase                     value.Passphrase
	serverName                     string
	tlsMin                         value.Choice
	proxy                          string
	resolve, connectTo             value.List
	ipv4, ipv6                     bool
	unixSocket                     string
	location                       bool
	maxRedirects                   int
	connectTimeout                 value.GivenDuration
	protocol                       int
	compress, noCompress           bool
	maxMessage                     value.Size
	http1, http2, http3            bool
	pingInterval, pingTimeout      value.Duration
	reconnect, resend              bool
	reconnectMax                   value.Duration
	showSecrets                    bool
	paste                          bool
	curlWords                      []string // arguments after the word curl; nil = the command line has no such word
	preset                         *preset  // values for flags that are not set; nil = none

	// input
	execute                         value.List
	interactive, binary, text, null bool
	input                           value.Choice
	chunkSize                       value.Size
	fragment                        value.GivenSize
	stream, echo, slash             bool
	on, onJQ, every                 value.List
	eol                             value.Choice

	// output
	format                             value.Choice
	json, showPingPong, verbose, trace bool
	timestamps                         value.Choice
	color                              value.Choice
	template, jq, grep, grepV, record  string
	decode, encode                     value.Choice
	proto, message, dictionary         string
	rate                               value.Rate
	lockstep                           bool
	pace                               value.Choice
	jqRaw, vi, noHistory, plain        bool
	only                               []string
	print                              value.Choice
	noColor, quiet                     bool
	maxRows                            value.RowCount

	// encoding: application protocols
	as        string
	opts      value.List
	verb      []string // arguments after the URL: the verb and its words
	rawFrames bool
	dialect   *repl.Dialect // that of as; nil = messages are not translated

	// sessions in the background
	background *background // the session that other processes use; nil = it is in the foreground
	attached   *attached   // uses the session of another process; nil = it connects

	// ending
	wait           value.GivenDuration
	duration       value.Duration
	count          int
	one            bool
	until, untilJQ string
	timeout        value.Duration
	expectTimeout  value.Duration
	closeCode      int
	closeReason    string
	closeTimeout   value.GivenDuration
}

// preset is a connection described by a context or a curl command line instead of flags. Flags take precedence.
type preset struct {
	options dial.Options
	netrc   bool          // look passwords up in ~/.netrc
	timeout time.Duration // of the whole run; 0 = none
	verbose bool
}

// attached is a session that another process owns, and how this command uses it.
type attached struct {
	session *daemon.Attachment
	name    string
	prompts bool // there may be a prompt
	reads   bool // standard input is read
	waits   bool // it waits for silence, without sending anything
	begun   time.Time
}

func (f *flags) connectionFlags(set *pflag.FlagSet) {
	set.StringVarP(&f.connect, "connect", "c", "", "connect to `URL` (wscat's spelling)")
	set.StringVarP(&f.listen, "listen", "l", "", "accept clients on `PORT` of 127.0.0.1, one at a time, and send them what you type; further clients get a 503. (wsx serve is a server that answers by itself.) HOST:PORT and :PORT listen on other interfaces, unix:PATH on a Unix socket. Ends when the client closes; at a terminal, waits for the next client. --cert and --key enable TLS, --origin accepts web pages from other hosts")
	set.BoolVar(&f.all, "all", false, "with -l, accept any number of clients and send each message to all of them, at the speed of the slowest; keep listening when they disconnect")
	set.VarP(&f.headers, "header", "H", "add the header `'K: V'`; @file reads headers from a file, 'K:' removes a default header; repeatable")
	set.VarP(&f.subprotocols, "subprotocol", "s", "offer the subprotocol `NAME`; repeatable")
	set.StringVarP(&f.origin, "origin", "o", "", "send `URL` in the Origin header")
	set.StringVar(&f.host, "host", "", "send `HOST` in the Host header instead of the host in the URL")
	set.StringVarP(&f.userAgent, "user-agent", "A", "", "send `NAME` as User-Agent")
	set.Var(&f.cookies, "cookie", "send the cookie `K=V`; repeatable")
	set.BoolVarP(&f.location, "location", "L", false, "follow redirects; credentials are not sent to another host")
	set.IntVar(&f.maxRedirects, "max-redirects", 10, "follow at most `N` redirects")
	set.Lookup("max-redirects").NoOptDefVal = "10"
	f.connectTimeout.Duration = value.Duration(dial.DefaultConnectTimeout)
	set.Var(&f.connectTimeout, "connect-timeout", "limit the time to connect to `D`, including DNS, TCP, proxy, TLS and upgrade")
	set.IntVarP(&f.protocol, "protocol", "p", 13, "use `VERSION` of the WebSocket protocol; only 13 is supported")
	set.BoolVar(&f.compress, "compress", false, "offer permessage-deflate (the default)")
	set.BoolVar(&f.noCompress, "no-compress", false, "do not offer permessage-deflate")
	set.BoolVar(&f.http1, "http1.1", false, "use HTTP/1.1 (the default)")
	set.BoolVar(&f.http2, "http2", false, "use HTTP/2 (RFC 8441)")
	set.BoolVar(&f.http3, "http3", false, "use HTTP/3 (RFC 9220)")
	set.Var(&f.maxMessage, "max-message", "refuse received messages larger than `SIZE` after decompression (default 64MiB where the whole message is held in memory)")
}

func (f *flags) authFlags(set *pflag.FlagSet) {
	set.StringVarP(&f.user, "user", "u", "", "use Basic authentication as `USER[:PASS]`; @file reads it from a file; prompts for a missing password")
	set.StringVar(&f.auth, "auth", "", "the same as --user, with `USER:PASS` (wscat's spelling)")
	set.StringVar(&f.bearer, "bearer", "", "send `TOKEN` as a bearer token; @file reads it from a file")
	set.BoolVarP(&f.netrc, "netrc", "N", false, "look the password up in ~/.netrc")
	set.StringVar(&f.netrcFile, "netrc-file", "", "look the password up in `FILE`")
	set.Var(&f.awsSigV4, "aws-sigv4", "sign the URL with AWS Signature Version 4 each time wsx connects, for `REGION/SERVICE`; without a value, both are derived from the host (API Gateway, IoT, Transcribe). Credentials come from AWS_ACCESS_KEY_ID and related variables, or from ~/.aws")
	set.Lookup("aws-sigv4").NoOptDefVal = value.NoValue
}

func (f *flags) tlsFlags(set *pflag.FlagSet) {
	set.BoolVarP(&f.insecure, "insecure", "k", false, "accept any certificate")
	set.BoolVarP(&f.noCheck, "no-check", "n", false, "the same as --insecure (wscat's spelling)")
	set.Var(&f.ca, "ca", "trust the CA certificates in the PEM `FILE` instead of the system's; 'system' adds the system's; repeatable")
	set.StringVar(&f.cert, "cert", "", "use the client certificate in `FILE` (PEM or PKCS#12); with -l, the server certificate")
	set.StringVar(&f.key, "key", "", "use the private key in the PEM `FILE`")
	set.Var(&f.passphrase, "passphrase", "decrypt the private key with the passphrase `P`; without a value, prompts for it")
	set.Lookup("passphrase").NoOptDefVal = value.NoValue
	set.StringVar(&f.serverName, "servername", "", "expect `NAME` in the certificate, and send it as SNI")
	f.tlsMin = value.Choice{Value: "1.2", Among: []string{"1.0", "1.1", "1.2", "1.3"}}
	set.Var(&f.tlsMin, "tls-min", "use at least TLS `VERSION`: 1.0, 1.1, 1.2 or 1.3")
	set.Var(&f.pins, "pin-sha256", "require that the SHA-256 of the server's public key is `HASH`, in base64 or hex; repeatable")
}

func (f *flags) proxyFlags(set *pflag.FlagSet) {
	set.StringVar(&f.proxy, "proxy", "", "connect through the proxy `URL`: http, https, socks5, socks5h or host:port; 'none' disables proxies")
	set.Var(value.ListOf(&f.resolve, "HOST:PORT:ADDR"), "resolve", "connect to ADDR for this host and port; repeatable")
	set.Var(value.ListOf(&f.connectTo, "HOST1:PORT1:HOST2:PORT2"), "connect-to", "connect to HOST2:PORT2 instead of HOST1:PORT1; repeatable")
	set.BoolVarP(&f.ipv4, "ipv4", "4", false, "connect over IPv4 only")
	set.BoolVarP(&f.ipv6, "ipv6", "6", false, "connect over IPv6 only")
	set.StringVar(&f.unixSocket, "unix-socket", "", "connect to the Unix socket at `PATH` instead of the host in the URL")
}

func (f *flags) keepAliveFlags(set *pflag.FlagSet) {
	set.Var(&f.pingInterval, "ping-interval", "send a ping every `D`")
	set.Var(&f.pingTimeout, "ping-timeout", "end the session (exit code 7) if neither a pong nor other data arrives within `D` after a ping")
	set.BoolVar(&f.reconnect, "reconnect", false, "reconnect when the connection is lost. -x messages are sent again; lines that may not have arrived are reported, and the exit code is then 7")
	f.reconnectMax = value.Duration(client.DefaultReconnectMax)
	set.Var(&f.reconnectMax, "reconnect-max", "wait at most `D` before an attempt to reconnect")
	set.BoolVar(&f.resend, "resend", false, "with --reconnect, send messages that may not have arrived again")
}

func (f *flags) inputFlags(set *pflag.FlagSet) {
	set.VarP(&f.execute, "execute", "x", "send `MSG` first; @file sends a file, @@ stands for a leading @; repeatable. With -1, --count or --until, standard input is not read unless --input is given")
	set.BoolVarP(&f.interactive, "interactive", "i", false, "after -x, continue at the prompt")
	set.BoolVarP(&f.binary, "binary", "b", false, "send binary messages; with -t, only standard input is binary and -x is text")
	set.BoolVarP(&f.text, "text", "t", false, "send text messages (the default)")
	f.input = value.Choice{Value: "lines", Among: inputForms()}
	set.Var(&f.input, "input", "split standard input into messages by `FORM`: "+strings.Join(inputForms(), ", "))
	set.BoolVarP(&f.null, "null", "0", false, "separate messages with NUL instead of newline, in input and output")
	f.eol = value.Choice{Value: "none", Among: repl.LineEndNames()}
	set.Var(&f.eol, "eol", "append `NAME` to each message made from a line: none, crlf, lf or nul")
	set.Var(&f.chunkSize, "chunk-size", "with --input chunks, send messages of exactly `SIZE` (default: each read, up to 64KiB)")
	set.Var(&f.fragment, "fragment", "send messages in frames of at most `SIZE`; 0 = always one frame (default: one frame up to 64MiB; frames of 64KiB for longer messages and for chunks)")
	set.BoolVar(&f.stream, "stream", false, "a byte-exact pipe in both directions: --input chunks --binary --format bytes")
	set.Var(&f.rate, "rate", "send at most `N` lines a second")
	set.BoolVar(&f.lockstep, "lockstep", false, "send the next line only after a message has been received in answer to the last one")
	f.pace = value.Choice{Value: "fast", Among: []string{"real", "fast", "2x"}}
	set.Var(&f.pace, "pace", "with --input json, send a recording at `SPEED`: fast (at once), real, 2x")
	set.BoolVar(&f.paste, "paste", false, "read a command line that was copied from a browser, as cURL (bash or cmd) or as PowerShell, from standard input, and make that connection. Whatever follows it is input")
	set.BoolVar(&f.echo, "echo", false, "echo each message back until the server closes, or until --count or --duration ends the session")
	set.Var(value.ListOf(&f.on, "'REGEX => MSG'"), "on", "answer each message that matches REGEX with MSG; $1 and ${name} in MSG are the groups of REGEX; repeatable")
	set.Var(&f.onJQ, "on-jq", "answer each JSON message with each result of the jq `EXPR`; repeatable")
	set.Var(value.ListOf(&f.every, "'D => MSG'"), "every", "send MSG every D; repeatable")
	set.BoolVar(&f.slash, "slash", false, "run commands like /ping and /close in piped input too")
	set.BoolVar(&f.vi, "vi", false, "at the prompt, use the keys of vi")
	set.BoolVar(&f.plain, "plain", false, "at the prompt, use no line editing, no colours in the input and no escape sequences, for screen readers and simple terminals; ACCESSIBLE=1 does the same")
	set.BoolVar(&f.noHistory, "no-history", false, "do not save what is typed at the prompt in the history")
}

func (f *flags) outputFlags(set *pflag.FlagSet) {
	f.format = value.Choice{Value: "", Among: formatNames()}
	set.VarP(&f.format, "format", "f", "show messages as `NAME`: "+strings.Join(formatNames(), ", ")+" (default pretty at a terminal, raw in a pipe)")
	set.BoolVar(&f.json, "json", false, "the same as -f json: events, one JSON object per line")
	set.StringVar(&f.template, "template", "", "show each message with the Go template `T`")
	set.StringVar(&f.jq, "jq", "", "show the results of the jq `EXPR` on each JSON message")
	set.BoolVar(&f.jqRaw, "jq-raw", false, "with --jq, print strings without quotes")
	set.StringSliceVar(&f.only, "only", nil, "show only `WORDS`: in, out, text, binary, control")
	set.StringVar(&f.grep, "grep", "", "show only messages that match `REGEX`")
	set.StringVar(&f.grepV, "grep-v", "", "show only messages that do not match `REGEX`")
	set.Var(&f.maxRows, "max-rows", "at a terminal, cut messages after `N` rows; 0 = never (default: two screens, at least 40 rows)")
	set.StringVar(&f.record, "record", "", "record the session in `FILE` as JSON events")
	set.BoolVarP(&f.showPingPong, "show-ping-pong", "P", false, "show pings and pongs")
	set.BoolVarP(&f.verbose, "verbose", "v", false, "show the opening handshake, with timings and certificates")
	set.BoolVar(&f.trace, "trace", false, "show every frame")
	f.timestamps = value.Choice{Value: "", Among: []string{"wall", "relative", "delta"}}
	set.VarP(&f.timestamps, "timestamps", "T", "show the time before each message, as `MODE`: wall, relative or delta")
	set.Lookup("timestamps").NoOptDefVal = "wall"
	f.color = value.Choice{Value: "auto", Among: []string{"auto", "always", "never"}}
	set.Var(&f.color, "color", "use colour `WHEN`: auto, always or never")
	set.BoolVar(&f.noColor, "no-color", false, "the same as --color never")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "print no status lines")
	f.print = value.Choice{Among: curl.Programs()}
	set.Var(&f.print, "print", "instead of connecting, print a command line of `PROGRAM` ("+strings.Join(curl.Programs(), ", ")+") that makes the same connection. Credentials are redacted without --show-secrets")
	set.BoolVar(&f.showSecrets, "show-secrets", false, "do not redact credentials in -v, --json, --record and --print")
}

func (f *flags) encodingFlags(set *pflag.FlagSet) {
	f.codecFlags(set)
	f.dialectFlags(set)
}

func (f *flags) codecFlags(set *pflag.FlagSet) {
	f.decode = value.Choice{Among: decoders()}
	set.Var(&f.decode, "decode", "decode received messages with `CODEC`: "+strings.Join(decoders(), ", ")+" (default: auto with -f pretty)")
	f.encode = value.Choice{Among: encoders()}
	set.Var(&f.encode, "encode", "encode each line of JSON with `CODEC`: "+strings.Join(encoders(), ", "))
	set.StringVar(&f.proto, "proto", "", "with protobuf, use the schema in the .proto `FILE`")
	set.StringVar(&f.message, "message", "", "with --proto, use the message type `NAME`")
	set.StringVar(&f.dictionary, "dictionary", "", "with zstd, use the dictionary in `FILE`")
}

func (f *flags) endingFlags(set *pflag.FlagSet) {
	f.wait.Duration = value.Duration(time.Second)
	set.VarP(&f.wait, "wait", "w", "after the end of input, close when the server has been silent for `D`; 0 = at once, -1 = never, which is the default with --count, --until and --until-jq. With both -c and -x, as in wscat: close D after the last -x, whatever is received")
	set.Var(&f.duration, "duration", "end with exit code 0 `D` after the connection was opened")
	set.IntVarP(&f.count, "count", "C", 0, "end with exit code 0 after `N` received messages")
	set.BoolVarP(&f.one, "one", "1", false, "the same as --count 1")
	set.StringVar(&f.untilJQ, "until-jq", "", "end with exit code 0 after a JSON message for which the jq `EXPR` is true")
	set.StringVar(&f.until, "until", "", "end with exit code 0 after a message that matches `REGEX`; with (?m) in front, ^ and $ match at each line")
	f.expectTimeout = value.Duration(script.DefaultTimeout)
	set.Var((*value.Limit)(&f.expectTimeout), "expect-timeout", "wait at most `D` for a message that /expect or a script expects, or for the reply to a verb")
	set.Var((*value.Limit)(&f.timeout), "timeout", "end the whole run after `D`, with exit code 9")
	set.IntVar(&f.closeCode, "close-code", 1000, "close with the code `N`")
	set.StringVar(&f.closeReason, "close-reason", "", "close with the reason `S`")
	set.Var(&f.closeTimeout, "close-timeout", "after sending a Close, wait at most `D` for the server's (default: until the server has been silent for 2s, at most 15s)")
}
