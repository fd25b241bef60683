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

// ports are those that the pages speak of, each with the one it really is here.
type ports map[string]string

// ownPorts are those of servers that the pages tell to start.
var ownPorts = []string{"8001", "9000", "9022", "9025", "9026", "9222", "9443", "9444"}

// and has more ports, which are free.
func (p ports) and(t *testing.T, more ...string) ports {
	t.Helper()
	all := maps.Clone(p)
	for _, port := range more {
		all[port] = freePort(t)
	}
	return all
}

// real is a text with the ports there are here.
func (p ports) real(text string) string {
	return numbered.ReplaceAllStringFunc(text, func(place string) string {
		before, port := place[:len(place)-4], place[len(place)-4:]
		if real := p[port]; real != "" {
			return before + real
		}
		return place
	})
}

// told is a text with the ports that the pages speak of.
func (p ports) told(text string) string {
	for port, real := range p {
		text = strings.ReplaceAll(text, ":"+real, ":"+port)
	}
	return text
}

// within are the real ports that a text of a page speaks of.
func (p ports) within(text string) []string {
	var found []string
	for _, place := range numbered.FindAllString(text, -1) {
		if real := p[place[len(place)-4:]]; real != "" && !slices.Contains(found, real) {
			found = append(found, real)
		}
	}
	return found
}

var numbered = regexp.MustCompile(`(:|=|-l )\d{4}\b`)

// lastPort is the last that was given away.
var lastPort atomic.Int32

// freePort is below those that systems choose by themselves, and not where another run of this test begins to look, so
// that nobody gets it before it is used.
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
