package main

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestReadmeCommands runs every command block of the README, against a server of ours instead of localhost:8080.
func TestReadmeCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are a shell's")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 10 {
		t.Fatalf("found %d command blocks only", len(blocks))
	}
	server := strings.TrimSuffix(echoURL(t), "/")
	for _, block := range blocks {
		commands := strings.ReplaceAll(block[1], "ws://localhost:8080", server)
		t.Run(strings.TrimSpace(block[1]), func(t *testing.T) { runBlock(t, commands) })
	}
}

// runBlock runs commands as somebody does who copies them: with a line to say, and in a folder where files may be made.
func runBlock(t *testing.T, commands string) {
	if strings.HasPrefix(commands, "go test") {
		wantInCI(t, "go test -race", "./...") // this very run
		return
	}
	cmd := exec.Command("sh", "-ec", commands)
	cmd.Dir = t.TempDir()
	if strings.HasPrefix(commands, "go run") {
		cmd.Dir = "../.."
	}
	cmd.Stdin = strings.NewReader("hello\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s\n%v: %s", commands, err, out)
	}
}

// wantInCI wants .ci/run to call a command.
func wantInCI(t *testing.T, words ...string) {
	script, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range words {
		if !strings.Contains(string(script), word) {
			t.Errorf(".ci/run does not say %q", word)
		}
	}
}
