//go:build linux || darwin

package main

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeHasTheTable: README.md has the table of the trials.
func TestReadmeHasTheTable(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "\n"+table()) {
		t.Errorf("README.md does not have the table that go run ./bench/features prints:\n%s", table())
	}
	if lines := strings.Count(string(readme), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, more than 150", lines)
	}
}

// TestTrialsOfWsx runs the trials of wsx; go run ./bench/features runs those of all programs.
func TestTrialsOfWsx(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	var log strings.Builder
	if failed, err := run([]string{"wsx"}, "../../cmd/wsx", false, &log); failed > 0 || err != nil {
		t.Errorf("%d failed (%v):\n%s", failed, err, log.String())
	}
}
