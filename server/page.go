package server

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// policy lets the page load its own files, connect to any WebSocket server, and request one over HTTP to learn why it did not
// open a WebSocket, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws: wss: http: https:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page serves the page for browsers.
type page struct {
	index []byte // page/index.html, with the description of the behaviour
	files http.Handler
}

func newPage(o Options) page {
	behaviour := o.Behaviour
	if o.Replay != nil {
		behaviour = "replay"
	}
	files, _ := fs.Sub(pageFiles, "page") // fails for an invalid path only
	index, _ := fs.ReadFile(files, "index.html")
	const unset = `<meta name="behaviour" content="">`
	index = bytes.Replace(index, []byte(unset), []byte(strings.Replace(unset, `""`, `"`+behaviour+`"`, 1)), 1)
	return page{index, http.FileServerFS(files)}
}

// ServeHTTP serves the page and its files; any other path is for WebSockets only.
func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is supported", http.StatusMethodNotAllowed)
		return
	}
	switch {
	case r.URL.Path == "/":
		setPagePolicy(head)
		http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(p.index))
	case isPageFile(r.URL.Path):
		setPagePolicy(head)
		p.files.ServeHTTP(w, r)
	case r.URL.Path == "/favicon.ico": // browsers request it by themselves
		w.WriteHeader(http.StatusNoContent)
	default:
		head.Set("Connection", "Upgrade")
		head.Set("Upgrade", "websocket")
		http.Error(w, "this address is a WebSocket endpoint; the web page is at /", http.StatusUpgradeRequired)
	}
}

func setPagePolicy(head http.Header) {
	head.Set("Content-Security-Policy", policy)
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cache-Control", "no-cache")
}

// isPageFile reports whether a path is that of a script or style of the page.
func isPageFile(path string) bool {
	if !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".css") {
		return false
	}
	_, err := fs.Stat(pageFiles, "page"+path)
	return err == nil
}

func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
