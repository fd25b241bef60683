package dialect

import (
	"fmt"

	"wsx/codec"
)

// dialectCodings returns the codings that only dialects have; the others are those of package codec.
func dialectCodings() map[string]func() coding {
	return map[string]func() coding{
		"json":     func() coding { return jsonCoding{} },
		"text":     func() coding { return textCoding{} },
		"channel":  func() coding { return channelCoding{} },
		"socketio": func() coding { return &socketioCoding{} },
	}
}

// codingNames returns the names that the word coding accepts.
func codingNames() []string {
	names := []string{"json", "text", "channel", "socketio"}
	for _, c := range codec.Codecs() {
		if _, isDialects := dialectCodings()[c.Name]; !isDialects && c.Encodes() {
			names = append(names, c.Name)
		}
	}
	return names
}

func newCoding(name, separator string) (coding, error) {
	var c coding
	if create, ok := dialectCodings()[name]; ok {
		c = create()
	} else if converter, err := newCodecCoding(name); err == nil {
		c = converter
	} else {
		return nil, fmt.Errorf("unknown coding %.40q", name)
	}
	if separator != "" {
		c = separatedCoding{c, []byte(separator)}
	}
	return c, nil
}
