package repl

import (
	"os"
	"strings"
	"testing"
	"time"

	"wsx/client"
)

// TestCommandsThatSend: what each command sends, and its error for a wrong argument.
func TestCommandsThatSend(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"text": "\xef\xbb\xbfa text", "bytes": "\x00\xff", "long": strings.Repeat("x", 11), "name with spaces": "spaced", "empty": "",
		"recorded": `{"event":"open"}
{"event":"message","dir":"out","type":"text","data":"one"}
{"event":"message","dir":"in","type":"text","data":"answer"}
{"event":"ping","dir":"out","data":"beat"}
{"event":"pong","dir":"out","data":"beat"}
{"wait":"1s"}
{"event":"message","dir":"out","type":"binary","data":"AAEC","encoding":"base64"}
`,
		"recorded badly": "{\"event\":\"message\",\"type\":\"text\",\"data\":\"one\"}\n{\n",
		"recorded close": `{"event":"close","dir":"out","code":4000,"reason":"bye"}`,
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range map[string]string{
		"control frames": `
			> /ping
			  sent ping ""
			> /ping beat it
			  sent ping "beat it"
			> /pong x
			  sent pong "x"
			<pong beat
			  note: * received pong (data: "beat") after 5ms
			> /ping 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456
			  note: error: ping or pong data has 127 bytes, at most 125 are allowed
		`,
		"messages": `
			> /text /x
			  sent text "/x"
			> /binary x y
			  sent binary "x y"
			> /hex 0x00 ff
			  sent binary "\x00\xff"
			> /hex xy
			  note: error: not two hexadecimal digits: xy
			> /base64 AAEC
			  sent binary "\x00\x01\x02"
			> /base64 !
			  note: error: not base64
			> //x
			  sent text "/x"
			> ///x
			  sent text "//x"
			>
			  retry now
			> /
			  note: error: unknown command /: /help lists them, // sends it as a message
			> /TEXT x
			  note: error: unknown command /TEXT: /help lists them, //TEXT sends it as a message
			> /pign
			  note: error: unknown command /pign: did you mean /ping? //pign sends it as a message
		`,
		"files": `
			> /file
			  note: error: /file PATH [text|binary]: wrong or missing argument
			> /file text
			  sent text "a text"
			> /file text binary
			  sent binary "\ufeffa text"
			> /file text text
			  sent text "a text"
			> /file bytes
			  sent binary "\x00\xff"
			> /file bytes text
			  note: error: send bytes as text: it is not UTF-8
			> /file name with spaces
			  sent text "spaced"
			> /file empty
			  sent text ""
			> /file long
			  note: error: read long: larger than the maximum message, 10 bytes
			> /file .
			  note: error: send .: it is not a regular file
			> /file missing
			  note: error: stat missing: no such file or directory
		`,
		"fragments": `
			> /fragment 2 abcde
			  sent text first "ab"
			  sent text next "cd"
			  sent text last "e"
			> /fragment 9 abc
			  sent text "abc"
			> /keep abc
			  note: saved as abc: /send abc sends it
			> /send abc
			  sent text "abc"
			> /fragment 2
			  sent text ""
			> /fragment 0 abc
			  note: error: /fragment SIZE MSG: wrong or missing argument
			> /fragment x abc
			  note: error: /fragment SIZE MSG: wrong or missing argument
		`,
		"a recording": `
			> /replay recorded
			  sent text "one"
			  sent ping "beat"
			  sent pong "beat"
			wait 1s
			  sent binary "\x00\x01\x02"
			> /replay recorded badly
			  sent text "one"
			  note: error: recorded badly: line 2: not JSON at byte 1: unexpected end of JSON input
			> /replay missing
			  note: error: open missing: no such file or directory
			> /replay
			  note: error: /replay FILE: wrong or missing argument
		`,
		"a recording that closes": `
			> /replay recorded close
			  sent close 4000 "bye"
			  end
		`,
		"expecting": `
			> /expect b
			< a
			  out: a
			< b
			  out: b
			> x
			  sent text "x"
			> /expect b
			wait 5s
			  note: error: /expect b: nothing was received within 5s
			> /expect (
			  note: error: error parsing regexp: missing closing ): '('
		`,
		"waiting": `
			> /wait 2s
			> x
			wait 1999ms
			wait 1ms
			  sent text "x"
			> /wait
			  note: error: /wait D: wrong or missing argument
			> /wait x
			  note: error: /wait D: wrong or missing argument
			> /wait -1s
			  note: error: /wait D: wrong or missing argument
		`,
		"closing": `
			> /close 1005
			  note: error: close code 1005 must be 1000–1003, 1007–1014 or 3000–4999
			> /close x
			  note: error: close code "x" is not a number
			> /close 1000 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456
			  note: error: close reason has 127 bytes, at most 123 are allowed
			> /close 4000 see you
			  sent close 4000 "see you"
			  end
		`,
		"closing with our code": `
			> /close
			  sent close 3000 "bye"
			  end
		`,
		"quitting": `
			> /quit
			  sent close 3000 "bye"
			  end
		`,
		"no editor": `
			> /edit
			  note: error: this needs a terminal
			> /pretty
			  note: error: this needs a prompt at a terminal
		`,
		"nothing is called so": `
			> /send
			  note: error: /send NAME: wrong or missing argument
			> /send x
			  note: error: there is no message "x": /keep NAME saves the last sent message
			> /keep
			  note: error: /keep NAME: wrong or missing argument
			> /keep x
			  note: error: no message has been sent yet
		`,
		"nothing to show yet": `
			> /last
			  note: error: only the format pretty keeps the last message; /format pretty switches to it
			> /save
			  note: error: /save FILE: wrong or missing argument
			> /save file
			  note: error: no message has been received yet
			> /info now
			  note: url          ws://h/
			  note: http         HTTP/1.1 101
			  note: format       raw
			> /reconnect
			  retry now
			> /as
			  note: error: /as NAME|off: wrong or missing argument
			> /as socketio
			  note: error: there are no dialects here
			> /open
			  note: error: /open URL|@NAME|curl ...: wrong or missing argument
			> /open ws://other/
			  note: error: this session belongs to another process: detach first, then connect to the other server
			> /curl nothing
			  note: error: /curl [PROGRAM]: wrong or missing argument
		`,
	} {
		t.Run(name, func(t *testing.T) {
			scripted{
				Config: Config{Options: client.Options{MaxMessage: 10}, URL: "ws://h/", KeepDir: t.TempDir(), Ending: Ending{CloseCode: 3000, CloseReason: "bye"}},
				Stats:  client.Stats{Uptime: time.Second},
			}.run(t, script)
		})
	}
}
