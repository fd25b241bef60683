//go:build linux || darwin

package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// docsShell runs the commands of a page in a shell, in a folder of its own, which is also its home.
type docsShell struct {
	t        *testing.T
	servers  *docsServers
	dir      string
	ports    ports
	sessions string // the folder of its sessions
}

func newDocsShell(t *testing.T, servers *docsServers) *docsShell {
	return &docsShell{t: t, servers: servers, dir: t.TempDir(), ports: servers.ports.with(t, ownPorts...), sessions: newSessions(t)}
}

// optional are programs that a machine may not have.
var optional = []string{
	"actionlint", "centrifugo", "chromium", "curl", "jq", "kubectl", "node", "nginx", "openssl", "socat", "ssh", "sshd", "systemd-analyze", "tshark", "websockify",
}

// skipMissing skips a section that needs a program which is not installed.
func (d *docsShell) skipMissing(c pageSection) {
	d.t.Helper()
	for _, b := range c.blocks {
		for _, program := range optional {
			used := regexp.MustCompile(`(?m)(^|[|(] *|PORT=\d+ |/usr/sbin/)` + program + ` `).MatchString(b.text)
			if used && program == "kubectl" {
				d.replaceCluster()
				continue
			}
			_, err := exec.LookPath(program)
			if err != nil {
				_, err = os.Stat(filepath.Join(os.Getenv("WSX_SERVERS"), program))
			}
			if used && err != nil {
				d.t.Skipf("%s is not installed", program)
			}
			if used && program == "node" && os.Getenv("WSX_SERVERS_NODE") == "" {
				d.t.Skip("no npm packages: WSX_SERVERS_NODE does not name the folder that .ci/servers installs")
			}
			if used && program == "chromium" {
				d.addChromium()
			}
		}
	}
}

// addChromium adds a chromium that also starts for root and in containers. Its first page has the title that hasLoadedPage looks for.
func (d *docsShell) addChromium() {
	d.t.Helper()
	program, _ := exec.LookPath("chromium")
	d.install("chromium", "exec "+program+` --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "$@" 'data:text/html,<title>loaded</title>'`)
}

// install installs a script of sh, which takes precedence over other programs of its name.
func (d *docsShell) install(name, script string) {
	d.t.Helper()
	err := os.MkdirAll(filepath.Join(d.dir, "bin"), 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(d.dir, "bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o700)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// replaceCluster installs a kubectl whose proxy connects to the handlers of an API server, which .ci/servers builds, and not to a
// cluster.
func (d *docsShell) replaceCluster() {
	d.t.Helper()
	server := filepath.Join(os.Getenv("WSX_SERVERS"), "kubernetes")
	if _, err := os.Stat(server); err != nil {
		d.t.Skip("no Kubernetes here: WSX_SERVERS names the folder that .ci/servers fills")
	}
	d.install("kubectl", `[ "$1" = proxy ] && exec `+server+` "127.0.0.1:${2#--port=}"`)
}

// run runs commands in a shell, up to the first that fails, and returns their output.
func (d *docsShell) run(commands string) string {
	d.t.Helper()
	if strings.HasPrefix(commands, "go test") || strings.HasPrefix(commands, ".ci/") {
		d.wantContributorCommand(commands)
		return ""
	}
	shell := d.shell(commands)
	var stderr strings.Builder
	shell.Stderr = &stderr
	out, err := shell.Output()
	if err != nil {
		d.t.Fatalf("%s\n%v: %s%s", commands, err, out, stderr.String())
	}
	return d.ports.toPage(string(out))
}

func (d *docsShell) shell(commands string) *exec.Cmd {
	cmd := exec.CommandContext(d.t.Context(), "sh", "-ec", d.ports.toReal(commands))
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "XDG_RUNTIME_DIR="+d.sessions, "PATH="+d.dir+"/bin:"+os.Getenv("PATH")+":"+os.Getenv("WSX_SERVERS"), "GOBIN="+d.dir, "NODE_PATH="+os.Getenv("WSX_SERVERS_NODE"))
	if strings.HasPrefix(commands, "go ") {
		cmd.Dir = "../.."
		cmd.Env = append(cmd.Env, "HOME="+os.Getenv("HOME")) // for the cache of go
	}
	return cmd
}

// serve runs commands until the test ends, and returns when every port in them accepts connections, and a browser has loaded its first
// page: what is sent to a page that is loading may fail.
func (d *docsShell) serve(commands string) {
	d.t.Helper()
	shell := d.shell(commands)
	var output strings.Builder
	shell.Stdout, shell.Stderr = &output, &output
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGTERM) } // with all processes it started
	shell.WaitDelay = testTimeout
	if err := shell.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- shell.Wait() }() // ended by the end of the test
	d.t.Cleanup(func() { <-ended })
	isReady := acceptsConnections
	if strings.HasPrefix(commands, "chromium ") {
		isReady = hasLoadedPage
	}
	for _, port := range d.ports.realPorts(commands) {
		d.waitForPort(port, isReady, ended, &output)
	}
}

func acceptsConnections(port string) bool {
	conn, err := net.Dial("tcp", "localhost:"+port)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// hasLoadedPage reports whether the browser with a debugging port has loaded its first page.
func hasLoadedPage(port string) bool {
	response, err := http.Get("http://localhost:" + port + "/json/list")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	list, err := io.ReadAll(response.Body)
	return err == nil && strings.Contains(string(list), `"title": "loaded"`)
}

// waitForPort waits until the server on a port is ready.
func (d *docsShell) waitForPort(port string, isReady func(port string) bool, ended chan error, output *strings.Builder) {
	d.t.Helper()
	for limit := time.Now().Add(testTimeout); !isReady(port); time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			d.t.Fatalf("the server has ended: %v: %s", err, output)
		default:
		}
		if time.Now().After(limit) {
			d.t.Fatalf("no server on port %s", port)
		}
	}
}

// wantContributorCommand checks that a command for contributors exists. It does not run it: it would run this test.
func (d *docsShell) wantContributorCommand(command string) {
	d.t.Helper()
	if strings.HasPrefix(command, "go test") {
		wantInCI(d.t, "go test -race", "./...")
		return
	}
	script, err := os.Stat(filepath.Join("../..", strings.TrimSpace(command)))
	if err != nil || script.Mode()&0o100 == 0 {
		d.t.Errorf("%s cannot be run: %v", command, err)
	}
}
