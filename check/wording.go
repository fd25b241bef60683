package check

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"wsx/client/wire"
	"wsx/errno"
)

// ended returns in words how a stream ended.
func ended(err error) string {
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended without a Close"
	case errno.IsReset(err), errno.IsClosedPipe(err):
		return "the connection was reset without a Close"
	case errors.Is(err, net.ErrClosed):
		return "the server did not read the data"
	}
	return fmt.Sprintf("the connection ended without a Close: %v", err)
}

// after returns in words how long something took.
func after(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return "after " + d.Round(100*time.Microsecond).String()
	case d < time.Second:
		return "after " + d.Round(time.Millisecond).String()
	}
	return "after " + d.Round(10*time.Millisecond).String()
}

// within returns in words how long the check waited.
func within(d time.Duration) string { return "within " + d.Round(time.Millisecond).String() }

func codeName(code int) string {
	if code == wire.CodeNone {
		return "without a code"
	}
	return fmt.Sprint(code)
}
