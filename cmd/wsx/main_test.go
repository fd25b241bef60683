package main

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"wsx/daemon"
	"wsx/server"
	"wsx/server/servertest"
	"wsx/test/proxytest"
)

// raceOptions makes a program built with the race detector exit at once, and not after a second.
const raceOptions = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", raceOptions)
	flag.Set("test.parallel", "24") // whole programs wait more than they compute
	testscript.Main(m, map[string]func(){"wsx": func() {
		os.Args = slices.Insert(os.Args, 1, strings.Fields(os.Getenv("FLAGS"))...)
		main()
	}})
}

// TestScripts runs the real program as its users do, with an echo server ($ECHO), a misbehaving server ($BAD), another implementation
// ($NODE_ECHO) and a closed port ($CLOSED), over each version of HTTP. Scripts skip what a version does not support by the conditions
// http1, http2 and http3, what needs UDP by udp, and what needs Unix sockets by sockets.
func TestScripts(t *testing.T) {
	if testing.Short() { // the scripts of one version leave room for other tests in parallel
		t.Parallel()
	}
	nodeEcho := startNodeEcho(t)
	for _, version := range []string{"http1", "http2", "http3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			runScripts(t, "testdata/script", version, nodeEcho)
		})
	}
}

// TestScriptsAlone runs scripts in which a server must answer in time, over one version of HTTP after the other, with no other test in parallel.
func TestScriptsAlone(t *testing.T) {
	for _, version := range []string{"http1", "http2", "http3"} {
		t.Run(version, func(t *testing.T) { runScripts(t, "testdata/alone", version, "") })
	}
}

// runScripts runs the scripts in a folder over a version of HTTP. nodeEcho is the URL of $NODE_ECHO; "" = none.
func runScripts(t *testing.T, folder, version, nodeEcho string) {
	if testing.Short() && version != "http1" {
		t.Skip("only over HTTP/1.1 in short mode")
	}
	if version == "http3" && !hasUDP() {
		t.Skip("no UDP")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 folder,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NODE_ECHO", nodeEcho)
			return setup(env, version)
		},
		Condition: func(name string) (bool, error) {
			return name == version || name == "nodews" && nodeEcho != "" || name == "udp" && hasUDP() || name == "sockets" && hasSockets(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "listening": listening, "waitfor": waitFor},
	})
}

