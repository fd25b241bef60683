package check_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wsx/check"
	"wsx/check/catalog"
	"wsx/client/dial"
	"wsx/server"
	"wsx/server/servertest"
)

// aMinute is a time limit that a slow machine does not exceed.
const aMinute = time.Minute

// run runs the checks whose IDs begin with one of those in only.
func run(t *testing.T, ctx context.Context, url string, o check.Options, only ...string) *check.Report {
	t.Helper()
	checks, err := check.Selection{Only: only}.Select(catalog.All())
	if err != nil {
		t.Fatal(err)
	}
	o.URL = url
	r, err := check.Run(ctx, checks, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestChat checks a server that answers pings, but does not echo.
func TestChat(t *testing.T) {
	t.Parallel()
	chat, err := server.Listen(context.Background(), server.Options{Behaviour: "clock", Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer chat.Shutdown(context.Background())
	r := run(t, context.Background(), chat.URL(), check.Options{})
	if r.Server.Facts.EchoText || !r.Server.Facts.Pongs {
		t.Errorf("it echoes: %v, it answers pings: %v", r.Server.Facts.EchoText, r.Server.Facts.Pongs)
	}
	for _, f := range r.Findings {
		if f.Verdict != check.Pass && f.Verdict != check.Skip {
			t.Errorf("%s %s: %s", f.Verdict, f.ID, f.Received)
		}
	}
}

// TestVerdicts checks servers that accept invalid text, or do not answer a Close.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	faulty := servertest.Start(t)
	for _, row := range []struct {
		path, id string
		want     check.Verdict
	}{
		{"/echo", "utf8.invalid/byte-ff", check.Fail},
		{"/noclose", "close.code/1000", check.Inconclusive},
		{"/noclose", "close.form/code", check.Fail},
	} {
		r := run(t, context.Background(), faulty.URL(row.path), check.Options{Timeout: 100 * time.Millisecond}, row.id)
		if r.Findings[0].Verdict != row.want {
			t.Errorf("%s of %s: %s, want %s (%s)", row.id, row.path, r.Findings[0].Verdict, row.want, r.Findings[0].Received)
		}
	}
}

// TestInterruptedConnecting ends the context before there is a connection.
func TestInterruptedConnecting(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("stopped")
	cancel(stop)
	r := run(t, ctx, "ws://127.0.0.1:1/", check.Options{}, "close")
	if !errors.Is(r.Stopped, stop) || len(r.Findings) != 0 {
		t.Errorf("%d findings, stopped by %v", len(r.Findings), r.Stopped)
	}
}

// TestStreamedBomb: a server that echoes a message while receiving it need not refuse one that inflates to a large size.
func TestStreamedBomb(t *testing.T) {
	echo, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Shutdown(context.Background())
	checks, err := check.Selection{Only: []string{"bomb/inflate"}, Full: true}.Select(catalog.All())
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(context.Background(), checks, check.Options{URL: echo.URL(), Timeout: aMinute})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Verdict != check.Pass {
			t.Errorf("%s %s: %s", f.Verdict, f.ID, f.Received)
		}
	}
}

func TestRunWithoutServer(t *testing.T) {
	_, err := check.Run(context.Background(), catalog.All(), check.Options{URL: "ws://127.0.0.1:1/"})
	var failed *dial.Error
	if !errors.As(err, &failed) || failed.Kind != dial.ConnectFailed {
		t.Errorf("%v, want a *dial.Error of connecting", err)
	}
}

// TestInterrupted ends the context after the first group.
func TestInterrupted(t *testing.T) {
	s := servertest.StartFaulty(t, "")
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("stopped")
	o := check.Options{GroupDone: func(string, []check.Finding) { cancel(stop) }}
	r := run(t, ctx, s.URL(), o, "close")
	if !errors.Is(r.Stopped, stop) || len(r.Findings) != 32 {
		t.Errorf("%d findings, stopped by %v", len(r.Findings), r.Stopped)
	}
}

// TestBaseline checks that a failure in the baseline does not count.
func TestBaseline(t *testing.T) {
	t.Parallel()
	s := servertest.StartFaulty(t, "utf8-surrogates-accepted")
	first := run(t, context.Background(), s.URL(), check.Options{}, "utf8.invalid/surrogate")
	known := map[string]bool{}
	for _, f := range first.Findings {
		if f.Verdict == check.Fail {
			known[f.ID] = true
		}
	}
	second := run(t, context.Background(), s.URL(), check.Options{Baseline: known}, "utf8.invalid/surrogate")
	if first.Failed("must") == 0 || second.Failed("must") != 0 || second.Count(check.Fail) != first.Count(check.Fail) {
		t.Errorf("%d failed, %d with the baseline", first.Failed("must"), second.Failed("must"))
	}
	if first.Failed("never") != 0 || first.Failed("should") < first.Failed("must") {
		t.Error("the levels do not include each other")
	}
}

// TestDown checks a server that crashes on a malformed frame.
func TestDown(t *testing.T) {
	s := servertest.StartFaulty(t, "dies")
	r := run(t, context.Background(), s.URL(), check.Options{Jobs: 1}, "close.code/1000", "opcode", "utf8")
	if r.Down != "opcode/3-empty" {
		t.Errorf("down after %q", r.Down)
	}
	for _, f := range r.Findings {
		if f.Verdict == check.Fail {
			t.Errorf("%s fails", f.ID)
		}
	}
}
