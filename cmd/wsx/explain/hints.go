package explain

// hints returns what to do next for each reason that a failure can have. A hint names facts of the failure in braces; an
// empty one stands for a failure without a hint.
func hints() map[string]string {
	return map[string]string{
		// Connecting: DNS, sockets, TCP.
		"name-timeout":         "the name servers do not answer; --resolve {host}:{port}:ADDRESS connects without DNS",
		"name-wrong-family":    "without {familyflag}, wsx tries the other addresses as well",
		"proxy-name-not-found": "{variable} names this proxy; --proxy none connects without a proxy",
		"name-not-found":       "check the spelling; --resolve {host}:{port}:ADDRESS gives the name an address",
		"name-failed":          "the DNS lookup failed; --resolve {host}:{port}:ADDRESS connects without DNS",
		"socket-not-found":     "is the server running, and does it listen on this socket?",
		"socket-permission":    "you have no permission to connect to this socket: check its owner and mode",
		"socket-refused":       "nothing listens on this socket: is the server running?",
		"proxy-timeout":        "{variable} names this proxy; --proxy none connects without a proxy",
		"proxy-refused":        "{variable} names this proxy; --proxy none connects without a proxy",
		"tcp-timeout":          "the host is down, or a firewall drops packets to port {port}; --connect-timeout waits longer",
		"tcp-refused":          "nothing listens on port {port}: is the server running, and is the port right?",
		"tcp-no-answer":        "the host is down, or a firewall drops packets to port {port}",
		"tcp-unreachable":      "the host is down, or a firewall blocks the connection",
		"no-network":           "does this machine have such a network? -4 and -6 choose between IPv4 and IPv6",
		"tcp-reset":            "a firewall may have reset it",
		"tcp-failed":           "",

		// The proxy.
		"proxy-login-rejected":        "check the user and password of the proxy",
		"proxy-login-required":        "give a user and password: --proxy {proxyscheme}://USER:PASS@{proxyaddress}",
		"proxy-forbidden":             "the proxy does not allow connections to {host}:{port}",
		"proxy-forbidden-by-variable": "the proxy does not allow connections to {host}:{port}; {variable} names it, and NO_PROXY={host} connects without it",
		"proxy-bad-gateway":           "the proxy cannot reach {host}:{port}",
		"not-a-proxy":                 "it does not support CONNECT: is it a proxy, and is its port right?",
		"proxy-status":                "",
		"proxy-silent":                "the proxy accepted the connection and does not answer: is its port right?",
		"socks-login-rejected":        "check the user and password: --proxy {proxyscheme}://USER:PASS@{proxyaddress}",
		"socks-login-required":        "give a user and password: --proxy {proxyscheme}://USER:PASS@{proxyaddress}",
		"socks-answered-http":         "try --proxy http://{proxyaddress}",
		"not-socks":                   "is the port of the proxy right?",
		"socks-forbidden":             "the proxy does not allow connections to {host}:{port}",
		"socks-target-refused":        "nothing listens on {host}:{port} as seen from the proxy",
		"socks-name-unreachable":      "--proxy socks5h://... lets the proxy resolve the name",
		"socks-failed":                "the proxy cannot reach {host}:{port}",
		"proxy-answered-socks":        "try --proxy socks5h://{proxyaddress}",
		"proxy-not-http":              "is the port of the proxy right?",
		"proxy-unknown-authority":     "--ca FILE trusts the CA certificate in FILE; -k skips the verification",
		"proxy-certificate":           "-k skips the verification",
		"proxy-not-tls":               "try --proxy http://{proxyaddress}",
		"http-proxy-closed":           "is it an HTTP proxy? --proxy socks5h://{proxyaddress} speaks SOCKS",
		"socks-proxy-closed":          "is it a SOCKS 5 proxy? --proxy http://{proxyaddress} speaks HTTP",
		"proxy-failed":                "",

		// TLS.
		"tls-timeout":                   "the server accepted the connection and does not answer: does port {port} speak TLS? {plain} connects without TLS",
		"tls-answered-http":             "port {port} does not speak TLS: try {plain}",
		"not-tls":                       "is the port right? {plain} connects without TLS",
		"pin-mismatch":                  "if this is the right server, --pin-sha256 {pin} accepts it",
		"certificate-not-yet-valid":     "is the clock of this machine right? -k skips the verification",
		"certificate-expired":           "the server needs a new certificate; -k skips the verification",
		"certificate-name":              "--servername NAME expects another name; -k skips the verification",
		"certificate-self-signed":       "--ca FILE trusts it if FILE has this certificate; -k skips the verification",
		"certificate-unknown-authority": "--ca FILE trusts the CA certificate in FILE; -k skips the verification",
		"certificate-invalid":           "-k skips the verification",
		"certificate-malformed":         "Go's TLS library cannot parse this certificate, not even with -k: the server needs another one",
		"client-certificate-required":   "--cert FILE --key FILE sends one",
		"client-certificate-rejected":   "is it signed by an authority that the server trusts, and not expired?",
		"tls-version":                   "--tls-min 1.0 allows old TLS versions and RSA key exchange",
		"tls-unknown-name":              "--servername NAME sends another name",
		"tls-nothing-in-common":         "--tls-min 1.0 allows old TLS versions and RSA key exchange, --servername NAME sends another name",
		"alpn-refused":                  "the server may support HTTP/2 only: --http2 uses it",
		"tls-closed":                    "does port {port} speak TLS? {plain} connects without TLS",
		"tls-other":                     "",

		// The server refused the upgrade.
		"port-wants-tls":           "try {secure}",
		"credentials-rejected":     "the server rejected the credentials: check them",
		"basic-required":           "the server asks for a user and password: -u USER:PASS",
		"bearer-required":          "the server asks for a token: --bearer TOKEN",
		"scheme-required":          "the server asks for {scheme}: -H 'Authorization: {scheme} …' sends it",
		"scheme-not-spoken":        "the server asks for {scheme} authentication, which wsx does not implement",
		"credentials-required":     "the server requires credentials: -u USER:PASS, --bearer TOKEN or --cookie NAME=VALUE",
		"forbidden-without-origin": "the response mentions the origin: -o {origin} sends one",
		"forbidden":                "the path {path} or the credentials (-u, --bearer, --cookie) may be wrong; some servers require an origin: -o {origin}",
		"forbidden-origin":         "the server does not allow this origin (-o) or these credentials",
		"forbidden-credentials":    "the server does not accept these credentials for {path}",
		"not-found":                "the path {path} may be wrong",
		"method-not-allowed":       "the path {path} may be wrong: it does not accept GET",
		"redirect-to-plain":        "the server redirects from wss to ws, {location}, which -L does not follow",
		"redirected":               "-L follows it to {location}",
		"other-version":            "the server supports WebSocket version {versions}, wsx only 13",
		"upgrade-required":         "the Upgrade header did not reach the server: a proxy or load balancer may have removed it, which happens less often with TLS",
		"upgrade-changed":          "the request did not reach the server unchanged: a proxy or load balancer may have modified it",
		"bad-request":              "the server may require another path, a Host that it knows (--host), a subprotocol (-s) or a header (-H)",
		"host-not-allowed":         "the server does not accept this Host header: --host localhost sends another one",
		"subprotocol-required":     "the server requires a subprotocol: -s NAME offers one",
		"web-page":                 "the path {path} is a web page: try another path",
		"not-switching":            "the path {path} may be wrong, or a load balancer on the way does not support WebSocket",
		"retry-later":              "the server asks to retry in {retryafter}",
		"too-many-requests":        "wait before you try again",
		"occupied":                 "the server accepts one client at a time: try again later, or start it with wsx -l --all",
		"bad-gateway":              "a gateway answered, but the server behind it did not: is that server running?",
		"server-error":             "the server failed: its log may show why",
		"refused-other":            "",

		// The response is missing or invalid.
		"upgrade-timeout":    "the server accepted the connection and does not answer: is it a WebSocket server? --connect-timeout waits longer",
		"redirect-downgrade": "-L does not follow a redirect from wss to ws, as it would send everything unencrypted",
		"too-many-redirects": "--max-redirects N follows more redirects",
		"answered-tls":       "try {secure}",
		"answered-http2":     "--http2 connects over HTTP/2; or is there another port for HTTP/1.1?",
		"answered-ssh":       "is port {port} right?",
		"not-http":           "is port {port} right?",
		"wrong-accept":       "the server, or a cache on the way, does not implement WebSocket (RFC 6455, 4.2.2)",
		"wrong-subprotocol":  "-s NAME offers a subprotocol",
		"wrong-extension":    "--no-compress offers no extension",
		"wrong-upgrade":      "a proxy or load balancer on the way may have changed the response",
		"upgrade-closed-tls": "the server may expect another path or host name, or not support WebSocket",
		"upgrade-closed":     "does the port require TLS? try {secure}",
		"half-header":        "the server, or a proxy on the way, failed while answering: try again, or look at its log",
		"upgrade-failed":     "",

		// HTTP/2 and HTTP/3.
		"http-version-not-spoken": "--http1.1 works with more servers",
		"no-extended-connect":     "the path {path} does not accept CONNECT: --http1.1 uses GET",
		"answered-http1":          "--http1.1 works with more servers",
		"extended-closed":         "--http1.1 works with more servers",
		"stream-broken":           "the server may be busy or shutting down: try again",
		"udp-timeout":             "does the server support HTTP/3, on UDP port {port}? --http2 and --http1.1 use TCP",
		"udp-refused":             "nothing listens on UDP port {port}: --http2 and --http1.1 use TCP",

		// Usage errors.
		"http3-proxy":       "--http2 and --http1.1 work through a proxy, --proxy none connects without one",
		"http3-without-tls": "use wss instead of ws",
		"password-missing":  "give it after a colon: -u USER:PASS, or -u @FILE to read both from a file",
		"owned-extensions":  "--compress and --no-compress choose what is offered",
		"owned-subprotocol": "-s NAME offers a subprotocol",
		"owned-body":        "the opening handshake is a GET request without a body: remove this header",

		// Signed AWS URLs.
		"signature-rejected":      "the signature may be for the wrong region or service (--aws-sigv4=REGION/SERVICE), the credentials may have expired, or the clock of this machine may be wrong",
		"aws-scope-unknown":       "give both: --aws-sigv4=REGION/SERVICE, like --aws-sigv4=eu-west-1/execute-api",
		"aws-no-credentials":      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set AWS_PROFILE to a profile in ~/.aws that has credentials",
		"aws-derived-credentials": "eval \"$(aws configure export-credentials --profile {profile} --format env)\" puts them into the environment",

		// Contexts.
		"context-untrusted": "read the file; then wsx config trust allows its use until it changes",
		"context-unknown":   "known contexts: {names}",
		"no-contexts":       "contexts are defined in $XDG_CONFIG_HOME/wsx/config or in a .wsx file; wsx config --help explains them",

		// The session.
		"message-too-big":        "--max-message SIZE accepts larger messages; -f raw and -f bytes write a message while it arrives",
		"does-not-inflate":       "--no-compress connects without compression",
		"http-instead-of-frames": "the server, or a proxy on the way, refused the connection after the 101 response: the path or the query may be wrong",
		"closed-too-big":         "--fragment SIZE sends messages in smaller frames (some services accept at most 32 KiB per frame)",
		"closed-unauthorized":    "the server requires credentials: --bearer TOKEN, -H, or a first message that logs in",
		"closed-subprotocol":     "the server does not accept this subprotocol: -s NAME offers another",
		"lost":                   "--reconnect reconnects when the connection is lost",
		"lost-idle":              "nothing was received for {silence}: --ping-interval 20s keeps an idle connection open",
		"no-pong":                "--ping-timeout D waits longer, --reconnect reconnects",

		"unconfirmed": "--resend sends messages that may not have arrived again; a message that did arrive is then received twice",

		// Sessions in the background.
		"session-stale":         "its socket was removed; wsx open {name} URL opens it again",
		"session-unknown":       "open sessions: {names}; wsx open NAME URL opens another",
		"no-sessions":           "no session is open; wsx open NAME URL opens one",
		"session-taken":         "wsx close {name} closes it, wsx attach {name} is its prompt",
		"session-unresponsive":  "kill -CONT {pid} continues the process if it was stopped, kill -KILL {pid} ends it",
		"session-path-too-long": "use a shorter name, or set XDG_RUNTIME_DIR to a directory with a shorter path",
		"session-directory":     "the directory must belong to you and have mode 0700; XDG_RUNTIME_DIR can name another one",

		// Load tests.
		"unmeasured-busy":    "try --rate {rate}; --find --slo OBJECTIVES finds the highest rate that meets them",
		"unmeasured-echo":    "-x MSG sends a message that the server answers; wsx bench receive measures a server that sends without being asked",
		"unmeasured-fanout":  "the receivers must be in the room that the senders use; with --as, a first verb joins it: -- subscribe ROOM -- publish ROOM {{.Mark}}",
		"unmeasured-receive": "does the server send without being asked? --duration 1m waits longer",

		// Listening.
		"origin-not-allowed":  "--origin PATTERN accepts its web pages",
		"listen-http-version": "wsx serve supports HTTP/2 and HTTP/3",

		// Application protocols.
		"dialect-options": "wsx dialect show {dialect} lists its options",

		// Input.
		"not-utf8-line":    "send it as binary: --binary",
		"not-utf8-chunk":   "a chunk may end in the middle of a character; send it as binary: --binary",
		"looks-like-utf16": "it looks like UTF-16: iconv -f UTF-16 -t UTF-8 converts it",
		"line-too-long":    "--input chunks or --stream send input of any length",
	}
}
