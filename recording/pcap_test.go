package recording

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wsx/client/wire"
)

// captured is a connection reassembled from the packets of a capture.
type captured struct {
	streams [2][]byte // sent by each side
	next    [2]uint32
	fins    int
}

// readCapture reads a capture, and checks the lengths, checksums and sequence numbers of each layer.
func readCapture(t *testing.T, capture []byte) []*captured {
	t.Helper()
	var all []*captured
	last := uint64(0)
	for len(capture) > 0 {
		kind, length := binary.LittleEndian.Uint32(capture), binary.LittleEndian.Uint32(capture[4:])
		if trailer := binary.LittleEndian.Uint32(capture[length-4:]); trailer != length || length%4 != 0 {
			t.Fatalf("a block of %d bytes ends with %d", length, trailer)
		}
		body := capture[8 : length-4]
		capture = capture[length:]
		if kind != blockPacket {
			continue
		}
		timestamp := uint64(binary.LittleEndian.Uint32(body[4:]))<<32 | uint64(binary.LittleEndian.Uint32(body[8:]))
		if timestamp < last {
			t.Errorf("time goes back from %d to %d", last, timestamp)
		}
		last = timestamp
		all = readPacket(t, all, body[20:20+binary.LittleEndian.Uint32(body[12:])])
	}
	return all
}

func readPacket(t *testing.T, all []*captured, packet []byte) []*captured {
	ip, tcp := packet[14:34], packet[34:]
	if checksum(ip) != 0 || int(binary.BigEndian.Uint16(ip[2:])) != len(packet)-14 {
		t.Errorf("IP header % x of a packet of %d bytes", ip, len(packet))
	}
	from := side(ip[15] - 1)
	if checksum(pseudoHeader(from, len(tcp)), tcp) != 0 {
		t.Errorf("checksum of % x", tcp[:20])
	}
	flags, seq, ack, data := tcp[13], binary.BigEndian.Uint32(tcp[4:]), binary.BigEndian.Uint32(tcp[8:]), tcp[20:]
	if flags == flagSyn {
		all = append(all, &captured{})
	}
	c := all[len(all)-1]
	if flags&flagSyn != 0 {
		c.next[from] = seq
	}
	if seq != c.next[from] || flags&flagAck != 0 && ack != c.next[1-from] {
		t.Errorf("side %d sends %d and acknowledges %d, wanted %d", from, seq, ack, c.next)
	}
	c.next[from] += uint32(len(data))
	if flags&(flagSyn|flagFin) != 0 {
		c.next[from]++
	}
	if flags&flagFin != 0 {
		c.fins++
	}
	c.streams[from] = append(c.streams[from], data...)
	return all
}

// discardWrites makes a stream of a reader. It discards what is written.
type discardWrites struct{ io.Reader }

func (discardWrites) Write(p []byte) (int, error) { return len(p), nil }
func (discardWrites) Close() error                { return nil }

// framesIn returns the frames of a stream, without its HTTP header.
func framesIn(from *bufio.Reader, o wire.Options) (list []string) {
	conn := wire.NewConn(discardWrites{from}, o)
	defer conn.Close()
	for {
		frame, err := conn.Next()
		if err != nil {
			return list
		}
		list = append(list, fmt.Sprintf("%v %q", frame.Opcode, frame.Payload))
	}
}

func TestPcap(t *testing.T) {
	all := readCapture(t, exported(t, "pcap", recordingOf(t, "session.jsonl")))
	if len(all) != 2 {
		t.Fatalf("%d connections, wanted 2", len(all))
	}
	if all[0].fins != 2 || all[1].fins != 0 {
		t.Errorf("%d and %d sides close; the end of the second session was not recorded", all[0].fins, all[1].fins)
	}
	want := [2][2]string{
		{`text "<hällo>" ping "beat" close ""`, `binary "\x00\x01\x02" pong "beat" close "\x0f\xa0bye"`},
		{``, `text ""`},
	}
	for i, c := range all {
		requests, responses := bufio.NewReader(bytes.NewReader(c.streams[client])), bufio.NewReader(bytes.NewReader(c.streams[server]))
		request, err := http.ReadRequest(requests)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(responses, request)
		if err != nil {
			t.Fatal(err)
		}
		if got := response.Header.Get("Sec-WebSocket-Accept"); got != accept(request.Header.Get("Sec-WebSocket-Key")) || response.StatusCode != 101 {
			t.Errorf("%v: response %v", request.Header, response)
		}
		out, in := framesIn(requests, wire.Options{Server: true}), framesIn(responses, wire.Options{})
		if got := [2]string{strings.Join(out, " "), strings.Join(in, " ")}; got != want[i] {
			t.Errorf("%q\nwanted %q", got, want[i])
		}
	}
}

// TestAccept checks the example of RFC 6455, section 1.3.
func TestAccept(t *testing.T) {
	if got := accept("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Error(got)
	}
}

// TestWireshark dissects a capture with Wireshark, with messages of each length of a frame header.
func TestWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: apt-get install tshark")
	}
	recording := recordingOf(t, "session.jsonl")
	var want strings.Builder
	want.WriteString("1 1 <hällo>\n2 0 000102\n9 1 62656174\n10 0 62656174\n8 0 4000 bye\n8 1\n1 0\n")
	for _, length := range []int{1, 125, 126, 65535, 65536, 200_000} {
		text := strings.Repeat("a", length)
		for _, dir := range []string{"in", "out"} {
			recording = fmt.Appendf(recording, `{"time":"2026-11-20T12:02:00Z","event":"message","dir":%q,"type":"text","bytes":%d,"data":%q}`+"\n", dir, length, text)
			fmt.Fprintf(&want, "1 %d %s\n", map[string]int{"in": 0, "out": 1}[dir], text)
		}
	}
	path := filepath.Join(t.TempDir(), "session.pcapng")
	if err := os.WriteFile(path, exported(t, "pcap", recording), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", path, "-Y", "websocket", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields"}
	for _, field := range []string{"opcode", "mask", "payload.text", "payload.ping", "payload.pong", "payload.close.status_code", "payload.close.reason"} {
		args = append(args, "-e", "websocket."+field)
	}
	out, err := exec.Command(tshark, append(args, "-e", "data.data")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer("True", "1", "False", "0").Replace(string(out)) // versions of Wireshark differ
	if got = collapseSpaces(got); got != want.String() {
		t.Errorf("%.2000s\nwanted:\n%.2000s", got, want.String())
	}
	const warning = "0x600000"
	faults := []string{"-r", path, "-Y", "_ws.malformed or _ws.expert.severity >= " + warning}
	if out, err := exec.Command(tshark, faults...).Output(); err != nil || len(out) > 0 {
		t.Errorf("%v: Wireshark reports\n%s", err, out)
	}
}

// collapseSpaces replaces runs of spaces by one space.
func collapseSpaces(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return b.String()
}
