package servertest

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// ServeHTTP answers a request of any version of HTTP with what happens at its path, as a gateway that speaks HTTP/1.1 to the
// servers behind it: where the misbehaving server ends its connection, the stream ends, and where it resets it, or answers
// nothing, the stream is reset. It wants a ResponseWriter that can be hijacked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	far, err := net.Dial("tcp", s.Addr())
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer far.Close()
	r.Write(far) // if that fails, there is no answer
	in := bufio.NewReader(far)
	answer, err := http.ReadResponse(in, r)
	if err != nil {
		breakOff(w)
		return
	}
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		io.Copy(w, answer.Body)
		return
	}
	if near, buffered, err := http.NewResponseController(w).Hijack(); err == nil {
		carry(near, buffered.Reader, far.(*net.TCPConn), in)
	}
}

// carry takes what is read of near and far both ways, until there is no more from afar.
func carry(near net.Conn, nearby io.Reader, far *net.TCPConn, farther io.Reader) {
	up := make(chan struct{})
	go func() { // ended by the end of near
		defer close(up)
		io.Copy(far, nearby)
		far.CloseWrite()
	}()
	if _, err := io.Copy(near, farther); err != nil {
		resetStream(near)
	}
	near.Close()
	far.Close()
	<-up
}

// breakOff resets the stream of a request before it was answered.
func breakOff(w http.ResponseWriter) {
	if near, _, err := http.NewResponseController(w).Hijack(); err == nil {
		resetStream(near)
	}
}

// resetStream ends a stream badly, where its version of HTTP can.
func resetStream(near net.Conn) {
	if stream, ok := near.(interface{ Reset() }); ok {
		stream.Reset()
	}
	near.Close()
}
