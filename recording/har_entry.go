package recording

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The rest of an entry, as in the specification.
type (
	harRest struct {
		Cache    struct{}    `json:"cache"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // in milliseconds, like the timings; -1 = not applicable
		Timings  harTimings  `json:"timings"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Headers     []harPair `json:"headers"`
		QueryString []harPair `json:"queryString"`
		Cookies     []harPair `json:"cookies"`
		HeadersSize int       `json:"headersSize"` // -1 = not known
		BodySize    int       `json:"bodySize"`
	}
	harResponse struct {
		Status       int        `json:"status"`
		StatusText   string     `json:"statusText"`
		HTTPVersion  string     `json:"httpVersion"`
		Headers      []harPair  `json:"headers"`
		Cookies      []harPair  `json:"cookies"`
		Content      harContent `json:"content"`
		RedirectURL  string     `json:"redirectURL"`
		HeadersSize  int        `json:"headersSize"`
		BodySize     int        `json:"bodySize"`
		TransferSize int        `json:"_transferSize"`
		Error        *string    `json:"_error"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		SSL     float64 `json:"ssl"`
		Connect float64 `json:"connect"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

func requestOf(e *Event) harRequest {
	r := harRequest{
		Method: http.MethodGet, URL: e.URL, HTTPVersion: e.HTTP,
		Headers: []harPair{}, QueryString: []harPair{}, Cookies: []harPair{}, HeadersSize: -1,
	}
	for _, line := range headerLines(e.Request) {
		name, value := cutHeader(line)
		r.Headers = append(r.Headers, harPair{name, value})
		switch {
		case name == ":method":
			r.Method = value
		case strings.EqualFold(name, "Cookie"):
			r.Cookies = append(r.Cookies, cookies(value)...)
		}
	}
	if u, err := url.Parse(e.URL); err == nil {
		r.QueryString = append(r.QueryString, query(u)...)
	}
	return r
}

// query returns the parameters of a URL, in their order in the URL.
func query(u *url.URL) (list []harPair) {
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" {
			list = append(list, harPair{unescapeQuery(name), unescapeQuery(value)})
		}
	}
	return list
}

// unescapeQuery returns a part of a query without its escapes, or the part itself if it is not well formed.
func unescapeQuery(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// cookies returns the cookies of a Cookie header. It omits cookies without a value, as in a redacted header.
func cookies(header string) (list []harPair) {
	for pair := range strings.SplitSeq(header, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			list = append(list, harPair{name, value})
		}
	}
	return list
}

func responseOf(e *Event) harResponse {
	r := harResponse{
		Status: e.Status, StatusText: http.StatusText(e.Status), HTTPVersion: e.HTTP,
		Headers: []harPair{}, Cookies: []harPair{}, Content: harContent{MimeType: "x-unknown"}, HeadersSize: -1, BodySize: -1,
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		for _, value := range e.Headers[name] {
			r.Headers = append(r.Headers, harPair{name, value})
			if strings.EqualFold(name, "Set-Cookie") {
				pair, _, _ := strings.Cut(value, ";")
				r.Cookies = append(r.Cookies, cookies(pair)...)
			}
		}
	}
	return r
}
