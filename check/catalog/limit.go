package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// limit is about large messages, many fragments and the like: a server may have limits, which it reports with Close 1009 (RFC
// 6455, sections 7.4.1 and 10.4).
func limit() []check.Check {
	const clause = "RFC 6455 10.4"
	large := func(s script) script {
		return with(s, func(sc *check.Script) { sc.Want.Codes, sc.Timeout = []int{1009, 1008}, 5*time.Second })
	}
	var rows []row
	for _, size := range []struct {
		name  string
		bytes int
	}{{"128-kib", 128 << 10}, {"256-kib", 256 << 10}, {"512-kib", 512 << 10}, {"1-mib", 1 << 20}} {
		text := strings.Repeat("*", size.bytes)
		what := strings.Replace(size.name, "-kib", " KiB", 1)
		what = strings.Replace(what, "-mib", " MiB", 1)
		rows = append(rows,
			row{"text-" + size.name, check.Must, clause, fmt.Sprintf("A text message of %s is received, or is too big.", what), large(staysOpen(probe.Text(text)))},
			row{"binary-" + size.name, check.Must, clause, fmt.Sprintf("A binary message of %s is received, or is too big.", what), large(staysOpen(probe.Binary(text)))})
	}
	repeat := func(n int, f probe.Frame) []probe.Frame { return slices.Repeat([]probe.Frame{f}, n) }
	mib := strings.Repeat("*", 1<<20)
	rows = append(rows,
		row{"fragments-1-mib", check.Must, clause, "A message of 1 MiB in fragments is received, or is too big.", large(staysOpen(fragments(wire.Text, mib, 64)...))},
		row{"fragments-1-mib-small", check.Must, clause, "A message of 1 MiB in small fragments is received, or is too big.", large(staysOpen(fragments(wire.Text, mib, 4096)...))},
		row{"fragments-1000", check.Must, clause, "A message in a thousand fragments is received, or is too big.", large(staysOpen(fragments(wire.Text, strings.Repeat("*", 1000), 1000)...))},
		row{"fragments-empty", check.Must, clause, "A message with a thousand empty fragments is received, or is too big.",
			large(staysOpen(append(append([]probe.Frame{probe.Text("a").Begin()}, repeat(1000, probe.Continuation("").Begin())...), probe.Continuation("b"))...))},
		row{"messages-1000", check.Must, clause, "A thousand messages that arrive together are received.",
			large(staysOpenWith(func(m string) []probe.Frame { return repeat(1000, probe.Text(m)) }))},
		row{"messages-empty", check.Must, clause, "A thousand empty messages that arrive together are received.", large(staysOpen(repeat(1000, probe.Text(""))...))},
		row{"pings-1000", check.Must, clause, "A thousand pings that arrive together are answered or refused.",
			sends(check.Want{Kind: check.Either, Codes: []int{1009, 1008}}, repeat(1000, probe.Ping("flood"))...)},
	)
	checks := frames("limit", rows...)
	claims := func(name, what string, frame probe.Frame) check.Check {
		script := sends(check.Want{Kind: check.Either, Codes: []int{1009, 1008, 1002}, NoPing: true, Prompt: true}, frame)
		return check.Check{
			ID: "limit/" + name, Severity: check.Security, Clause: clause, Title: fmt.Sprintf("A frame that announces %s does not allocate them.", what),
			Sent: describe(script("")), Expected: "Close 1009, or an open connection; other connections are served", Run: check.Survived(script),
		}
	}
	return append(checks,
		claims("claims-1-gib", "1 GiB", probe.Binary("*").In(probe.In64Bits).Claiming(1<<30)),
		claims("claims-4-eib", "4 EiB", probe.Binary("*").In(probe.In64Bits).Claiming(1<<62)),
		check.Check{ID: "limit/header-1-mib", Severity: check.Security, Clause: "RFC 9110 5.4", Title: "A request with headers of 1 MiB is refused.",
			Sent: "1000 headers of 1000 bytes", Expected: "an HTTP error, like 431, or the end of the connection", Run: check.LongHeader(1 << 20)},
		fullOnly(row{"text-16-mib", check.Must, clause, "A text message of 16 MiB is received, or is too big.", large(staysOpen(probe.Text(strings.Repeat("*", 16<<20))))}),
	)
}

// fullOnly returns a check that is run only if Selection.Full is set.
func fullOnly(r row) check.Check {
	c := frames("limit", r)[0]
	c.Full = true
	return c
}

// bomb is about small input that is expensive to process.
func bomb() []check.Check {
	const clause = "RFC 7692 8"
	inflating := func(name, what string, size int) check.Check {
		script := func(string) check.Script {
			return check.Script{Steps: []probe.Frame{compressedFrame(wire.Binary, zeros(size))}, Deflate: true, Timeout: 10 * time.Second, Held: 4,
				Want: check.Want{Kind: check.Fails, Codes: []int{1009, 1008, 1002, 1007}}}
		}
		return check.Check{ID: "bomb/" + name, Severity: check.Security, Clause: clause, Full: true,
			Title:    fmt.Sprintf("A message that inflates to %s is refused, or not held in memory as a whole.", what),
			Sent:     fmt.Sprintf("%s of zeros, compressed to a thousandth; the last 4 bytes a moment later", what),
			Expected: "Close 1009, or its echo in fragments before the last 4 bytes", Run: check.Survived(script)}
	}
	flood := func(name, title string, frames func() []probe.Frame) check.Check {
		script := func(string) check.Script {
			return check.Script{Steps: frames(), Timeout: 10 * time.Second, Want: check.Want{Kind: check.Either, Codes: []int{1009, 1008, 1002}}}
		}
		return check.Check{ID: "bomb/" + name, Severity: check.Security, Clause: "RFC 6455 10.4", Full: true, Title: title,
			Sent: "100000 frames", Expected: "the connection stays open, or Close 1009; other connections are served", Run: check.Survived(script)}
	}
	many := func(f probe.Frame, first ...probe.Frame) func() []probe.Frame {
		return func() []probe.Frame {
			return slices.Concat(first, slices.Repeat([]probe.Frame{f}, 100000))
		}
	}
	return []check.Check{
		inflating("inflate-128-mib", "128 MiB", 128<<20),
		inflating("inflate-1-gib", "1 GiB", 1<<30),
		flood("fragments", "A message with a hundred thousand empty fragments is handled.", many(probe.Continuation("").Begin(), probe.Text("").Begin())),
		flood("pings", "A hundred thousand pings are handled.", many(probe.Ping("flood"))),
	}
}
