package main

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryCommandIsAmongTheNames because one that is not would never be made, and its name be taken for a URL.
func TestEveryCommandIsAmongTheNames(t *testing.T) {
	f := &flags{}
	root := command(f, environment{args: []string{"help"}}, nil)
	want := []string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd} // made by the library when asked for
	for _, made := range root.Commands() {
		want = append(want, made.Name())
	}
	got := commandNames()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("names %q, commands %q", got, want)
	}
}

func TestAConversationMakesNoCommands(t *testing.T) {
	root := command(&flags{}, environment{args: []string{"-x", "hello", "ws://localhost"}}, nil)
	if made := root.Commands(); len(made) > 0 {
		t.Errorf("%d commands", len(made))
	}
}
