package repl

import (
	"sync"
	"testing"
	"time"
)

// TestTurn has many goroutines change a value that one of them owns at a time.
func TestTurn(t *testing.T) {
	const goroutines, changes = 8, 5000
	value := newExclusive(new(int))
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			for n := range changes {
				one := value.acquire()
				if *one++; n%1000 == i {
					time.Sleep(time.Microsecond) // others wait
				}
				value.release(one)
			}
		})
	}
	all.Wait()
	if n := value.acquire(); *n != goroutines*changes {
		t.Errorf("%d changes of %d are left", *n, goroutines*changes)
	}
}
