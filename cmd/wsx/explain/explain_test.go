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
		{&dial.UsageError{Message: "x", Hint: "y"}, "y"},
		{fmt.Errorf("around it: %w", &dial.UsageError{Message: "x", Reason: dial.OwnedSubprotocol}), "-s NAME"},
		{fmt.Errorf("around it: %w", &dial.Error{Reason: dial.BasicRequired}), "-u USER:PASS"},
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

// failure is an error with a reason and facts, like those of dial.
type failure struct {
	error
	reason dial.Reason
	facts  facts
}

type facts map[string]string

func (f failure) Facts() (string, map[string]string) { return string(f.reason), f.facts }

// TestHintsForConnecting: the tests of dial verify which failure has which reason and facts.
func TestHintsForConnecting(t *testing.T) {
	for _, c := range []struct {
		reason dial.Reason
		facts  facts
		want   string // a part of the hint; "" = none
	}{
		{dial.NameTimeout, facts{"host": "silent.example", "port": "80"}, "--resolve silent.example:80:ADDRESS"},
		{dial.NameWrongFamily, facts{"family": "IPv6"}, "without -6"},
		{dial.NameWrongFamily, facts{"family": "IPv4"}, "without -4"},
		{dial.ProxyNameNotFound, facts{"variable": "http_proxy"}, "http_proxy names this proxy; --proxy none"},
		{dial.NameNotFound, facts{"host": "nosuch.example", "port": "80"}, "--resolve nosuch.example:80:ADDRESS"},
		{dial.NameFailed, facts{"host": "a.example", "port": "80"}, "the DNS lookup failed"},
		{dial.SocketNotFound, nil, "is the server running"},
		{dial.SocketPermission, nil, "no permission to connect"},
		{dial.SocketRefused, nil, "nothing listens on this socket"},
		{dial.ProxyRefused, facts{"variable": "all_proxy"}, "all_proxy names this proxy; --proxy none"},
		{dial.TCPTimeout, facts{"port": "80"}, "a firewall drops packets to port 80"},
		{dial.TCPRefused, facts{"port": "8080"}, "nothing listens on port 8080"},
		{dial.TCPNoAnswer, facts{"port": "80"}, "a firewall drops packets to port 80"},
		{dial.TCPUnreachable, nil, "firewall"},
		{dial.NoNetwork, nil, "-4 and -6"},
		{dial.TCPReset, nil, "firewall"},
		{dial.TCPFailed, nil, ""},
		{dial.ProxyLoginRejected, nil, "check the user"},
		{dial.ProxyLoginRequired, facts{"proxyscheme": "http", "proxyaddress": "127.0.0.1:8080"}, "--proxy http://USER:PASS@127.0.0.1:8080"},
		{dial.ProxyForbidden, facts{"host": "127.0.0.1", "port": "1"}, "does not allow connections to 127.0.0.1:1"},
		{dial.ProxyBadGateway, facts{"host": "127.0.0.1", "port": "1"}, "cannot reach 127.0.0.1:1"},
		{dial.NotAProxy, nil, "does not support CONNECT"},
		{dial.ProxyStatus, nil, ""},
		{dial.ProxySilent, nil, "does not answer"},
		{dial.ProxySilent, nil, "port right"},
		{dial.SOCKSLoginRejected, facts{"proxyscheme": "socks5", "proxyaddress": "127.0.0.1:8080"}, "USER:PASS"},
		{dial.SOCKSLoginRequired, facts{"proxyscheme": "socks5", "proxyaddress": "127.0.0.1:8080"}, "socks5://USER:PASS@127.0.0.1:8080"},
		{dial.SOCKSAnsweredHTTP, facts{"proxyaddress": "127.0.0.1:8080"}, "http://127.0.0.1:8080"},
		{dial.NotSOCKS, nil, "port of the proxy"},
		{dial.SOCKSForbidden, facts{"host": "127.0.0.1", "port": "1"}, "does not allow"},
		{dial.SOCKSTargetRefused, facts{"host": "127.0.0.1", "port": "1"}, "seen from the proxy"},
		{dial.SOCKSNameUnreachable, nil, "socks5h"},
		{dial.SOCKSFailed, facts{"host": "127.0.0.1", "port": "1"}, "cannot reach"},
		{dial.ProxyAnsweredSOCKS, facts{"proxyaddress": "127.0.0.1:8080"}, "socks5h://127.0.0.1:8080"},
		{dial.ProxyNotHTTP, nil, "port of the proxy"},
		{dial.ProxyUnknownAuthority, nil, "--ca FILE"},
		{dial.ProxyCertificate, nil, "-k"},
		{dial.ProxyNotTLS, facts{"proxyaddress": "127.0.0.1:8080"}, "http://127.0.0.1:8080"},
		{dial.HTTPProxyClosed, facts{"proxyaddress": "127.0.0.1:8080"}, "socks5h://127.0.0.1:8080"},
		{dial.SOCKSProxyClosed, facts{"proxyaddress": "127.0.0.1:8080"}, "http://127.0.0.1:8080"},
		{dial.TLSTimeout, facts{"port": "8080", "plain": "ws://127.0.0.1:8080/x"}, "speak TLS"},
		{dial.TLSAnsweredHTTP, facts{"port": "8080", "plain": "ws://127.0.0.1:8080/x"}, "try ws://127.0.0.1:8080/x"},
		{dial.NotTLS, facts{"plain": "ws://127.0.0.1:8080/x"}, "is the port right"},
		{dial.PinMismatch, facts{"pin": "sha256//AAAA"}, "--pin-sha256 sha256//AAAA"},
		{dial.CertificateNotYetValid, nil, "clock"},
		{dial.CertificateExpired, nil, "-k"},
		{dial.CertificateName, nil, "--servername"},
		{dial.CertificateSelfSigned, nil, "--ca FILE"},
		{dial.CertificateUnknownAuthority, nil, "--ca FILE"},
		{dial.CertificateInvalid, nil, "-k"},
		{dial.ClientCertificateRequired, nil, "--cert FILE"},
		{dial.ClientCertificateRejected, nil, "signed by an authority"},
		{dial.TLSVersion, nil, "--tls-min"},
		{dial.TLSUnknownName, nil, "--servername"},
		{dial.TLSNothingInCommon, nil, "--tls-min"},
		{dial.TLSClosed, facts{"port": "8080", "plain": "ws://127.0.0.1:8080/x"}, "does port 8080 speak TLS"},
		{dial.PortWantsTLS, facts{"secure": "wss://127.0.0.1:8080/x"}, "try wss://127.0.0.1:8080/x"},
		{dial.CredentialsRejected, nil, "check them"},
		{dial.BasicRequired, nil, "-u USER:PASS"},
		{dial.BearerRequired, nil, "--bearer TOKEN"},
		{dial.CredentialsRequired, nil, "--cookie"},
		{dial.Forbidden, facts{"path": "/x", "origin": "http://127.0.0.1:8080"}, "-o http://127.0.0.1:8080"},
		{dial.Forbidden, facts{"path": "/x", "origin": "https://127.0.0.1:8080"}, "-o https://127.0.0.1:8080"},
		{dial.NotFound, facts{"path": "/x"}, "the path /x"},
		{dial.MethodNotAllowed, facts{"path": "/x"}, "the path /x"},
		{dial.RedirectToPlain, facts{"location": "http://h/"}, "http://h/, which -L does not follow"},
		{dial.Redirected, facts{"location": "/y"}, "-L follows it to /y"},
		{dial.OtherVersion, facts{"versions": "7, 8"}, "version 7, 8, wsx only 13"},
		{dial.OtherVersion, facts{"versions": "8"}, "version 8, wsx only 13"},
		{dial.UpgradeRequired, nil, "load balancer"},
		{dial.UpgradeChanged, nil, "load balancer"},
		{dial.BadRequest, nil, "another path"},
		{dial.WebPage, facts{"path": "/x"}, "a web page"},
		{dial.NotSwitching, facts{"path": "/x"}, "load balancer"},
		{dial.NotSwitching, facts{"path": "/mtls"}, "the path /mtls"},
		{dial.RetryLater, facts{"retryafter": "30s"}, "in 30s"},
		{dial.RetryLater, facts{"retryafter": "7s"}, "in 7s"},
		{dial.TooManyRequests, nil, "wait"},
		{dial.BadGateway, nil, "a gateway answered"},
		{dial.ServerError, nil, "log"},
		{dial.RefusedOther, nil, ""},
		{dial.UpgradeTimeout, nil, "does not answer"},
		{dial.RedirectDowngrade, nil, "unencrypted"},
		{dial.TooManyRedirects, nil, "--max-redirects"},
		{dial.AnsweredTLS, facts{"secure": "wss://127.0.0.1:8080/x"}, "try wss://127.0.0.1:8080/x"},
		{dial.AnsweredHTTP2, nil, "HTTP/1.1"},
		{dial.AnsweredSSH, facts{"port": "8080"}, "is port 8080 right"},
		{dial.NotHTTP, facts{"port": "8080"}, "is port 8080 right"},
		{dial.WrongAccept, nil, "cache"},
		{dial.WrongSubprotocol, nil, "-s NAME"},
		{dial.WrongExtension, nil, "--no-compress"},
		{dial.WrongUpgrade, nil, "proxy"},
		{dial.WrongUpgrade, nil, "load balancer"},
		{dial.UpgradeClosedTLS, nil, "another path"},
		{dial.UpgradeClosed, facts{"secure": "wss://127.0.0.1:8080/x"}, "try wss://127.0.0.1:8080/x"},
		{dial.UpgradeFailed, nil, ""},
		{dial.HTTPVersionUnsupported, nil, "--http1.1"},
		{dial.NoExtendedConnect, facts{"path": "/x"}, "does not accept CONNECT"},
		{dial.AnsweredHTTP1, nil, "--http1.1"},
		{dial.ExtendedClosed, nil, "--http1.1"},
		{dial.StreamBroken, nil, "try again"},
		{dial.UDPTimeout, facts{"port": "8080"}, "--http2 and --http1.1 use TCP"},
		{dial.UDPRefused, facts{"port": "8080"}, "nothing listens on UDP port 8080"},
		{dial.SchemeUnsupported, facts{"scheme": "Negotiate"}, "does not implement"},
		{dial.ForbiddenOrigin, nil, "this origin"},
		{dial.OwnedExtensions, nil, "--no-compress"},
		{dial.OwnedSubprotocol, nil, "-s"},
		{dial.OwnedBody, nil, "without a body"},
	} {
		got := Hint(fmt.Errorf("connect: %w", failure{errors.New("failed"), c.reason, c.facts}))
		if !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.ContainsAny(got, "{}") {
			t.Errorf("%s %q: hint %q, wanted %q", c.reason, c.facts, got, c.want)
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
