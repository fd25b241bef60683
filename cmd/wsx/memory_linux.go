package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseCode gives the system back the pages of the program's file that are in memory. Most of them were needed to start and to connect,
// and are not needed again; those that are come from the system's cache.
func releaseCode() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		var begin, end uintptr
		var mode string
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[5] != program {
			continue
		}
		if _, err := fmt.Sscanf(fields[0]+" "+fields[1], "%x-%x %s", &begin, &end, &mode); err != nil || strings.Contains(mode, "w") {
			continue // what was written to would be lost
		}
		unix.Syscall(unix.SYS_MADVISE, begin, end-begin, unix.MADV_DONTNEED)
	}
}
