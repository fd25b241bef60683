// Peer is the server of a measurement: a raw server in a separate process that receives and sends frames with as little work as possible,
// so that the contender is measured.
//
// It prints {"ws":"ADDRESS","wss":"ADDRESS"}, then two reports for each connection, when it is opened and when it
// has ended, one JSON object a line, and ends when standard input does. The URL of a connection is its job:
//
//	/sink?run=ID&messages=N&size=S[&text=1[&end=1]][&verify=1]   count messages; with verify compare every byte
//	/blast?run=ID&messages=N&size=S[&text=1]                     send, then close
//	/echo?run=ID                                                 send each message back
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"wsx/bench/compare/raw"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

// run serves until stdin ends.
func run(stdin io.Reader, stdout io.Writer) error {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer plain.Close()
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	secure, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	defer secure.Close()
	p := &peer{out: json.NewEncoder(stdout)}
	p.out.Encode(map[string]string{"ws": plain.Addr().String(), "wss": secure.Addr().String()})
	go p.serve(plain)
	go p.serve(secure)
	_, err = io.Copy(io.Discard, stdin)
	return err
}

// peer serves one connection at a time.
type peer struct {
	mu  sync.Mutex // guards the fields below
	out *json.Encoder

	frames blastFrames
}

// serve ends when the listener is closed.
func (p *peer) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			p.sendReport(p.handle(conn))
		}()
	}
}

func (p *peer) sendReport(r report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Encode(r)
}

func (p *peer) handle(conn net.Conn) report {
	request, early, err := raw.Accept(conn)
	if err != nil {
		return report{Error: err.Error()}
	}
	r := report{Run: request.URL.Query().Get("run")}
	job, err := parseJob(request.URL)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	var frames blastFrames
	if request.URL.Path == "/blast" {
		frames = p.framesFor(job)
	}
	p.sendReport(report{Run: r.Run, Opened: true})
	if err := raw.Answer(conn, request); err != nil {
		r.Error = err.Error()
		return r
	}
	source := prefixed(early, conn)
	switch request.URL.Path {
	case "/sink":
		return sink(conn, source, job, r)
	case "/blast":
		return blast(conn, source, frames, r)
	default:
		return echo(conn, source, r)
	}
}
