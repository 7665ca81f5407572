package slacksim_test

import (
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// fetch reads a path of the page as a browser does.
func (d *desk) fetch(path string, header http.Header) (*http.Response, string) {
	d.t.Helper()
	req, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(d.sim.PageURL(), "/")+path, nil)
	require.NoError(d.t, err)
	if header != nil {
		req.Header = header
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	return resp, read(d.t, resp)
}

func pageFiles(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir("page")
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(path.Join("page", e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(raw)
	}
	require.Greater(t, len(files), 10)
	return files
}

func TestEveryFileOfThePageIsServedAsWhatItIs(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	types := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	for name, content := range pageFiles(t) {
		resp, body := d.fetch("/page/"+name, nil)
		require.Equal(t, http.StatusOK, resp.StatusCode, name)
		require.Equal(t, content, body, name)
		require.Equal(t, types[path.Ext(name)], resp.Header.Get("Content-Type"), name)
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), name)
		require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'self';", name)

		again, _ := d.fetch("/page/"+name, http.Header{"If-None-Match": {resp.Header.Get("ETag")}})
		require.Equal(t, http.StatusNotModified, again.StatusCode, name)
	}
	for _, name := range []string{"/page/", "/page/nothing.js", "/page/../page.go", "/page/%2e%2e/page.go", "/nothing"} {
		resp, _ := d.fetch(name, nil)
		require.Equal(t, http.StatusNotFound, resp.StatusCode, name)
	}
}

func TestThePageSaysWhatItIsBeforeItsModulesRun(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	resp, body := d.fetch("/", nil)
	require.Equal(t, "no-cache", resp.Header.Get("Cache-Control"))
	require.Contains(t, body, "<title>Simulated Slack, not Slack</title>")
	require.Contains(t, body, "not connected to Slack")
}

func TestOffLoopbackThePageNeedsItsKeyAndHandsItOn(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Listen: "0.0.0.0:0"})
	base, key, found := strings.Cut(d.sim.PageURL(), "?key=")
	require.True(t, found)
	resp, err := http.Get(base + "page/main.js")
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, read(t, resp))
	resp, err = http.Get(base + "?key=" + key)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, read(t, resp))
	require.Len(t, resp.Cookies(), 1)
	cookie := resp.Cookies()[0]
	require.True(t, cookie.HttpOnly)

	req, err := http.NewRequest(http.MethodGet, base+"page/main.js", nil)
	require.NoError(t, err)
	req.AddCookie(cookie)
	resp, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, read(t, resp))
}

func TestNoModuleOfThePageTurnsTextIntoMarkupOrCode(t *testing.T) {
	t.Parallel()
	banned := map[string]*regexp.Regexp{
		"markup from text":         regexp.MustCompile(`\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|srcdoc|setHTML\w*)\b|\bdocument\.write`),
		"code from text":           regexp.MustCompile(`\beval\(|\bnew Function\b|\b(setTimeout|setInterval)\(\s*['"` + "`" + `]`),
		"an inline handler":        regexp.MustCompile(`setAttribute\(\s*['"]on|\son[a-z]+\s*=\s*"`),
		"an inline style":          regexp.MustCompile(`setAttribute\(\s*['"]style['"]|\sstyle\s*=\s*"|\.cssText\b`),
		"somebody else's module":   regexp.MustCompile(`(import|from)\s*\(?\s*['"](https?:)?//`),
		"an address of a stranger": regexp.MustCompile(`(src|href)="(https?:)?//`),
	}
	inline := regexp.MustCompile(`<script(?:\s[^>]*)?>[^<]|<style`)
	for name, content := range pageFiles(t) {
		for what, pattern := range banned {
			if path.Ext(name) == ".css" {
				continue
			}
			require.NotRegexp(t, pattern, content, "%s holds %s", name, what)
		}
		if path.Ext(name) == ".css" {
			require.NotRegexp(t, regexp.MustCompile(`@import|url\(\s*['"]?(https?:)?//`), content, name)
		}
		if path.Ext(name) == ".html" {
			require.NotRegexp(t, inline, content, name)
		}
		require.LessOrEqual(t, strings.Count(content, "\n"), 400, "%s holds more than one idea", name)
	}
}
