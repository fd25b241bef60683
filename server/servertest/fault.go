package servertest

// Fault is one deviation of an otherwise correct echo server.
type Fault struct {
	Name   string
	Checks string // comma-separated prefixes of the ids of the checks that find it: at least one of them fails or warns, and no other fails
	Help   string // what the server does
	Needs  Need   // what the server requires of its clients
	Full   bool   // found only by the slow and expensive checks
	Dies   bool   // the server stops serving
	HTTP2  bool   // exists only over HTTP/2
}

// Need is what the faulty server requires of its clients, besides a valid handshake.
type Need string

const (
	NeedsNothing     Need = ""
	NeedsCookie      Need = "cookie"      // the session cookie SessionCookie; with another origin it is refused
	NeedsCredentials Need = "credentials" // the Basic credentials UserInfo
	NeedsTLS         Need = "tls"         // a connection over TLS
)

// The credentials for a server with needs.
const (
	SessionCookie = "session=4f1d"
	UserInfo      = "user:correct-horse"
)

// Subprotocols returns those that the faulty server accepts.
func Subprotocols() []string { return []string{"chat", "superchat"} }

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		// Valid requests that are refused (RFC 6455, section 4.2.1).
		{Name: "upgrade-case-refused", Checks: "handshake.accept/upgrade-case", Help: "refuses Upgrade: WebSocket, which differs in case"},
		{Name: "connection-case-refused", Checks: "handshake.accept/connection-lower", Help: "refuses Connection: upgrade, which differs in case"},
		{Name: "connection-list-refused", Checks: "handshake.accept/connection-li", Help: "refuses Connection: keep-alive, Upgrade"},
		{Name: "field-name-case-refused", Checks: "handshake.accept/names", Help: "compares field names case-sensitively: refuses host, upgrade, sec-websocket-key"},
		{Name: "unknown-field-refused", Checks: "handshake.accept", Help: "refuses a request with a field that starts with X-"},
		{Name: "unknown-extension-refused", Checks: "handshake.accept/unknown-extension,deflate.offer", Help: "refuses a request that offers an unknown extension"},

		// Invalid requests that are accepted (RFC 6455, section 4.2.1).
		{Name: "key-missing-accepted", Checks: "handshake.refuse/no-key", Help: "accepts a request without Sec-WebSocket-Key"},
		{Name: "key-length-accepted", Checks: "handshake.refuse/key", Help: "accepts a Sec-WebSocket-Key of another length than 16 bytes"},
		{Name: "key-encoding-accepted", Checks: "handshake.refuse/key-no-base64", Help: "accepts a Sec-WebSocket-Key that is not Base64"},
		{Name: "key-twice-accepted", Checks: "handshake.refuse/key-twice", Help: "accepts two fields Sec-WebSocket-Key"},
		{Name: "version-missing-accepted", Checks: "handshake.refuse/no-version", Help: "accepts a request without Sec-WebSocket-Version"},
		{Name: "version-accepted", Checks: "handshake.refuse/version,handshake.answer/versions", Help: "accepts any Sec-WebSocket-Version"},
		{Name: "method-accepted", Checks: "handshake.refuse/post,handshake.refuse/put,handshake.refuse/method", Help: "accepts other methods than GET"},
		{Name: "http10-accepted", Checks: "handshake.refuse/http-1.0", Help: "accepts HTTP/1.0"},
		{Name: "upgrade-missing-accepted", Checks: "handshake.refuse/no-upgrade", Help: "accepts a request without Upgrade"},
		{Name: "upgrade-token-accepted", Checks: "handshake.refuse/upgrade", Help: "accepts an Upgrade that names another protocol"},
		{Name: "connection-missing-accepted", Checks: "handshake.refuse/no-connection,handshake.refuse/connection", Help: "accepts a request without Connection: Upgrade"},
		{Name: "host-missing-accepted", Checks: "handshake.refuse/no-host", Help: "accepts a request without Host"},
		{Name: "host-twice-accepted", Checks: "handshake.refuse/two-hosts", Help: "accepts two fields Host"},
		{Name: "field-space-accepted", Checks: "handshake.refuse", Help: "accepts white space between the name of a field and its colon"},

		// The response (RFC 6455, section 4.2.2).
		{Name: "accept-wrong", Checks: "handshake.answer", Help: "calculates Sec-WebSocket-Accept from the lower-case key"},
		{Name: "accept-missing", Checks: "handshake.answer", Help: "leaves out Sec-WebSocket-Accept"},
		{Name: "status-200", Checks: "handshake.answer/status", Help: "answers 200 instead of 101"},
		{Name: "upgrade-not-answered", Checks: "handshake.answer", Help: "leaves out Upgrade"},
		{Name: "connection-not-answered", Checks: "handshake.answer", Help: "leaves out Connection"},
		{Name: "extension-not-offered", Checks: "handshake.answer,deflate.offer", Help: "agrees to permessage-deflate although only other extensions were offered"},
		{Name: "length-answered", Checks: "handshake.answer/no-length", Help: "sends Content-Length with the 101"},
		{Name: "versions-not-named", Checks: "handshake.answer/versions", Help: "refuses a version without naming the supported ones"},

		// Subprotocols (RFC 6455, section 4.2.2).
		{Name: "subprotocol-not-offered", Checks: "subprotocol", Help: "chooses a subprotocol that was not offered"},
		{Name: "subprotocol-without-offer", Checks: "subprotocol", Help: "chooses a subprotocol although none was offered"},
		{Name: "subprotocol-list", Checks: "subprotocol", Help: "answers all offered subprotocols"},
		{Name: "subprotocol-case", Checks: "subprotocol", Help: "answers the chosen subprotocol in upper case"},
		{Name: "subprotocol-twice", Checks: "subprotocol", Help: "sends Sec-WebSocket-Protocol twice"},

		// Lengths (RFC 6455, section 5.2).
		{Name: "length-126-refused", Checks: "frame.length,frame.split/length-16", Help: "closes with 1002 for frames of 126 to 255 bytes"},
		{Name: "length-16-signed", Checks: "frame.length", Help: "closes with 1002 for frames of 32768 to 65535 bytes"},
		{Name: "length-64-refused", Checks: "frame.length,frame.split/length-64,limit", Help: "closes with 1002 for frames of 65536 bytes or more"},
		{Name: "empty-message-lost", Checks: "frame.length/text-0,frame.length/binary-0,fragment/empty-all,deflate.data/empty,limit/messages-empty", Help: "does not echo empty messages"},
		{Name: "empty-message-refused", Checks: "frame.length/text-0,frame.length/binary-0,deflate.data/empty,limit/messages-empty", Help: "closes with 1002 for an empty message"},
		{Name: "high-bit-accepted", Checks: "frame.length/over-63-bits", Help: "ignores the highest bit of a 64-bit length"},
		{Name: "non-minimal-16-accepted", Checks: "frame.minimal/16", Help: "accepts a length below 126 in 16 bits"},
		{Name: "non-minimal-64-accepted", Checks: "frame.minimal/64", Help: "accepts a length below 65536 in 64 bits"},

		// Masks (RFC 6455, section 5.1).
		{Name: "unmasked-accepted", Checks: "frame.mask/none", Help: "accepts data frames that are not masked"},
		{Name: "unmasked-control-accepted", Checks: "frame.mask/none", Help: "accepts control frames that are not masked"},
		{Name: "masked-echo", Checks: "frame.mask/own", Help: "masks the messages that it sends"},
		{Name: "zero-key-refused", Checks: "frame.mask/zeros,close.form/masked-zeros", Help: "closes with 1002 for a masking key of zeros"},

		// Bytes that arrive in several segments.
		{Name: "split-header-refused", Checks: "frame.split,fragment/byte-by-byte,control/ping-chunks,close.form/chunks,deflate.data/chunks", Help: "closes with 1002 if the first two bytes of a frame arrive separately"},
		{Name: "split-payload-lost", Checks: "frame.split,fragment/byte-by-byte,deflate.data/chunks", Help: "echoes a payload of at most 125 bytes that arrives in several segments only up to the end of the first"},

		// Reserved bits and opcodes (RFC 6455, section 5.2).
		{Name: "rsv1-accepted", Checks: "reserved", Help: "accepts RSV1 on data frames without an extension"},
		{Name: "rsv2-accepted", Checks: "reserved,deflate.data/rsv", Help: "accepts RSV2 on data frames"},
		{Name: "rsv3-accepted", Checks: "reserved", Help: "accepts RSV3 on data frames"},
		{Name: "rsv-control-accepted", Checks: "reserved,deflate.data/rsv1-p", Help: "accepts reserved bits on control frames"},
		{Name: "opcode-data-accepted", Checks: "opcode", Help: "ignores frames with the opcodes 3 to 7"},
		{Name: "opcode-control-accepted", Checks: "opcode", Help: "ignores frames with the opcodes 11 to 15"},
		{Name: "opcode-15-accepted", Checks: "opcode/f", Help: "ignores frames with the opcode 15"},

		// Fragments (RFC 6455, section 5.4).
		{Name: "continuation-accepted", Checks: "fragment", Help: "accepts a continuation without a started message as a message"},
		{Name: "continuation-ignored", Checks: "fragment", Help: "ignores a continuation without a started message"},
		{Name: "interleaved-accepted", Checks: "fragment", Help: "starts a new message when one begins within another"},
		{Name: "fragments-lost", Checks: "fragment,utf8.valid/split,deflate.data,limit/fragments", Help: "echoes only the last fragment of a message"},
		{Name: "fragments-refused", Checks: "fragment,deflate.data,limit/fragments,utf8.invalid", Help: "closes with 1002 for a message in fragments"},
		{Name: "ping-between-fragments-refused", Checks: "fragment/ping,fragment/pong-early,deflate.data/ping-between", Help: "closes with 1002 for a ping between fragments"},
		{Name: "ping-resets-message", Checks: "fragment/ping,deflate.data/ping-between", Help: "discards the fragments before a ping"},
		{Name: "ping-held-by-message", Checks: "fragment/pong-early,deflate.data/ping-between", Help: "answers a ping between fragments only after the message"},
		{Name: "empty-fragment-refused", Checks: "fragment,utf8.invalid,limit/fragments-empty", Help: "closes with 1002 for an empty fragment"},
		{Name: "binary-fragments-as-text", Checks: "fragment/binary", Help: "echoes a fragmented binary message as text"},

		// Control frames (RFC 6455, section 5.5).
		{Name: "pong-payload-lost", Checks: "control/ping-125", Help: "answers pings of more than 100 bytes with an empty pong"},
		{Name: "empty-ping-ignored", Checks: "control/ping-empty", Help: "does not answer an empty ping"},
		{Name: "long-ping-refused", Checks: "control/ping-125", Help: "closes with 1002 for a ping of 125 bytes"},
		{Name: "pong-refused", Checks: "control/pong,fragment/pong-between", Help: "closes with 1002 for a pong without a ping"},
		{Name: "control-too-long-accepted", Checks: "control,close.form/reason-124", Help: "accepts control frames of more than 125 bytes"},
		{Name: "control-fragment-accepted", Checks: "control", Help: "accepts control frames without FIN"},

		// The closing handshake (RFC 6455, sections 5.5.1 and 7).
		{Name: "close-code-low-accepted", Checks: "close.code", Help: "accepts the close codes below 1000"},
		{Name: "close-code-1004-accepted", Checks: "close.code/1004", Help: "accepts the close code 1004"},
		{Name: "close-code-1005-accepted", Checks: "close.code/1005", Help: "accepts the close code 1005"},
		{Name: "close-code-1006-accepted", Checks: "close.code/1006", Help: "accepts the close code 1006"},
		{Name: "close-code-1015-accepted", Checks: "close.code/1015", Help: "accepts the close code 1015"},
		{Name: "close-code-reserved-accepted", Checks: "close.code", Help: "accepts the close codes from 1016 to 2999"},
		{Name: "close-code-high-accepted", Checks: "close.code", Help: "accepts the close codes from 5000"},
		{Name: "close-code-registered-refused", Checks: "close.code", Help: "refuses the close codes from 1007 to 1014"},
		{Name: "close-code-private-refused", Checks: "close.code", Help: "refuses the close codes from 3000 to 4999"},
		{Name: "close-one-byte-accepted", Checks: "close.form/half-code", Help: "accepts a Close of one byte"},
		{Name: "close-reason-not-utf8-accepted", Checks: "close.form/reason", Help: "accepts a close reason that is not UTF-8"},
		{Name: "close-empty-refused", Checks: "close.form/empty", Help: "answers an empty Close with 1002"},
		{Name: "close-not-answered", Checks: "close,fragment/close-between", Help: "closes TCP without answering a Close"},
		{Name: "close-1005-sent", Checks: "close.form", Help: "answers an empty Close with the code 1005"},
		{Name: "close-ignored", Checks: "close,fragment/close-between", Help: "neither answers a Close nor ends the connection"},
		{Name: "message-after-close", Checks: "close.form", Help: "sends a message after its Close"},
		{Name: "echo-after-close", Checks: "close.form", Help: "continues to echo after its Close"},
		{Name: "close-twice", Checks: "close.form", Help: "sends two Closes"},
		{Name: "tcp-left-open", Checks: "close.form/ends-tcp", Help: "leaves the TCP connection open after the closing handshake"},

		// UTF-8 (RFC 6455, section 8.1).
		{Name: "utf8-noncharacter-refused", Checks: "utf8.valid", Help: "refuses noncharacters such as U+FFFF"},
		{Name: "utf8-four-bytes-refused", Checks: "utf8.valid,deflate.data/utf8-split", Help: "refuses characters beyond U+FFFF"},
		{Name: "utf8-nul-refused", Checks: "utf8.valid/nul", Help: "refuses U+0000"},
		{Name: "utf8-bom-lost", Checks: "utf8.valid/byte-order-mark", Help: "removes a byte order mark from the text"},
		{Name: "utf8-split-refused", Checks: "utf8.valid/split", Help: "refuses a character whose bytes are in two fragments"},
		{Name: "utf8-accepted", Checks: "utf8.invalid,deflate.data/utf8", Help: "does not validate text"},
		{Name: "utf8-fragments-accepted", Checks: "utf8.invalid", Help: "validates only messages of one frame"},
		{Name: "utf8-overlong-accepted", Checks: "utf8.invalid/overlong", Help: "accepts overlong encodings"},
		{Name: "utf8-surrogates-accepted", Checks: "utf8.invalid/surrogate", Help: "accepts encoded surrogates"},
		{Name: "utf8-beyond-accepted", Checks: "utf8.invalid/above", Help: "accepts code points beyond U+10FFFF"},
		{Name: "utf8-truncated-accepted", Checks: "utf8.invalid/cut", Help: "accepts a character that the message ends within"},
		{Name: "utf8-replaced", Checks: "utf8.invalid,deflate.data/utf8", Help: "echoes U+FFFD for invalid UTF-8"},
		{Name: "utf8-late", Checks: "utf8.invalid", Help: "validates text at the end of the message"},
		{Name: "utf8-code-1002", Checks: "utf8.invalid,deflate.data/utf8", Help: "closes with 1002 for text that is not UTF-8"},

		// permessage-deflate (RFC 7692).
		{Name: "deflate-unknown-parameter-accepted", Checks: "deflate.offer", Help: "accepts an offer with an unknown parameter"},
		{Name: "deflate-parameter-twice-accepted", Checks: "deflate.offer", Help: "accepts an offer with a parameter twice"},
		{Name: "deflate-window-bits-accepted", Checks: "deflate.offer", Help: "accepts window bits outside 8 to 15"},
		{Name: "deflate-server-bits-ignored", Checks: "deflate.offer", Help: "accepts an offer with server_max_window_bits without agreeing to it"},
		{Name: "deflate-server-context-ignored", Checks: "deflate.offer", Help: "accepts an offer with server_no_context_takeover without agreeing to it"},
		{Name: "deflate-client-bits-unasked", Checks: "deflate.offer", Help: "answers client_max_window_bits although it was not offered"},
		{Name: "deflate-fallback-ignored", Checks: "deflate.offer", Help: "considers only the first offer"},
		{Name: "deflate-context-forgotten", Checks: "deflate.data/takeover", Help: "inflates each message with an empty window although context takeover was negotiated"},
		{Name: "deflate-context-kept", Checks: "deflate.data/server-no-context", Help: "compresses with context takeover although it agreed to server_no_context_takeover"},
		{Name: "deflate-window-exceeded", Checks: "deflate.data/server-bits", Help: "compresses with 15 window bits although it agreed to fewer"},
		{Name: "deflate-corrupt-accepted", Checks: "deflate.data", Help: "echoes the part of corrupt data that it could inflate"},
		{Name: "deflate-rsv1-continuation-accepted", Checks: "deflate.data/rsv1-continuation", Help: "accepts RSV1 on continuations"},
		{Name: "deflate-rsv1-control-accepted", Checks: "deflate.data/rsv1-p", Help: "accepts RSV1 on control frames"},
		{Name: "deflate-utf8-accepted", Checks: "deflate.data/utf8", Help: "does not validate text that was compressed"},
		{Name: "deflate-plain-refused", Checks: "deflate.data", Help: "closes with 1002 for an uncompressed message after deflate was negotiated"},

		// Limits, and credentials that browsers send.
		{Name: "header-unbounded", Checks: "limit/header", Help: "reads a request header of any length"},
		{Name: "huge-length-dies", Checks: "limit,frame.length", Help: "stops serving for a frame length of more than 2^40", Dies: true},
		{Name: "bomb-inflated", Checks: "bomb", Help: "inflates a message to any length", Full: true},
		{Name: "origin-ignored", Checks: "origin", Help: "accepts a foreign origin with the user's cookie", Needs: NeedsCookie},
		{Name: "origin-prefix", Checks: "origin", Help: "accepts an origin that begins with its own", Needs: NeedsCookie},
		{Name: "origin-suffix", Checks: "origin", Help: "accepts an origin whose host ends with its own", Needs: NeedsCookie},
		{Name: "origin-null-accepted", Checks: "origin", Help: "accepts the origin null with the user's cookie", Needs: NeedsCookie},
		{Name: "credentials-ignored", Checks: "auth/none", Help: "accepts a request without credentials", Needs: NeedsCredentials},
		{Name: "password-ignored", Checks: "auth/wrong", Help: "accepts a wrong password", Needs: NeedsCredentials},
		{Name: "challenge-missing", Checks: "auth/challenge", Help: "answers 401 without WWW-Authenticate", Needs: NeedsCredentials},
		{Name: "credentials-disclosed", Checks: "auth/disclosed", Help: "repeats the credentials in the body of the 401", Needs: NeedsCredentials},
		{Name: "tls10-accepted", Checks: "tls/1.0,tls/1.1", Help: "accepts TLS 1.0", Needs: NeedsTLS},
		{Name: "tls11-accepted", Checks: "tls/1.1", Help: "accepts TLS 1.1", Needs: NeedsTLS},

		// HTTP/2 (RFC 8441).
		{Name: "http2-method-accepted", Checks: "http2", Help: "accepts a GET as a WebSocket", HTTP2: true},
		{Name: "http2-protocol-accepted", Checks: "http2", Help: "accepts any :protocol as a WebSocket", HTTP2: true},
		{Name: "http2-status-201", Checks: "http2", Help: "accepts with 201 instead of 200", HTTP2: true},
		{Name: "http2-accept-sent", Checks: "http2", Help: "sends Sec-WebSocket-Accept, which HTTP/2 does not use", HTTP2: true},
		{Name: "http2-connection-sent", Checks: "http2", Help: "sends Connection, which makes a response malformed", HTTP2: true},
		{Name: "http2-reset", Checks: "http2", Help: "resets the stream after the closing handshake", HTTP2: true},

		// Frames and fields of HTTP/2 (RFC 9113).
		{Name: "http2-upper-accepted", Checks: "http2/name-upper", Help: "accepts names of fields in upper case", HTTP2: true},
		{Name: "http2-connection-accepted", Checks: "http2/upgrade", Help: "accepts Connection, which makes a request malformed", HTTP2: true},
		{Name: "http2-pseudo-unknown-accepted", Checks: "http2/pseudo-unknown", Help: "accepts unknown pseudo-headers", HTTP2: true},
		{Name: "http2-pseudo-late-accepted", Checks: "http2/pseudo-late", Help: "accepts pseudo-headers after regular headers", HTTP2: true},
		{Name: "http2-no-scheme-accepted", Checks: "http2/no-scheme", Help: "accepts an extended CONNECT without :scheme", HTTP2: true},
		{Name: "http2-no-path-accepted", Checks: "http2/no-path", Help: "accepts an extended CONNECT without :path", HTTP2: true},
		{Name: "http2-no-protocol-accepted", Checks: "http2/no-protocol", Help: "accepts a CONNECT without :protocol as a WebSocket", HTTP2: true},
		{Name: "http2-padding-kept", Checks: "http2/padded", Help: "treats the padding of DATA frames as data", HTTP2: true},
		{Name: "http2-empty-resets", Checks: "http2/empty", Help: "resets a stream for an empty DATA frame", HTTP2: true},
		{Name: "http2-short-data-lost", Checks: "http2/split,frame.split,frame.length/text-65536-chunks,control/ping-chunks,close.form/chunks,fragment/byte-by-byte,deflate.data/chunks", Help: "loses DATA frames of one byte", HTTP2: true},
		{Name: "http2-window-ignored", Checks: "http2/window", Help: "ignores a stream window that is smaller than the default", HTTP2: true},
		{Name: "http2-reset-ends-all", Checks: "http2/reset", Help: "ends the connection when a stream is reset", HTTP2: true},
		{Name: "http2-second-ignored", Checks: "http2/two-streams,http2/reset", Help: "answers only one stream of a connection", HTTP2: true},

		// Availability.
		{Name: "dies", Checks: "reserved,opcode,fragment,control", Help: "stops serving at the first protocol error", Dies: true},
		{Name: "request-blocks", Checks: "live/unfinished", Help: "reads one request at a time: an unfinished one blocks all others"},
	}
}
