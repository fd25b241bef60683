// Command load measures what the load generators wsx bench and k6 cost: echoes per second of their own CPU, and memory per
// connection. They run in turn against one server, wsx serve, with the same load: k6 runs the script that wsx prints.
//
//	go run ./bench/load [-k6 PATH] [-node FOLDER] [-rounds N] [-duration D] [-echo N] [-idle N]
//
// k6 is searched for on PATH; go build go.k6.io/k6 in test/servers/k6 builds it. Without k6 only wsx is measured.
//
// Then wsx bench loads servers in turn: wsx serve, a bare server on epoll, built with the C compiler, and npm ws if FOLDER has it. It
// measures echoes per second of the server's CPU.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// scenario is what both programs do.
type scenario struct {
	name        string
	args        []string // of wsx bench
	connections int
}

func run() error {
	k6 := flag.String("k6", "", "the program `PATH`; \"\" = found by the variable PATH")
	rounds := flag.Int("rounds", 3, "how often each measures")
	duration := flag.Duration("duration", 5*time.Second, "how long")
	echo := flag.Int("echo", 100, "connections that send and receive")
	busy := flag.Int("busy", 1000, "connections that do, for the memory of each")
	node := flag.String("node", os.Getenv("WSX_NODE_PATH"), "the `FOLDER` node_modules with the npm package ws; \"\" = npm ws is not measured")
	idle := flag.Int("idle", 1000, "connections that are only open")
	flag.Parse()
	folder, err := os.MkdirTemp("", "load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	wsx := filepath.Join(folder, "wsx")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", wsx, "wsx/cmd/wsx").CombinedOutput(); err != nil {
		return fmt.Errorf("build wsx: %w\n%s", err, out)
	}
	if *k6 == "" {
		*k6, _ = exec.LookPath("k6")
	}
	server := exec.Command(wsx, "serve", "--addr", "127.0.0.1:0")
	url, err := serve(server)
	if err != nil {
		return err
	}
	defer end(server)
	for _, s := range []scenario{
		{"echo, closed model", []string{"echo"}, *echo},
		{"echo, closed model", []string{"echo"}, *busy},
		{"idle", []string{"connect"}, *idle},
	} {
		if err := compare(wsx, *k6, url, folder, s, *rounds, *duration); err != nil {
			return err
		}
	}
	return compareServers(wsx, folder, *node, *echo, *rounds, *duration)
}

// compare runs the programs in turn, and prints the median of each.
func compare(wsx, k6, url, folder string, s scenario, rounds int, duration time.Duration) error {
	args := append(append([]string{"bench"}, s.args...), "--connections", strconv.Itoa(s.connections), "--warmup", "0", "--duration", duration.String(), url)
	costs := map[string][]cost{}
	for range rounds {
		c, err := runWsx(wsx, args)
		if err != nil {
			return err
		}
		costs["wsx"] = append(costs["wsx"], c)
		if k6 == "" {
			continue
		}
		if c, err = runK6(wsx, k6, args, folder); err != nil {
			return err
		}
		costs["k6"] = append(costs["k6"], c)
	}
	for _, name := range []string{"wsx", "k6"} {
		if len(costs[name]) == 0 {
			continue
		}
		line := fmt.Sprintf("%-20s %5d connections  %-4s", s.name, s.connections, name)
		if s.args[0] == "echo" {
			line += fmt.Sprintf("%10.0f echoes a CPU-second", median(costs[name], func(c cost) float64 { return c.echoes / c.cpu.Seconds() }))
		}
		fmt.Printf("%s %8.1f KiB resident a connection\n", line, median(costs[name], func(c cost) float64 { return c.memory / float64(s.connections) }))
	}
	return nil
}

func runK6(wsx, k6 string, args []string, folder string) (cost, error) {
	script, err := exec.Command(wsx, append(args, "--print", "k6")...).Output()
	if err != nil {
		return cost{}, fmt.Errorf("wsx bench --print k6: %w", err)
	}
	load, summary := filepath.Join(folder, "load.js"), filepath.Join(folder, "summary.json")
	if err := os.WriteFile(load, script, 0o600); err != nil {
		return cost{}, err
	}
	bench := exec.Command(k6, "run", "--quiet", "--summary-export", summary, load)
	if out, err := bench.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("k6: %w\n%s", err, out)
	}
	content, err := os.ReadFile(summary)
	if err != nil {
		return cost{}, err
	}
	var s struct {
		Metrics struct {
			Received struct{ Count float64 } `json:"ws_received"`
		}
	}
	if err := json.Unmarshal(content, &s); err != nil {
		return cost{}, err
	}
	return costOf(bench, s.Metrics.Received.Count), nil
}
