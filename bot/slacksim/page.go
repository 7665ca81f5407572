package slacksim

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"
)

// pageFiles is the page on which a person plays the team: plain modules that the
// browser loads as they are, without a build and without anybody else's code.
//
//go:embed page
var pageFiles embed.FS

// pageTypes are the kinds of files the page is made of. The machine's own table
// of types is not asked: it differs, and a module of the wrong type does not run.
var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// pagePolicy lets the page load from here alone, and run no code but its modules.
const pagePolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// servePage answers with a file of the page; at the root with the page itself,
// which also hands the browser the key that the control API asks for.
func (s *Sim) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if why := s.forbidden(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	name := "index.html"
	if r.URL.Path != "/" {
		name = r.PathValue("file")
	}
	kind := pageTypes[path.Ext(name)]
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil || kind == "" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	if s.key != "" {
		http.SetCookie(w, &http.Cookie{Name: "sim_key", Value: s.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	// A browser asks again each time, so that it never mixes the modules of two
	// versions, and mostly hears that nothing changed.
	sum := sha256.Sum256(content)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
