//go:build !windows

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// watchOutput calls closed when nothing reads the pipe f any more. Otherwise only the next write would find that out, and the
// server may be silent. It starts in a goroutine, so that it does not delay dialing. stop ends it.
func watchOutput(f *os.File, closed func()) (stop func()) {
	begun := make(chan func(), 1)
	go func() { begun <- startWatch(f, closed) }() // ends when the watch has started
	return func() { (<-begun)() }
}

func startWatch(f *os.File, closed func()) (stop func()) {
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return func() {}
	}
	wakeRead, wakeWrite, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	watched := []unix.PollFd{{Fd: int32(f.Fd())}, {Fd: int32(wakeRead.Fd()), Events: unix.POLLIN}}
	ended := make(chan struct{})
	go func() { // ended by closing the pipe
		defer close(ended)
		for {
			_, err := unix.Poll(watched, -1)
			switch {
			case err == unix.EINTR:
				continue
			case err != nil || watched[1].Revents != 0:
				return
			case watched[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
				closed()
				return
			}
		}
	}()
	return func() {
		wakeWrite.Close()
		<-ended
		wakeRead.Close()
	}
}
