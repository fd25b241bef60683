package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// writeTAP writes the Test Anything Protocol, version 13: https://testanything.org/tap-version-13-specification.html
func writeTAP(w io.Writer, points []checkpoint, file string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "TAP version 13\n1..%d\n", len(points))
	for i, p := range points {
		verdict := "ok"
		if p.state == failed {
			verdict = "not ok"
		}
		fmt.Fprintf(&b, "%s %d - %s", verdict, i+1, strings.ReplaceAll(p.name, "#", `\#`)) // a # begins a directive
		if p.state == notReached {
			b.WriteString(" # SKIP not reached")
		}
		b.WriteByte('\n')
		if p.state == failed {
			writeDiagnosis(&b, p, file)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeDiagnosis writes the YAML block of a test that failed. A JSON string is a YAML string.
func writeDiagnosis(b *bytes.Buffer, p checkpoint, file string) {
	row := func(indent, name, value string) {
		fmt.Fprintf(b, "  %s%s ", indent, name)
		quoted := json.NewEncoder(b)
		quoted.SetEscapeHTML(false)
		quoted.Encode(value) // ends the line; a string in memory cannot fail
	}
	b.WriteString("  ---\n")
	row("", "message:", p.reason)
	if p.number > 0 {
		row("", "file:", clean(file))
		fmt.Fprintf(b, "  line: %d\n", p.number)
	}
	if p.wanted != "" {
		row("", "wanted:", p.wanted)
	}
	if len(p.got) > 0 {
		b.WriteString("  came:\n")
	}
	for _, text := range p.got {
		row("  ", "-", text)
	}
	fmt.Fprintf(b, "  duration_ms: %.3f\n  ...\n", float64(p.took.Microseconds())/1000)
}
