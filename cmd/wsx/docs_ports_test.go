//go:build linux || darwin

package main

import (
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// ports maps the ports in the pages to those of the test's servers.
type ports map[string]string

// ownPorts are those of servers that the pages start.
var ownPorts = []string{"8001", "9000", "9022", "9025", "9026", "9222", "9443", "9444"}

// with returns p with more ports, mapped to free ones.
func (p ports) with(t *testing.T, more ...string) ports {
	t.Helper()
	all := maps.Clone(p)
	for _, port := range more {
		all[port] = freePort(t)
	}
	return all
}

// toReal replaces the ports of the pages in a text by the real ones.
func (p ports) toReal(text string) string {
	return numbered.ReplaceAllStringFunc(text, func(match string) string {
		before, port := match[:len(match)-4], match[len(match)-4:]
		if real := p[port]; real != "" {
			return before + real
		}
		return match
	})
}

// toPage replaces the real ports in a text by those of the pages.
func (p ports) toPage(text string) string {
	for port, real := range p {
		text = strings.ReplaceAll(text, ":"+real, ":"+port)
	}
	return text
}

// realPorts returns the real ports for those in a text.
func (p ports) realPorts(text string) []string {
	var found []string
	for _, match := range numbered.FindAllString(text, -1) {
		if real := p[match[len(match)-4:]]; real != "" && !slices.Contains(found, real) {
			found = append(found, real)
		}
	}
	return found
}

var numbered = regexp.MustCompile(`(:|=|-l )\d{4}\b`)

// lastPort is the last port returned by freePort.
var lastPort atomic.Int32

// freePort returns a port below those that systems choose by themselves, and in another range than a concurrent run of this test, so
// that no other program gets it before it is used.
func freePort(t *testing.T) string {
	t.Helper()
	for range 10000 {
		port := fmt.Sprint(20000 + (int32(os.Getpid())*97+lastPort.Add(1))%10000)
		if listener, err := net.Listen("tcp", "localhost:"+port); err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
