package load

import (
	"context"
	"fmt"
	"strings"

	"wsx/load/report"
)

// Scenario is what the connections of a run do.
type Scenario struct {
	Name string
	Help string
	run  func(context.Context, *run) (*report.Report, error)
}

// Scenarios are all that there are. The first is the default.
func Scenarios() []Scenario {
	return []Scenario{
		{"echo", "each connection sends, and a reply is awaited to each message", runEcho},
		{"connect", "connections are opened: how long the handshakes take, and how many the server holds", runConnect},
		{"fanout", "senders and listeners in one room: latency to each listener, and how many messages reach them", runFanout},
		{"receive", "nothing is sent: the time between two messages, and gaps", runReceive},
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
	return Scenario{}, fmt.Errorf("unknown scenario %q: there are %s", name, strings.Join(names, ", "))
}
