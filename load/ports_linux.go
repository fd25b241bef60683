package load

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// portsPerAddress returns the number of ports for connections from one address (ip_local_port_range).
func portsPerAddress() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	var first, last int
	if _, scanErr := fmt.Sscan(string(text), &first, &last); err != nil || scanErr != nil || last < first {
		return 28_232
	}
	return last - first + 1
}

// portWait returns how long a port is unusable after this side has closed its connection (TIME_WAIT); 0 = it is reused.
func portWait() time.Duration {
	reuse, err := os.ReadFile("/proc/sys/net/ipv4/tcp_tw_reuse")
	if err == nil && strings.TrimSpace(string(reuse)) != "0" {
		return 0 // 1 = on all interfaces, 2 = on loopback: a port is reused after a second
	}
	return time.Minute
}
