// Command wsx is a WebSocket client for terminals and scripts.
package main

import (
	"os"
	"runtime"
)

func main() {
	growStack()
	os.Exit(run(system()))
}

// growStack makes the stack as large as it will need to be while it is still shallow. Otherwise it would be copied four times
// on the way to the first reply, with the tables of each function on it read from the file: a twentieth of that time.
//
//go:noinline
func growStack() {
	var room [24 << 10]byte
	runtime.KeepAlive(&room)
}
