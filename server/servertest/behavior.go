package servertest

import "fmt"

// Behaviors returns all paths. The help has query parameters with their defaults; then= names what follows:
// close, silent (only the client's Close is answered), echo, drop or reset.
func Behaviors() []Behavior {
	return []Behavior{
		// Correct.
		{"/echo", "answers each frame with itself", echo},
		{"/request", "sends its request as one text message; then=close", sendRequest},
		{"/record", "keeps what it receives for /received; id=, then=silent", record},
		{"/received", "plain HTTP: what /record has received, a line each; id=", received},
		{"/eager", "n=3 messages in the same segment as the 101; then=close", eager},
		{"/dribble", "echoes one byte at a time", dribble},

		// Before the upgrade.
		{"/status", "answers code=401 and the headers that explain it; body=TEXT, size=BYTES, location=URL", status},
		{"/endless", "answers 200 and a body without end", endless},
		{"/hang", "never answers the request", drain},
		{"/early", "ends the connection instead of answering", drop},
		{"/slowaccept", "upgrades after ms=500, then echoes", slowAccept},
		{"/nothttp", "answers something that is not HTTP", notHTTP},
		{"/badaccept", "a wrong Sec-WebSocket-Accept", badHeader("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")},
		{"/noaccept", "no Sec-WebSocket-Accept", badHeader("Sec-WebSocket-Accept")},
		{"/noupgrade", "101 without Upgrade", badHeader("Upgrade")},
		{"/noconnection", "101 without Connection", badHeader("Connection")},
		{"/badsubprotocol", "a subprotocol that was not offered", badHeader("Sec-WebSocket-Protocol", "not-offered")},
		{"/badextension", "an extension that was not offered", badHeader("Sec-WebSocket-Extensions", "x-not-offered")},

		// Closing, after=0 received messages.
		{"/close", "sends Close code=1000 (0 = none) and reason=; after=", sendClose},
		{"/drop", "ends the connection without a Close; after=", after(drop)},
		{"/reset", "ends the connection with RST; after=", after(reset)},
		{"/flaky", "drops the first n=1 connections of id= (refuse=1: answers 503; after=), then echoes", flaky},
		{"/sequence", "on each connection of id= the next of do=drop,echo, or a status with Retry-After: retry=0; after=", sequence},
		{"/noclose", "echoes, and never answers a Close", noClose},
		{"/lateclose", "answers a Close after n=3 more messages", lateClose},

		// Reading.
		{"/silent", "reads everything, answers nothing, not even ping and Close", after(drain)},
		{"/noread", "never reads", after(neverRead)},
		{"/sink", "reads everything, bytes_per_s=0 (0 = at once), answers only the Close", sink},
		{"/late", "echoes each message ms=500 after it came", delay},

		// Invalid frames; then it waits until the client has closed.
		{"/masked", "a masked frame", sendInvalid(masked)},
		{"/rsv", "a frame with RSV bits=2 (1 to 7) that was not negotiated", sendInvalid(reservedBits)},
		{"/opcode", "a frame with the reserved opcode n=3", sendInvalid(reservedOpcode)},
		{"/utf8", "text that is not UTF-8", sendInvalid(frameOf(finBit|opText, "caf\xe9"))},
		{"/utf8long", "a long text, of ?bytes, that is not UTF-8 from its third byte on", invalidText},
		{"/utf8half", "half of such a text, and nothing more until the client closes", halfInvalidText},
		{"/utf8split", "text that is invalid UTF-8 from its second fragment on", sendInvalid(frameOf(opText, "\xe2\x82"), frameOf(finBit|opContinuation, "A"))},
		{"/bigheader", "a frame length of 2^62", sendInvalid(headerOf(finBit|opBinary, 1<<62))},
		{"/negative", "a frame length with the highest bit set", sendInvalid(headerOf(finBit|opBinary, 1<<63))},
		{"/longping", "a ping of 126 bytes", sendInvalid(frameOf(finBit|opPing, string(make([]byte, 126))))},
		{"/fragmentedping", "a ping without FIN", sendInvalid(frameOf(opPing, "p"))},
		{"/orphan", "a continuation without a started message", sendInvalid(frameOf(finBit|opContinuation, "orphan"))},
		{"/interrupted", "a message begun within another", sendInvalid(frameOf(opText, "one"), frameOf(finBit|opText, "two"))},
		{"/badclose", "a Close with code=1005, which must not be sent", sendInvalid(badClose)},
		{"/shortclose", "a Close of one byte", sendInvalid(frameOf(finBit|opClose, "\x03"))},
		{"/baddeflate", "a compressed message that does not inflate", badDeflate},
		{"/halfframe", "the connection ends within a frame", halfFrame},

		// Floods.
		{"/count", "n=1000 messages type=text of size=16, numbered, as fast as they are read; then=close", count},
		{"/bomb", "a compressed message of size=1073741824 zeros; then=silent", bomb},
		{"/pingflood", "n=100000 pings; then=close", pingFlood},
		{"/emptyfragments", "a message of n=100000 empty fragments; then=close", emptyFragments},
		{"/neverending", "a message without end, in fragments of size=65536, ms=0 apart", neverEnding},

		// Escape sequences.
		{"/hostile", fmt.Sprintf("payload n=1 (to %d, 0 = all, one after the other, in frames) as= text, binary, ping, pong, close, header, subprotocol, body or location; then=close",
			len(Hostile())), hostile},
	}
}