// setup starts servers that end with the script. $FLAGS precede the arguments of every wsx: they select the version, which is also
// $VERSION, and trust the servers' certificates.
func setup(env *testscript.Env, version string) error {
	bad, err := servertest.Listen()
	if err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		o    server.Options
	}{
		{"ECHO", server.Options{}},
		{"SECURE", secured(env, "ca.pem")},
		{"GATEWAY", secured(env, "gateway.pem")},
	} {
		s.o.Addr = "127.0.0.1:0"
		s.o.Subprotocols = []string{"mqtt", "msgpack", "v12.stomp", "graphql-transport-ws"}
		if s.name == "GATEWAY" {
			s.o.Handler = bad
		}
		running, err := server.Listen(context.Background(), s.o)
		if err != nil {
			return err
		}
		env.Defer(func() { running.Shutdown(context.Background()) })
		env.Setenv(s.name, strings.TrimSuffix(running.URL(), "/"))
	}
	env.Defer(bad.Close) // before the gateway, which waits for it
	env.Setenv("GORACE", raceOptions)
	env.Setenv("NODE_PATH", os.Getenv("WSX_NODE_PATH"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("BAD", bad.URL(""))
	env.Setenv("CLOSED", "ws://127.0.0.1:1")
	if version != "http1" {
		env.Setenv("VERSION", "--"+version)
		env.Setenv("FLAGS", "--"+version+" --ca "+filepath.Join(env.WorkDir, "ca.pem")+" --ca "+filepath.Join(env.WorkDir, "gateway.pem"))
		env.Setenv("ECHO", env.Getenv("SECURE"))
		env.Setenv("BAD", env.Getenv("GATEWAY"))
		env.Setenv("CLOSED", "wss://127.0.0.1:1")
	}
	if err := keepSessions(env); err != nil {
		return err
	}
	return listenUnix(env, bad)
}

// fileWith creates a file with a text until the test ends, and returns its path.
func fileWith(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// keepSessions creates a folder for the sessions of a script, and closes those that are left open.
func keepSessions(env *testscript.Env) error {
	run := filepath.Join(env.WorkDir, "run")
	if err := os.Mkdir(run, 0o700); err != nil {
		return err
	}
	env.Setenv("XDG_RUNTIME_DIR", run)
	env.Defer(func() {
		os.Chmod(filepath.Join(run, "wsx"), 0o700)
		closeSessions(env.Getenv)
	})
	return nil
}

// closeSessions closes the sessions that are open.
func closeSessions(env func(string) string) error {
	folder, err := daemon.OpenFolder(env)
	if err != nil {
		return err
	}
	names, _ := folder.Names()
	for _, name := range names {
		folder.Close(name, nil)
	}
	return nil
}

// hasUDP reports whether Go can use UDP here, which HTTP/3 needs: under Wine it cannot.
func hasUDP() bool {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err == nil {
		socket.Close()
	}
	return err == nil
}

// hasSockets reports whether there are Unix sockets here: under Wine there are none.
func hasSockets() bool {
	folder, err := os.MkdirTemp("", "wsx")
	if err != nil {
		return false
	}
	defer os.RemoveAll(folder)
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err == nil {
		socket.Close()
	}
	return err == nil
}

// secured returns the options of a server with TLS and all versions of HTTP.
func secured(env *testscript.Env, ca string) server.Options {
	return server.Options{HTTP2: true, HTTP3: hasUDP(), TLS: server.TLS{SelfSigned: true, Out: filepath.Join(env.WorkDir, ca)}}
}

// listenUnix forwards a unix socket, $SOCKET, to the misbehaving server, except on Windows, where no script needs it.
func listenUnix(env *testscript.Env, bad *servertest.Server) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	path := filepath.Join(env.WorkDir, "socket")
	local, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	env.Setenv("SOCKET", path)
	env.Defer(func() { local.Close() })
	go func() { // ended by closing the listener
		for {
			near, err := local.Accept()
			if err != nil {
				return
			}
			go proxytest.Relay(near, bad.Addr())
		}
	}()
	return nil
}

// exits CODE PROGRAM ARGS… runs a program, and fails unless it ends with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v: exit code %d, want %d", args[1:], got, want)
	}
}

// listening FILE NAME waits until a running program has written its listening URL to a file, and sets a variable to it.
func listening(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: listening FILE NAME")
	}
	ts.Setenv(args[1], string(await(ts, args[0], `(?:listening on |"event":"listen","url":")(wss?://[^/]+/)`)[1]))
}

// waitfor FILE REGEX waits until a running program has written a match to a file.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE REGEX")
	}
	await(ts, args[0], args[1])
}

// await waits until a file has a match, and returns that and its groups.
func await(ts *testscript.TestScript, file, pattern string) [][]byte {
	wanted := regexp.MustCompile(pattern)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		text, _ := os.ReadFile(ts.MkAbs(file))
		if found := wanted.FindSubmatch(text); found != nil {
			return found
		}
	}
	ts.Fatalf("no %s in %s: %s", pattern, file, ts.ReadFile(file))
	return nil
}

// startNodeEcho starts an echo server with npm ws, and returns its URL; "" if that is not installed. WSX_NODE_PATH is the folder with
// the package.
func startNodeEcho(t *testing.T) string {
	modules := os.Getenv("WSX_NODE_PATH")
	if modules == "" {
		t.Log("no npm ws: WSX_NODE_PATH does not name a folder with the package")
		return ""
	}
	cmd := exec.Command("node", "testdata/ws_echo.js")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Logf("no npm ws: %v", err)
		return ""
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	buffer := make([]byte, 100)
	n, err := out.Read(buffer)
	if err != nil {
		t.Fatalf("npm ws did not print its URL: %v", err)
	}
	return string(buffer[:n])
}

// echoURL starts an echo server for the test, and returns its URL.
func echoURL(t *testing.T) string {
	s, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s.URL()
}
