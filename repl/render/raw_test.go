package render

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"wsx/client"
)

func TestRaw(t *testing.T) {
	ping := client.Event{Kind: client.KindPing, Payload: []byte("beat")}
	large := strings.Repeat("x", 3*longFragment)
	cases := []struct {
		name   string
		raw    Raw
		events []client.Event
		want   string
	}{
		{"messages", Raw{}, []client.Event{textMessage("a"), ping, binaryMessage("\x00\x1b"), textMessage("")}, "a\n\x00\x1b\n\n"},
		{"what was sent", Raw{}, []client.Event{sent(textMessage("out")), textMessage("in")}, "in\n"},
		{"what was sent, too", Raw{Options: Options{Sent: true}}, []client.Event{sent(textMessage("out")), textMessage("in")}, "out\nin\n"},
		{"NUL", Raw{Options: Options{Zero: true}}, []client.Event{textMessage("a\nb"), textMessage("")}, "a\nb\x00\x00"},
		{"fragments", Raw{}, fragments(textMessage("hello"), 2), "hello\n"},
		{"after a message that was cut off", Raw{}, []client.Event{cutOff("ab"), textMessage("full"), textMessage("end")}, "ab\nfull\nend\n"},
		{"after a fragment that was cut off", Raw{}, append([]client.Event{cutOff("ab")}, fragments(textMessage("full"), 2)...), "ab\nfull\n"},
		{"NUL, after a message that was cut off", Raw{Options: Options{Zero: true}}, []client.Event{cutOff("ab"), textMessage(large)}, "ab\x00" + large + "\x00"},
		{"a terminal, after a message that was cut off", Raw{Options: Options{Terminal: true}}, []client.Event{cutOff("a\xc3"), textMessage("\xbcb")}, "a\\xc3\n\\xbcb\n"},
		{"a large message", Raw{}, []client.Event{textMessage(large), textMessage("end")}, large + "\nend\n"},
		{"large fragments", Raw{Options: Options{Zero: true}}, fragments(textMessage(large), longFragment+1), large + "\x00"},
		{"a terminal", Raw{Options: Options{Terminal: true}}, []client.Event{textMessage("\x1b[2Ja\tb\nc")}, "\\x1b[2Ja\tb\nc\n"},
		{"a terminal, fragments", Raw{Options: Options{Terminal: true}}, fragments(textMessage("grü\u202eße\xff"), 1), "grü\\u202eße\\xff\n"},
	}
	for _, c := range cases {
		same(t, c.name, shown(t, &c.raw, c.events...), c.want)
	}
}

// cutOff returns the first fragment of a message.
func cutOff(text string) client.Event {
	e := textMessage(text)
	e.Last = false
	return e
}

func TestRawIntoBuffer(t *testing.T) {
	var got strings.Builder
	out := bufio.NewWriterSize(&got, 16)
	raw := &Raw{}
	for _, e := range append(fragments(textMessage("four fragments of text, six"), 6), textMessage(""), textMessage("exactly sixteen!"), cutOff("cut off"), textMessage("end")) {
		if err := raw.Render(out, e); err != nil {
			t.Fatal(err)
		}
	}
	out.Flush()
	same(t, "raw", got.String(), "four fragments of text, six\n\nexactly sixteen!\ncut off\nend\n")
}

func TestBytes(t *testing.T) {
	events := append(fragments(binaryMessage("abc"), 2), sent(textMessage("x")), textMessage(""), textMessage("d\n"))
	same(t, "bytes", shown(t, &Bytes{}, events...), "abcd\n")
	same(t, "a terminal", shown(t, &Bytes{Options: Options{Terminal: true}}, fragments(binaryMessage("a\x1bü\xff"), 1)...), "a\\x1bü\\xff")
}

func TestStamp(t *testing.T) {
	second := textMessage("b")
	second.Time = noon.Add(1500000)
	third := textMessage("c")
	third.Time = noon.Add(3500000)
	for clocking, want := range map[string]string{
		"wall":     noon.Local().Format("15:04:05.000") + " a\n" + noon.Local().Format("15:04:05") + ".001 b\n" + noon.Local().Format("15:04:05") + ".003 c\n",
		"relative": "+0.000000s a\n+0.001500s b\n+0.003500s c\n",
		"delta":    "+0.000000s a\n+0.001500s b\n+0.002000s c\n",
	} {
		stamp, err := NewStamp(clocking, Theme{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, clocking, shown(t, &Raw{Options: Options{Stamp: stamp}}, textMessage("a"), second, third), want)
	}
	if _, err := NewStamp("lunar", Theme{}); err == nil || ErrorKind(err) != "usage" {
		t.Errorf("lunar: %v", err)
	}
}

// benchmarkReceive measures a renderer on small messages, into a buffer that is emptied when it is full.
func benchmarkReceive(b *testing.B, r Renderer, payload string) {
	b.Helper()
	e := textMessage(payload)
	out := bufio.NewWriterSize(io.Discard, 64<<10)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Render(out, e); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

const (
	shortText = "sixteen bytes ok"
	shortJSON = `{"id":12345,"method":"trade","price":17.25,"side":"buy"}`
)

func BenchmarkRaw(b *testing.B)   { benchmarkReceive(b, &Raw{}, shortText) }
func BenchmarkBytes(b *testing.B) { benchmarkReceive(b, &Bytes{}, shortText) }
func BenchmarkRawStamped(b *testing.B) {
	stamp, _ := NewStamp("wall", Theme{})
	benchmarkReceive(b, &Raw{Options: Options{Stamp: stamp}}, shortText)
}
func BenchmarkRawTerminal(b *testing.B) {
	benchmarkReceive(b, &Raw{Options: Options{Terminal: true}}, shortText)
}
func BenchmarkHex(b *testing.B) { benchmarkReceive(b, &Hex{}, shortText) }
func BenchmarkPretty(b *testing.B) {
	benchmarkReceive(b, &Pretty{Options: Options{Theme: NewTheme(true)}}, shortText)
}
func BenchmarkPrettyJSON(b *testing.B) {
	benchmarkReceive(b, &Pretty{Options: Options{Theme: NewTheme(true)}}, shortJSON)
}
func BenchmarkJSON(b *testing.B)   { benchmarkReceive(b, &JSON{}, shortJSON) }
func BenchmarkJSON16(b *testing.B) { benchmarkReceive(b, &JSON{}, shortText) }
