package client

import "testing"

// TestReportAllocatesNothing: a session reports millions of events.
func TestReportAllocatesNothing(t *testing.T) {
	r := reporter{handler: ignore{}}
	if n := testing.AllocsPerRun(100, func() { r.report(Event{Kind: KindMessage}) }); n != 0 {
		t.Errorf("%v allocations for each event", n)
	}
}
