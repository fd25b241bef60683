//go:build unix

package dial

import (
	"os"
	"os/exec"
	"testing"

	"wsx/server/servertest"
)

// TestRealAioquicHTTP3 connects to an independent implementation of QUIC and HTTP/3. WSX_PYTHON_PATH is the folder with the
// Python package aioquic.
func TestRealAioquicHTTP3(t *testing.T) {
	python := requireProgram(t, "python3")
	t.Setenv("PYTHONPATH", os.Getenv("WSX_PYTHON_PATH"))
	if exec.Command(python, "-c", "import aioquic").Run() != nil {
		t.Skip("the Python package aioquic is not installed")
	}
	ca := servertest.NewAuthority(t)
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	port := freePort(t)
	startProgram(t, "127.0.0.1:"+port, python, "testdata/http3_echo.py", port, certFile, keyFile)
	url, o := "wss://127.0.0.1:"+port, Options{HTTP: HTTP3, CAFiles: []string{ca.File}, NoCompress: true, Subprotocols: []string{"a", "b"}}
	exchangeMessages(t, url+"/x?y=z", o, transports()[2])
	failed := dialFails(t, url+"/403", o)
	if failed.Why != "403 Forbidden" || failed.Refusal == nil || string(failed.Refusal.Body) != "go away" || failed.Refusal.Explaining[0] != "server: aioquic" {
		t.Errorf("%v: %+v", failed, failed.Refusal)
	}
}
