package servertest

// wrong upgrades, sends what is wrong and waits until the client has gone.
func wrong(send ...func(*visit)) func(*visit) {
	return func(v *visit) {
		v.upgrade(nil)
		for _, each := range send {
			each(v)
		}
		v.out.Flush()
		drain(v)
	}
}

func put(first byte, payload string) func(*visit) {
	return func(v *visit) { v.put(first, payload) }
}

// header announces a frame that does not follow.
func header(first byte, length uint64) func(*visit) {
	return func(v *visit) { v.header(first, 0, length) }
}

// masked says "hi", masked.
func masked(v *visit) {
	v.header(fin|text, maskBit, 2)
	v.out.WriteString("\x01\x02\x03\x04ik")
}

func reservedBits(v *visit) { v.put(fin|byte(v.number("bits", 2)&7)<<4|text, "rsv") }

func reservedOpcode(v *visit) { v.put(fin|byte(v.number("n", 3))&opcodes, "opcode") }

func badClose(v *visit) { v.put(fin|closing, closePayload(v.number("code", 1005), "")) }

func halfFrame(v *visit) {
	v.upgrade(nil)
	v.header(fin|text, 0, 100)
	v.out.WriteString("half")
	hangUp(v)
}

func badDeflate(v *visit) {
	v.upgrade(deflated)
	v.put(fin|rsv1|text, "\xff\xff\xff\xff")
	v.out.Flush()
	drain(v)
}
