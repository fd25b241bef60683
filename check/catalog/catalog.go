// Package catalog is the table of checks. Each file has the groups of a chapter, with a row for each clause. Rows that differ
// only in a number or in a sequence of bytes are made from a smaller table.
package catalog

import (
	"slices"

	"wsx/check"
)

// All returns the checks in the order in which they are run.
func All() []check.Check {
	return withBases(slices.Concat(
		handshakeAccept(), handshakeRefuse(), handshakeAnswer(), subprotocol(),
		frameLength(), frameMinimal(), frameMask(), frameSplit(),
		reserved(), opcode(), fragment(), control(),
		closeCode(), closeForm(),
		utf8Valid(), utf8Invalid(),
		deflateOffer(), deflateData(),
		limit(), origin(), auth(), bomb(), tlsRows(), info(), live(),
		overHTTP2(), overHTTP3(),
	))
}
