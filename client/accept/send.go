package accept

import (
	"iter"
	"net/http"
	"time"

	"wsx/client"
)

// Send sends a message to all clients; one with Repeat also to each that connects later, before other messages.
func (a *Acceptor) Send(message client.Message) error {
	if message.Repeat {
		return a.sendInitial(message)
	}
	all, err := a.readyPeers()
	if err != nil {
		return err
	}
	a.reportSent(message.Type, message.Data, true, true)
	for _, p := range all {
		p.session.Send(message) // Run reports why a message cannot be written, here and below
	}
	return nil
}

// sendInitial sends a message to all connected clients, and from now on to each that connects.
func (a *Acceptor) sendInitial(message client.Message) error {
	a.mu.Lock()
	peers := a.peers
	a.initial = append(a.initial, message)
	a.mu.Unlock()
	for _, p := range peers {
		<-p.initialSent
		p.send(message)
	}
	if !a.rules.Wait {
		return nil
	}
	_, err := a.readyPeers()
	return err
}

// readyPeers returns all clients, once the initial messages were sent to them. It waits for clients whose handshake is not
// done, since the handler may know these already.
func (a *Acceptor) readyPeers() ([]*peer, error) {
	a.mu.Lock()
	for !a.closing && (a.connecting > 0 || a.rules.Wait && len(a.peers) == 0) {
		a.changed.Wait()
	}
	all, closing := a.peers, a.closing
	a.mu.Unlock()
	switch {
	case closing:
		return nil, client.ErrClosed
	case len(all) == 0:
		return nil, ErrNoClient
	}
	for _, p := range all {
		<-p.initialSent
	}
	return all, nil
}

// SendData sends a message that has no line number. See Send.
func (a *Acceptor) SendData(t client.Type, data []byte) error {
	return a.Send(client.Message{Type: t, Data: data})
}

// SendAll sends messages as SendData does.
func (a *Acceptor) SendAll(t client.Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := a.SendData(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment sends a fragment of a message to the clients that were connected when the message began.
func (a *Acceptor) SendFragment(t client.Type, data []byte, first, last bool) error {
	if first {
		all, err := a.readyPeers()
		if err != nil {
			return err
		}
		a.fragmentPeers = all
	}
	a.reportSent(t, data, first, last)
	for _, p := range a.fragmentPeers {
		p.session.SendFragment(t, data, first, last)
	}
	return nil
}

// Reply sends a message, or a fragment of one, to the client whose event is being handled, once it has been handled.
func (a *Acceptor) Reply(t client.Type, data []byte, first, last bool) error {
	d := a.current
	d.replies = append(d.replies, reply{t, data, first, last})
	if a.options.ReportSent {
		return a.handler.Handle(d.sent(t, data, first, last))
	}
	return nil
}

// Ping sends a Ping to all clients.
func (a *Acceptor) Ping(data []byte) error {
	return a.control(data, func(s *client.Session) { s.Ping(data) })
}

// Pong sends an unsolicited Pong to all clients.
func (a *Acceptor) Pong(data []byte) error {
	return a.control(data, func(s *client.Session) { s.Pong(data) })
}

func (a *Acceptor) control(data []byte, send func(*client.Session)) error {
	if err := client.CheckControl(data); err != nil {
		return err
	}
	all, err := a.readyPeers()
	for _, p := range all {
		send(p.session)
	}
	return err
}

// Flush writes what is buffered to the streams.
func (a *Acceptor) Flush() error {
	a.mu.Lock()
	all := a.peers
	a.mu.Unlock()
	for _, p := range all {
		p.session.Flush()
	}
	return nil
}

// reportSent reports a message before it is written: once for all clients.
func (a *Acceptor) reportSent(t client.Type, data []byte, first, last bool) {
	if a.options.ReportSent {
		a.report(client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// reportRejected reports a client that was rejected, unless the acceptor is closing, when every client is.
func (a *Acceptor) reportRejected(r *http.Request, err error) {
	a.mu.Lock()
	closing := a.closing
	if !closing {
		a.goroutines.Add(1)
	}
	a.mu.Unlock()
	if !closing {
		defer a.goroutines.Done()
		a.report(client.Event{Kind: client.KindRejected, Time: time.Now(), Detail: &client.RejectedClient{Remote: r.RemoteAddr, URI: r.RequestURI, Err: err}})
	}
}
