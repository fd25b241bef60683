//go:build !windows

package main

// terminalDevice is the controlling terminal, whatever the standard streams are.
const terminalDevice = "/dev/tty"
