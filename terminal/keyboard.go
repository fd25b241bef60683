package terminal

import (
	"io"

	"github.com/muesli/cancelreader"
)

// keyboard reads what is typed and sends it to the loop, until it is stopped.
type keyboard struct {
	reader cancelreader.CancelReader
	typed  chan []byte // closed at the end of input
	stop   chan struct{}
	done   chan struct{}
	rest   []byte // read, but not sent when it was stopped; valid after done
}

func startKeyboard(in io.Reader) (*keyboard, error) {
	reader, err := cancelreader.NewReader(in)
	if err != nil {
		return nil, err
	}
	k := &keyboard{reader: reader, typed: make(chan []byte), stop: make(chan struct{}), done: make(chan struct{})}
	go k.read()
	return k, nil
}

func (k *keyboard) read() {
	defer close(k.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := k.reader.Read(buf)
		if n > 0 {
			p := append([]byte(nil), buf[:n]...)
			select {
			case k.typed <- p:
			case <-k.stop:
				k.rest = p
				return
			}
		}
		if err == cancelreader.ErrCanceled {
			return
		}
		if err != nil || n == 0 {
			close(k.typed)
			return
		}
	}
}

// halt stops reading, and returns what was read and not sent to the loop. A read that cannot be cancelled continues.
func (k *keyboard) halt() []byte {
	close(k.stop)
	if !k.reader.Cancel() {
		return nil
	}
	<-k.done
	k.reader.Close()
	return k.rest
}
