package servertest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// after upgrades, waits for ?after= messages and ends that way.
func after(end func(*visit)) func(*visit) {
	return func(v *visit) {
		v.upgrade(nil)
		v.skip(v.number("after", 0))
		end(v)
	}
}

func sayClose(v *visit) {
	v.upgrade(nil)
	v.skip(v.number("after", 0))
	v.close(v.number("code", 1000), v.query.Get("reason"))
}

// hangUp sends FIN and waits for the client's.
func hangUp(v *visit) {
	v.out.Flush()
	v.conn.CloseWrite()
	drain(v)
}

// reset makes the connection end with RST.
func reset(v *visit) {
	v.out.Flush()
	v.conn.SetLinger(0)
}

func drain(v *visit) { io.Copy(io.Discard, v.in) }

func neverRead(v *visit) { <-v.server.closed }

// flaky lets a client that comes again in at last.
func flaky(v *visit) {
	if v.server.count(v.query.Get("id")) > v.number("n", 1) {
		echo(v)
		return
	}
	if v.query.Has("refuse") {
		v.respond(http.StatusServiceUnavailable, http.Header{"Retry-After": {"0"}}, "come again\n")
		drain(v)
		return
	}
	v.upgrade(nil)
	v.skip(v.number("after", 0))
	hangUp(v)
}

// moody does something else at each visit of an id.
func moody(v *visit) {
	moods := strings.Split(v.word("do", "drop,echo"), ",")
	mood := moods[min(v.server.count(v.query.Get("id")), len(moods))-1]
	status, err := strconv.Atoi(mood)
	switch {
	case err == nil:
		v.respond(status, http.Header{"Retry-After": {v.word("retry", "0")}}, "not now\n")
		drain(v)
	case mood == "drop":
		after(hangUp)(v)
	default:
		echo(v)
	}
}

func noClose(v *visit) {
	v.upgrade(nil)
	for {
		f, err := v.hear()
		if err != nil {
			return
		}
		v.echoFrame(f)
	}
}

func lastWords(v *visit) {
	v.upgrade(nil)
	for {
		f, err := v.hear()
		if err != nil {
			return
		}
		if f.opcode() == closing {
			v.numbered(v.number("n", 3), "last word")
			v.say(fin|closing, string(f.payload))
			return
		}
	}
}
