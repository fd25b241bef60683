package terminal

import (
	"bytes"
	"strconv"
	"strings"
)

// key is a key press or a paste: a character, a named key, or pasted text.
type key struct {
	code rune // a character, or one of the names below
	mod  modifier
	text string // of a paste
}

// modifier is the set of keys held down.
type modifier uint8

const (
	shift modifier = 1 << iota
	alt
	ctrl
)

// The keys that are not characters.
const (
	keyEnter rune = -iota - 1
	keyTab
	keyBackspace
	keyEscape
	keyUp
	keyDown
	keyRight
	keyLeft
	keyHome
	keyEnd
	keyInsert
	keyDelete
	keyPageUp
	keyPageDown
	keyPaste
	keyPasteStart
)

// printable reports whether the key is a character that is inserted as it is.
func (k key) printable() bool { return k.code >= ' ' && k.mod&^shift == 0 }

// control returns the key that sends a C0 control character or DEL.
func control(b byte) key {
	switch b {
	case '\r', '\n':
		return key{code: keyEnter}
	case '\t':
		return key{code: keyTab}
	case 0x7f:
		return key{code: keyBackspace}
	case 0:
		return key{code: ' ', mod: ctrl}
	}
	if b <= 26 {
		return key{code: rune(b) + 'a' - 1, mod: ctrl}
	}
	return key{code: rune(b) + '@', mod: ctrl}
}

// sequence returns the key that sends a CSI ('[') or SS3 ('O') sequence, in the encodings of xterm, VT220 and rxvt, with
// modifiers as encoded by xterm, rxvt and the kitty protocol.
func sequence(intro byte, seq []byte, final byte) (key, bool) {
	if len(seq) > 0 && strings.IndexByte("<=>?[", seq[0]) >= 0 {
		return key{}, false // a report (mouse, attributes, modes), or a function key of the Linux console
	}
	n := parseParameters(seq)
	switch final {
	case '~', '^', '$', '@':
		return keyFromNumber(n, final)
	case 'u': // kitty: code ; modifiers
		return keyFromCode(n[0], modifiers(n, 1))
	case 'Z':
		return key{code: keyTab, mod: shift}, true
	case 'M':
		return key{code: keyEnter}, intro == 'O' // the keypad's Enter
	}
	if intro == 'O' && final >= 'j' && final <= 'y' {
		return key{code: rune("*+,-./0123456789"[final-'j'])}, true // the keypad in application mode
	}
	code, ok := map[byte]rune{
		'A': keyUp, 'B': keyDown, 'C': keyRight, 'D': keyLeft, 'H': keyHome, 'F': keyEnd,
		'a': keyUp, 'b': keyDown, 'c': keyRight, 'd': keyLeft,
	}[final]
	mod := modifiers(n, 1)
	if intro == 'O' && len(n) == 1 && n[0] > 1 {
		mod = modifiers(n, 0) // ESC O 5 C
	}
	if final >= 'a' && final <= 'd' { // rxvt: ESC [ a is Shift-Up, ESC O a is Ctrl-Up
		mod = shift
		if intro == 'O' {
			mod = ctrl
		}
	}
	return key{code: code, mod: mod}, ok
}

// keyFromNumber returns the key of a number before ~, as introduced by the VT220.
func keyFromNumber(n []int, final byte) (key, bool) {
	mod := modifiers(n, 1)
	switch final { // rxvt encodes the modifier in the final byte
	case '$':
		mod = shift
	case '^':
		mod = ctrl
	case '@':
		mod = ctrl | shift
	}
	if n[0] == 27 && len(n) == 3 { // xterm's modifyOtherKeys: 27 ; modifiers ; code
		return keyFromCode(n[2], mod)
	}
	code, ok := map[int]rune{ // without function keys: nothing is bound to them
		1: keyHome, 2: keyInsert, 3: keyDelete, 4: keyEnd, 5: keyPageUp, 6: keyPageDown, 7: keyHome, 8: keyEnd, 200: keyPasteStart,
	}[n[0]]
	return key{code: code, mod: mod}, ok
}

// keyFromCode returns the key with this character code and modifiers.
func keyFromCode(code int, mod modifier) (key, bool) {
	named, ok := map[int]rune{'\r': keyEnter, '\t': keyTab, 0x1b: keyEscape, 0x7f: keyBackspace, '\b': keyBackspace}[code]
	switch {
	case ok:
		return key{code: named, mod: mod}, true
	case code < ' ' || code > 0x10FFFF || code >= 0x80 && code < 0xA0 || code >= 0xE000 && code <= 0xF8FF:
		return key{}, false
	}
	if mod&ctrl != 0 && code >= 'A' && code <= 'Z' {
		code += 'a' - 'A'
	}
	if mod&ctrl != 0 {
		mod &^= shift
	}
	return key{code: rune(code), mod: mod}, true
}

// modifiers decodes the parameter at i: 1 plus the sum of 1 for Shift, 2 for Alt, 4 for Ctrl, 8 for Meta.
func modifiers(n []int, i int) modifier {
	if i >= len(n) || n[i] < 2 {
		return 0
	}
	m := modifier((n[i] - 1) & 7)
	if (n[i]-1)&8 != 0 {
		m |= alt
	}
	return m
}

// parseParameters parses the parameters of a sequence. It returns at least one; an invalid number is 0.
func parseParameters(seq []byte) []int {
	var n []int
	for part := range bytes.SplitSeq(seq, []byte(";")) {
		part, _, _ = bytes.Cut(part, []byte(":"))
		v, _ := strconv.Atoi(string(part))
		n = append(n, v)
	}
	return n
}

// digits reports whether a sequence has digits only, and at least one.
func digits(seq []byte) bool { return len(seq) > 0 && len(bytes.Trim(seq, "0123456789")) == 0 }
