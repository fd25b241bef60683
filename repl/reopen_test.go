package repl

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"wsx/client"
	"wsx/client/dial"
)

// cuttableProxy forwards connections to a server, until they are cut.
type cuttableProxy struct {
	listener net.Listener
	server   string // address of the server
	done     sync.WaitGroup

	mu    sync.Mutex // guards the fields below
	conns []net.Conn
}

// listenCuttable starts a proxy for a server, and returns the URL of the server through it.
func listenCuttable(t *testing.T, url string) (c *cuttableProxy, through string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c = &cuttableProxy{listener: listener, server: strings.TrimSuffix(strings.TrimPrefix(url, "ws://"), "/")}
	c.done.Go(c.serve)
	t.Cleanup(func() {
		listener.Close()
		c.cut()
		c.done.Wait()
	})
	return c, "ws://" + listener.Addr().String() + "/"
}

func (c *cuttableProxy) serve() {
	for {
		from, err := c.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", c.server)
		if err != nil {
			from.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, from, to)
		c.mu.Unlock()
		c.done.Go(func() { io.Copy(from, to); from.Close() })
		c.done.Go(func() { io.Copy(to, from); to.Close() })
	}
}

// cut closes all connections.
func (c *cuttableProxy) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// TestReopen: after a loss the prompt stays, and connects again or to another server.
func TestReopen(t *testing.T) {
	for name, text := range map[string]string{
		"Enter": `
			* connected to {cuttable} …
			> hello
			< hello
			! cut
			* session with {cuttable}: connection lost: …; Enter reconnects, /quit ends
			> not sent
			error: not connected: press Enter on an empty line to reconnect
			> /ping
			error: not connected: press Enter on an empty line to reconnect
			> /format
			format pretty
			> /nothing
			error: unknown command /nothing: …
			> 
			* connected to {cuttable} …
			> hello again
			< hello again
			> /quit
			* closing: …
			* disconnected: …
		`,
		"/reconnect": `
			* connected to {cuttable} …
			! cut
			* session with {cuttable}: connection lost: …
			> /reconnect
			* connected to {cuttable} …
			> hello
			< hello
			> /quit
			* closing: …
			* disconnected: …
		`,
		"the end instead": `
			* connected to {cuttable} …
			! cut
			* session with {cuttable}: connection lost: …
			> /quit
		`,
		"another server": `
			* connected to {cuttable} …
			! cut
			* session with {cuttable}: connection lost: …
			> /open {nowhere}
			error: …
			> /open {other}
			* connected to {other} …
			> hello
			< hello
			> /quit
			* closing: …
			* disconnected: …
		`,
		"another server while connected": `
			* connected to {cuttable} …
			> /open {nowhere}
			error: …
			> hello
			< hello
			> /open {other}
			* closing: 1000 …
			* disconnected: 1000 …
			* connected to {other} …
			> hello
			< hello
			> /open curl {cuttable} -H 'X: y'
			* closing: 1000 …
			* disconnected: 1000 …
			* connected to {cuttable} …
			> /curl
			curl …{cuttable}… 'X: y'…
			> /curl websocat
			websocat …
			> /open curl --nothing
			error: …
			> /open @other
			* closing: 1000 …
			* disconnected: 1000 …
			* connected to {other} …
			> /open @nothing
			error: there is no context nothing
			> /curl wscat
			wscat …{other}…
			> /quit
			* closing: …
			* disconnected: …
		`,
	} {
		t.Run(name, func(t *testing.T) {
			other := echoServer(t)
			c, through := listenCuttable(t, other)
			text := strings.NewReplacer("{cuttable}", through, "{other}", other, "{nowhere}", "ws://127.0.0.1:1/").Replace(text)
			var lines []string
			for line := range strings.SplitSeq(strings.Trim(text, "\n\t"), "\n") {
				lines = append(lines, strings.TrimLeft(line, "\t"))
			}
			runSessionWith(t, Config{URL: through, OpenContext: func(name string) (string, dial.Options, error) {
				if name != "other" {
					return "", dial.Options{}, errors.New("there is no context " + name)
				}
				return other, dial.Options{}, nil
			}}, lines, map[string]func(){"cut": c.cut})
		})
	}
}

// TestReopenDialect: a dialect logs in once on each connection.
func TestReopenDialect(t *testing.T) {
	other := echoServer(t)
	c, through := listenCuttable(t, other)
	text := strings.NewReplacer("{cuttable}", through, "{other}", other).Replace(`* connected to {cuttable} …
{"login":"secret-user"}
> {"ready":1}
> /tell a
{"tell":"a"}
! cut
* session with {cuttable}: connection lost: …
> 
* connected to {cuttable} …
{"login":"secret-user"}
> {"ready":2}
> /tell b
{"tell":"b"}
> /open {other}
* closing: 1000 …
* disconnected: 1000 …
* connected to {other} …
{"login":"secret-user"}
> /tell c
> {"ready":3}
{"tell":"c"}
> /quit
* closing: …
* disconnected: …`)
	source := strings.Replace(testDialect, "bye send({bye: true})\n", "", 1) // its answer may arrive before or after our Close
	runSessionWith(t, Config{URL: through, Dialect: &Dialect{State: stateOf(t, source, nil)}}, strings.Split(text, "\n"), map[string]func(){"cut": c.cut})
}

// TestEndWhileReopening: what ends the wait after a loss, and the error it ends with.
func TestEndWhileReopening(t *testing.T) {
	for name, script := range map[string]string{
		"an interrupt": `
			<lost
			  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
			> hello
			  note: error: not connected: press Enter on an empty line to reconnect
			do interrupt
			  end: interrupted
		`,
		"the reader has gone": `
			<lost
			  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
			do output gone
			  end
		`,
		"the end of the input": `
			<lost
			  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
			eof
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`,
		"/quit": `
			<lost
			  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
			> /quit
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`,
	} {
		t.Run(name, func(t *testing.T) { scripted{Actions: endings()}.run(t, script) })
	}
}

// TestLossWhileLineWaits: a line that was read when the connection was lost is put back to the prompt.
func TestLossWhileLineWaits(t *testing.T) {
	s := scripted{Actions: map[string]func(*scriptRun){"break": func(p *scriptRun) {
		p.session.mu.Lock()
		defer p.session.mu.Unlock()
		p.session.closed = true
	}}}
	s.Prepare = func(r *REPL) { r.Unread = func(line string) { r.Output.Status("at the prompt: " + line) } }
	s.run(t, `
		do break
		> hello
		<lost
		  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
		  note: at the prompt: hello
		  note: error: not connected: press Enter on an empty line to reconnect
		> again
		  note: at the prompt: again
		  note: error: not connected: press Enter on an empty line to reconnect
		eof
		  end: session with ws://h/: connection lost: the stream ended in the middle of a message
	`)
}

// TestNextSessionDiscarded: a session that was opened when an interrupt came is closed.
func TestNextSessionDiscarded(t *testing.T) {
	r := New(Config{Output: noOutput(t), URL: echoServer(t)})
	if err := r.sender.dialNext(t.Context(), r.URL, r.Options); !errors.Is(err, errQuit) {
		t.Fatal(err)
	}
	r.sender.next.discard()
	if err := r.sender.next.session.SendData(client.Text, nil); !errors.Is(err, client.ErrClosed) {
		t.Errorf("it goes on: %v", err)
	}
}
