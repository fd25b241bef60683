package server

import "wsx/client/wire"

// entry is a published message. The entries of a hub are a list that is kept once for all members: each member has its own
// place in it, and what all have been sent is collected as garbage. A holder of an entry reaches all later ones.
type entry struct {
	opcode  wire.Opcode
	payload []byte
	from    *member // is not sent it; nil = all are
	end     int64   // cost of all entries up to this one, in bytes
	next    *entry
}

// entryCost is what an entry takes in memory beside its payload, in bytes, roughly.
const entryCost = 128

func cost(payload []byte) int64 { return int64(len(payload)) + entryCost }
