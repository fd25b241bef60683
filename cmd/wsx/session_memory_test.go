//go:build linux

package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"
)

// mostIdleMemory is what a session that nothing happens in may take, in bytes of resident memory.
const mostIdleMemory = 20_000_000

func TestIdleSessionTakesLittleMemory(t *testing.T) {
	built, _ := debug.ReadBuildInfo()
	if slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector takes memory of its own")
	}
	folder := sessionFolder(t)
	succeeds(t, "open", "idle", echoURL(t))
	succeeds(t, "send", "idle", "hello", "-1")
	status, err := folder.Status("idle")
	if err != nil {
		t.Fatal(err)
	}
	took := 0
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if took = residentMemory(t, status.PID); took < mostIdleMemory {
			return
		}
	}
	t.Errorf("took %d bytes of memory, may take %d", took, mostIdleMemory)
}

// residentMemory is what a process takes, in bytes.
func residentMemory(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no VmRSS in %s", text)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
