package main

import "time"

// usage is the time and memory that a process used.
type usage struct {
	cpu time.Duration // user and system time
	rss int64         // peak resident memory, in bytes; 0 = not known on this system
}
