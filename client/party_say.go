package client

import (
	"iter"
	"net/http"
	"time"
)

// Say says a message to all who are there. What is said again is the first that a client hears.
func (p *Party) Say(said Said) error {
	if said.Again {
		return p.greet(said)
	}
	all, err := p.audience()
	if err != nil {
		return err
	}
	p.tellSent(said.Type, said.Data, true, true)
	for _, m := range all {
		m.session.Say(said) // that it cannot be written, who hears it will find out; so everywhere
	}
	return nil
}

// greet says a message to all who are there, and from now on to each who comes.
func (p *Party) greet(said Said) error {
	p.mu.Lock()
	present := p.present
	p.greeting = append(p.greeting, said)
	p.mu.Unlock()
	for _, m := range present {
		<-m.greeted
		m.say(said)
	}
	if !p.rules.Wait {
		return nil
	}
	_, err := p.audience()
	return err
}

// audience is all who are there and have been greeted. Who is about to come is waited for: that a client is there may have
// been told already.
func (p *Party) audience() ([]*member, error) {
	p.mu.Lock()
	for !p.closing && (p.coming > 0 || p.rules.Wait && len(p.present) == 0) {
		p.arrival.Wait()
	}
	all, closing := p.present, p.closing
	p.mu.Unlock()
	switch {
	case closing:
		return nil, ErrGoodbye
	case len(all) == 0:
		return nil, ErrNobody
	}
	for _, m := range all {
		<-m.greeted
	}
	return all, nil
}

// Send says a message that has no line number. See Say.
func (p *Party) Send(t Type, data []byte) error { return p.Say(Said{Type: t, Data: data}) }

// SayAll says messages as Send does.
func (p *Party) SayAll(t Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := p.Send(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendPart says a part of a message to all who were there when it began.
func (p *Party) SendPart(t Type, data []byte, first, last bool) error {
	if first {
		all, err := p.audience()
		if err != nil {
			return err
		}
		p.within = all
	}
	p.tellSent(t, data, first, last)
	for _, m := range p.within {
		m.session.SendPart(t, data, first, last)
	}
	return nil
}

// Answer says a message, or a part of one, to whom the listener hears just now, when it has heard.
func (p *Party) Answer(t Type, data []byte, first, last bool) error {
	m := p.speaker
	m.answers = append(m.answers, part{t, data, first, last})
	if p.options.HearSent {
		return p.listener.Hear(m.sent(t, data, first, last))
	}
	return nil
}

// Ping asks all who are there for a Pong.
func (p *Party) Ping(data []byte) error {
	return p.control(data, func(s *Session) { s.Ping(data) })
}

// Pong says a Pong that nobody asked for to all who are there.
func (p *Party) Pong(data []byte) error {
	return p.control(data, func(s *Session) { s.Pong(data) })
}

func (p *Party) control(data []byte, say func(*Session)) error {
	if err := checkControl(data); err != nil {
		return err
	}
	all, err := p.audience()
	for _, m := range all {
		say(m.session)
	}
	return err
}

// Flush puts on the wire what was said.
func (p *Party) Flush() error {
	p.mu.Lock()
	all := p.present
	p.mu.Unlock()
	for _, m := range all {
		m.session.Flush()
	}
	return nil
}

// tellSent reports a message before it is written: once, to how many it may go.
func (p *Party) tellSent(t Type, data []byte, first, last bool) {
	if p.options.HearSent {
		p.tell(Event{Kind: Message, Dir: Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// tellRefused reports who was not let in, unless it is over: nobody is, then.
func (p *Party) tellRefused(r *http.Request, err error) {
	p.mu.Lock()
	closing := p.closing
	if !closing {
		p.busy.Add(1)
	}
	p.mu.Unlock()
	if !closing {
		defer p.busy.Done()
		p.tell(Event{Kind: Refused, Time: time.Now(), Detail: &Stranger{Remote: r.RemoteAddr, URI: r.RequestURI, Err: err}})
	}
}

// tell reports what happens to all, or to nobody.
func (p *Party) tell(e Event) {
	p.hearing.Lock()
	err := p.listener.Hear(e)
	p.hearing.Unlock()
	if err != nil {
		p.fail(err)
	}
}
