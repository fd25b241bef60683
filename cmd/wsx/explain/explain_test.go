package explain

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl/input"
	"wsx/upgrade"
)

// TestEveryReasonHasAHint: each reason of dial has a row, and each row of dial's is a reason.
func TestEveryReasonHasAHint(t *testing.T) {
	source, err := os.ReadFile("../../../client/dial/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`(?m)^\t\w+ +Reason = "([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(reasons) < 100 {
		t.Fatalf("found %d reasons", len(reasons))
	}
	for _, reason := range reasons {
		if _, ok := hints()[reason[1]]; !ok {
			t.Errorf("%s has no row", reason[1])
		}
	}
}

func TestHint(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string // a part of the hint; "" = none
	}{
		{errors.New("disk full"), ""},
		{&dial.UsageError{Message: "x", Advice: "y"}, "y"},
		{fmt.Errorf("around it: %w", &dial.UsageError{Message: "x", Reason: dial.OwnedSubprotocol}), "-s NAME"},
		{&client.ProtocolError{Code: 1009, Reason: "a message of more than 5 bytes"}, "--max-message"},
		{&client.ProtocolError{Code: 1007, Reason: "a message that does not inflate: x"}, "--no-compress"},
		{&client.ProtocolError{Code: 1002, HTTP: "HTTP/1.1 400 Bad Request"}, "after the 101 response"},
		{&client.ProtocolError{Code: 1002}, ""},
		{&client.CloseError{Code: 1009}, "--fragment"},
		{&client.CloseError{Code: 4401}, "--bearer"},
		{&client.CloseError{Code: 4406}, "-s NAME"},
		{&client.CloseError{Code: 1011}, ""},
		{&client.LostError{}, "--reconnect"},
		{&client.LostError{Idle: 61e9}, "nothing was received for 1m1s: --ping-interval"},
		{&client.LostError{NoPong: true, Idle: 61e9}, "--ping-timeout"},
		{&client.LostError{Retried: true}, ""},
		{&upgrade.OriginError{Err: errors.New("x")}, "--origin"},
		{&input.RejectedLine{Cause: input.NotUTF8}, "--binary"},
		{&input.RejectedLine{Cause: input.NotUTF8Chunk}, "in the middle of a character"},
		{&input.RejectedLine{Cause: input.LineTooLong}, "--stream"},
	} {
		got := Hint(c.err)
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%T %v: hint %q, wanted %q", c.err, c.err, got, c.want)
		}
	}
}

// TestOnlyTheCommandKnowsFlags: below cmd no string names a flag. The package curl is not looked at: its subject is the options of other
// programs.
func TestOnlyTheCommandKnowsFlags(t *testing.T) {
	flag := regexp.MustCompile(`"[^"\n]*(^|[^-\w])--[a-z][a-z0-9-]+`)
	for _, dir := range []string{"client", "repl", "server", "http2", "codec", "recording", "terminal", "dialect", "check", "load", "daemon", "config"} {
		err := filepath.WalkDir(filepath.Join("../../..", dir), func(path string, entry os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for number, line := range strings.Split(string(source), "\n") {
				code, _, _ := strings.Cut(line, " // ")
				if strings.Contains(code, "looks like %s: --as") {
					continue // the one note that tells what to type, and where it is typed is all that it tells
				}
				if !strings.HasPrefix(strings.TrimSpace(line), "//") && flag.MatchString(code) {
					t.Errorf("%s:%d names a flag: %s", path, number+1, strings.TrimSpace(line))
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}
