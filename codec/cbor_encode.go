package codec

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// encodeCBOR uses the deterministic encoding (RFC 8949, section 4.2.1): the same JSON gives the same bytes.
func encodeCBOR(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	if value, err = cborValue(value); err != nil {
		return nil, err
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	return mode.Marshal(value)
}

// cborValue replaces numbers and objects that represent bytes by values that the library encodes as such.
func cborValue(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return data, nil
		}
		for name, member := range v {
			if v[name], err = cborValue(member); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, element := range v {
			if v[i], err = cborValue(element); err != nil {
				return nil, err
			}
		}
	case json.Number:
		return cborNumber(v)
	}
	return value, nil
}

// maxDigits is the maximum length of a number. The time to parse a number grows with the square of its length.
const maxDigits = 10_000

func cborNumber(n json.Number) (any, error) {
	if len(n) > maxDigits {
		return nil, fmt.Errorf("a number of more than %d digits", maxDigits)
	}
	if integer, ok := new(big.Int).SetString(n.String(), 10); ok {
		return integer, nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %s does not fit into 64 bits", n)
	}
	return f, nil
}
