// Command wsx is a WebSocket client for terminals and scripts.
package main

import "os"

func main() {
	os.Exit(run(system()))
}
