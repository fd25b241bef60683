package catalog_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wsx/check"
	"wsx/check/catalog"
	"wsx/client/dial"
	"wsx/server/servertest"
)

// allChecks makes the table once: compressing its messages takes long under the race detector.
var allChecks = sync.OnceValue(catalog.All)

const (
	// parallelServers is the number of servers tested in parallel, which mostly wait.
	parallelServers = 8
	// jobs is the number of checks of a server that run in parallel: on a server that does not answer they only wait.
	jobs = 16
	// answerTimeout bounds the wait for an answer. A check that fails unexpectedly is run again with aMinute, as the answer may
	// only have been late; so are the checks of a fault if all of them pass. Thus a slow machine neither looks like a fault nor
	// hides one.
	answerTimeout = time.Second
	aMinute       = time.Minute
)

// TestFaults runs checks on servers with one fault each: a check of the group that the fault is about finds it, and no check of
// another group fails. Only the checks that the fault names are run, unless WSX_WHOLE_TABLE is set.
func TestFaults(t *testing.T) {
	var running sync.WaitGroup
	slots := make(chan struct{}, parallelServers)
	if testing.Short() { // without the whole table
		slots = make(chan struct{}, 2*parallelServers)
	}
	for _, fault := range servertest.Faults() {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			testFault(t, fault)
		})
	}
	running.Wait()
}

func testFault(t *testing.T, fault servertest.Fault) {
	t.Run(fault.Name, func(t *testing.T) {
		if _, err := (check.Selection{Only: strings.Split(fault.Checks, ",")}).Select(allChecks()); err != nil {
			t.Skip(err)
		}
		if fault.Full && testing.Short() {
			t.Skip("only the slow and expensive checks find it")
		}
		server := servertest.StartFaulty(t, fault.Name)
		version := dial.HTTP1
		if fault.HTTP2 {
			version = dial.HTTP2
		}
		selection := check.Selection{Full: fault.Full}
		if os.Getenv("WSX_WHOLE_TABLE") == "" {
			selection.Only = strings.Split(fault.Checks, ",")
		}
		r := runChecks(t, server, version, fault.Needs, selection, answerTimeout)
		named := strings.Split(fault.Checks, ",")
		isNamed := func(id string) bool {
			return slices.ContainsFunc(named, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
		}
		find := func(r *check.Report) bool {
			if fault.Dies {
				return r.Down != ""
			}
			return slices.ContainsFunc(r.Findings, func(f check.Finding) bool {
				return isNamed(f.ID) && (f.Verdict == check.Fail || f.Verdict == check.Warn)
			})
		}
		for _, f := range r.Findings {
			if f.Verdict == check.Fail && !isNamed(f.ID) {
				again := runChecks(t, server, version, fault.Needs, check.Selection{Only: []string{f.ID}, Full: fault.Full}, aMinute)
				for _, f := range again.Findings {
					if f.Verdict == check.Fail {
						t.Errorf("%s fails: %s", f.ID, f.Received)
					}
				}
			}
		}
		if !find(r) && !find(runChecks(t, server, version, fault.Needs, check.Selection{Only: named, Full: fault.Full}, aMinute)) {
			t.Errorf("not found by %s, down after %q", fault.Checks, r.Down)
		}
	})
}

// runChecks runs checks against a server, with the credentials or the TLS certificate that it requires.
func runChecks(t *testing.T, server *servertest.Faulty, version dial.HTTPVersion, needs servertest.Need, selection check.Selection, timeout time.Duration) *check.Report {
	t.Helper()
	o := dial.Options{HTTP: version}
	switch needs {
	case servertest.NeedsCookie:
		o.Cookies = []string{servertest.SessionCookie}
	case servertest.NeedsCredentials:
		o.User = servertest.UserInfo
	case servertest.NeedsTLS:
		ca := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(ca, server.Certificate(), 0o600); err != nil {
			t.Fatal(err)
		}
		o.CAFiles = []string{ca}
	}
	checks, err := selection.Select(allChecks())
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(context.Background(), checks, check.Options{URL: server.URL(), Dial: o, Timeout: timeout, Jobs: jobs})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNoFault checks the same server without a fault: nothing fails.
func TestNoFault(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs all checks four times")
	}
	for _, needs := range []servertest.Need{servertest.NeedsNothing, servertest.NeedsCookie, servertest.NeedsCredentials, servertest.NeedsTLS} {
		t.Run(string(needs), func(t *testing.T) {
			t.Parallel()
			server, err := servertest.ListenFaulty("", needs)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			full := needs == servertest.NeedsNothing && !raced // a gibibyte inflates too slowly for the race detector
			for _, f := range runChecks(t, server, dial.HTTP1, needs, check.Selection{Full: full}, aMinute).Findings {
				if f.Verdict != check.Pass && f.Verdict != check.Skip {
					t.Errorf("%s %s: %s", f.Verdict, f.ID, f.Received)
				}
			}
		})
	}
}
