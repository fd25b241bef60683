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
	const placeholder = `<meta name="behaviour" content="">`
	index = bytes.Replace(index, []byte(placeholder), []byte(strings.Replace(placeholder, `""`, `"`+behaviour+`"`, 1)), 1)
	return page{index, http.FileServerFS(files)}
}

// ServeHTTP serves the page and its files; any other path is for WebSockets only.
func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is supported", http.StatusMethodNotAllowed)
		return
	}
	switch {
	case r.URL.Path == "/":
		setPagePolicy(header)
		http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(p.index))
	case isPageFile(r.URL.Path):
		setPagePolicy(header)
		p.files.ServeHTTP(w, r)
	case r.URL.Path == "/favicon.ico": // browsers request it by themselves
		w.WriteHeader(http.StatusNoContent)
	default:
		header.Set("Connection", "Upgrade")
		header.Set("Upgrade", "websocket")
		http.Error(w, "this address is a WebSocket endpoint; the web page is at /", http.StatusUpgradeRequired)
	}
}

func setPagePolicy(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
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
