package curl

import (
	"bytes"
	"net/textproto"
	"slices"
	"strings"

	"wsx/client/dial"
)

// header parses the value of a header option: "Name: value", "Name;" for a header without a value, "Name:" to remove one, or
// "@FILE".
func (p *parser) header(value string) error {
	if name, isFile := strings.CutPrefix(value, "@"); isFile {
		content, err := p.read(name)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(content) {
			if text := strings.TrimSpace(string(line)); text != "" {
				if err := p.header(strings.TrimPrefix(text, "@")); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if strings.HasPrefix(value, ":") {
		return nil // a pseudo-header of HTTP/2, which HTTP/1.1 has in its request line
	}
	name, text, found := strings.Cut(value, ":")
	empty := false
	if !found {
		if name, empty = strings.CutSuffix(strings.TrimRight(value, " \t"), ";"); !empty {
			return usagef("a header line has no colon")
		}
	}
	text = strings.Trim(text, " \t")
	p.lines = append(p.lines, dial.HeaderLine{Name: strings.Trim(name, " \t"), Value: text, Remove: text == "" && !empty})
	return nil
}

// addHeaders sets the options that the header lines stand for, and drops the lines that the handshake itself sends.
func (p *parser) addHeaders() {
	dropped := p.dropped()
	for _, line := range p.lines {
		name := strings.ToLower(line.Name)
		switch {
		case name == "sec-websocket-extensions" && line.Remove:
			p.NoCompress = true
		case name == "sec-websocket-protocol":
			p.addSubprotocols(line.Value)
		case dropped[name], strings.HasPrefix(name, "sec-websocket-"):
		case name == "host":
			p.addHost(line.Value)
		case line.Remove:
			p.Header = append(p.Header, line)
		case name == "origin":
			p.Origin = line.Value
		case name == "user-agent":
			p.UserAgent = line.Value
		case name == "cookie":
			p.Cookies = append(p.Cookies, line.Value)
		default:
			p.Header = append(p.Header, line)
		}
	}
}

// dropped returns the names of headers that are dropped: those of a single connection (RFC 9110, section 7.6.1), and those that
// browsers write for the request line of HTTP/2.
func (p *parser) dropped() map[string]bool {
	dropped := map[string]bool{}
	for _, name := range []string{
		"connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
		"proxy-authorization", "proxy-authenticate", "content-length",
	} {
		dropped[name] = true
	}
	lowerName := func(line dial.HeaderLine) string { return strings.ToLower(line.Name) }
	for _, line := range p.lines {
		if lowerName(line) == "connection" {
			for name := range strings.SplitSeq(line.Value, ",") {
				dropped[strings.ToLower(textproto.TrimString(name))] = true
			}
		}
	}
	if slices.ContainsFunc(p.lines, func(line dial.HeaderLine) bool { return lowerName(line) == "authority" }) {
		for _, name := range []string{"authority", "method", "path", "scheme"} {
			dropped[name] = true
		}
	}
	return dropped
}

// addSubprotocols adds the names in a header that are not offered yet.
func (p *parser) addSubprotocols(names string) {
	for name := range strings.SplitSeq(names, ",") {
		name = textproto.TrimString(name)
		if name != "" && !slices.Contains(p.Subprotocols, name) {
			p.Subprotocols = append(p.Subprotocols, name)
		}
	}
}

// addHost keeps a Host header that differs from the one for the URL.
func (p *parser) addHost(host string) {
	target, err := dial.ParseURL(p.command.URL)
	if err != nil || host == "" {
		return
	}
	bare := target
	bare.Path = ""
	if _, authority, _ := strings.Cut(bare.String(), "://"); !strings.EqualFold(authority, host) {
		p.Host = host
	}
}
