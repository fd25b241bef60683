package dialect

// actionWord is a function of expressions beyond jq's: its result is an action of the session.
type actionWord struct {
	name   string
	params []string
	help   string
	make   func(any, []any) any
}

// action is one result of an expression. The arguments are in the order of the table's parameters.
type action struct {
	name string
	args [2]any
}

// actionOf returns the action of a result of jq.
func actionOf(result any) (a action, ok bool) {
	object, _ := result.(map[string]any)
	a.name, _ = object[actionMember].(string)
	for i, name := range actionParams(a.name) {
		a.args[i] = object[name]
		ok = true
	}
	return a, ok || a.name != "" && len(actionParams(a.name)) == 0
}

// actionParams returns the parameters of an action.
func actionParams(name string) []string {
	switch name {
	case "send":
		return []string{"message"}
	case "event":
		return []string{"name", "data"}
	case "item", "reply", "failure":
		return []string{"id", "data"}
	case "done", "await", "live":
		return []string{"id"}
	case "also":
		return []string{"id", "other"}
	case "refused", "output", "errors":
		return []string{"data"}
	case "set":
		return []string{"object"}
	case "close":
		return []string{"code", "reason"}
	case "exit":
		return []string{"code"}
	}
	return nil
}

// actionMember is the member of an object that names an action.
const actionMember = "do"

// actions returns the table of the functions, for the compiler and for `wsx dialect --help`.
func actions() []actionWord {
	table := []actionWord{
		{"send", actionParams("send"), "send a message", nil},
		{"event", actionParams("event"), "show an event that the server named", nil},
		{"item", actionParams("item"), "one more result of a verb", nil},
		{"reply", actionParams("reply"), "the reply that a verb awaits", nil},
		{"failure", actionParams("failure"), "the error reply that a verb awaits", nil},
		{"done", actionParams("done"), "a verb gets no more results", nil},
		{"await", actionParams("await"), "a verb awaits the reply with this id", nil},
		{"live", actionParams("live"), "a verb is a subscription: it is repeated on the next connection", nil},
		{"also", actionParams("also"), "items with the other id belong to the same subscription", nil},
		{"ready", actionParams("ready"), "the login is complete: send the verbs that wait for it", nil},
		{"refused", actionParams("refused"), "the login was refused", nil},
		{"set", actionParams("set"), "change members of $state", nil},
		{"quiet", actionParams("quiet"), "the message is not shown, like a heartbeat", nil},
		{"close", actionParams("close"), "send a Close", nil},
		{"output", actionParams("output"), "bytes for standard output", nil},
		{"errors", actionParams("errors"), "bytes for standard error", nil},
		{"exit", actionParams("exit"), "end with an exit code", nil},
	}
	for i, a := range table {
		table[i].make = func(_ any, values []any) any {
			action := make(map[string]any, 1+len(values))
			action[actionMember] = a.name
			for k, name := range a.params {
				action[name] = values[k]
			}
			return action
		}
	}
	return table
}

// Actions returns the functions of expressions beyond jq's, as "name(params)" and a description.
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
