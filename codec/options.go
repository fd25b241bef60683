package codec

import (
	"cmp"
	"errors"
	"fmt"
)

// Options configure how payloads are encoded and decoded.
type Options struct {
	Schema     *Schema // of protobuf messages; nil = fields are shown by number
	Dictionary []byte  // of zstd; nil = none
	Limit      int64   // maximum size of a message, in bytes; 0 = 64 MiB. The bounds of its values depend on it
}

// limit returns the limit, or the default.
func (o Options) limit() int64 { return cmp.Or(o.Limit, defaultLimit) }

const (
	defaultLimit = 64 << 20
	maxDepth     = 100 // levels of arrays, maps and messages
)

var (
	errTooDeep = fmt.Errorf("nested more than %d levels deep", maxDepth)
	errMore    = errors.New("more bytes follow the value")
	errCut     = errors.New("the payload ends too early")
)
