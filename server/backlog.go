package server

import "wsx/client/wire"

// entry is a published message. The entries of a hub are a linked list that all members share: each member has its own position
// in it, and entries that were sent to all members are garbage-collected. An entry refers to all later ones.
type entry struct {
	opcode  wire.Opcode
	payload []byte
	from    *member // the member that it is not sent to; nil = it is sent to all
	end     int64   // cost of all entries up to this one, in bytes
	next    *entry
}

// entryCost is the memory of an entry without its payload, in bytes, roughly.
const entryCost = 128

func cost(payload []byte) int64 { return int64(len(payload)) + entryCost }
