package dial

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails if a goroutine is left. Those of the standard library's resolver outlive a dial that was cancelled, until
// their own timeout.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net.(*Resolver).goLookupIPCNAMEOrder"),
		goleak.IgnoreAnyFunction("net.(*Resolver).tryOneName"))
}

// soon receives from a channel. That nothing comes fails the test.
func soon[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(10 * time.Second):
		t.Fatal("nothing in 10 s")
		panic("unreachable")
	}
}
