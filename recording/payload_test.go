package recording

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestUnescape compares with encoding/json.
func TestUnescape(t *testing.T) {
	for _, literal := range []string{
		`""`, `"plain"`, `"hällo"`, `"\"\\\/\b\f\n\r\t"`, `"\u0041\u00e4\u20ac\u2028"`, `"\ud83d\ude00"`, `"\ud83d"`,
		`"\ud83dx"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"a\\u0041"`,
	} {
		checkUnescape(t, literal)
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(`"a\u0041\ud83d\ude00\n"`)
	f.Fuzz(checkUnescape)
}

func checkUnescape(t *testing.T, literal string) {
	var want string
	isLiteral := strings.HasPrefix(literal, `"`) && strings.HasSuffix(literal, `"`) && utf8.ValidString(literal)
	if !isLiteral || json.Unmarshal([]byte(literal), &want) != nil {
		return
	}
	got := unescape([]byte(literal[1 : len(literal)-1]))
	if string(got) != want {
		t.Errorf("%s: %q, want %q", literal, got, want)
	}
}

// TestForeignPayloads exports payloads in forms that wsx does not write itself.
func TestForeignPayloads(t *testing.T) {
	for _, c := range []struct{ fields, har string }{
		{`"type":"text","data":"a\/b"`, `"data":"a\/b"`},
		{`"type":"text"`, `"data":""`},
		{`"type":"text","data":null`, `"data":""`},
		{`"type":"text","data":"aMOk","encoding":"base64"`, `"data":"hä"`},
		{`"type":"binary","data":"h\u00e4"`, `"data":"aMOk"`},
		{`"type":"binary","data":"AP\/\/","encoding":"base64"`, `"data":"AP//"`},
		{`"type":"binary"`, `"data":""`},
	} {
		recording := opening + `{"time":"2026-11-20T12:00:01Z","event":"message","dir":"in",` + c.fields + "}\n"
		if har := string(exported(t, "har", []byte(recording))); !strings.Contains(har, c.har+"}") {
			t.Errorf("%s: no %s in %s", c.fields, c.har, har)
		}
	}
}

// TestLongMessageMemory: exporting a long message allocates little more than its length.
func TestLongMessageMemory(t *testing.T) {
	const length = 4 << 20
	recording := opening + fmt.Sprintf(`{"time":"2026-11-20T12:00:01Z","event":"message","dir":"in","type":"text","data":%q}`,
		strings.Repeat("a", length)) + "\n"
	for _, form := range Forms() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Export(io.Discard, strings.NewReader(recording), Options{Form: form.Name}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > length*5/4 {
			t.Errorf("%s: %d bytes for a message of %d", form.Name, allocated, length)
		}
	}
}
