package servertest

import "fmt"

// Misbehaviour is what happens at one path.
type Misbehaviour struct {
	Path string
	Help string // what it does, and which query it understands

	do func(*visit)
}

// Misbehaviours lists all paths. A query has its default in the help; then=… is what happens afterwards:
// close, silent (only the client's Close is answered), echo, drop or reset.
func Misbehaviours() []Misbehaviour {
	return []Misbehaviour{
		// Well behaved: what the others are compared with.
		{"/echo", "answers each frame with itself", echo},
		{"/request", "says its request, as one text message; then=close", sayRequest},
		{"/record", "keeps what it hears for /received; id=, then=silent", record},
		{"/received", "plain HTTP: what /record has heard, a line each; id=", received},
		{"/eager", "n=3 messages in the same segment as the 101; then=close", eager},
		{"/dribble", "echoes one byte at a time", dribble},

		// Before the upgrade.
		{"/status", "answers code=401 and the headers that explain it; body=TEXT, size=BYTES, location=URL", status},
		{"/endless", "answers 200 and a body without end", endless},
		{"/hang", "never answers the request", drain},
		{"/early", "ends the connection instead of answering", hangUp},
		{"/slowaccept", "upgrades after ms=500, then echoes", slowAccept},
		{"/nothttp", "answers what is not HTTP", notHTTP},
		{"/badaccept", "a wrong Sec-WebSocket-Accept", badHeader("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")},
		{"/noaccept", "no Sec-WebSocket-Accept", badHeader("Sec-WebSocket-Accept")},
		{"/noupgrade", "101 without Upgrade", badHeader("Upgrade")},
		{"/noconnection", "101 without Connection", badHeader("Connection")},
		{"/badsubprotocol", "a subprotocol nobody offered", badHeader("Sec-WebSocket-Protocol", "unheard-of")},
		{"/badextension", "an extension nobody offered", badHeader("Sec-WebSocket-Extensions", "x-unheard-of")},

		// How it ends; after=0 messages were heard.
		{"/close", "says Close code=1000 (0 = none) and reason=; after=", sayClose},
		{"/drop", "ends the connection without a Close; after=", after(hangUp)},
		{"/reset", "ends the connection with RST; after=", after(reset)},
		{"/flaky", "drops the first n=1 visits of id= (refuse=1: answers 503; after=), then echoes", flaky},
		{"/moody", "at each visit of id= the next of do=drop,echo, or a status with Retry-After: retry=0; after=", moody},
		{"/noclose", "echoes, and never answers a Close", noClose},
		{"/lastwords", "answers a Close after n=3 more messages", lastWords},

		// How it listens.
		{"/silent", "reads everything, answers nothing, not even ping and Close", after(drain)},
		{"/deaf", "never reads", after(neverRead)},
		{"/sink", "reads everything, bytes_per_s=0 (0 = at once), answers only the Close", sink},
		{"/late", "echoes each message ms=500 after it came", late},

		// Frames that are wrong; then it waits until the client has gone.
		{"/masked", "a masked frame", wrong(masked)},
		{"/rsv", "a frame with RSV bits=2 (1 to 7) nobody agreed to", wrong(reservedBits)},
		{"/opcode", "a frame with the reserved opcode n=3", wrong(reservedOpcode)},
		{"/utf8", "text that is not UTF-8", wrong(put(fin|text, "caf\xe9"))},
		{"/utf8split", "text that its second fragment spoils", wrong(put(text, "\xe2\x82"), put(fin|more, "A"))},
		{"/bigheader", "a frame that says it has 2^62 bytes", wrong(header(fin|binaryOp, 1<<62))},
		{"/negative", "a frame length with the highest bit set", wrong(header(fin|binaryOp, 1<<63))},
		{"/longping", "a ping of 126 bytes", wrong(put(fin|ping, string(make([]byte, 126))))},
		{"/fragmentedping", "a ping without FIN", wrong(put(ping, "p"))},
		{"/orphan", "a continuation of nothing", wrong(put(fin|more, "orphan"))},
		{"/interrupted", "a message begun within another", wrong(put(text, "one"), put(fin|text, "two"))},
		{"/badclose", "a Close with code=1005, which must not be sent", wrong(badClose)},
		{"/shortclose", "a Close of one byte", wrong(put(fin|closing, "\x03"))},
		{"/baddeflate", "a compressed message that is none", badDeflate},
		{"/halfframe", "the connection ends within a frame", halfFrame},

		// Floods.
		{"/count", "n=1000 messages type=text of size=16, numbered, as fast as they are taken; then=close", count},
		{"/bomb", "a compressed message of size=1073741824 zeros; then=silent", bomb},
		{"/pingflood", "n=100000 pings; then=close", pingFlood},
		{"/emptyfragments", "a message of n=100000 empty fragments; then=close", emptyFragments},
		{"/neverending", "a message without end, in fragments of size=65536, ms=0 apart", neverEnding},

		// What would play with a terminal.
		{"/hostile", fmt.Sprintf("payload n=1 (to %d) as= text, binary, ping, pong, close, header, subprotocol, body or location; then=close",
			len(Hostile())), hostile},
	}
}
