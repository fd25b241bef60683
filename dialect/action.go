package dialect

import (
	"fmt"
	"strconv"
)

// actionWord is a function that expressions have beyond jq's: its result makes the session do something.
type actionWord struct {
	name   string
	params []string
	help   string
	make   func(any, []any) any
}

// do is the member that names an action.
const do = "do"

// actions is the table of the functions, for the compiler and for `wsx dialect --help`.
func actions() []actionWord {
	table := []actionWord{
		{"send", []string{"message"}, "send a message", nil},
		{"event", []string{"name", "data"}, "show an event that the server named", nil},
		{"item", []string{"id", "data"}, "one more result of a verb", nil},
		{"reply", []string{"id", "data"}, "the reply that a verb awaits", nil},
		{"failure", []string{"id", "data"}, "the reply that says it failed", nil},
		{"done", []string{"id"}, "nothing more comes for a verb", nil},
		{"await", []string{"id"}, "a verb awaits the reply with this id", nil},
		{"live", []string{"id"}, "a verb is a subscription: it is repeated on the next connection", nil},
		{"also", []string{"id", "other"}, "what comes with the other id belongs to the same subscription", nil},
		{"ready", nil, "the login is done: verbs are sent", nil},
		{"refused", []string{"data"}, "the login was refused", nil},
		{"set", []string{"object"}, "change members of $state", nil},
		{"quiet", nil, "the message is not shown, like a heartbeat", nil},
		{"close", []string{"code", "reason"}, "send a Close", nil},
		{"output", []string{"data"}, "bytes for standard output", nil},
		{"errors", []string{"data"}, "bytes for standard error", nil},
		{"exit", []string{"code"}, "end with an exit code", nil},
	}
	for i, a := range table {
		table[i].make = func(_ any, values []any) any {
			action := make(map[string]any, 1+len(values))
			action[do] = a.name
			for k, name := range a.params {
				action[name] = values[k]
			}
			return action
		}
	}
	return table
}

// Actions returns the functions that expressions have beyond jq's, as "name(params)" and what they do.
func Actions() (list [][2]string) {
	for _, a := range actions() {
		usage := a.name
		for i, p := range a.params {
			usage += map[bool]string{true: "(", false: "; "}[i == 0] + p
		}
		if len(a.params) > 0 {
			usage += ")"
		}
		list = append(list, [2]string{usage, a.help})
	}
	return list
}

// key is an id as requests and replies are paired by it: 7, "7" and 7.0 are the same.
func key(id any) string {
	switch v := id.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
	case fmt.Stringer: // a number as it was written
		return v.String()
	}
	return string(jsonText(id))
}

// whole is a number as an int.
func whole(v any) int {
	n, _ := strconv.ParseFloat(key(v), 64)
	return int(n)
}

// text is a string as it is, and anything else as JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(jsonText(v))
}
