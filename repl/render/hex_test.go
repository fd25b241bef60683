package render

import (
	"strings"
	"testing"
)

func TestHex(t *testing.T) {
	want := "00000000  68 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a 00 ff 41  |hello, world...A|\n" +
		"00000010  42                                                |B|\n" +
		"00000011\n"
	message := binaryMessage("hello, world\n\x00\xffAB")
	same(t, "a message", shown(t, &Hex{}, message), want)
	for size := 1; size < 17; size++ {
		same(t, "fragments", shown(t, &Hex{}, fragments(message, size)...), want)
	}
	same(t, "nothing", shown(t, &Hex{}, textMessage("")), "00000000\n")
	same(t, "what was sent", shown(t, &Hex{}, sent(textMessage("x"))), "")
}

// TestHexdumpWidth shows fewer bytes in a row where the screen is narrow.
func TestHexdumpWidth(t *testing.T) {
	message := binaryMessage("hello, world\n\x00\xffAB")
	for width := 80; width > 18; width-- {
		columns := func() int { return width }
		for name, r := range map[string]Renderer{
			"hex": &Hex{Options: Options{Width: columns}}, "pretty": &Pretty{Options: Options{Width: columns}}, "coloured": &Pretty{Options: Options{Width: columns, Theme: NewTheme(true)}},
		} {
			for line := range strings.Lines(shown(t, r, message)) {
				if n := visibleWidth([]byte(strings.TrimSuffix(line, "\n"))); n > width {
					t.Errorf("%s: on %d columns a row takes %d: %s", name, width, n, line)
				}
			}
		}
	}
	want := "00000000  68 65 6c 6c  |hell|\n" + "00000004  6f 2c 20 77  |o, w|\n" + "00000008  6f 72 6c 64  |orld|\n" +
		"0000000c  0a 00 ff 41  |...A|\n" + "00000010  42           |B|\n" + "00000011\n"
	for size := 1; size < 17; size++ {
		same(t, "in fragments", shown(t, &Hex{Options: Options{Width: func() int { return 40 }}}, fragments(message, size)...), want)
	}
	same(t, "wide", shown(t, &Hex{Options: Options{Width: func() int { return 200 }}}, message), shown(t, &Hex{}, message))
	long := binaryMessage(strings.Repeat("\x00", 100))
	if text := shown(t, &Pretty{Options: Options{Width: func() int { return 47 + 2 }, Rows: 5}}, long); !strings.Contains(text, "8 more rows, 60 more bytes") {
		t.Errorf("what was cut is counted otherwise:\n%s", text)
	}
}
