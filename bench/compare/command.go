package main

import (
	"strconv"

	"wsx/bench/compare/load"
)

// contenders is the table of the contenders. Paths are set when they were built or found.
func contenders() []contender {
	return []contender{
		{name: "limit", command: ownCommand},
		{name: "wsx", command: wsxCommand},
		{name: "plain", command: ownCommand},
		{name: "loaded", command: loadedCommand, tag: "loaded"},
		{name: "websocat", command: websocatCommand, slower: 4, lineEnd: true, install: "cargo install websocat"},
		{name: "wscat", command: wscatCommand, slower: 10, losesEarlyLines: true, install: "npm install -g wscat"},
	}
}

// ownCommand returns the command line of limit and plain.
func ownCommand(s scenario, url string) ([]string, error) {
	var args []string
	if s.kind == receive {
		args = append(args, "-receive")
	}
	if s.binary {
		args = append(args, "-binary", strconv.Itoa(s.size))
	}
	return append(args, url), nil
}

// loadedCommand returns the command line of loaded, which differs from plain only when it starts.
func loadedCommand(s scenario, url string) ([]string, error) {
	if s.kind != startUp {
		return nil, errCannot
	}
	return ownCommand(s, url)
}

func wsxCommand(s scenario, url string) ([]string, error) {
	args := []string{"-q"}
	if s.secure {
		args = append(args, "-k")
	}
	switch {
	case s.kind == send && s.binary:
		args = append(args, "--wait", "0", "--input", "chunks", "--binary", "--chunk-size", strconv.Itoa(s.size))
	case s.kind == send, s.kind == startUp: // like plain, which ends with its input, so that the load of the processor is the same
		args = append(args, "--wait", "0")
	case s.kind == receive && s.binary:
		args = append(args, "--wait", "-1", "--format", "bytes")
	case s.kind == receive:
		args = append(args, "--wait", "-1", "--format", "raw")
	}
	return append(args, url), nil
}

// websocatCommand: websocat splits binary input at the ends of its reads, receives only messages that fit into its buffer, and with the
// option that strips line ends sends each line end as a separate message.
func websocatCommand(s scenario, url string) ([]string, error) {
	var args []string
	if s.secure {
		args = append(args, "-k")
	}
	switch {
	case s.kind == send && s.binary, s.kind == receive && s.size > 1<<20:
		return nil, errCannot
	case s.kind == send:
		args = append(args, "-u")
	case s.kind == receive && s.binary:
		args = append(args, "-U", "-b")
	case s.kind == receive:
		args = append(args, "-U")
	}
	if !s.binary {
		args = append(args, "-t")
	}
	return append(args, url), nil
}

// wscatCommand: wscat has no binary mode.
func wscatCommand(s scenario, url string) ([]string, error) {
	if s.binary {
		return nil, errCannot
	}
	args := []string{"--connect", url}
	if s.secure {
		args = append(args, "--no-check")
	}
	if s.kind == startUp {
		args = append(args, "--wait", "-1", "--execute", string(load.AppendLine(nil, 0, s.size)))
	}
	return args, nil
}
