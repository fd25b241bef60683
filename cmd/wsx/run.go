package main

import (
	"fmt"

	"wsx/client"
)

// run is the program: it returns its exit code.
func run(s surroundings) int {
	f := &flags{}
	var summary client.Summary
	root := command(f, s, func(url string) (err error) {
		summary, err = f.converse(s, url)
		return err
	})
	root.SetArgs(joinOptionals(s.args, root.Flags()))
	err := root.Execute()
	summary.Exit = exitCode(err)
	f.report(s, err, &summary)
	return summary.Exit
}

// report says what went wrong, once, and tells the end as events where events are wanted.
func (f *flags) report(s surroundings, err error, summary *client.Summary) {
	if err != nil {
		fmt.Fprintln(s.stderr, "wsx:", err)
	}
}
