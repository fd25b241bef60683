package main

import (
	"errors"
	"net/url"
	"strconv"
)

// job is the job of a URL.
type job struct {
	messages, size int
	text           bool // the messages are lines instead of noise
	end            bool // each message includes the end of the line
	verify         bool
}

func parseJob(u *url.URL) (j job, err error) {
	switch u.Path {
	case "/echo":
		return j, nil
	case "/sink", "/blast":
	default:
		return j, errors.New("no such path: " + u.Path)
	}
	q := u.Query()
	j.text, j.end, j.verify = q.Has("text"), q.Has("end"), q.Has("verify")
	if j.messages, err = strconv.Atoi(q.Get("messages")); err != nil {
		return j, err
	}
	j.size, err = strconv.Atoi(q.Get("size"))
	return j, err
}

// report is the peer's measurement of a connection. Times are nanoseconds since 1970.
type report struct {
	Run      string `json:"run"`
	Opened   bool   `json:"opened,omitempty"` // the connection was opened; the other fields are not set
	First    int64  `json:"first"`            // when the first byte was received or sent
	Last     int64  `json:"last"`             // when the last message was complete
	Messages int    `json:"messages"`
	Bytes    int    `json:"bytes"` // number of bytes of payload
	Error    string `json:"error,omitempty"`
}
