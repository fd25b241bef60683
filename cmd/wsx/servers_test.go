//go:build linux || darwin

package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// realServer is another implementation of an application protocol, installed by .ci/servers.
type realServer struct {
	name    string                                              // name of its variable and, in lower case, of its condition
	command func(t *testing.T, dir string) (args, env []string) // returns nil if it is not installed
	ready   *regexp.Regexp                                      // matches the line that it prints when it accepts connections; the first group is the URL, if there is one
	url     func() string                                       // returns the URL if ready has no group; set by command
}

// listeningLine matches the line that the servers in test/servers print.
var listeningLine = regexp.MustCompile(`listening on (ws://\S+)`)

// startReal starts a server, and returns its URL; "" = it is not installed.
func startReal(t *testing.T, s realServer) string {
	dir := t.TempDir()
	args, env := s.command(t, dir)
	if args == nil {
		return ""
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		err = cmd.Start()
	}
	if err != nil {
		t.Logf("no %s: %v", s.name, err)
		return ""
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		done := make(chan struct{})
		go func() { // ended by the kill below at the latest
			defer close(done)
			cmd.Wait()
		}()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-done
		}
	})
	found := make(chan string, 1)
	go func() { // ended by the server's end
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := s.ready.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[len(m)-1]:
				default:
				}
			}
		}
	}()
	select {
	case url := <-found:
		if s.url != nil {
			return s.url()
		}
		return url
	case <-time.After(time.Minute):
		t.Errorf("%s did not start", s.name)
		return ""
	}
}

