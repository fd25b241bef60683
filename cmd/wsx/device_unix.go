//go:build !windows

package main

// terminalDevice is the terminal that controls us, wherever the standard streams lead.
const terminalDevice = "/dev/tty"
