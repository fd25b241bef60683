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
		s, p := paired(Options{}, &recorder{onEvent: slow})
		go s.Run()
		go p.hearsAll()
		is := func(when string, wanted time.Duration) {
			t.Helper()
			synctest.Wait()
			if silence := s.Silence(); silence != wanted {
				t.Errorf("%s: silent for %v, wanted %v", when, silence, wanted)
			}
		}
		is("at first", 0)
		time.Sleep(2 * time.Second)
		is("after two seconds", 2*time.Second)
		p.controls(wire.Ping, "")
		p.controls(wire.Pong, "")
		is("after a ping", 2*time.Second)
		p.says("hello")
		is("after a message", 0)
		time.Sleep(time.Second)
		is("a second later", time.Second)

		p.WriteFragment(Text, []byte("half"), true, false)
		p.Flush()
		time.Sleep(time.Second)
		is("within a message", 0)
		p.controls(wire.Ping, "")
		is("within a message, after a ping", 0)
		p.WriteFragment(Text, nil, false, true)
		p.Flush()
		is("at the end of a message", 0)
		time.Sleep(time.Second)
		is("a second after it", time.Second)

		p.says("slow")
		time.Sleep(4 * time.Second)
		is("while we read slowly", 0)
		time.Sleep(3 * time.Second)
		is("two seconds after we did", 2*time.Second)

		p.Close()
		synctest.Wait()
		if silence := s.Silence(); silence != 0 {
			t.Errorf("after the end: silent for %v", silence)
		}
	})
}
