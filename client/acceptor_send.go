package client

import (
	"iter"
	"net/http"
	"time"
)

// Send says a message to all who are there. What is said again is the first that a client hears.
func (p *Acceptor) Send(said Message) error {
	if said.Repeat {
		return p.sendGreetings(said)
	}
	all, err := p.peersAt()
	if err != nil {
		return err
	}
	p.reportSent(said.Type, said.Data, true, true)
	for _, m := range all {
		m.session.Send(said) // that it cannot be written, who hears it will find out; so everywhere
	}
	return nil
}

// sendGreetings says a message to all who are there, and from now on to each who comes.
func (p *Acceptor) sendGreetings(said Message) error {
	p.mu.Lock()
	present := p.present
	p.greeting = append(p.greeting, said)
	p.mu.Unlock()
	for _, m := range present {
		<-m.greeted
		m.send(said)
	}
	if !p.rules.Wait {
		return nil
	}
	_, err := p.peersAt()
	return err
}

// peersAt is all who are there and have been greeted. Who is about to come is waited for: that a client is there may have
// been told already.
func (p *Acceptor) peersAt() ([]*peer, error) {
	p.mu.Lock()
	for !p.closing && (p.coming > 0 || p.rules.Wait && len(p.present) == 0) {
		p.arrival.Wait()
	}
	all, closing := p.present, p.closing
	p.mu.Unlock()
	switch {
	case closing:
		return nil, ErrClosed
	case len(all) == 0:
		return nil, ErrNoClient
	}
	for _, m := range all {
		<-m.greeted
	}
	return all, nil
}

// SendData says a message that has no line number. See Say.
func (p *Acceptor) SendData(t Type, data []byte) error { return p.Send(Message{Type: t, Data: data}) }

// SendAll says messages as Send does.
func (p *Acceptor) SendAll(t Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := p.SendData(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment says a part of a message to all who were there when it began.
func (p *Acceptor) SendFragment(t Type, data []byte, first, last bool) error {
	if first {
		all, err := p.peersAt()
		if err != nil {
			return err
		}
		p.within = all
	}
	p.reportSent(t, data, first, last)
	for _, m := range p.within {
		m.session.SendFragment(t, data, first, last)
	}
	return nil
}

// Reply says a message, or a part of one, to whom the listener hears just now, when it has heard.
func (p *Acceptor) Reply(t Type, data []byte, first, last bool) error {
	m := p.speaker
	m.answers = append(m.answers, fragment{t, data, first, last})
	if p.options.ReportSent {
		return p.handler.Handle(m.sent(t, data, first, last))
	}
	return nil
}

// Ping asks all who are there for a Pong.
func (p *Acceptor) Ping(data []byte) error {
	return p.control(data, func(s *Session) { s.Ping(data) })
}

// Pong says a Pong that nobody asked for to all who are there.
func (p *Acceptor) Pong(data []byte) error {
	return p.control(data, func(s *Session) { s.Pong(data) })
}

func (p *Acceptor) control(data []byte, say func(*Session)) error {
	if err := checkControl(data); err != nil {
		return err
	}
	all, err := p.peersAt()
	for _, m := range all {
		say(m.session)
	}
	return err
}

// Flush puts on the wire what was said.
func (p *Acceptor) Flush() error {
	p.mu.Lock()
	all := p.present
	p.mu.Unlock()
	for _, m := range all {
		m.session.Flush()
	}
	return nil
}

// reportSent reports a message before it is written: once, to how many it may go.
func (p *Acceptor) reportSent(t Type, data []byte, first, last bool) {
	if p.options.ReportSent {
		p.report(Event{Kind: KindMessage, Dir: Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// reportRejected reports who was not let in, unless it is over: nobody is, then.
func (p *Acceptor) reportRejected(r *http.Request, err error) {
	p.mu.Lock()
	closing := p.closing
	if !closing {
		p.busy.Add(1)
	}
	p.mu.Unlock()
	if !closing {
		defer p.busy.Done()
		p.report(Event{Kind: KindRejected, Time: time.Now(), Detail: &RejectedClient{Remote: r.RemoteAddr, URI: r.RequestURI, Err: err}})
	}
}

// report reports what happens to all, or to nobody.
func (p *Acceptor) report(e Event) {
	p.hearing.Lock()
	err := p.handler.Handle(e)
	p.hearing.Unlock()
	if err != nil {
		p.failHandler(err)
	}
}
