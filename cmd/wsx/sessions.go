package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client"
	"wsx/client/dial"
	"wsx/daemon"
	"wsx/repl/render"
)

const sessionsLong = `wsx sessions lists the sessions that wsx open opened. "unread" counts the messages that wsx recv would print. If the process of
a session was killed, wsx sessions reports that on standard error and removes the session.`

func sessionsCommand(f *flags, s environment) *cobra.Command {
	parts := []section{{"Output", func(f *flags, set *pflag.FlagSet) { declareOnly(f.outputFlags, set, "json") }}}
	return sessionCommand(f, parts, &cobra.Command{
		Use: "sessions", Short: "list the open sessions", Long: sessionsLong, Example: "  wsx sessions\n  wsx sessions --json", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error { return f.listSessions(s) },
	})
}

func (f *flags) listSessions(s environment) error {
	folder, err := daemon.OpenFolder(s.getenv)
	if err != nil {
		return err
	}
	list, stale, err := folder.Sessions()
	if err != nil {
		return err
	}
	for _, name := range stale {
		fmt.Fprintf(s.stderr, "* session %s: its process ended without closing the session; its socket was removed\n", name)
	}
	if f.json {
		return listJSON(s, list)
	}
	if len(list) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSTATE\tAGE\tSENT\tRECEIVED\tUNREAD\tURL")
	for _, one := range list {
		age := time.Duration(one.Age * float64(time.Second)).Round(time.Second)
		url := string(render.SanitizeLine(nil, one.URL))
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", one.Name, one.State, age, one.Sent, one.Received, one.Unread, url)
	}
	return table.Flush()
}

// listed is a session as wsx sessions --json shows it.
type listed struct {
	Name     string  `json:"name"`
	URL      string  `json:"url"`
	State    string  `json:"state"`
	PID      int     `json:"pid"`
	Age      float64 `json:"age"`
	Sent     int64   `json:"sent"`
	Received int64   `json:"received"`
	Unread   int64   `json:"unread"`
	As       string  `json:"as,omitempty"`
}

func newListed(one daemon.Status) listed {
	return listed{one.Name, one.URL, one.State, one.PID, one.Age, one.Sent, one.Received, one.Unread, one.As}
}

func listJSON(s environment, list []daemon.Status) error {
	lines := json.NewEncoder(s.stdout)
	lines.SetEscapeHTML(false)
	for _, one := range list {
		if err := lines.Encode(newListed(one)); err != nil {
			return err
		}
	}
	return nil
}

const closeLong = `wsx close closes a session that wsx open opened, as /close does at the prompt, and returns when its name can be used again.
Messages that were not read are dropped.`

func closeCommand(f *flags, s environment) *cobra.Command {
	var all bool
	parts := []section{{"Closing", func(f *flags, set *pflag.FlagSet) {
		set.BoolVar(&all, "all", false, "close every session")
		declareOnly(f.endingFlags, set, "timeout")
	}}}
	return sessionCommand(f, parts, &cobra.Command{
		Use: "close NAME [CODE [REASON]]", Short: "close an open session", Long: closeLong, Example: "  wsx close chat\n  wsx close chat 4000 bye\n  wsx close --all",
		ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if all {
				return f.closeAll(s, args)
			}
			return f.closeOne(s, args)
		},
	})
}

func (f *flags) closeOne(s environment, args []string) error {
	switch {
	case len(args) == 0:
		return &dial.UsageError{Message: "no session was named", Hint: "wsx close NAME, wsx close NAME CODE REASON, wsx close --all"}
	case len(args) > 3:
		return &dial.UsageError{
			Message: fmt.Sprintf("wsx close does not take the argument %q", args[3]),
			Hint:    "quote a reason that has spaces: wsx close NAME CODE REASON",
		}
	}
	with, err := closeFrame(args[1:])
	if err != nil {
		return err
	}
	folder, err := daemon.OpenFolder(s.getenv)
	if err == nil {
		err = folder.Within(time.Duration(f.timeout)).Close(args[0], with)
	}
	return err
}

// closeFrame reads a code and a reason; nil = neither is given.
func closeFrame(args []string) (*daemon.CloseFrame, error) {
	if len(args) == 0 {
		return nil, nil
	}
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, &dial.UsageError{Message: fmt.Sprintf("close code %.40q is not a number", args[0])}
	}
	reason := strings.Join(args[1:], " ")
	return &daemon.CloseFrame{Code: code, Reason: reason}, client.CheckClose(code, reason)
}

func (f *flags) closeAll(s environment, args []string) error {
	if len(args) > 0 {
		return &dial.UsageError{Message: "--all closes every session and takes no name: " + args[0], Hint: "wsx close --all, wsx close NAME"}
	}
	folder, err := daemon.OpenFolder(s.getenv)
	if err != nil {
		return err
	}
	names, err := folder.Names()
	for _, name := range names {
		failed := folder.Within(time.Duration(f.timeout)).Close(name, nil)
		if err == nil && !is[*daemon.UnknownError](failed) { // which another command has closed meanwhile
			err = failed
		}
	}
	return err
}
