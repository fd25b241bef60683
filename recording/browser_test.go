package recording

import (
	"encoding/json"
	"fmt"
	"testing"

	"wsx/test/chromium"
)

// TestDeveloperTools imports a HAR into Chromium's developer tools, with the module of their Network panel.
func TestDeveloperTools(t *testing.T) {
	tools := chromium.Start(t)
	tools.Open(tools.Debugger + "/devtools/devtools_app.html")
	har, _ := json.Marshal(string(exported(t, "har", recordingOf(t, "session.jsonl")))) // never fails for a string
	got := tools.Eval(fmt.Sprintf(`import("/devtools/models/har/har.js").then(({HARFormat, Importer}) => {
		const log = new HARFormat.HARRoot(JSON.parse(%s)).log;
		return Importer.Importer.requestsFromHARLog(log).map((request) => [
			request.resourceType().name() + " " + request.statusCode + " " + request.url(),
			...request.frames().map((frame) => [frame.type, frame.opCode, frame.text, Math.round(frame.time)].join(" ")),
		].join("\n") + "\n").join("");
	})`, har))
	const want = `websocket 101 ws://127.0.0.1:8080/chat?name=A%20B&z
send 1 <hällo> 1795176000
receive 2 AAEC 1795176000
websocket 200 wss://example.com/
receive 1  1795176062
`
	if got != want {
		t.Errorf("imported:\n%s\nwanted:\n%s", got, want)
	}
}
