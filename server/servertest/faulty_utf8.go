package servertest

// utf8State validates UTF-8 that arrives in parts (RFC 3629, section 4).
type utf8State struct {
	need      int  // bytes that the character still needs
	low, high byte // range of the next of them
}

// complete reports whether the text does not end inside a character.
func (u *utf8State) complete() bool { return u.need == 0 }

// write reports whether the text is valid so far with a part. A fault widens what is accepted.
func (u *utf8State) write(part []byte, fault string) bool {
	for _, b := range part {
		if u.need > 0 {
			if b < u.low || b > u.high {
				return false
			}
			u.need--
			u.low, u.high = 0x80, 0xBF
			continue
		}
		if b >= 0x80 && !u.start(b, fault) {
			return false
		}
	}
	return true
}

// start reports whether a character of several bytes may start with b.
func (u *utf8State) start(b byte, fault string) bool {
	u.low, u.high = 0x80, 0xBF
	overlong, beyond := fault == "utf8-overlong-accepted", fault == "utf8-beyond-accepted"
	switch {
	case b >= 0xC2 && b <= 0xDF, b >= 0xC0 && b <= 0xC1 && overlong:
		u.need = 1
	case b >= 0xE0 && b <= 0xEF:
		u.need = 2
		if b == 0xE0 && !overlong {
			u.low = 0xA0
		}
		if b == 0xED && fault != "utf8-surrogates-accepted" {
			u.high = 0x9F
		}
	case b >= 0xF0 && b <= 0xF4, b >= 0xF5 && b <= 0xF7 && beyond:
		u.need = 3
		if b == 0xF0 && !overlong {
			u.low = 0x90
		}
		if b == 0xF4 && !beyond {
			u.high = 0x8F
		}
	default:
		return false
	}
	return true
}
