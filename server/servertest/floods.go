package servertest

import (
	"bytes"
	"compress/flate"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// deflated agrees to compression, whether it was offered or not.
var deflated = http.Header{"Sec-WebSocket-Extensions": {
	"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}}

// flood buffers n frames as fast as they are taken.
func (v *visit) flood(n int, one func(i int)) {
	for i := range n {
		one(i)
		if v.out.Available() == 0 && v.out.Flush() != nil {
			return
		}
	}
}

// numbered buffers n text messages.
func (v *visit) numbered(n int, word string) {
	v.flood(n, func(i int) { v.put(fin|text, fmt.Sprintf("%s %d", word, i+1)) })
}

// count numbers its messages from 0, with leading zeros to their size.
func count(v *visit) {
	v.upgrade(nil)
	first, size := byte(fin|text), v.number("size", 16)
	if v.query.Get("type") == "binary" {
		first = fin | binaryOp
	}
	pad := strings.Repeat("0", size)
	v.flood(v.number("n", 1000), func(i int) {
		n := strconv.Itoa(i)
		if len(n) >= size {
			v.put(first, n[len(n)-size:])
			return
		}
		v.put(first, pad[len(n):]+n)
	})
	v.then("close")
}

func pingFlood(v *visit) {
	v.upgrade(nil)
	v.flood(v.number("n", 100_000), func(i int) { v.put(fin|ping, strconv.Itoa(i)) })
	v.then("close")
}

func emptyFragments(v *visit) {
	v.upgrade(nil)
	v.put(text, "")
	v.flood(v.number("n", 100_000), func(int) { v.put(more, "") })
	v.put(fin|more, "end")
	v.then("close")
}

func neverEnding(v *visit) {
	v.upgrade(nil)
	part := strings.Repeat("x", v.number("size", 65536))
	v.put(text, part)
	for v.out.Flush() == nil {
		v.sleep(v.milliseconds("ms", 0))
		v.put(more, part)
	}
}

// bomb repeats one deflated MiB of zeros, which refers to nothing before it.
func bomb(v *visit) {
	v.upgrade(deflated)
	var mib bytes.Buffer
	deflate, _ := flate.NewWriter(&mib, flate.BestCompression)
	deflate.Write(make([]byte, 1<<20))
	deflate.Flush()
	n := max(v.number("size", 1<<30)>>20, 1)
	tail := "\x00\x00\xff\xff" // RFC 7692, section 7.2.1: taken off the end
	v.header(fin|rsv1|binaryOp, 0, uint64(n*mib.Len()-len(tail)))
	for i := range n {
		part := mib.String()
		if i == n-1 {
			part = strings.TrimSuffix(part, tail)
		}
		v.out.WriteString(part)
	}
	v.then("silent")
}
