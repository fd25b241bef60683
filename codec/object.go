package codec

// object collects members in the order in which they first came.
type object struct {
	names  []string
	values map[string][][]byte
}

func newObject() *object { return &object{values: map[string][][]byte{}} }

func (o *object) add(name string, value []byte) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = append(o.values[name], value)
}

// append appends the object. A member is an array if isList says so, else what came last.
func (o *object) append(dst []byte, isList func(name string) bool) []byte {
	dst = append(dst, '{')
	for i, name := range o.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		values := o.values[name]
		if !isList(name) {
			dst = append(dst, values[len(values)-1]...)
			continue
		}
		dst = append(dst, '[')
		for k, value := range values {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, value...)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
