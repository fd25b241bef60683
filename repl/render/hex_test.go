package render

import "testing"

func TestHex(t *testing.T) {
	want := "00000000  68 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a 00 ff 41  |hello, world...A|\n" +
		"00000010  42                                                |B|\n" +
		"00000011\n"
	message := binaryMessage("hello, world\n\x00\xffAB")
	same(t, "a message", shown(t, &Hex{}, message), want)
	for size := 1; size < 17; size++ {
		same(t, "pieces", shown(t, &Hex{}, pieces(message, size)...), want)
	}
	same(t, "nothing", shown(t, &Hex{}, textMessage("")), "00000000\n")
	same(t, "what was sent", shown(t, &Hex{}, sent(textMessage("x"))), "")
}
