package accept

import (
	"iter"
	"net/http"
	"time"
	"wsx/client"
)

// Send sends a message to all clients; one with Repeat also to each that connects later, before other messages.
func (p *Acceptor) Send(message client.Message) error {
	if message.Repeat {
		return p.sendInitial(message)
	}
	all, err := p.peersAt()
	if err != nil {
		return err
	}
	p.reportSent(message.Type, message.Data, true, true)
	for _, m := range all {
		m.session.Send(message) // the receiver finds out why it cannot be written, here and below
	}
	return nil
}

// sendInitial sends a message to all connected clients, and from now on to each that connects.
func (p *Acceptor) sendInitial(message client.Message) error {
	p.mu.Lock()
	present := p.present
	p.initial = append(p.initial, message)
	p.mu.Unlock()
	for _, m := range present {
		<-m.initialSent
		m.send(message)
	}
	if !p.rules.Wait {
		return nil
	}
	_, err := p.peersAt()
	return err
}

// peersAt returns all clients, once they have been sent the initial messages. It waits for clients whose handshake is not done:
// the handler may know them already.
func (p *Acceptor) peersAt() ([]*peer, error) {
	p.mu.Lock()
	for !p.closing && (p.coming > 0 || p.rules.Wait && len(p.present) == 0) {
		p.arrival.Wait()
	}
	all, closing := p.present, p.closing
	p.mu.Unlock()
	switch {
	case closing:
		return nil, client.ErrClosed
	case len(all) == 0:
		return nil, ErrNoClient
	}
	for _, m := range all {
		<-m.initialSent
	}
	return all, nil
}

// SendData sends a message that has no line number. See Send.
func (p *Acceptor) SendData(t client.Type, data []byte) error {
	return p.Send(client.Message{Type: t, Data: data})
}

// SendAll sends messages as SendData does.
func (p *Acceptor) SendAll(t client.Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := p.SendData(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment sends a fragment of a message to the clients that were connected when the message began.
func (p *Acceptor) SendFragment(t client.Type, data []byte, first, last bool) error {
	if first {
		all, err := p.peersAt()
		if err != nil {
			return err
		}
		p.fragmentPeers = all
	}
	p.reportSent(t, data, first, last)
	for _, m := range p.fragmentPeers {
		m.session.SendFragment(t, data, first, last)
	}
	return nil
}

// Reply sends a message, or a fragment of one, to the client whose event is being handled, once it has been handled.
func (p *Acceptor) Reply(t client.Type, data []byte, first, last bool) error {
	m := p.current
	m.answers = append(m.answers, reply{t, data, first, last})
	if p.options.ReportSent {
		return p.handler.Handle(m.sent(t, data, first, last))
	}
	return nil
}

// Ping sends a Ping to all clients.
func (p *Acceptor) Ping(data []byte) error {
	return p.control(data, func(s *client.Session) { s.Ping(data) })
}

// Pong sends an unsolicited Pong to all clients.
func (p *Acceptor) Pong(data []byte) error {
	return p.control(data, func(s *client.Session) { s.Pong(data) })
}

func (p *Acceptor) control(data []byte, send func(*client.Session)) error {
	if err := client.CheckControl(data); err != nil {
		return err
	}
	all, err := p.peersAt()
	for _, m := range all {
		send(m.session)
	}
	return err
}

// Flush writes what is buffered to the streams.
func (p *Acceptor) Flush() error {
	p.mu.Lock()
	all := p.present
	p.mu.Unlock()
	for _, m := range all {
		m.session.Flush()
	}
	return nil
}

// reportSent reports a message before it is written: once for all clients.
func (p *Acceptor) reportSent(t client.Type, data []byte, first, last bool) {
	if p.options.ReportSent {
		p.report(client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// reportRejected reports a client that was rejected, unless the acceptor is closing, when every client is.
func (p *Acceptor) reportRejected(r *http.Request, err error) {
	p.mu.Lock()
	closing := p.closing
	if !closing {
		p.busy.Add(1)
	}
	p.mu.Unlock()
	if !closing {
		defer p.busy.Done()
		p.report(client.Event{Kind: client.KindRejected, Time: time.Now(), Detail: &client.RejectedClient{Remote: r.RemoteAddr, URI: r.RequestURI, Err: err}})
	}
}

// report reports an event that is not about one client.
func (p *Acceptor) report(e client.Event) {
	p.handling.Lock()
	err := p.handler.Handle(e)
	p.handling.Unlock()
	if err != nil {
		p.failHandler(err)
	}
}
