package curl

import (
	"errors"
	"fmt"
	"strings"

	"wsx/client/dial"
)

// ErrIncomplete is the error for a command line that is incomplete: a quote is open, or its last line is continued.
var ErrIncomplete = errors.New("the command line is incomplete")

// errCommand rejects a command substitution.
var errCommand = usagef("the line contains a command, which wsx does not run: write its output instead, or let a shell run the line")

// onlyOne returns an error if anything but white space and separators follows the command.
func onlyOne(rest string) error {
	if strings.Trim(rest, " \t\r\n;&") != "" {
		return usagef("expected one command line, but another follows it: %.40q", strings.TrimLeft(rest, " \t\r\n;&"))
	}
	return nil
}

func usagef(format string, args ...any) error {
	return &dial.UsageError{Message: fmt.Sprintf(format, args...)}
}
