package explain

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wsx/client"
	"wsx/client/dial"
	"wsx/daemon"
	"wsx/load"
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
		{&client.ProtocolError{Code: 1007, Reason: "a message that does not inflate: x", Inflate: true}, "--no-compress"},
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
		{&client.UnconfirmedError{}, "--resend"},
		{&daemon.UnknownError{Name: "a", Stale: true}, "wsx open a URL opens it again"},
		{&daemon.UnknownError{Name: "a", Known: []string{"b", "c"}}, "open sessions: b, c; "},
		{&daemon.UnknownError{Name: "a"}, "no session is open"},
		{&daemon.TakenError{Name: "a"}, "wsx close a closes it, wsx attach a is its prompt"},
		{&daemon.UnresponsiveError{Name: "a", PID: 7}, "kill -CONT 7 "},
		{&daemon.UnresponsiveError{Name: "a"}, ""},
		{&daemon.LongPathError{}, "XDG_RUNTIME_DIR"},
		{&daemon.FolderError{}, "mode 0700"},
		{&load.UnmeasuredError{Scenario: "echo"}, "-x MSG"},
		{&load.UnmeasuredError{Scenario: "echo", Rate: 101}, "try --rate 50;"},
		{&load.UnmeasuredError{Scenario: "echo", Rate: 101, Refused: true}, ""},
		{&load.UnmeasuredError{Scenario: "fanout"}, "publish ROOM {{.Mark}}"},
		{&load.UnmeasuredError{Scenario: "receive"}, "--duration 1m"},
		{&load.UnmeasuredError{Scenario: "connect"}, ""},
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

// TestOnlyTheCommandKnowsFlags: below cmd no string names a flag. The subject of the package curl is the options of another program;
// bench, docs and test run programs.
func TestOnlyTheCommandKnowsFlags(t *testing.T) {
	flag := regexp.MustCompile(`(^|[^-\w])--[a-z0-9]`)
	packages, err := filepath.Glob("../../../*")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, dir := range packages {
		if slices.Contains([]string{"cmd", "curl", "bench", "docs", "test"}, filepath.Base(dir)) {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			for position, text := range stringLiterals(t, path) {
				if flag.MatchString(text) {
					t.Errorf("%s names a flag: %s", position, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files < 100 {
		t.Errorf("%d files were read", files)
	}
}

// stringLiterals returns the values of the string literals of a Go file, each with its position.
func stringLiterals(t *testing.T, path string) iter.Seq2[token.Position, string] {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(token.Position, string) bool) {
		for node := range ast.Preorder(file) {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(set.Position(literal.Pos()), value) {
				return
			}
		}
	}
}
