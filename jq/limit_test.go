package jq

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
)

// compiled compiles an expression with a limit.
func compiled(t *testing.T, source string, bytes int64) *gojq.Code {
	t.Helper()
	parsed, err := gojq.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	limit := &Limit{}
	limit.Set(bytes)
	code, err := gojq.Compile(parsed, Bound(parsed, limit)...)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return code
}

// results returns the results for an input as JSON, a line each, and the error that ended them.
func results(code *gojq.Code, input any) (string, error) {
	var lines []string
	for iter := code.Run(input); ; {
		result, ok := iter.Next()
		if !ok {
			return strings.Join(lines, "\n"), nil
		}
		if err, failed := result.(error); failed {
			return strings.Join(lines, "\n"), err
		}
		text, _ := gojq.Marshal(result)
		lines = append(lines, string(text))
	}
}

// TestBoundRefuses: a call that would make a large result of a small input fails before it allocates memory.
func TestBoundRefuses(t *testing.T) {
	long := strings.Repeat("a", 256<<10)
	const shared = `reduce range(60) as $i ("x"; [., .])`
	for source, input := range map[string]any{
		`"a" * 1e9`:                                      nil,
		`1e9 * "a"`:                                      nil,
		`.a *= 1e9`:                                      map[string]any{"a": "aa"},
		`map(. * 1e9)`:                                   []any{"a"},
		`def f: . * 1e9; f`:                              "a",
		`{a: [if true then . * 1e9 else 1 end]}`:         "a",
		shared + ` | . == .`:                             nil,
		shared + ` | . <= [.[0]]`:                        nil,
		shared + ` | [.] - [.]`:                          nil,
		shared + ` | [., .] | sort`:                      nil,
		shared + ` | [., .] | unique_by(.)`:              nil,
		shared + ` | [., .] | max`:                       nil,
		shared + ` | contains([.[0]])`:                   nil,
		shared + ` | [.[0]] | inside([., .])`:            nil,
		`[range(1e4)] | . - map(. + 1e5)`:                nil,
		`reduce range(40) as $i (9; . * .)`:              nil,
		shared + ` | tojson`:                             nil,
		shared + ` | tostring`:                           nil,
		shared + ` | "\(.)"`:                             nil,
		shared + ` | @json`:                              nil,
		shared + ` | @text`:                              nil,
		shared + ` | @html "<\(.)>"`:                     nil,
		shared + ` | @base64`:                            nil,
		shared + ` | format("uri")`:                      nil,
		shared + ` | flatten`:                            nil,
		shared + ` | flatten(50)`:                        nil,
		`. as $s | [range(100) | $s] | add`:              long,
		`. as $s | [range(100) | $s] | join("")`:         long,
		`. as $s | [range(100) | ""] | join($s)`:         long,
		`[[range(1e5)], (range(1000) | [])] | transpose`: nil,
		`explode`:                   strings.Repeat("a", 512<<10),
		`split("")`:                 strings.Repeat("a", 512<<10),
		`. / ""`:                    strings.Repeat("a", 512<<10),
		`indices("a")`:              strings.Repeat("a", 512<<10),
		`[match("a"; "g")]`:         long,
		`[match(["A", "gi"])]`:      long,
		`gsub("a"; "b")`:            long,
		`sub("a"; "b"; "g")`:        long,
		`[scan("a")]`:               long,
		`[splits("a")]`:             long,
		`split("a"; null)`:          long,
		`[capture("(?<x>a)"; "g")]`: long,
		`fromjson`:                  "[" + strings.Repeat("1,", 128<<10) + "1]",
	} {
		code := compiled(t, source, 8<<20)
		before := allocated()
		if text, err := results(code, input); !errors.Is(err, ErrMemory) {
			t.Errorf("%s: %.40q, %v", source, text, err)
		}
		if n := allocated() - before; n > 32<<20 {
			t.Errorf("%s allocated %d MiB", source, n>>20)
		}
	}
}

