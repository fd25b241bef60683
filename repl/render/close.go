package render

import "strconv"

// CloseCode is a code that a Close frame can carry, and its name.
type CloseCode struct {
	Code int
	Name string
}

// CloseCodes returns the codes that have a name (RFC 6455, section 7.4.1, and IANA's registry).
func CloseCodes() []CloseCode {
	return []CloseCode{
		{1000, "normal closure"},
		{1001, "going away"},
		{1002, "protocol error"},
		{1003, "unsupported data"},
		{1005, "no code"},
		{1006, "no Close frame"},
		{1007, "invalid payload data"},
		{1008, "policy violation"},
		{1009, "message too big"},
		{1010, "mandatory extension missing"},
		{1011, "internal error"},
		{1012, "service restart"},
		{1013, "try again later"},
		{1014, "bad gateway"},
		{1015, "TLS handshake failed"},
		{3000, "unauthorized"},
		{3003, "forbidden"},
		{3008, "timeout"},
	}
}

// closeName returns the name of a close code.
func closeName(code int) string {
	for _, c := range CloseCodes() {
		if c.Code == code {
			return c.Name
		}
	}
	switch {
	case code >= 4000 && code <= 4999:
		return "application-defined"
	case code >= 3000 && code <= 3999:
		return "registered with IANA"
	}
	return "unknown"
}

// appendCode appends a close code with its name and the reason.
func appendCode(dst []byte, code int, reason []byte) []byte {
	if code != 1005 {
		dst = append(strconv.AppendInt(dst, int64(code), 10), ' ')
	}
	dst = append(dst, closeName(code)...)
	if len(reason) > 0 {
		dst = SanitizeLine(append(dst, ": "...), string(reason))
	}
	return dst
}
