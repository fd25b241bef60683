package render

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wsx/client"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustMatch validates a line against the schema.
func mustMatch(t *testing.T, s *jsonschema.Schema, line string) error {
	t.Helper()
	event, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return s.Validate(event)
}

func TestEventsMatchSchema(t *testing.T) {
	s := schema(t)
	seen := map[client.Kind]bool{}
	for _, h := range eventsOfEveryKind() {
		h.event.Time = noon
		seen[h.event.Kind] = true
		line := shown(t, &JSON{}, h.event)
		if err := mustMatch(t, s, line); err != nil {
			t.Errorf("%s%v", line, err)
		}
	}
	for kind := client.KindListening; kind <= client.KindEnd; kind++ {
		if !seen[kind] {
			t.Errorf("no event of kind %d was tried", kind)
		}
	}
	if err := mustMatch(t, s, shown(t, &JSON{MaxMessage: 1}, fragments(textMessage("long"), 2)...)); err != nil {
		t.Error(err)
	}
}

func TestSchemaRefusesInvalidEvents(t *testing.T) {
	s := schema(t)
	const head = `{"time":"2026-11-20T12:00:00.000000001Z",`
	for _, line := range []string{
		`{}`,
		head + `"event":"mesage"}`,
		head + `"event":"message"}`,
		head + `"event":"message","dir":"in","type":"binary","bytes":1,"data":"AA=="}`,
		head + `"event":"message","dir":"in","type":"text","bytes":1,"data":"x","colour":"red"}`,
		head + `"event":"end","exit":0,"code":1000,"sent":1}`,
		`{"time":"noon","event":"close","dir":"in","code":1000,"reason":""}`,
	} {
		if mustMatch(t, s, line) == nil {
			t.Errorf("accepted: %s", line)
		}
	}
}
