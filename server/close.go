package server

import "fmt"

// Close codes that this package sends (RFC 6455, section 7.4.1).
const (
	closeGoingAway = 1001
	closePolicy    = 1008
)

// closeFrame is a Close frame to send. A behaviour returns it as an error to end the connection.
type closeFrame struct {
	code   int
	reason string
}

func (f closeFrame) Error() string { return fmt.Sprintf("%d %s", f.code, f.reason) }

// receivedClose is the peer's Close frame.
type receivedClose closeFrame

func (f receivedClose) Error() string { return closeFrame(f).Error() }
