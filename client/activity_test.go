package client

import (
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/wire"
)

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(e Event) error {
			if string(e.Payload) == "slow" {
				time.Sleep(5 * time.Second)
			}
			return nil
		}
		s, p := newPipeSession(Options{}, &recorder{onEvent: slow})
		go s.Run()
		go p.receiveAll()
		wantSilence := func(when string, wanted time.Duration) {
			t.Helper()
			synctest.Wait()
			if silence := s.Silence(); silence != wanted {
				t.Errorf("%s: silent for %v, wanted %v", when, silence, wanted)
			}
		}
		wantSilence("at first", 0)
		time.Sleep(2 * time.Second)
		wantSilence("after two seconds", 2*time.Second)
		p.sendControl(wire.Ping, "")
		p.sendControl(wire.Pong, "")
		wantSilence("after a ping", 2*time.Second)
		p.send("hello")
		wantSilence("after a message", 0)
		time.Sleep(time.Second)
		wantSilence("a second later", time.Second)

		p.WriteFragment(Text, []byte("half"), true, false)
		p.Flush()
		time.Sleep(time.Second)
		wantSilence("within a message", 0)
		p.sendControl(wire.Ping, "")
		wantSilence("within a message, after a ping", 0)
		p.WriteFragment(Text, nil, false, true)
		p.Flush()
		wantSilence("at the end of a message", 0)
		time.Sleep(time.Second)
		wantSilence("a second after it", time.Second)

		p.send("slow")
		time.Sleep(4 * time.Second)
		wantSilence("while our handler is slow", 0)
		time.Sleep(3 * time.Second)
		wantSilence("two seconds after it returned", 2*time.Second)

		p.Close()
		synctest.Wait()
		if silence := s.Silence(); silence != 0 {
			t.Errorf("after the end: silent for %v", silence)
		}
	})
}
