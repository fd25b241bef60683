package repl

import (
	"sync"
	"testing"
	"time"
)

// TestExclusive changes a value in many goroutines, one of which owns it at a time.
func TestExclusive(t *testing.T) {
	const goroutines, changes = 8, 5000
	value := newExclusive(new(int))
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			for n := range changes {
				counter := value.acquire()
				if *counter++; n%1000 == i {
					time.Sleep(time.Microsecond) // others wait
				}
				value.release(counter)
			}
		})
	}
	all.Wait()
	if n := value.acquire(); *n != goroutines*changes {
		t.Errorf("%d changes of %d are left", *n, goroutines*changes)
	}
}
