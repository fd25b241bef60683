package servertest

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// ServeHTTP forwards a request of any version of HTTP to the server, as a gateway that speaks HTTP/1.1 to the servers behind it:
// if the server ends its connection, the stream ends; if the server resets it or does not answer, the stream is reset. The
// ResponseWriter must support Hijack.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	upstream, err := net.Dial("tcp", s.Addr())
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer upstream.Close()
	r.Write(upstream) // after an error there is no response
	in := bufio.NewReader(upstream)
	response, err := http.ReadResponse(in, r)
	if err != nil {
		resetRequest(w)
		return
	}
	maps.Copy(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)
	if response.StatusCode != http.StatusSwitchingProtocols {
		io.Copy(w, response.Body)
		return
	}
	if stream, buffered, err := http.NewResponseController(w).Hijack(); err == nil {
		forward(stream, buffered.Reader, upstream.(*net.TCPConn), in)
	}
}

// forward copies bytes both ways until the server has ended its connection.
func forward(stream net.Conn, fromClient io.Reader, upstream *net.TCPConn, fromServer io.Reader) {
	uploaded := make(chan struct{})
	go func() { // ended by closing the stream
		defer close(uploaded)
		io.Copy(upstream, fromClient)
		upstream.CloseWrite()
	}()
	if _, err := io.Copy(stream, fromServer); err != nil {
		resetStream(stream)
	}
	stream.Close()
	upstream.Close()
	<-uploaded
}

// resetRequest resets the stream of a request that was not answered.
func resetRequest(w http.ResponseWriter) {
	if stream, _, err := http.NewResponseController(w).Hijack(); err == nil {
		resetStream(stream)
	}
}

// resetStream resets a stream if its version of HTTP supports that.
func resetStream(conn net.Conn) {
	if stream, ok := conn.(interface{ Reset() }); ok {
		stream.Reset()
	}
	conn.Close()
}
