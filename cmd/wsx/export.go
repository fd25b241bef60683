package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/recording"
)

const exportLong = `wsx export converts a recording that --record wrote to the format of another tool.

%s
In a capture, the messages are those of the recording. TCP, masks and any headers that were not recorded are synthetic: no
TLS, no compression, port 80. A script sends what the client sent and expects what it received; edit whatever differs from
run to run. A recording that was cut short is exported up to that point.`

const exportExample = `  wsx export har talk.jsonl -o talk.har
  wsx export pcap talk.jsonl -o talk.pcapng && wireshark talk.pcapng
  wsx export run talk.jsonl -o talk.wsx && wsx run talk.wsx ws://localhost:8080`

// exportCommand returns the command wsx export.
func exportCommand(s environment) *cobra.Command {
	names := namesOf(recording.Forms(), func(form recording.Form) string { return form.Name })
	forms := linesOf(recording.Forms(), func(form recording.Form) string { return fmt.Sprintf("  %-5s %s", form.Name, form.Help) })
	var output string
	cmd := &cobra.Command{
		Use:               "export " + strings.Join(names, "|") + " FILE",
		Short:             "convert a recording to the format of another tool",
		Long:              fmt.Sprintf(exportLong, forms),
		Example:           exportExample,
		ValidArgsFunction: firstThen(cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp), completePath),
		RunE: func(_ *cobra.Command, args []string) error {
			form, path, err := exportArgs(args, names)
			if err != nil {
				return err
			}
			return exportFile(s, form, path, output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE` instead of standard output")
	return cmd
}

// exportArgs returns the format and the path of the recording.
func exportArgs(args, names []string) (form recording.Form, path string, err error) {
	const hint = "wsx export har FILE, wsx export pcap FILE, wsx export run FILE"
	if len(args) != 2 {
		return form, "", &dial.UsageError{Message: "wsx export needs a format and a recording", Hint: hint}
	}
	index := slices.Index(names, args[0])
	if index < 0 {
		return form, "", &dial.UsageError{Message: fmt.Sprintf("unknown export format %q: expected %s", args[0], strings.Join(names, ", ")), Hint: hint}
	}
	return recording.Forms()[index], args[1], nil
}

// exportFile exports a recording to a file, or to standard output.
func exportFile(s environment, form recording.Form, path, output string) error {
	if form.Binary && output == "" && isTerminal(s.stdout) {
		return &dial.UsageError{Message: "a capture is binary and cannot be written to a terminal", Hint: "-o FILE writes it to a file"}
	}
	source, name := s.stdin, "standard input"
	if path != "-" {
		opened, err := os.Open(path)
		if err != nil {
			return err
		}
		defer opened.Close()
		source, name = opened, path
	}
	out := s.stdout
	if output != "" {
		created, err := createBeside(source, output)
		if err != nil {
			return err
		}
		out = created
	}
	note, err := recording.Export(out, source, recording.Options{Name: name, Form: form.Name, Version: version()})
	if output != "" {
		if unclosed := out.Close(); err == nil {
			err = unclosed
		}
	}
	if note != "" {
		fmt.Fprintf(s.stderr, "* %s\n", note)
	}
	return err
}

// createBeside creates a file, unless that is the file being read.
func createBeside(read *os.File, path string) (*os.File, error) {
	if old, err := os.Stat(path); err == nil {
		if own, err := read.Stat(); err == nil && os.SameFile(old, own) {
			return nil, &dial.UsageError{Message: fmt.Sprintf("the output %s is the recording itself", path)}
		}
	}
	return recording.Create(path)
}
