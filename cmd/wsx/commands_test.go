package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// wholeCommand returns the root command with all subcommands.
func wholeCommand() *cobra.Command {
	f, s := &flags{}, environment{}
	root := rootCommand(f, s, nil)
	addCommands(root, f, s)
	return root
}

func TestCheckWord(t *testing.T) {
	root := wholeCommand()
	for word, refused := range map[string]bool{
		"serv": true, "srve": true, "versoin": true,
		"localhost": false, "example": false, "serve.example.com": false, "serv:80": false, "echo:": false, "ws://serv": false,
	} {
		if err := checkWord(root, word); (err != nil) != refused {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestSplitCurl(t *testing.T) {
	set := wholeCommand().Flags()
	for line, want := range map[string]string{ // before the word curl | after it; without a bar it is not split
		"curl ws://h -H x":         "| ws://h -H x",
		"curl.exe ws://h":          "| ws://h",
		"-x hi --json curl ws://h": "-x hi --json | ws://h",
		"--jq . -1 curl h -1":      "--jq . -1 | h -1",
		"-x curl ws://h":           "-x curl ws://h",
		"ws://h curl x":            "ws://h curl x",
		"check curl x":             "check curl x",
		"-- curl x":                "-- curl x",
		"curl":                     "curl",
		"curl --help":              "curl --help",
	} {
		before, words := splitCurl(strings.Fields(line), set)
		if words != nil {
			before = slices.Concat(before, []string{"|"}, words)
		}
		if got := strings.Join(before, " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestNeedsCommands(t *testing.T) {
	set := rootCommand(&flags{}, environment{}, nil).Flags()
	for line, want := range map[string]bool{
		"serve": true, "-q serve echo": true, "serv": true, "__complete ws": true, "myhost": true, "-- serve": true,
		"--help": true, "-h": true, "-vh": true, "ws://h --help": true, "-x --help ws://h": true,
		"ws://h": false, "-x serve ws://h": false, "-vx serve ws://h": false, "localhost": false, "@dev serve": false, "": false, "--json": false,
	} {
		if got := needsCommands(strings.Fields(line), set); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}
