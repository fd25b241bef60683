package load

import (
	"context"
	"fmt"
	"strings"

	"wsx/load/report"
)

// Scenario describes what the connections of a run do.
type Scenario struct {
	Name string
	Help string
	run  func(context.Context, *run) (*report.Report, error)
}

// Scenarios returns all scenarios. The first is the default.
func Scenarios() []Scenario {
	return []Scenario{
		{"echo", "send on each connection and wait for a reply to each message", runEcho},
		{"connect", "open connections: how long the handshakes take, and how many connections the server holds", runConnect},
		{"fanout", "send to a room with receivers: the latency to each receiver, and how many messages reach them", runFanout},
		{"receive", "send nothing: the time between two received messages, and gaps", runReceive},
	}
}

func scenarioNamed(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("unknown scenario %q: expected %s", name, strings.Join(names, ", "))
}
