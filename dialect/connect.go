package dialect

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Connect is how a client of the protocol connects. Options of the user take precedence.
type Connect struct {
	Path         string // "" = the root
	Query        map[string]string
	Header       map[string]string
	Subprotocols []string
	Request      *HTTPRequest // request to make first, with the response in the next call; nil = connect
}

// HTTPRequest is a request to the same server before the opening handshake.
type HTTPRequest struct {
	Method string
	Path   string
	Query  map[string]string
}

// Connect returns how to connect. path and query are those of the user's URL; "" = the URL has none. asked is the path of the last
// HTTPRequest, "" at first, and answer is the response to the last HTTPRequest as a value of jq, nil at first.
func (s *State) Connect(path, query, asked string, answer any) (Connect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c Connect
	e := s.dialect.connect
	if e == nil {
		return c, nil
	}
	results, err := s.run(e, map[string]any{"path": path, "query": query, "asked": asked, "answer": answer}, nil)
	if err != nil {
		return c, err
	}
	for _, result := range results {
		object, ok := result.(map[string]any)
		if !ok {
			return c, e.failure("connect must return an object")
		}
		if err := c.read(object); err != nil {
			return c, e.failure(err.Error())
		}
	}
	return c, nil
}

func (c *Connect) read(object map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value := object[name]
		switch name {
		case "path":
			c.Path = text(value)
		case "query":
			c.Query = texts(value)
		case "header":
			c.Header = texts(value)
		case "subprotocol":
			c.Subprotocols = listOf(value)
		case "url": // only its path and query: a server must not redirect to another host
			u, err := url.Parse(text(value))
			if err != nil {
				return fmt.Errorf("not a URL: %.60q", text(value))
			}
			c.Path = u.EscapedPath()
			c.Query = map[string]string{}
			for k, v := range u.Query() {
				c.Query[k] = v[0]
			}
		case "get", "post":
			c.Request = &HTTPRequest{Method: strings.ToUpper(name), Path: text(value), Query: texts(object["ask"])}
		case "ask":
		default:
			return fmt.Errorf("connect has no member %.40q: use path, query, header, subprotocol, url, get, post or ask", name)
		}
	}
	return nil
}

// texts returns the members of an object that are not null, as text.
func texts(v any) map[string]string {
	object, _ := v.(map[string]any)
	list := map[string]string{}
	for k, v := range object {
		if v != nil {
			list[k] = text(v)
		}
	}
	return list
}

// listOf returns the texts of a text or a list of texts.
func listOf(v any) (list []string) {
	elements, ok := v.([]any)
	if !ok {
		elements = []any{v}
	}
	for _, e := range elements {
		if s, ok := e.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// Target adds the path and query of the dialect to the path and query of the user's URL. It does not replace the user's path and query
// parameters.
func (c Connect) Target(userTarget string) string {
	path, query, _ := strings.Cut(userTarget, "?")
	if (path == "" || path == "/") && c.Path != "" {
		path = c.Path
	}
	userParams, _ := url.ParseQuery(query)
	added := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(c.Query)) {
		if !userParams.Has(name) {
			added.Set(name, c.Query[name])
		}
	}
	if len(added) > 0 {
		query = strings.TrimPrefix(query+"&"+added.Encode(), "&")
	}
	if query != "" {
		query = "?" + query
	}
	return path + query
}

// Target returns the path and query of the request.
func (q HTTPRequest) Target() string {
	path := q.Path
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return Connect{Query: q.Query}.Target(path)
}
