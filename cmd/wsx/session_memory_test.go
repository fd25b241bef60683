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

// maxIdleMemory is the resident memory that an idle session may use, in bytes.
const maxIdleMemory = 20_000_000

func TestIdleSessionMemory(t *testing.T) {
	built, _ := debug.ReadBuildInfo()
	if slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector uses memory too")
	}
	folder := sessionFolder(t)
	succeeds(t, "open", "idle", echoURL(t))
	succeeds(t, "send", "idle", "hello", "-1")
	status, err := folder.Status("idle")
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for end := time.Now().Add(testTimeout); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if used = residentMemory(t, status.PID); used < maxIdleMemory {
			return
		}
	}
	t.Errorf("used %d bytes of memory, limit %d", used, maxIdleMemory)
}

// residentMemory returns the resident memory of a process, in bytes.
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
