// Command kubernetes serves exec as an API server of Kubernetes does, for tests: its handler translates WebSocket to the
// streams of a kubelet, whose executor runs no container, but knows the commands echo, cat, fail and sh -c 'exit N'. The path
// /kubelet is the kubelet itself. The server listens on the address of its argument, or on a free port.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/apiserver/pkg/util/proxy"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// executor executes the commands.
type executor struct{}

func (executor) ExecInContainer(_ context.Context, _, _, _ string, command []string, in io.Reader, out, errs io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if len(command) == 0 {
		return fmt.Errorf("no command")
	}
	if exit, ok := strings.CutPrefix(strings.Join(command, " "), "sh -c exit "); ok {
		command = []string{"fail", exit}
	}
	switch command[0] {
	case "echo":
		for _, word := range command[1:] {
			fmt.Fprintln(out, word)
		}
		fmt.Fprintln(errs, "done")
	case "cat":
		_, err := io.Copy(out, in)
		return err
	case "fail":
		code, _ := strconv.Atoi(command[1])
		return utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", code), Code: code}
	}
	return nil
}

// kubelet serves the streams.
func kubelet(w http.ResponseWriter, r *http.Request) {
	remotecommand.ServeExec(w, r, executor{}, "pod", "uid", "container", r.URL.Query()["command"], options(r), time.Minute, time.Minute, []string{"v4.channel.k8s.io"})
}

func options(r *http.Request) *remotecommand.Options {
	query := r.URL.Query()
	return &remotecommand.Options{Stdin: query.Get("stdin") == "true", Stdout: query.Get("stdout") == "true", Stderr: query.Get("stderr") == "true"}
}

func main() {
	kubeletListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go http.Serve(kubeletListener, http.HandlerFunc(kubelet)) // ended with the program
	address := "127.0.0.1:0"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening on ws://%s/\n", listener.Addr())
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kubelet" { // speaks v4.channel.k8s.io itself
			kubelet(w, r)
			return
		}
		location := &url.URL{Scheme: "http", Host: kubeletListener.Addr().String(), Path: "/exec", RawQuery: r.URL.RawQuery}
		o := options(r)
		proxy.NewStreamTranslatorHandler(location, http.DefaultTransport, 0, proxy.Options{Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr}).ServeHTTP(w, r)
	}))
}
