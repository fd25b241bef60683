//go:build linux || darwin

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// desk is where somebody copies commands to: a shell, in a folder where files may be made, which is home.
type desk struct {
	t        *testing.T
	town     *town
	dir      string
	ports    ports
	sessions string // the folder of its sessions
}

func newDesk(t *testing.T, town *town) *desk {
	return &desk{t: t, town: town, dir: t.TempDir(), ports: town.ports.and(t, ownPorts...), sessions: newSessions(t)}
}

// optional are the programs that not every machine has.
var optional = []string{
	"actionlint", "centrifugo", "chromium", "curl", "jq", "kubectl", "node", "nginx", "openssl", "socat", "ssh", "sshd", "systemd-analyze", "tshark", "websockify",
}

// needs skips a chapter that wants a program which is not here.
func (d *desk) needs(c chapter) {
	d.t.Helper()
	for _, b := range c.blocks {
		for _, program := range optional {
			called := regexp.MustCompile(`(?m)(^|[|(] *|PORT=\d+ |/usr/sbin/)` + program + ` `).MatchString(b.text)
			if called && program == "kubectl" {
				d.replaceCluster()
				continue
			}
			_, err := exec.LookPath(program)
			if err != nil {
				_, err = os.Stat(filepath.Join(os.Getenv("WSX_SERVERS"), program))
			}
			if called && err != nil {
				d.t.Skipf("no %s here: what is told about it is not tried", program)
			}
			if called && program == "node" && os.Getenv("WSX_SERVERS_NODE") == "" {
				d.t.Skip("no npm packages here: WSX_SERVERS_NODE names the folder that .ci/servers installs")
			}
			if called && program == "chromium" {
				d.letAnybodyBrowse()
			}
		}
	}
}

// letAnybodyBrowse has a chromium that starts for root and in containers, too.
func (d *desk) letAnybodyBrowse() {
	d.t.Helper()
	program, _ := exec.LookPath("chromium")
	d.install("chromium", "exec "+program+` --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "$@"`)
}

// install puts a program that is a script of sh before all others of its name.
func (d *desk) install(name, script string) {
	d.t.Helper()
	err := os.MkdirAll(filepath.Join(d.dir, "bin"), 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(d.dir, "bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o700)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// replaceCluster has a kubectl whose proxy leads not to a cluster but to the handlers of an API server, which .ci/servers builds.
func (d *desk) replaceCluster() {
	d.t.Helper()
	server := filepath.Join(os.Getenv("WSX_SERVERS"), "kubernetes")
	if _, err := os.Stat(server); err != nil {
		d.t.Skip("no Kubernetes here: WSX_SERVERS names the folder that .ci/servers fills")
	}
	d.install("kubectl", `[ "$1" = proxy ] && exec `+server+` "127.0.0.1:${2#--port=}"`)
}

// run says commands to a shell, which stops at the first that fails, and returns what they print.
func (d *desk) run(commands string) string {
	d.t.Helper()
	if strings.HasPrefix(commands, "go test") || strings.HasPrefix(commands, ".ci/") {
		d.wantWorkshop(commands)
		return ""
	}
	shell := d.shell(commands)
	var complaints strings.Builder
	shell.Stderr = &complaints
	out, err := shell.Output()
	if err != nil {
		d.t.Fatalf("%s\n%v: %s%s", commands, err, out, complaints.String())
	}
	return d.ports.told(string(out))
}

func (d *desk) shell(commands string) *exec.Cmd {
	cmd := exec.CommandContext(d.t.Context(), "sh", "-ec", d.ports.real(commands))
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "XDG_RUNTIME_DIR="+d.sessions, "PATH="+d.dir+"/bin:"+os.Getenv("PATH")+":"+os.Getenv("WSX_SERVERS"), "GOBIN="+d.dir, "NODE_PATH="+os.Getenv("WSX_SERVERS_NODE"))
	if strings.HasPrefix(commands, "go ") {
		cmd.Dir = "../.."
		cmd.Env = append(cmd.Env, "HOME="+os.Getenv("HOME")) // with its cache
	}
	return cmd
}

// serve leaves commands running until the test ends, and returns when every port they name can be reached.
func (d *desk) serve(commands string) {
	d.t.Helper()
	shell := d.shell(commands)
	var told strings.Builder
	shell.Stdout, shell.Stderr = &told, &told
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGTERM) } // all that it started
	shell.WaitDelay = patience
	if err := shell.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- shell.Wait() }() // ended by the end of the test
	d.t.Cleanup(func() { <-ended })
	for _, port := range d.ports.within(commands) {
		d.awaits(port, ended, &told)
	}
}

// awaits looks every now and then whether somebody listens.
func (d *desk) awaits(port string, ended chan error, told *strings.Builder) {
	d.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", "localhost:"+port); err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			d.t.Fatalf("the server has ended: %v: %s", err, told)
		default:
		}
		if time.Now().After(limit) {
			d.t.Fatalf("nobody listens on port %s", port)
		}
	}
}

// wantWorkshop wants what contributors are told to run to be there. It is not run: this test is a part of it.
func (d *desk) wantWorkshop(command string) {
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
