package dialect

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// queued is a queue, and what was done of it.
type queued struct {
	Queue
	state *State
	mu    sync.Mutex
	did   []string
}

func newQueued(t *testing.T) *queued {
	q := &queued{state: startSession(t, "verb say TEXT => send(.TEXT)\non .show != null => event(\"x\"; .show)\non .send != null => send(.send)\nbye send(\"bye\")")}
	q.Go = func(run func()) { go run() }
	q.Add(q.state.Open(time.Now(), "", ""), q.do)
	return q
}

// say returns the output of a verb that sends a text.
func (q *queued) say(text string) Output {
	_, out, _ := q.state.Verb(time.Now(), "say", PlainWords(text))
	return out
}

// do records what an output says.
func (q *queued) do(out Output) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range out.Send {
		q.did = append(q.did, string(m.Data))
	}
	for _, e := range out.Events {
		q.did = append(q.did, e.Kind)
	}
}

func (q *queued) check(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Equal(q.did, want) {
		t.Errorf("did %q, want %q", q.did, want)
	}
}

// TestQueueOrder: outputs are done in the order in which they were made, whichever is added first.
func TestQueueOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueued(t)
		first, second, third := q.say("1"), q.say("2"), q.say("3")
		q.Add(third, q.do)
		go q.Do(second, q.do)
		q.check(t)
		shown, _ := q.state.Receive(time.Now(), false, []byte(`{"show":1}`))
		q.Add(shown, q.do) // it sends nothing
		q.check(t, "event")
		q.Add(first, q.do)
		q.check(t, "event", `"1"`, `"2"`, `"3"`)
	})
}

// TestQueueWaits: while an output is done, others are added without waiting, up to a limit that the last output does not have.
func TestQueueWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueued(t)
		sent := make(chan struct{})
		blocked := q.say("blocked")
		go q.Add(blocked, func(out Output) {
			<-sent
			q.do(out)
		})
		synctest.Wait()
		want := []string{`"blocked"`}
		add := func() {
			want = append(want, `"x"`)
			out := q.say("x")
			q.Add(out, q.do)
		}
		for range maxReady {
			add()
		}
		added := make(chan struct{})
		go func() {
			add()
			close(added)
		}()
		synctest.Wait()
		select {
		case <-added:
			t.Error("it does not wait for room")
		default:
		}
		bye := q.state.BeforeClose(time.Now())
		q.Add(bye, q.do)
		want = append(want, `"bye"`)
		q.check(t)
		close(sent)
		<-added
		q.check(t, want...)
	})
}

// TestQueueNested: the output of BeforeClose can be added by what another output does, and is done after it.
func TestQueueNested(t *testing.T) {
	for name, start := range map[string]func(func()){"in another goroutine": func(run func()) { go run() }, "in the same goroutine": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueued(t)
				q.check(t)
				q.Go = start
				first := q.say("1")
				q.Do(first, func(out Output) {
					bye := q.state.BeforeClose(time.Now())
					q.Add(bye, q.do)
					q.do(out)
				})
				q.check(t, `"1"`, `"bye"`)
			})
		})
	}
}
