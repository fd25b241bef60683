package render

import (
	"strconv"

	"wsx/client/wire"
)

// opcodeName returns what RFC 6455, section 5.2, calls an opcode.
func opcodeName(o wire.Opcode) string {
	switch o {
	case wire.Continuation:
		return "continuation"
	case wire.Text:
		return "text"
	case wire.Binary:
		return "binary"
	case wire.Close:
		return "close"
	case wire.Ping:
		return "ping"
	case wire.Pong:
		return "pong"
	}
	return "reserved " + strconv.Itoa(int(o))
}
