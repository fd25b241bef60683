package errno_test

import (
	"errors"
	"net"
	"os"
	"testing"

	"wsx/errno"
)

func TestClosedPipe(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in.Close()
	if _, err := out.WriteString("x"); !errno.IsClosedPipe(err) {
		t.Errorf("a write to a pipe without a reader: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if _, err := net.Listen("tcp", address); !errors.Is(err, errno.AddressInUse) {
		t.Errorf("listen twice: %v", err)
	}
	listener.Close()
	if _, err := net.Dial("tcp", address); !errors.Is(err, errno.Refused) {
		t.Errorf("dial a closed port: %v", err)
	}
	if _, err := net.Listen("tcp", "192.0.2.1:0"); !errors.Is(err, errno.NoAddress) {
		t.Errorf("listen on an address of another machine: %v", err)
	}
}

func TestReset(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	far.(*net.TCPConn).SetLinger(0)
	far.Close()
	if _, err := near.Read(make([]byte, 1)); !errno.IsReset(err) {
		t.Errorf("read after a reset: %v", err)
	}
}
