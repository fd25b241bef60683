package main

import (
	"fmt"
	"io"

	"wsx/cmd/wsx/value"
	"wsx/repl/script"
)

// scriptRun is a script to run, and the destination of its report.
type scriptRun struct {
	name   string
	report value.Choice
	file   string // for the report; "" = standard output
	run    *script.Run
}

// takesOutput reports whether the report, and nothing else, is written to standard output.
func (o *scriptRun) takesOutput() bool { return o != nil && o.report.Value != "" && o.file == "" }

// finish writes the report, and returns the error of the script, given that of its session.
func (o *scriptRun) finish(s environment, ended error) error {
	err := o.run.Finish(ended)
	if o.report.Value == "" {
		return err
	}
	if unreported := o.writeReport(s); err == nil && unreported != nil {
		return fmt.Errorf("report: %w", unreported)
	}
	return err
}

func (o *scriptRun) writeReport(s environment) error {
	if o.file == "" {
		return o.run.Report(s.stdout, o.report.Value)
	}
	return writeFile(o.file, func(w io.Writer) error { return o.run.Report(w, o.report.Value) })
}
