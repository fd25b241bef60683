//go:build linux || darwin

package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"wsx/test/proxytest"
)

// authProxy starts an HTTP proxy that requires the user "me" with the password "secret". It connects every host to one server; "" = to
// the host that is requested.
func authProxy(t *testing.T, server string) (address string) {
	t.Helper()
	return listenFor(t, proxytest.HTTP{Login: "me:secret", To: server})
}

func TestProxyPasswordPrompt(t *testing.T) {
	t.Parallel()
	proxy, echo := authProxy(t, ""), echoURL(t)
	for _, c := range []struct{ proxy, prompt, answer string }{
		{proxy, "User and password (USER:PASS) for proxy http://" + proxy, "me:secret"},
		{"me@" + proxy, "Password of me for proxy http://" + proxy, "secret"},
	} {
		s := startAtTerminal(t, "--proxy", c.proxy, "-v", echo)
		s.waitFor(c.prompt)
		s.typeKeys(c.answer + "\r")
		s.waitFor("through the proxy http://" + proxy + " (the proxy option)")
		s.waitFor("* connected to ws://")
		s.typeKeys("hello\r")
		s.waitFor("< hello\r\n")
		s.end("\x04", 0)
		if strings.Contains(s.shown(), "secret") {
			t.Error("the password was shown")
		}
	}
}

// TestNoPromptWithoutTerminal: without a terminal a missing password is an error.
func TestNoPromptWithoutTerminal(t *testing.T) {
	proxy := authProxy(t, "")
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"-u", "me"}, 2, []string{`no password was given for the user "me"`, "hint: give it after a colon"}},
		{[]string{"--proxy", proxy}, 3, []string{"407 Proxy Authentication Required", `Proxy-Authenticate: Basic realm="here"`,
			"hint: give a user and password: --proxy http://USER:PASS@" + proxy}},
	} {
		cmd := exec.Command("wsx", append(c.args, echoURL(t))...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%v: exit code %d", c.args, code)
		}
		for _, want := range c.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("%v: %q is not in %q", c.args, want, out)
			}
		}
	}
}