// freePorts returns ports that are free.
func freePorts(t *testing.T, n int) (ports []string) {
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

// scripted returns the command of a script in test/servers, run by a program with its packages in a folder that a variable names.
func scripted(program, packages, script string, args ...string) func(*testing.T, string) ([]string, []string) {
	return func(t *testing.T, _ string) ([]string, []string) {
		folder := os.Getenv(packages)
		path, err := filepath.Abs(filepath.Join("../../test/servers", script))
		if folder == "" || err != nil {
			return nil, nil
		}
		return append([]string{program, path}, args...), []string{"NODE_PATH=" + folder, "PYTHONPATH=" + folder}
	}
}

// built returns the command of a program in the folder of WSX_SERVERS.
func built(t *testing.T, name string) string {
	path := filepath.Join(os.Getenv("WSX_SERVERS"), name)
	if _, err := os.Stat(path); os.Getenv("WSX_SERVERS") == "" || err != nil {
		return ""
	}
	return path
}

func builtServer(name string) func(*testing.T, string) ([]string, []string) {
	return func(t *testing.T, _ string) ([]string, []string) {
		if path := built(t, name); path != "" {
			return []string{path}, nil
		}
		return nil, nil
	}
}

// realServers is the table of the servers.
func realServers() []realServer {
	var centrifugo, inspector, chromium, rabbit, nats string
	at := func(url *string) func() string { return func() string { return *url } }
	return []realServer{
		{"SOCKETIO", scripted("node", "WSX_SERVERS_NODE", "node/socketio.js"), listeningLine, nil},
		{"PYTHON_SOCKETIO", scripted("python3", "WSX_SERVERS_PYTHON", "python/socketio_server.py"), listeningLine, nil},
		{"GRAPHQL", scripted("node", "WSX_SERVERS_NODE", "node/graphql.js"), listeningLine, nil},
		{"GRAPHQL_OLD", scripted("node", "WSX_SERVERS_NODE", "node/graphql.js", "old"), listeningLine, nil},
		{"AEDES", scripted("node", "WSX_SERVERS_NODE", "node/mqtt.js"), listeningLine, nil},
		{"ETHEREUM", builtServer("ethereum"), listeningLine, nil},
		{"KUBERNETES", builtServer("kubernetes"), listeningLine, nil},
		{"CENTRIFUGO", func(t *testing.T, dir string) ([]string, []string) {
			program := built(t, "centrifugo")
			if program == "" {
				return nil, nil
			}
			port := freePorts(t, 1)[0]
			centrifugo = "ws://127.0.0.1:" + port
			config := `{"http_server":{"address":"127.0.0.1","port":` + port + `},"client":{"insecure":true,"ping_interval":"2s","pong_timeout":"1900ms","allowed_origins":["*"]},
				"channel":{"without_namespace":{"allow_subscribe_for_client":true,"allow_publish_for_client":true,"history_size":10,"history_ttl":"60s"}}}`
			writeConfig(t, dir, "config.json", config)
			return []string{program, "-c", "config.json"}, nil
		}, regexp.MustCompile(`serving websocket`), at(&centrifugo)},
		{"NODE_INSPECTOR", func(t *testing.T, _ string) ([]string, []string) {
			if os.Getenv("WSX_SERVERS_NODE") == "" {
				return nil, nil
			}
			inspector = "127.0.0.1:" + freePorts(t, 1)[0]
			return []string{"node", "--inspect=" + inspector, "-e", "setInterval(() => {}, 1000)"}, nil
		}, regexp.MustCompile(`Debugger listening`), at(&inspector)},
		{"CHROMIUM", func(t *testing.T, dir string) ([]string, []string) {
			program, err := exec.LookPath("chromium")
			if err != nil || os.Getenv("WSX_SERVERS") == "" {
				return nil, nil
			}
			port := freePorts(t, 1)[0]
			chromium = "127.0.0.1:" + port
			return []string{program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
				"--remote-debugging-port=" + port, "--user-data-dir=" + dir, "about:blank"}, nil
		}, regexp.MustCompile(`DevTools listening`), at(&chromium)},
		{"RABBITMQ", func(t *testing.T, dir string) ([]string, []string) {
			const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
			if _, err := os.Stat(program); err != nil || os.Getenv("WSX_SERVERS") == "" {
				return nil, nil
			}
			p := freePorts(t, 4)
			rabbit = "ws://127.0.0.1:" + p[0] + "/ws"
			writeConfig(t, dir, "rabbitmq.conf", "listeners.tcp = none\nstomp.listeners.tcp.1 = 127.0.0.1:"+p[1]+"\nweb_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = "+p[0]+"\n")
			writeConfig(t, dir, "enabled", "[rabbitmq_web_stomp].\n")
			// An epmd of our own ends with the server; the one that Erlang starts would keep running.
			script := "epmd & until epmd -names >/dev/null 2>&1; do sleep 0.05; done; exec " + program
			return []string{"sh", "-c", script}, []string{
				"HOME=" + dir, "ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + p[2], "RABBITMQ_DIST_PORT=" + p[3],
				"RABBITMQ_NODENAME=wsx@localhost", "RABBITMQ_CONFIG_FILE=" + dir + "/rabbitmq", "RABBITMQ_ENABLED_PLUGINS_FILE=" + dir + "/enabled",
				"RABBITMQ_MNESIA_BASE=" + dir + "/db", "RABBITMQ_LOG_BASE=" + dir + "/log", "RABBITMQ_PID_FILE=" + dir + "/pid",
			}
		}, regexp.MustCompile(`Starting broker... completed`), at(&rabbit)},
		{"MQTT", builtServer("mqtt"), listeningLine, nil},
		{"NATS", func(t *testing.T, dir string) ([]string, []string) {
			program := built(t, "nats-server")
			if program == "" {
				return nil, nil
			}
			p := freePorts(t, 2)
			nats = "ws://127.0.0.1:" + p[0]
			writeConfig(t, dir, "nats.conf", "listen: 127.0.0.1:"+p[1]+"\nwebsocket { listen: \"127.0.0.1:"+p[0]+"\", no_tls: true }\n")
			return []string{program, "-c", "nats.conf"}, nil
		}, regexp.MustCompile(`Server is ready`), at(&nats)},
	}
}

func writeConfig(t *testing.T, dir, name, text string) {
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startAll starts the servers that are installed, and returns their URLs by name.
func startAll(t *testing.T) map[string]string {
	var mu sync.Mutex // guards urls
	urls := map[string]string{}
	var starting sync.WaitGroup
	for _, s := range realServers() {
		starting.Go(func() {
			url := startReal(t, s)
			if url == "" {
				t.Logf("no %s", s.name)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			urls[s.name] = url
		})
	}
	starting.Wait()
	return urls
}

// TestServers uses each dialect with other implementations, as far as .ci/servers has installed them.
func TestServers(t *testing.T) {
	if testing.Short() {
		t.Skip("the protocols are tested without other implementations in short mode")
	}
	if os.Getenv("WSX_SERVERS") == "" && os.Getenv("WSX_SERVERS_NODE") == "" {
		t.Skip("no servers: WSX_SERVERS, WSX_SERVERS_NODE and WSX_SERVERS_PYTHON are not set")
	}
	urls := startAll(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/servers",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", raceOptions)
			for name, script := range map[string]string{"CLIENTS": "clients.js", "GRAPHQL_CLIENT": "graphql_client.js"} {
				path, err := filepath.Abs("../../test/servers/node/" + script)
				if err != nil {
					return err
				}
				env.Setenv(name, path)
			}
			env.Setenv("NODE_PATH", os.Getenv("WSX_SERVERS_NODE"))
			for name, url := range urls {
				env.Setenv(name, url)
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			return urls[strings.ToUpper(name)] != "" || name == "npm" && os.Getenv("WSX_SERVERS_NODE") != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "listening": listening, "waitfor": waitFor},
	})
}
