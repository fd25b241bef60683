//go:build linux || darwin

// Features prints the table of README.md that compares programs. For each feature that a program claims to have, it runs a trial of
// the program against servers that check it. Programs are searched for on the PATH.
//
//	go run ./bench/features            the table, as Markdown; what failed on standard error, and exit code 1
//	go run ./bench/features -v         with the command of each trial
//	go run ./bench/features wsx k6     trials of these programs only
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// trialTimeout is the maximum duration of a trial.
const trialTimeout = time.Minute

func main() {
	verbose := flag.Bool("v", false, "show the command of each trial")
	flag.Parse()
	failed, err := run(flag.Args(), "./cmd/wsx", *verbose, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "features:", err)
		os.Exit(2)
	}
	fmt.Print(table())
	if failed > 0 {
		os.Exit(1)
	}
}

// run runs the trials of the chosen programs, and returns the number that failed. source is the folder of the source of wsx.
func run(chosen []string, source string, verbose bool, log io.Writer) (failed int, err error) {
	folder, err := os.MkdirTemp("", "features")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	if out, err := exec.Command("go", "build", "-o", filepath.Join(folder, "wsx"), source).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build wsx: %w: %s", err, out)
	}
	os.Setenv("PATH", folder+string(filepath.ListSeparator)+os.Getenv("PATH"))
	for _, p := range programs {
		if len(chosen) > 0 && !slices.Contains(chosen, p.name) {
			continue
		}
		if _, err := exec.LookPath(p.name); err != nil {
			fmt.Fprintf(log, "%s is not on the PATH: %s\n", p.name, p.install)
			continue
		}
		for _, f := range features() {
			t, ok := f.trials[p.name]
			if !ok {
				continue
			}
			verdict := "ok"
			switch err := t.try(folder); {
			case err != nil && !t.absent:
				failed++
				verdict = err.Error()
			case err == nil && t.absent:
				failed++
				verdict = "it has the feature"
			}
			if verbose || verdict != "ok" {
				fmt.Fprintf(log, "%s: %s: %s\n%s\n\n", p.name, f.name, verdict, t.command)
			}
		}
	}
	return failed, nil
}

// table returns the features and programs of the trials as a Markdown table.
func table() string {
	var text strings.Builder
	text.WriteString("| |")
	for _, p := range programs {
		text.WriteString(" " + p.title + " |")
	}
	text.WriteString("\n|---|" + strings.Repeat(":-:|", len(programs)) + "\n")
	for _, f := range features() {
		text.WriteString("| " + f.name + " |")
		for _, p := range programs {
			mark := " |"
			if t, ok := f.trials[p.name]; ok && !t.absent {
				mark = " ✓ |"
			}
			text.WriteString(mark)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// try runs the command in a new folder, with new servers.
func (t trial) try(folder string) error {
	running, err := startServers()
	if err != nil {
		return err
	}
	defer running.close()
	work, err := os.MkdirTemp(folder, "trial")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), trialTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", t.command)
	cmd.Dir = work
	cmd.Env = append(append(os.Environ(), running.environment...), "HOME="+work, "TERM=xterm")
	if wstest, err := exec.LookPath("wstest"); err == nil { // Autobahn is installed next to it
		cmd.Env = append(cmd.Env, "PYTHONUSERBASE="+filepath.Dir(filepath.Dir(wstest)))
	}
	if t.keys != "" {
		return t.typeKeys(ctx, cmd, running)
	}
	output, err := os.Create(filepath.Join(work, "output")) // a file, as Run would wait for processes in the background to close a pipe
	if err != nil {
		return err
	}
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err = cmd.Run()
	if cmd.Process != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // ends its processes in the background
	}
	written, readErr := os.ReadFile(output.Name())
	switch {
	case err != nil || readErr != nil:
		return fmt.Errorf("%w: %.500s", errors.Join(err, readErr), written)
	case !regexp.MustCompile("(?s)" + t.want).Match(written):
		return fmt.Errorf("wanted %q, got %.500q", t.want, written)
	case t.observed != nil && !t.observed(&running.observations):
		return fmt.Errorf("the server has not seen it: %.500s", written)
	}
	return nil
}

// typeKeys runs the command at a terminal, types until the server has received what it must, and ends the command.
func (t trial) typeKeys(ctx context.Context, cmd *exec.Cmd, running *servers) error {
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return err
	}
	defer func() {
		terminal.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}()
	go io.Copy(io.Discard, terminal) // ended by closing the terminal
	typed := 0
	for tick := time.NewTicker(time.Second); ; {
		if t.observed(&running.observations) {
			return nil
		}
		if running.connected() && typed < 5 {
			typed++ // typed several times, as the prompt may appear after the connection
			for key := range strings.SplitSeq(t.keys, " ") {
				terminal.WriteString(key)
				time.Sleep(20 * time.Millisecond) // as a person types
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the server has not seen it, but %q", running.messages)
		}
	}
}
