package recording

import (
	"bytes"
	"strings"
	"testing"
)

// TestScript exports messages that need escapes in a script.
func TestScript(t *testing.T) {
	line := func(second, fields string) string {
		return `{"time":"2026-11-20T12:00:` + second + `Z","event":` + fields + "}\n"
	}
	recording := opening + strings.Join([]string{
		line("01", `"message","dir":"out","type":"text","data":"{\"op\":\"login\"}"`),
		line("01", `"message","dir":"in","type":"text","data":"{\"ok\":true} (1.5)"`),
		line("01", `"message","dir":"out","type":"text","data":"/not a command ${id} $${id} ${"`),
		line("01", `"message","dir":"out","type":"text","data":"two\nlines"`),
		line("01", `"message","dir":"out","type":"text","data":""`),
		line("05", `"message","dir":"in","type":"text","data":"a\nb\u2028\u0000"`),
		line("05", `"message","dir":"out","type":"binary","data":"AP8=","encoding":"base64"`),
		line("05", `"message","dir":"in","type":"binary","data":"AP8=","encoding":"base64"`),
		line("05", `"message","dir":"in","type":"binary","data":"aGk=","encoding":"base64"`),
		line("06", `"ping","dir":"out","data":"beat"`),
		line("06", `"pong","dir":"in","data":"beat"`),
		line("06", `"message","dir":"in","type":"text","data":"`+strings.Repeat("é", 600)+`"`),
		line("07", `"close","dir":"in","code":4000,"reason":"bye"`),
		line("07", `"close","dir":"out","code":4000,"reason":"bye"`),
	}, "")
	want := strings.Join([]string{
		`> {"op":"login"}`,
		`< ^\{"ok":true\} \(1\.5\)$`,
		`> /not a command $${id} $$${id} ${`,
		`>json "two\nlines"`,
		`>`,
		`<8s ^a\x{a}b\x{2028}\x{0}$`,
		`/hex 00ff`,
		`# a binary message of 2 bytes: 00ff`,
		`<`,
		`< ^hi$`,
		`/ping beat`,
		`< ^` + strings.Repeat("é", 500),
		`<close 4000`, "",
	}, "\n")
	got := string(exported(t, "run", []byte(recording)))
	if _, body, _ := strings.Cut(got, "stands for it.\n"); body != want {
		t.Errorf("%s\nwanted:\n%s", got, want)
	}
}

func TestScriptOfSeveralSessions(t *testing.T) {
	var out bytes.Buffer
	note, err := Export(&out, strings.NewReader(opening+opening), Options{Form: "run"})
	if err != nil || note != "a script holds one session: 1 more left out" {
		t.Errorf("%q, %v", note, err)
	}
}
