package servertest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// open performs the opening handshake and reports whether the connection was upgraded.
func (c *faultyConn) open() bool {
	if c.has("request-blocks") {
		c.server.opening.Lock()
		defer c.server.opening.Unlock()
	}
	limit := maxRequest
	if c.has("header-unbounded") {
		limit = math.MaxInt
	}
	r, err := readRequest(c.in, limit, c.has("field-space-accepted"))
	switch {
	case errors.Is(err, errRequestTooLong):
		c.refuse(refusal{status: http.StatusRequestHeaderFieldsTooLarge})
		return false
	case errors.Is(err, errBadRequest):
		c.refuse(refusal{status: http.StatusBadRequest})
		return false
	case err != nil:
		return false
	}
	r.exact = c.has("field-name-case-refused")
	for _, check := range []func(*request) *refusal{
		c.checkRequestLine, c.checkUpgrade, c.checkVersion, c.checkKey, c.checkOrigin, c.checkCredentials,
	} {
		if refused := check(r); refused != nil {
			c.refuse(*refused)
			return false
		}
	}
	return c.accept(r)
}

// refusal is a response that does not upgrade.
type refusal struct {
	status int
	fields []string // such as "Retry-After: 1"
	body   string
}

func (c *faultyConn) refuse(r refusal) {
	fmt.Fprintf(c.out, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %d\r\n", r.status, http.StatusText(r.status), len(r.body))
	for _, line := range r.fields {
		c.out.WriteString(line + "\r\n")
	}
	c.out.WriteString("\r\n" + r.body)
}

func badRequest(why string) *refusal {
	return &refusal{status: http.StatusBadRequest, body: why + "\n"}
}

func (c *faultyConn) checkRequestLine(r *request) *refusal {
	switch {
	case r.version != "HTTP/1.1" && !(r.version == "HTTP/1.0" && c.has("http10-accepted")):
		return badRequest("HTTP/1.1 is required")
	case r.method != http.MethodGet && !c.has("method-accepted"):
		return &refusal{status: http.StatusMethodNotAllowed, fields: []string{"Allow: GET"}}
	}
	hosts := len(r.values("Host"))
	if hosts == 0 && !c.has("host-missing-accepted") || hosts > 1 && !c.has("host-twice-accepted") {
		return badRequest("one Host is required")
	}
	if r.value("Content-Length") != "" && r.value("Content-Length") != "0" || r.value("Transfer-Encoding") != "" {
		return badRequest("no body is expected")
	}
	if c.has("unknown-field-refused") {
		for _, f := range r.fields {
			if strings.HasPrefix(strings.ToUpper(f.name), "X-") {
				return badRequest("unknown field " + f.name)
			}
		}
	}
	return nil
}

func (c *faultyConn) checkUpgrade(r *request) *refusal {
	equal := func(fault string) func(string, string) bool {
		if c.has(fault) {
			return func(a, b string) bool { return a == b }
		}
		return strings.EqualFold
	}
	contains := func(name, token string, equal func(string, string) bool) bool {
		return slices.ContainsFunc(r.list(name), func(element string) bool { return equal(element, token) })
	}
	upgrade := contains("Upgrade", "websocket", equal("upgrade-case-refused"))
	switch {
	case len(r.values("Upgrade")) == 0:
		upgrade = c.has("upgrade-missing-accepted")
	case c.has("upgrade-token-accepted"):
		upgrade = true
	}
	if !upgrade {
		return &refusal{status: http.StatusUpgradeRequired, fields: []string{"Upgrade: websocket"}}
	}
	connection := contains("Connection", "Upgrade", equal("connection-case-refused"))
	if c.has("connection-list-refused") {
		connection = strings.EqualFold(r.value("Connection"), "Upgrade")
	}
	if !connection && !c.has("connection-missing-accepted") {
		return badRequest("Connection: Upgrade is required")
	}
	return nil
}

func (c *faultyConn) checkVersion(r *request) *refusal {
	versions := r.values("Sec-WebSocket-Version")
	switch {
	case len(versions) == 1 && versions[0] == "13",
		len(versions) == 0 && c.has("version-missing-accepted"),
		len(versions) > 0 && c.has("version-accepted"):
		return nil
	case c.has("versions-not-named"):
		return &refusal{status: http.StatusUpgradeRequired}
	}
	return &refusal{status: http.StatusUpgradeRequired, fields: []string{"Sec-WebSocket-Version: 13"}}
}

func (c *faultyConn) checkKey(r *request) *refusal {
	keys := r.values("Sec-WebSocket-Key")
	switch {
	case len(keys) == 0 && c.has("key-missing-accepted"), len(keys) > 1 && c.has("key-twice-accepted"):
		return nil
	case len(keys) != 1:
		return badRequest("one Sec-WebSocket-Key is required")
	}
	key, err := base64.StdEncoding.DecodeString(keys[0])
	switch {
	case err != nil && !c.has("key-encoding-accepted"):
		return badRequest("Sec-WebSocket-Key is not Base64")
	case err == nil && len(key) != 16 && !c.has("key-length-accepted"):
		return badRequest("Sec-WebSocket-Key is not 16 bytes")
	}
	return nil
}

// checkOrigin refuses requests that a browser sends for a page of another origin with the user's cookie or credentials.
func (c *faultyConn) checkOrigin(r *request) *refusal {
	origins := r.values("Origin")
	forbidden := &refusal{status: http.StatusForbidden, body: "origin not allowed\n"}
	if len(origins) > 1 {
		return forbidden
	}
	if needs := c.server.fault.Needs; needs != NeedsCookie && needs != NeedsCredentials {
		return nil
	}
	if c.server.fault.Needs == NeedsCookie && !slices.Contains(r.values("Cookie"), SessionCookie) {
		return &refusal{status: http.StatusForbidden, body: "no session\n"}
	}
	if len(origins) == 0 || c.has("origin-ignored") {
		return nil
	}
	own, origin := "http://"+r.value("Host"), origins[0]
	if c.server.tls != nil {
		own = "https://" + r.value("Host")
	}
	u, err := url.Parse(origin)
	switch {
	case origin == own,
		c.has("origin-prefix") && strings.HasPrefix(origin, own),
		c.has("origin-suffix") && err == nil && (strings.HasSuffix(u.Host, r.value("Host")) || strings.HasSuffix(u.Hostname(), hostOf(r.value("Host")))),
		c.has("origin-null-accepted") && origin == "null":
		return nil
	}
	return forbidden
}

// hostOf returns a Host without its port.
func hostOf(host string) string {
	u := url.URL{Host: host}
	return u.Hostname()
}

func (c *faultyConn) checkCredentials(r *request) *refusal {
	if c.server.fault.Needs != NeedsCredentials || c.has("credentials-ignored") && r.value("Authorization") == "" {
		return nil
	}
	given, _ := strings.CutPrefix(r.value("Authorization"), "Basic ")
	decoded, _ := base64.StdEncoding.DecodeString(given)
	user, _, _ := strings.Cut(UserInfo, ":")
	if string(decoded) == UserInfo || c.has("password-ignored") && strings.HasPrefix(string(decoded), user+":") {
		return nil
	}
	refused := &refusal{status: http.StatusUnauthorized, fields: []string{`WWW-Authenticate: Basic realm="faulty"`}}
	switch {
	case c.has("challenge-missing"):
		refused.fields = nil
	case c.has("credentials-disclosed"):
		refused.body = fmt.Sprintf("%s is wrong, also known as %s\n", decoded, given)
	}
	return refused
}

// accept responds to a valid request. It reports whether the connection was upgraded.
func (c *faultyConn) accept(r *request) bool {
	key := r.value("Sec-WebSocket-Key")
	if c.has("accept-wrong") {
		key = strings.ToLower(key)
	}
	status := "101 Switching Protocols"
	if c.has("status-200") {
		status = "200 OK"
	}
	lines := []string{"HTTP/1.1 " + status}
	if !c.has("upgrade-not-answered") {
		lines = append(lines, "Upgrade: websocket")
	}
	if !c.has("connection-not-answered") {
		lines = append(lines, "Connection: Upgrade")
	}
	if !c.has("accept-missing") {
		lines = append(lines, "Sec-WebSocket-Accept: "+acceptKey(key))
	}
	for _, name := range c.chooseSubprotocol(r) {
		lines = append(lines, "Sec-WebSocket-Protocol: "+name)
	}
	extension, refused := c.negotiateDeflate(r)
	if refused != nil {
		c.refuse(*refused)
		return false
	}
	if extension != "" {
		lines = append(lines, "Sec-WebSocket-Extensions: "+extension)
	}
	if c.has("extension-not-offered") && extension == "" && r.value("Sec-WebSocket-Extensions") != "" {
		lines = append(lines, "Sec-WebSocket-Extensions: permessage-deflate")
	}
	if c.has("length-answered") {
		lines = append(lines, "Content-Length: 0")
	}
	c.out.WriteString(strings.Join(lines, "\r\n") + "\r\n\r\n")
	return c.out.Flush() == nil
}

// chooseSubprotocol returns the values of Sec-WebSocket-Protocol.
func (c *faultyConn) chooseSubprotocol(r *request) []string {
	offered := r.list("Sec-WebSocket-Protocol")
	switch {
	case len(offered) == 0 && c.has("subprotocol-without-offer"):
		return Subprotocols()[:1]
	case len(offered) == 0:
		return nil
	case c.has("subprotocol-not-offered"):
		return []string{"not-offered"}
	case c.has("subprotocol-list"):
		return []string{strings.Join(offered, ", ")}
	}
	for _, name := range offered {
		switch {
		case !slices.Contains(Subprotocols(), name) && !c.has("subprotocol-case") && !c.has("subprotocol-twice"):
			continue
		case c.has("subprotocol-case"):
			return []string{strings.ToUpper(name)}
		case c.has("subprotocol-twice"):
			return []string{name, name}
		}
		return []string{name}
	}
	return nil
}
