package slacksim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// An address that stands for all of the machine's is one that nobody can open.
func TestAWorkspaceOnAllAddressesSaysOneThatWorks(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		d := start(t, slacksim.Options{Listen: listen})
		u, err := url.Parse(d.sim.APIURL())
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1", u.Hostname(), listen)
		require.Equal(t, true, d.fine("api.test", nil)["ok"])
		resp, err := http.Get(d.sim.PageURL())
		require.NoError(t, err)
		require.Contains(t, read(t, resp), "<html")
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
}

// Only the person at this machine drives the workspace, never a web page that
// the person happens to read.
func TestAStrangersWebPageCannotDriveTheWorkspace(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	page := strings.TrimSuffix(d.sim.PageURL(), "/")
	host := strings.TrimPrefix(page, "http://")
	_, port, _ := strings.Cut(host, ":")
	for name, c := range map[string]struct {
		host   string
		header map[string]string
		status int
	}{
		"a program of this machine":             {status: 200},
		"the page itself":                       {header: map[string]string{"Origin": page, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, status: 200},
		"the page by another name":              {host: "localhost:" + port, header: map[string]string{"Origin": "http://localhost:" + port}, status: 200},
		"a page elsewhere":                      {header: map[string]string{"Origin": "https://evil.example"}, status: 403},
		"a page of no origin":                   {header: map[string]string{"Origin": "null"}, status: 403},
		"another program's page on the machine": {header: map[string]string{"Origin": "http://127.0.0.1:1"}, status: 403},
		"a script tag elsewhere":                {header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, status: 403},
		"an image of another port":              {header: map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, status: 403},
		"a name that was pointed here":          {host: "evil.example:" + port, status: 403},
		"a name that begins like this machine":  {host: "127.0.0.1.evil.example:" + port, status: 403},
		"a link that somebody follows":          {header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/sim/app", "/", "/sim/transcript?channel=general"} {
				req, err := http.NewRequestWithContext(d.ctx(), http.MethodGet, page+path, nil)
				require.NoError(t, err)
				for k, v := range c.header {
					req.Header.Set(k, v)
				}
				if c.host != "" {
					req.Host = c.host
				}
				resp, err := http.DefaultClient.Do(req)
				require.NoError(t, err)
				read(t, resp)
				require.Equal(t, c.status, resp.StatusCode, path)
				require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), path)
			}
		})
	}
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+host+"/sim/stream", http.Header{"Origin": {"https://evil.example"}})
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.NoError(t, resp.Body.Close())
}

func TestTheKeyOfTheControlAPI(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Listen: "0.0.0.0:0"})
	u, err := url.Parse(d.sim.PageURL())
	require.NoError(t, err)
	key := u.Query().Get("key")
	require.NotEmpty(t, key)
	for _, wrong := range []string{"", "x", key[:len(key)-1], key + "x", strings.ToLower(key)} {
		resp, err := http.Get("http://" + u.Host + "/sim/app?key=" + wrong)
		require.NoError(t, err)
		read(t, resp)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, "%q", wrong)
	}
	resp, err := http.Get("http://" + u.Host + "/sim/app?key=" + key)
	require.NoError(t, err)
	read(t, resp)
	require.Equal(t, http.StatusOK, resp.StatusCode)
}
