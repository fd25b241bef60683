package server

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// policy lets the page load its own two files and talk to any WebSocket server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws: wss:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// servePage gives a browser the page to talk with; any other path is for WebSockets only.
func servePage(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is served here", http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/", "/page.css", "/page.js":
		head.Set("Content-Security-Policy", policy)
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cache-Control", "no-cache")
		files, _ := fs.Sub(pageFiles, "page") // fails for an invalid path only
		http.FileServerFS(files).ServeHTTP(w, r)
	case "/favicon.ico": // browsers ask unasked
		w.WriteHeader(http.StatusNoContent)
	default:
		head.Set("Connection", "Upgrade")
		head.Set("Upgrade", "websocket")
		http.Error(w, "this address speaks WebSocket; the page to talk with is at /", http.StatusUpgradeRequired)
	}
}

func asksForUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
