package codec

import (
	"strings"
	"testing"
)

// TestMQTTPackets encodes and decodes each type of packet.
func TestMQTTPackets(t *testing.T) {
	for _, version := range []struct {
		connect string
		packets []string
	}{
		{`{"packet":"CONNECT","version":4,"clean":true,"keepalive":60,"client":"c","will":{"qos":1,"retain":true,"topic":"t","payload":"gone"},"user":"u","password":"p"}`, []string{
			`{"packet":"CONNACK","session_present":true,"code":5}`,
			`{"packet":"PUBLISH","topic":"a/b","qos":0,"retain":false,"payload":"hi"}`,
			`{"packet":"PUBLISH","topic":"a/b","qos":2,"retain":true,"dup":true,"id":7,"payload":{"base64":"/w=="}}`,
			`{"packet":"PUBACK","id":7}`, `{"packet":"PUBREC","id":7}`, `{"packet":"PUBREL","id":7}`, `{"packet":"PUBCOMP","id":7}`,
			`{"packet":"SUBSCRIBE","id":1,"topics":[{"topic":"a/#","qos":1},{"topic":"b","qos":0}]}`,
			`{"packet":"SUBACK","id":1,"codes":[1,128]}`,
			`{"packet":"UNSUBSCRIBE","id":2,"topics":["a/#"]}`, `{"packet":"UNSUBACK","id":2}`,
			`{"packet":"PINGREQ"}`, `{"packet":"PINGRESP"}`, `{"packet":"DISCONNECT"}`,
		}},
		{`{"packet":"CONNECT","version":5,"clean":false,"keepalive":0,"properties":{"session_expiry_interval":10},"client":"","will":{"qos":0,"retain":false,"properties":{"will_delay_interval":5},"topic":"t","payload":{"a":1}}}`, []string{
			`{"packet":"CONNACK","session_present":false,"code":0,"properties":{"assigned_client_identifier":"x","receive_maximum":20,"user_property":[["a","b"],["a","c"]]}}`,
			`{"packet":"PUBLISH","topic":"","qos":1,"retain":false,"id":1,"properties":{"correlation_data":{"base64":"AAE="},"subscription_identifier":300,"topic_alias":3},"payload":""}`,
			`{"packet":"PUBACK","id":1}`, `{"packet":"PUBACK","id":1,"code":16}`, `{"packet":"PUBREL","id":1,"code":146,"properties":{"reason_string":"no"}}`,
			`{"packet":"SUBSCRIBE","id":1,"topics":[{"topic":"a/#","qos":2,"no_local":true,"retain_as_published":true,"retain_handling":2}]}`,
			`{"packet":"UNSUBACK","id":2,"codes":[0,17]}`,
			`{"packet":"DISCONNECT","code":142}`, `{"packet":"AUTH","code":24,"properties":{"authentication_method":"m"}}`,
		}},
	} {
		encode, err := NewEncoder("mqtt", Options{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := NewDecoder("mqtt", Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append([]string{version.connect}, version.packets...) {
			m, err := encode([]byte(text))
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if got, err := next(d, m); err != nil || strings.Replace(got, "\x1e", "", 1) != text {
				t.Errorf("%s: decoded as %s, %v", text, got, err)
			}
		}
	}
}

// TestMQTTPacketsAndMessages decodes packets that are split over messages.
func TestMQTTPacketsAndMessages(t *testing.T) {
	const first, second = `{"packet":"PUBLISH","topic":"a","qos":0,"retain":false,"payload":"1"}`, `{"packet":"PINGRESP"}`
	stream := append(encoded(t, "mqtt", Options{}, first), encoded(t, "mqtt", Options{}, second)...)
	for split := 0; split <= len(stream); split++ {
		d, err := NewDecoder("mqtt", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, part := range [][]byte{stream[:split], stream[split:]} {
			if len(part) == 0 {
				continue
			}
			if text, err := next(d, Message{Data: part}); err != nil {
				t.Errorf("at %d: %v", split, err)
			} else if text != "" {
				got = append(got, text)
			}
			if sent, err := next(d, Message{Data: []byte{0xc0, 0}, Sent: true}); err != nil || sent != `{"packet":"PINGREQ"}` {
				t.Errorf("at %d, sent: %s, %v", split, sent, err)
			}
		}
		if text := strings.Join(got, "\n"); text != first+"\n"+second {
			t.Errorf("at %d: %s", split, text)
		}
	}
}

// TestMQTTByManyMessages decodes a packet that is sent in messages of one byte.
func TestMQTTByManyMessages(t *testing.T) {
	d, err := NewDecoder("mqtt", Options{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	packet := encoded(t, "mqtt", Options{}, `{"packet":"PUBLISH","topic":"a","payload":"`+strings.Repeat("x", 900)+`"}`)
	for i, b := range packet[:len(packet)-1] {
		if got, err := next(d, Message{Data: []byte{b}}); got != "" || err != nil {
			t.Fatalf("%s, %v", got, err)
		}
		if name, n := d.Pending(false); name != "mqtt" || n != i+1 {
			t.Fatalf("%d bytes of %s after %d", n, name, i+1)
		}
	}
	if got, err := next(d, Message{Data: packet[len(packet)-1:]}); !strings.Contains(got, "xxx") || err != nil {
		t.Fatalf("%s, %v", got, err)
	}
	if got, err := next(d, Message{Data: []byte{0x30, 0xff, 0xff, 0x7f}}); err == nil {
		t.Errorf("a packet beyond the limit is pending: %s", got)
	}
	if got, err := next(d, Message{Data: []byte{0xd0, 0}}); err != nil || got != `{"packet":"PINGRESP"}` {
		t.Errorf("after an error: %s, %v", got, err)
	}
}

func TestInvalidMQTT(t *testing.T) {
	for _, payload := range []string{
		"36 00", "00 00", "30 ffffffff7f", "10 03 000158", "20 01 00", "20 03 0000 05", "82 04 0001 0005", "40 01 00", "c0 01 00", "e0 03 00 01 02",
		"20 06 0000 03 7f 00 00", "20 06 0000 03 1f 00 05",
	} {
		if got, err := decoded(t, "mqtt", Options{}, Message{Data: fromHex(t, payload)}); err == nil {
			t.Errorf("%s: decoded as %s", payload, got)
		}
	}
	for text, want := range map[string]string{
		`[]`:                 `cannot unmarshal array into Go value of type codec.mqttJSON`,
		`{"packet":"HELLO"}`: `"packet" must be the type of a control packet, like "PUBLISH", not "HELLO"`,
		`{"packet":"PUBLISH","topic":"a","qos":1}`:                          `PUBLISH: the packet needs an "id" from 1 to 65535`,
		`{"packet":"PUBLISH","topic":"a","qos":3}`:                          `PUBLISH: "qos" must be 0, 1 or 2, not 3`,
		`{"packet":"PUBLISH","tpoic":"a"}`:                                  `unknown field "tpoic"`,
		`{"packet":"PUBLISH","topic":"a","properties":{"topic_alias":1}}`:   `PUBLISH: only MQTT 5 has properties`,
		`{"packet":"SUBSCRIBE","id":1}`:                                     `SUBSCRIBE: "topics" must have at least one topic`,
		`{"packet":"CONNECT","version":5,"properties":{"nonsense":1}}`:      `CONNECT: MQTT has no property nonsense`,
		`{"packet":"CONNECT","version":5,"properties":{"maximum_qos":300}}`: `CONNECT: maximum_qos: 300 is more than 255`,
	} {
		if m, err := newMQTTEncoder(Options{})([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %x, %v; want %s", text, m.Data, err, want)
		}
	}
}
