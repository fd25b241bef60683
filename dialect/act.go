package dialect

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// apply runs an expression and performs its actions. It reports whether there were any.
func (t *turn) apply(e *expression, input any, c *call) (performed bool, err error) {
	if e.simple != nil {
		var buffer [4]action
		if list, ok := e.simple.run(input, buffer[:0]); ok {
			for i := range list {
				if err := t.act(&list[i]); err != nil {
					return true, e.failure(err.Error())
				}
			}
			return len(list) > 0, nil
		}
	}
	results, err := t.s.run(e, input, c)
	if err != nil {
		return false, err
	}
	for _, result := range results {
		a, ok := actionOf(result)
		if !ok {
			return true, e.failure(fmt.Sprintf("%.60s is not an action like send(...), event(...; ...) or ready", jsonText(result)))
		}
		if err := t.act(&a); err != nil {
			return true, e.failure(err.Error())
		}
	}
	return len(results) > 0, nil
}

// act performs one action.
func (t *turn) act(a *action) error {
	first, second := a.args[0], a.args[1]
	switch a.name {
	case "send":
		return t.send(first)
	case "event":
		t.event(Event{Kind: KindEvent, Name: text(first), Data: second})
	case "item":
		t.answer(KindItem, key(first), second, false)
	case "reply":
		t.answer(KindReply, key(first), second, true)
	case "failure":
		t.answer(KindError, key(first), second, true)
	case "done":
		t.done(key(first))
	case "await", "live":
		return t.await(key(first), a.name == "live")
	case "also":
		t.also(key(first), key(second))
	case "ready":
		if !t.s.ready {
			t.event(Event{Kind: KindReady})
			t.begin()
		}
	case "refused":
		t.event(Event{Kind: KindRefused, Data: first})
	case "set":
		return t.set(first)
	case "quiet":
		t.event(Event{Kind: KindProtocol})
	case "close":
		t.out.Close = &Close{Code: intOf(first), Reason: text(second)}
	case "output":
		t.event(Event{Kind: KindOutput, Data: first})
	case "errors":
		t.event(Event{Kind: KindErrors, Data: first})
	case "exit":
		code := intOf(first)
		t.out.Exit = &code
	}
	return nil
}

var errTooMuch = fmt.Errorf("more than %d messages or %d bytes at once", maxSent, maxBytes)

func (t *turn) send(value any) error {
	if len(t.out.Send) >= t.maxSent {
		return errTooMuch
	}
	list, err := t.s.coding.encode(value)
	if err != nil {
		return err
	}
	for _, m := range list {
		t.bytes += len(m.Data)
	}
	if t.bytes > t.allowance || len(t.out.Send)+len(list) > t.maxSent+maxAttachments {
		return errTooMuch
	}
	t.out.Send = append(t.out.Send, list...)
	return nil
}

// event adds an event.
func (t *turn) event(e Event) {
	if e.Raw == nil {
		e.Raw = t.raw
	}
	e.Binary = t.binary
	if len(t.s.dialect.shows) > 0 && e.Kind != KindProtocol {
		t.show(&e)
	}
	t.out.Events = append(t.out.Events, e)
}

// show sets what is shown of an event.
func (t *turn) show(e *Event) {
	input := map[string]any{"kind": e.Kind, "id": e.ID, "name": e.Name, "data": e.Data}
	for i := range t.s.dialect.shows {
		r := &t.s.dialect.shows[i]
		if !t.s.holds(r.when, input) {
			continue
		}
		results, err := t.s.run(r.body, input, nil)
		if err != nil {
			t.note(err)
		}
		if len(results) > 0 {
			e.Shown = results[0]
		}
		return
	}
}

// answer adds an event of a verb. After a reply, the verb no longer waits.
func (t *turn) answer(kind, id string, data any, last bool) {
	e := Event{Kind: kind, ID: id, Data: data}
	if c := t.s.calls[id]; c != nil && id != "" {
		e.Call, e.Name, e.Live = c.number, c.verb.Name, c.live
		if name, ok := c.input[nameParam(c.verb)].(string); ok && isName(name) {
			e.Name = name
		}
		if last {
			e.RTT = t.now.Sub(c.sent)
		}
		if last && (!c.live || kind == KindError) {
			t.drop(c)
		}
	}
	t.event(e)
}

// maxNameLength is the maximum length of a request's name, in bytes.
const maxNameLength = 64

// isName reports whether a text can be a name, such as that of a method or a channel.
func isName(text string) bool {
	return text != "" && len(text) <= maxNameLength && !strings.ContainsAny(text, " \t\r\n{}\"")
}

// nameParam returns the first parameter of a verb, whose value is the name of a request; "" = no parameter.
func nameParam(v *Verb) string {
	if len(v.Params) == 0 {
		return ""
	}
	return v.Params[0].Name
}

// done ends a subscription.
func (t *turn) done(id string) {
	e := Event{Kind: KindDone, ID: id}
	if c := t.s.calls[id]; c != nil {
		e.Call, e.Name, e.Live = c.number, c.verb.Name, c.live
		t.drop(c)
	}
	t.event(e)
}

// drop removes a verb whose results have ended.
func (t *turn) drop(c *call) {
	for _, k := range c.keys {
		delete(t.s.calls, k)
	}
	t.s.live = slices.DeleteFunc(t.s.live, func(other *call) bool { return other == c })
}

// maxCalls is the maximum number of outstanding requests.
const maxCalls = 1 << 16

var errTooManyCalls = fmt.Errorf("more than %d requests wait for a reply", maxCalls)

// await assigns an id to the current verb.
func (t *turn) await(id string, live bool) error {
	c := t.call
	switch {
	case c == nil:
		return errors.New("await and live can only be used in verbs")
	case len(t.s.calls) >= maxCalls:
		return errTooManyCalls
	}
	t.s.calls[id] = c
	c.keys = append(c.keys, id)
	if live {
		c.live = true
		if !slices.Contains(t.s.live, c) {
			t.s.live = append(t.s.live, c)
		}
	}
	return nil
}

// The bounds of the ids of a live verb.
const (
	maxKeys      = 16
	maxKeyLength = 256 // bytes
)

// also assigns a further id to a live verb.
func (t *turn) also(id, other string) {
	c := t.s.calls[id]
	if c == nil || !c.live || len(c.keys) >= maxKeys || len(other) > maxKeyLength || t.s.calls[other] != nil {
		return
	}
	t.s.calls[other] = c
	c.keys = append(c.keys, other)
}

// set changes members of the state. It returns an error if the state becomes too large.
func (t *turn) set(value any) error {
	change, ok := value.(map[string]any)
	if !ok {
		return errors.New("set needs an object")
	}
	state := make(map[string]any, len(t.s.state)+len(change))
	maps.Copy(state, t.s.state)
	maps.Copy(state, change)
	if len(jsonText(state)) > maxBytes {
		return fmt.Errorf("$state is longer than %d bytes", maxBytes)
	}
	t.s.state, t.refresh = state, true
	return nil
}

// run returns the results of an expression for an input. s.mu must be locked.
func (s *State) run(e *expression, input any, c *call) ([]any, error) {
	var id any
	if c != nil {
		id = c.number
	}
	s.clock.start()
	iter := e.code.RunWithContext(&s.clock, input, s.options, s.state, id, s.random)
	var results []any
	for {
		result, ok := iter.Next()
		if !ok {
			return results, nil
		}
		if err, failed := result.(error); failed {
			return results, e.explain(err)
		}
		if results = append(results, result); len(results) > maxResults {
			return nil, e.failure(fmt.Sprintf("more than %d results", maxResults))
		}
	}
}
