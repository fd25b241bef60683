package server

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// kernel is a connection that keeps what is written, a write each, and can be stalled.
type kernel struct {
	net.Conn
	mu     sync.Mutex
	writes []string
	stall  chan struct{} // nil = never stalled; a write waits until it is closed
	begun  chan struct{} // gets each write that begins, while stalled
}

func (k *kernel) Write(p []byte) (int, error) {
	if k.stall != nil {
		k.begun <- struct{}{}
		<-k.stall
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writes = append(k.writes, string(p))
	return len(p), nil
}

func (k *kernel) expect(t *testing.T, want ...string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Equal(k.writes, want) {
		t.Errorf("written were %d pieces %.100q, want %d %.100q", len(k.writes), k.writes, len(want), want)
	}
}

func TestCorkWritesOnceBeforeItWaits(t *testing.T) {
	below := &kernel{}
	k := newCork(below)
	for range 1000 {
		k.Write([]byte("frame"))
	}
	below.expect(t)
	k.release()
	below.expect(t, strings.Repeat("frame", 1000))
	k.Write([]byte("at once: nobody holds"))
	below.expect(t, strings.Repeat("frame", 1000), "at once: nobody holds")
}

func TestCorkKeepsTheOrder(t *testing.T) {
	below := &kernel{}
	k := newCork(below)
	long := strings.Repeat("x", corkSize+1)
	full := strings.Repeat("y", corkSize)
	for _, p := range []string{"one", long, "two", full, "three"} {
		if n, err := k.Write([]byte(p)); n != len(p) || err != nil {
			t.Fatal(n, err)
		}
	}
	k.release()
	below.expect(t, "one", long, "two", full, "three")
}

func TestCorkDoesNotStopTheReaderForAStalledWrite(t *testing.T) {
	below := &kernel{stall: make(chan struct{}), begun: make(chan struct{}, 10)}
	k := newCork(below)
	k.release()
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		k.Write([]byte("stalled"))
	}()
	<-below.begun
	k.hold() // the reader has read something, answers it, and is about to wait
	k.Write([]byte("answer"))
	k.release()
	close(below.stall)
	<-wrote
	below.expect(t, "stalled", "answer")
}

func TestCorkWatchesWhoeverWrites(t *testing.T) {
	below := &kernel{stall: make(chan struct{}), begun: make(chan struct{}, 10)}
	k := newCork(below)
	stalled := make(chan struct{})
	k.watchFor(time.Millisecond, func() { close(stalled) })
	k.hold() // who talks beside the reader
	k.Write([]byte("said"))
	read := make(chan struct{})
	go func() { // the reader is about to wait, and takes along what was said
		defer close(read)
		k.release()
	}()
	<-below.begun
	k.release() // who talks does not wait for it
	<-stalled
	close(below.stall)
	<-read
}

func TestCorkWatchesAMessageInPieces(t *testing.T) {
	below := &kernel{}
	k := newCork(below)
	k.watchFor(time.Hour, func() { t.Error("stalled") })
	piece := strings.Repeat("x", corkSize)
	k.Write([]byte(piece + piece + "rest"))
	below.expect(t, piece, piece, "rest")
}
