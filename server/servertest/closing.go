package servertest

import (
	"net/http"
	"strconv"
	"strings"
)

// after upgrades, reads ?after= messages and then ends the connection.
func after(end func(*conn)) func(*conn) {
	return func(c *conn) {
		c.upgrade(nil)
		c.skipMessages(c.intParam("after", 0))
		end(c)
	}
}

func sendClose(c *conn) {
	c.upgrade(nil)
	c.skipMessages(c.intParam("after", 0))
	c.closeHandshake(c.intParam("code", 1000), c.query.Get("reason"))
}

func neverRead(c *conn) { <-c.server.closed }

// flaky fails the first ?n= connections of an id.
func flaky(c *conn) {
	if c.server.countConn(c.query.Get("id")) > c.intParam("n", 1) {
		echo(c)
		return
	}
	if c.query.Has("refuse") {
		c.respond(http.StatusServiceUnavailable, http.Header{"Retry-After": {"0"}}, "try again\n")
		drain(c)
		return
	}
	c.upgrade(nil)
	c.skipMessages(c.intParam("after", 0))
	drop(c)
}

// sequence behaves differently on each connection of an id.
func sequence(c *conn) {
	steps := strings.Split(c.param("do", "drop,echo"), ",")
	step := steps[min(c.server.countConn(c.query.Get("id")), len(steps))-1]
	status, err := strconv.Atoi(step)
	switch {
	case err == nil:
		c.respond(status, http.Header{"Retry-After": {c.param("retry", "0")}}, "not now\n")
		drain(c)
	case step == "drop":
		after(drop)(c)
	default:
		echo(c)
	}
}

func noClose(c *conn) {
	c.upgrade(nil)
	for {
		f, err := c.readFrame()
		if err != nil {
			return
		}
		c.echoFrame(f)
	}
}

func lateClose(c *conn) {
	c.upgrade(nil)
	for {
		f, err := c.readFrame()
		if err != nil {
			return
		}
		if f.opcode() == opClose {
			c.bufferNumbered(c.intParam("n", 3), "last word")
			c.writeFrame(finBit|opClose, string(f.payload))
			return
		}
	}
}
