package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/cmd/wsx/explain"
	"wsx/cmd/wsx/value"
	"wsx/daemon"
)

const openLong = `wsx open connects in the background. It returns when the opening handshake is complete, or fails as wsx URL does. The session
then stays open in a process of its own: wsx send, wsx recv and wsx attach use it by its NAME, wsx sessions lists all sessions,
and wsx close closes one. Received messages are kept until they are read: the last 10,000, at most 16 MiB.`

const openExample = `  wsx open chat wss://example.com/chat
  wsx send chat hello -1
  wsx recv chat
  wsx close chat`

// defaultIdle is how long a session that no command uses stays open.
const defaultIdle = 30 * time.Minute

// sessionVariable is set in the environment of the child process that owns a session. Its standard input is the writing end of
// a pipe, on which it reports that the session is open.
const sessionVariable = "WSX_SESSION"

// openCommand returns the command wsx open. It connects with the flags of the root command.
func openCommand(f *flags, s environment) *cobra.Command {
	b := &background{}
	parts := []section{
		{"Session", b.declare},
		{"Connection", func(f *flags, set *pflag.FlagSet) {
			declareExcept(f.connectionFlags, set, "connect", "listen", "all")
		}},
		{"Authentication", (*flags).authFlags},
		{"TLS", (*flags).tlsFlags},
		{"Proxy and routing", (*flags).proxyFlags},
		{"Keep-alive and reconnect", (*flags).keepAliveFlags},
		{"Input", func(f *flags, set *pflag.FlagSet) {
			declareOnly(f.inputFlags, set, "execute", "binary", "text", "eol", "fragment", "echo", "on", "on-jq", "every")
		}},
		{"Output", func(f *flags, set *pflag.FlagSet) {
			declareOnly(f.outputFlags, set, "json", "record", "verbose", "quiet", "color", "no-color", "show-secrets")
		}},
		{"Encoding", func(f *flags, set *pflag.FlagSet) { declareExcept(f.encodingFlags, set, "raw") }},
		{"Ending", func(f *flags, set *pflag.FlagSet) {
			declareOnly(f.endingFlags, set, "duration", "timeout", "close-code", "close-reason", "close-timeout")
		}},
	}
	return sessionCommand(f, parts, &cobra.Command{
		Use: "open NAME URL", Short: "open a session that stays open between commands", Long: openLong, Example: openExample,
		ValidArgsFunction: firstThen(cobra.NoFileCompletions, completeURL),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &dial.UsageError{Message: "no name and no URL was given", Hint: "wsx open NAME URL"}
			}
			if err := daemon.CheckName(args[0]); err != nil {
				return err
			}
			if b.idle < 0 {
				return &dial.UsageError{Message: "--idle " + b.idle.String() + " must not be negative", Hint: "0 keeps the session open until wsx close closes it"}
			}
			if s.getenv(sessionVariable) == "" {
				return startSession(s)
			}
			url, err := f.url(s, args[1:])
			if err == nil && len(f.verb) > 0 {
				err = &dial.UsageError{Message: "wsx open does not take a verb: " + f.verb[0], Hint: "wsx send NAME VERB ARG... uses a verb once the session is open"}
			}
			if err != nil {
				return err
			}
			b.name = args[0]
			return f.serveSession(s, url, b)
		},
	})
}

func (b *background) declare(_ *flags, set *pflag.FlagSet) {
	b.idle = value.Duration(defaultIdle)
	set.Var(&b.idle, "idle", "close the session when no command has used it for `D`; 0 = never")
}

// interruptDelay is how long an interrupt is held back before it is passed to the child process. Ctrl-C reaches that directly
// as well, and a second interrupt would end it at once.
const interruptDelay = time.Second

// startSession starts the child process of a session, and returns when the session is open or has failed.
func startSession(s environment) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reader.Close()
	cmd := exec.Command(self, s.args...)
	cmd.Env = append(os.Environ(), sessionVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = writer, s.stdout, s.stderr
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	err = cmd.Start()
	writer.Close()
	if err != nil {
		return err
	}
	go func() { // ended with the program
		for sig := range signals {
			if sig == os.Interrupt {
				time.Sleep(interruptDelay)
			}
			cmd.Process.Signal(sig)
		}
	}()
	if n, _ := io.ReadFull(reader, make([]byte, 1)); n == 1 {
		return nil
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() >= 0 { // it has reported its error itself
		return &reportedError{&codedError{err.Error(), exit.ExitCode()}}
	}
	if err != nil {
		return fmt.Errorf("start the process of the session: %w", err)
	}
	return nil
}

// serveSession runs the session in the child process.
func (f *flags) serveSession(s environment, url string, b *background) error {
	folder, err := daemon.OpenFolder(s.getenv)
	if err != nil {
		return err
	}
	b.folder, b.opened, b.notes.to = folder, s.stdin, s.stderr
	b.server, err = daemon.NewServer(folder, daemon.Options{
		Name: b.name, URL: dial.RedactURL(url), As: absolute(f.as), Host: hostOf(url), Idle: time.Duration(b.idle), Hinter: explain.Hint,
	})
	if err != nil {
		return err
	}
	defer b.server.Close()
	f.background = b
	return f.run(s, url, nil)
}

// hostOf returns HOST:PORT of a URL; "" = it has none.
func hostOf(url string) string {
	target, err := dial.ParseURL(url)
	if err != nil || target.Unix != "" {
		return ""
	}
	return net.JoinHostPort(target.Host, target.Port)
}

// absolute returns the name of a dialect, with an absolute path if it is a file.
func absolute(as string) string {
	if !isDialectFile(as) {
		return as
	}
	if path, err := filepath.Abs(as); err == nil {
		return path
	}
	return as
}
