package render

import (
	"fmt"
	"strconv"

	"wsx/client/wire"
)

// traceRow is the columns of --trace: time, direction, opcode, FIN, RSV, length, inflated size, mask.
const traceRow = "%-15s %1s %-12s  %-3s  %-3s %10s %10s  %-8s "

// appendFrame appends a frame as it is on the wire, in columns.
func (n *Notes) appendFrame(dst []byte, t *wire.Trace) []byte {
	if !n.traced {
		n.traced = true
		names := fmt.Sprintf(traceRow, "time", "", "opcode", "fin", "rsv", "length", "inflated", "mask")
		dst = append(n.Theme.Dim.append(dst, "* "+names+" payload"), '\n')
	}
	style, sign := n.Theme.In, "<"
	if t.Out {
		style, sign = n.Theme.Out, ">"
	}
	fin, inflated, mask := "-", "-", "-"
	if t.Fin {
		fin = "FIN"
	}
	if t.Compressed {
		inflated = strconv.FormatInt(t.Inflated, 10)
	}
	if t.Masked {
		mask = fmt.Sprintf("%x", t.Mask)
	}
	rsv := fmt.Sprintf("%03b", t.Rsv&7) // RSV1, RSV2 and RSV3
	row := fmt.Sprintf(traceRow, t.Time.Local().Format("15:04:05.000000"), sign, t.Opcode, fin, rsv, strconv.FormatInt(t.Length, 10), inflated, mask)
	dst = style.append(append(dst, "* "...), row)
	return append(appendHead(dst, t), '\n')
}

// headBytes is how many bytes of a payload fit into its column.
const headBytes = 8

// appendHead appends the first bytes of a payload, in hex and as ASCII.
func appendHead(dst []byte, t *wire.Trace) []byte {
	head := t.Head[:min(len(t.Head), headBytes)]
	for i := range headBytes {
		dst = append(dst, ' ')
		if i < len(head) {
			dst = appendHex(dst, uint32(head[i]), 2)
		} else {
			dst = append(dst, "  "...)
		}
	}
	if len(t.Head) == 0 {
		return dst
	}
	dst = appendASCII(append(dst, "  |"...), t.Head)
	dst = append(dst, '|')
	if t.Length > int64(len(t.Head)) {
		dst = append(dst, "…"...)
	}
	if t.Opcode == wire.Close && len(t.Head) >= 2 {
		code := int(t.Head[0])<<8 | int(t.Head[1])
		dst = append(dst, ' ')
		dst = appendCode(dst, code, nil)
	}
	return dst
}
