package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseProgramPages drops the resident pages of the program's file. Most of them were needed only to start and to connect;
// the others are read again from the page cache.
func releaseProgramPages() {
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