// allocated returns how many bytes were allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestBoundChangesNothing: below the limit the results are those of gojq.
func TestBoundChangesNothing(t *testing.T) {
	var input any
	json.Unmarshal([]byte(`{"s": "a,b", "n": 7, "z": null, "o": {"k": [1, {"x": "<&>"}]}, "l": ["x", ["y", [null]]], "t": [[1, 2], [3]], "j": "{\"a\":[1]}"}`), &input)
	for _, source := range []string{
		`.n * 2`, `[(1, 2) * (10, 100)]`, `[(10, 100) / (1, 2)]`, `.s * 2`, `2 * .s`, `.s * 0`, `.s * -1`, `.o * {k: 1}`, `.n * .z`, `.n * 3 / 2 + 1 - 4 % 3`,
		`.n *= 3`, `.n /= 2`, `.s *= (1, 2)`, `.s / ","`, `.o | tojson`, `.o | tostring`, `"\(.o) and \(.s) and \(.n * 2)"`, `@html "\(.o)"`, `@uri "\(.s)"`, `@sh "\(.s)"`,
		`.l | flatten`, `.l | flatten(1)`, `.l | flatten(-1)`, `.t | transpose`, `.t | add`, `add(.t[][])`, `.t | map(add)`, `[.s, .s] | join("-")`, `.l | join(",")`,
		`.s | explode | implode`, `.s | split(",")`, `.s | split(","; null)`, `.s | indices(",")`, `.t[0] | indices([2])`, `.j | fromjson`, `.s | fromjson`,
		`.s | [match("[a-z]"; "g").string]`, `.s | match(["A", "i"]).offset`, `.s | gsub("(?<l>[a-z])"; "<\(.l)>")`, `.s | sub("a"; "1", "2")`, `.s | [scan("(.),")]`,
		`.s | [splits(",")]`, `.s | capture("(?<l>.)")`, `.s | gsub("("; "")`, `.s | gsub("a"; "b"; "q")`, `.n | gsub("a"; "b")`, `.n | explode`, `.z | join(",")`, `.s | add`,
		`[.[] | tojson]`, `.s | @base64 | @base64d`, `[.s, .n] | @csv`, `[.s, .n] | @tsv`, `.n | format("text")`, `.n | format("nope")`, `try (.n | join(",")) catch .`,
		`def tostring: "mine"; .n | tostring`, `def join(f): "mine"; .l | join(",")`, `. as {$n} | $n * 2`, `reduce .t[][] as $x (1; . * $x)`, `.t[0][1 * 1]`, `{(.s * 1): 2}`,
		// in paths, too
		`path(.t[2 - 1])`, `del(.l[2 - 1])`, `.l | del(.[length - 1])`, `.t[1 - 1][0] |= . * 5`, `.t[0][1 * 1] = 9`, `[paths(. == 7)]`, `pick(.t[2 - 1])`,
		`to_entries | map(select(.value == 7)) | [limit(1; .[])]`, `del(.[] | select(. == null)) | [range(2)]`, `[limit(2; .l[] | select(. != "x"))]`,
		`reduce ("a", "b") as $k (.; .[$k * 1] = 1 - 2) | keys`, `path(.. | select(. == 1))`, `[.t[] | (.[0] > 1, .[0] >= 3, .[0] < 2, .[0] <= 1)], [range(1)]`,
		`getpath(["t", 1 - 1, 0])`, `first(.l[] | select(. == "x" or . == "y")), [range(1)]`, `(.n | . - 1) as $x | $x, [range($x - 5)]`, `.t - [[3]]`, `.n -= 1`,
		`.t | sort, unique, min, max, sort_by(.[0]), group_by(length), unique_by(length), min_by(.[0]), max_by(.[0])`, `.l | contains(["x"]), inside(.)`,
		`.o | contains({k: [1]})`, `[.s, "b"] | sort_by(., length)`, `walk(if . == 7 then 8 else . end)`,
		`def f(g): g * 2; f(.n)`, `.n as $x | [limit(3; repeat($x * 2))]`, `if .n * 1 == 7 then .n / 7 else empty end`, `[paths(type == "number")] | length * 2`, `try error(.n * 2) catch .`,
	} {
		parsed, err := gojq.Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		code, err := gojq.Compile(parsed)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		want, wantErr := results(code, input)
		got, gotErr := results(compiled(t, source, 64<<20), input)
		if got != want || (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
			t.Errorf("%s: %s, %v; want %s, %v", source, got, gotErr, want, wantErr)
		}
	}
	runtime.GC()
}

// TestGuardEndsBound: the limit of a guard also applies to single calls of functions.
func TestGuardEndsBound(t *testing.T) {
	parsed, _ := gojq.Parse(`"a" * 1e8`)
	limit, guard := &Limit{}, NewGuard(context.Background(), 10, 1<<20)
	limit.Set(guard.Limit())
	code, err := gojq.Compile(parsed, Bound(parsed, limit)...)
	if err != nil {
		t.Fatal(err)
	}
	if result, _ := code.RunWithContext(guard, nil).Next(); result != ErrMemory {
		t.Errorf("%v", result)
	}
}
