package servertest

import (
	"bytes"
	"compress/flate"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// deflateAgreed accepts compression, whether the client offered it or not.
var deflateAgreed = http.Header{"Sec-WebSocket-Extensions": {
	"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}}

// flood writes n frames as fast as the client reads them.
func (c *conn) flood(n int, bufferFrame func(i int)) {
	for i := range n {
		bufferFrame(i)
		if c.out.Available() == 0 && c.out.Flush() != nil {
			return
		}
	}
}

// bufferNumbered writes n text messages: the word and a number from 1.
func (c *conn) bufferNumbered(n int, word string) {
	c.flood(n, func(i int) { c.bufferFrame(finBit|opText, fmt.Sprintf("%s %d", word, i+1)) })
}

// count numbers its messages from 0, with leading zeros up to their size.
func count(c *conn) {
	c.upgrade(nil)
	first, size := byte(finBit|opText), c.intParam("size", 16)
	if c.query.Get("type") == "binary" {
		first = finBit | opBinary
	}
	zeros := strings.Repeat("0", size)
	c.flood(c.intParam("n", 1000), func(i int) {
		n := strconv.Itoa(i)
		if len(n) >= size {
			c.bufferFrame(first, n[len(n)-size:])
			return
		}
		c.bufferFrame(first, zeros[len(n):]+n)
	})
	c.finish("close")
}

func pingFlood(c *conn) {
	c.upgrade(nil)
	c.flood(c.intParam("n", 100_000), func(i int) { c.bufferFrame(finBit|opPing, strconv.Itoa(i)) })
	c.finish("close")
}

func emptyFragments(c *conn) {
	c.upgrade(nil)
	c.bufferFrame(opText, "")
	c.flood(c.intParam("n", 100_000), func(int) { c.bufferFrame(opContinuation, "") })
	c.bufferFrame(finBit|opContinuation, "end")
	c.finish("close")
}

func neverEnding(c *conn) {
	c.upgrade(nil)
	payload := strings.Repeat("x", c.intParam("size", 65536))
	c.bufferFrame(opText, payload)
	for c.out.Flush() == nil {
		c.sleep(c.durationParam("ms", 0))
		c.bufferFrame(opContinuation, payload)
	}
}

// bomb repeats one deflated MiB of zeros, which refers to nothing before it.
func bomb(c *conn) {
	c.upgrade(deflateAgreed)
	var mib bytes.Buffer
	deflate, _ := flate.NewWriter(&mib, flate.BestCompression)
	deflate.Write(make([]byte, 1<<20))
	deflate.Flush()
	n := max(c.intParam("size", 1<<30)>>20, 1)
	c.bufferHeader(finBit|rsv1Bit|opBinary, 0, uint64(n*mib.Len()-len(deflateTail)))
	for i := range n {
		block := mib.String()
		if i == n-1 {
			block = strings.TrimSuffix(block, deflateTail)
		}
		c.out.WriteString(block)
	}
	c.finish("silent")
}
