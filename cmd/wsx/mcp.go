package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/cmd/wsx/explain"
	"wsx/cmd/wsx/value"
	"wsx/daemon"
	"wsx/daemon/mcp"
)

const mcpLong = `wsx mcp is a Model Context Protocol server on standard input and output. It gives an agent the tools open, send, receive,
close, list and check for WebSocket sessions. They are the sessions of wsx open, so wsx sessions, wsx recv and wsx attach show
you what the agent does.

It connects only to this machine and to the hosts that --allow names. It reads no files except those that --header names. A
result has at most 50 messages and 16 KiB, and a cursor to continue from; credentials are redacted.`

const mcpExample = `  wsx mcp
  wsx mcp --allow api.example.com -H @headers.txt`

const mcpInstructions = `WebSocket sessions that stay open between calls. Open a session with a name, then send and receive by that name. send returns
what was received after the message; receive returns what was received after a cursor. A result has at most 50 messages and 16 KiB: if "more" is
true, call receive with the cursor.`

// toolbox has the state that the tools of wsx mcp share.
type toolbox struct {
	s       environment
	folder  daemon.Folder
	allow   value.List // hosts, or host:port
	headers value.List // for every session that is opened
	secrets []string
}

func mcpCommand(f *flags, s environment) *cobra.Command {
	b := &toolbox{s: s}
	parts := []section{{"Serving", func(_ *flags, set *pflag.FlagSet) {
		set.Var(&b.allow, "allow", "allow connections to `HOST` or HOST:PORT as well as to this machine; repeatable")
		set.VarP(&b.headers, "header", "H", "open every session with the header `'K: V'`; @file reads headers from a file; repeatable")
	}}}
	return sessionCommand(f, parts, &cobra.Command{
		Use: "mcp", Short: "give agents WebSocket sessions: a Model Context Protocol server on standard input and output", Long: mcpLong, Example: mcpExample,
		Args: maxArgs(0), RunE: func(*cobra.Command, []string) error { return b.serve() },
	})
}

func (b *toolbox) serve() error {
	for _, allowed := range b.allow {
		if err := checkAllowed(allowed); err != nil {
			return err
		}
	}
	folder, err := daemon.OpenFolder(b.s.getenv)
	if err != nil {
		return err
	}
	b.folder = folder
	for _, header := range b.headers {
		lines, err := parseHeader(header)
		if err != nil {
			return err
		}
		for _, line := range lines {
			b.addSecret(line.Name, line.Value)
		}
	}
	ctx, stop := interrupted(b.s, catchSignals(), func() {})
	defer stop()
	server := &mcp.Server{Name: "wsx", Version: version(), Instructions: mcpInstructions, Tools: b.tools()}
	err = server.Serve(ctx, b.s.stdin, b.s.stdout)
	if cause := context.Cause(ctx); is[*signalError](cause) {
		return &reportedError{cause}
	}
	return err
}

// addSecret records the value of a header if it is secret, so that hide removes it from answers.
func (b *toolbox) addSecret(name, value string) {
	if dial.RedactHeader(name, value) == value {
		return
	}
	_, token, _ := strings.Cut(value, " ")
	for _, secret := range []string{value, token} {
		quoted, _ := json.Marshal(secret) // a string always can be
		b.secrets = append(b.secrets, secret, strings.Trim(string(quoted), `"`))
	}
}

// hide redacts the secrets in a text from a server.
func (b *toolbox) hide(text string) string {
	for _, secret := range b.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, dial.Redacted)
		}
	}
	return text
}

// check returns an error if agents must not connect to a URL.
func (b *toolbox) check(url string) error {
	if isBuiltinURL(url) {
		return nil // a server in the program
	}
	if strings.HasPrefix(url, "@") || strings.HasPrefix(url, "-") {
		return fmt.Errorf("%.80q is not a URL", url)
	}
	target, err := dial.ParseURL(url)
	switch {
	case err != nil:
		return err
	case target.Unix != "":
		return errors.New("unix sockets are not allowed here: give a ws:// or wss:// URL")
	case isThisMachine(target.Host):
		return nil
	}
	if b.isAllowed(target.Host, target.Port) {
		return nil
	}
	return fmt.Errorf("%s is not this machine: the user must allow it by starting wsx mcp with --allow %s", target.Host, target.Host)
}

func isThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || strings.EqualFold(host, "localhost")
}

// session returns the status of a session that agents may use.
func (b *toolbox) session(name string) (daemon.Status, error) {
	status, err := b.folder.Status(name)
	if is[*daemon.UnknownError](err) || err == nil && !b.isUsable(status) {
		return status, fmt.Errorf("there is no session %s that an agent may use", name) // the same for both, to reveal no session
	}
	return status, toolError(err)
}

// isUsable reports whether agents may use a session: its peer is this machine, whatever its URL, or a host that is allowed.
func (b *toolbox) isUsable(status daemon.Status) bool {
	if remote, err := netip.ParseAddrPort(status.Remote); err == nil && remote.Addr().IsLoopback() {
		return true
	}
	host, port, err := net.SplitHostPort(status.Host)
	return err == nil && !isThisMachine(host) && b.isAllowed(host, port)
}

// isAllowed reports whether the user has allowed a host.
func (b *toolbox) isAllowed(host, port string) bool {
	return slices.ContainsFunc(b.allow, func(allowed string) bool {
		return strings.EqualFold(allowed, host) || strings.EqualFold(allowed, net.JoinHostPort(host, port))
	})
}

// checkAllowed returns an error for an invalid value of --allow.
func checkAllowed(allowed string) error {
	host, port := allowed, ""
	if h, p, err := net.SplitHostPort(allowed); err == nil {
		host, port = h, p
	}
	number, err := strconv.ParseUint(port, 10, 16)
	_, isAddress := netip.ParseAddr(host)
	isName := regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`).MatchString(host)
	if port != "" && (err != nil || number == 0) || isAddress != nil && !isName {
		return &dial.UsageError{Message: fmt.Sprintf("--allow %q: expected HOST or HOST:PORT, like api.example.com:8443", allowed)}
	}
	return nil
}

// toolError returns an error whose text includes the hint.
func toolError(err error) error {
	if err == nil {
		return nil
	}
	if hint := explain.Hint(err); hint != "" {
		return fmt.Errorf("%w (%s)", err, hint)
	}
	return err
}

// maxOutput bounds the error output of a child process in an answer, in bytes.
const maxOutput = 4 << 10

// run runs this program as a child process without the user's configuration, and returns its standard output.
func (b *toolbox) run(ctx context.Context, args ...string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(one string) bool { return strings.HasPrefix(one, "XDG_CONFIG_HOME=") })
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+filepath.Join(b.folder.Path(), "none"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		text := strings.TrimPrefix(strings.TrimSpace(stderr.String()), "wsx: ")
		return out, fmt.Errorf("%s (exit code %d)", b.hide(text[:min(len(text), maxOutput)]), exit.ExitCode())
	}
	return out, err
}
