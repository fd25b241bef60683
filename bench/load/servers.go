package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// echoServer is a server whose cost is measured.
type echoServer struct {
	name    string
	command []string // prints "listening on URL"
	env     []string
}

// nodeEcho is an echo server on npm ws, as in its documentation.
const nodeEcho = `const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (ws) => { ws.on("error", () => {}); ws.on("message", (data, binary) => ws.send(data, { binary })); });
server.on("listening", () => console.error("listening on ws://127.0.0.1:" + server.address().port + "/"));
`

// echoServers returns wsx serve and, where available, a bare server on epoll, built with the C compiler, and npm ws.
func echoServers(wsx, folder, node string) []echoServer {
	all := []echoServer{{name: "wsx serve", command: []string{wsx, "serve", "echo", "--addr", "127.0.0.1:0"}}}
	epoll := filepath.Join(folder, "epoll")
	if out, err := exec.Command("cc", "-O2", "-o", epoll, "bench/load/epoll/server.c").CombinedOutput(); err != nil {
		fmt.Printf("no bare epoll server (%v) %s\n", err, out)
	} else {
		all = append(all, echoServer{name: "bare epoll", command: []string{epoll}})
	}
	if node != "" {
		all = append(all, echoServer{name: "npm ws", command: []string{"node", "-e", nodeEcho}, env: []string{"NODE_PATH=" + node}})
	}
	return all
}

// compareServers measures the servers in turn under the same load, and prints the echoes of each per second of its CPU.
func compareServers(wsx, folder, node string, connections, rounds int, duration time.Duration) error {
	costs := map[string][]cost{}
	servers := echoServers(wsx, folder, node)
	for range rounds {
		for _, s := range servers {
			c, err := s.measure(wsx, connections, duration)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			costs[s.name] = append(costs[s.name], c)
		}
	}
	rate := func(c cost) float64 { return c.echoes / c.cpu.Seconds() }
	wsxRate := median(costs[servers[0].name], rate)
	for _, s := range servers {
		serverRate := median(costs[s.name], rate)
		fmt.Printf("%-20s %5d connections  %-10s %10.0f echoes a CPU-second of the server; wsx serve does %.2f times that\n",
			"server, closed model", connections, s.name, serverRate, wsxRate/serverRate)
	}
	return nil
}

// measure starts the server, loads it, and returns its cost from start to end.
func (s echoServer) measure(wsx string, connections int, duration time.Duration) (cost, error) {
	server := exec.Command(s.command[0], s.command[1:]...)
	server.Env = append(os.Environ(), s.env...)
	url, err := serve(server)
	if err != nil {
		return cost{}, err
	}
	c, err := runWsx(wsx, []string{"bench", "--connections", strconv.Itoa(connections), "--warmup", "0", "--duration", duration.String(), url})
	end(server)
	return costOf(server, c.echoes), err
}

// serve starts a server that prints "listening on URL", and returns the URL.
func serve(server *exec.Cmd) (url string, err error) {
	stderr, err := server.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(stderr).ReadString('\n')
	url, found := strings.CutPrefix(line, "listening on ")
	if !found {
		end(server)
		return "", errors.Join(err, errors.New("it does not listen: "+line))
	}
	return strings.Fields(url)[0], nil
}

// end ends a server.
func end(server *exec.Cmd) {
	server.Process.Kill()
	server.Wait()
}
