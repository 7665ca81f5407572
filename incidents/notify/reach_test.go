package notify

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// here is where the servers of these tests listen.
func here(t *testing.T) *Reach {
	t.Helper()
	allow, err := Ranges([]string{"127.0.0.1"})
	require.NoError(t, err)
	r := NewReach(allow)
	t.Cleanup(r.Close)
	return r
}

func server(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

func TestACalendarIsFetched(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/rota.ics" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("BEGIN:VCALENDAR"))
	})
	text, err := here(t).Calendar(t.Context(), url+"/rota.ics")
	require.NoError(t, err)
	require.Equal(t, "BEGIN:VCALENDAR", string(text))
	_, err = here(t).Calendar(t.Context(), url+"/secret-7f3a.ics")
	require.ErrorContains(t, err, "answered 404 Not Found")
	require.NotContains(t, err.Error(), "7f3a", "the path of an address is a secret")
}

func TestNobodyIsLedIntoAPrivateNetwork(t *testing.T) {
	asked := false
	url := server(t, func(http.ResponseWriter, *http.Request) { asked = true })
	outside := NewReach(nil)
	defer outside.Close()
	for name, address := range map[string]string{
		"without TLS":        url,
		"by TLS":             strings.Replace(url, "http:", "https:", 1),
		"by a name":          strings.Replace(strings.Replace(url, "http:", "https:", 1), "127.0.0.1", "localhost", 1),
		"the metadata":       "https://169.254.169.254/latest/meta-data",
		"a private range":    "https://10.1.2.3/",
		"mapped into IPv6":   "https://[::ffff:127.0.0.1]/",
		"loopback of IPv6":   "https://[::1]/",
		"a unique local one": "https://[fd00::1]/",
		"translated":         "https://[64:ff9b::7f00:1]/",
		"nowhere":            "https://0.0.0.0/",
		"carrier grade":      "https://100.64.0.1/",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := outside.Calendar(t.Context(), address)
			require.ErrorContains(t, err, "outbound.allow")
		})
	}
	require.False(t, asked)
	for _, address := range []string{"93.184.216.34", "2606:2800:220:1::1"} {
		require.True(t, public(netip.MustParseAddr(address)), "%s is of the internet", address)
	}
}

func TestNoRedirectIsFollowedAndNoAnswerIsReadForEver(t *testing.T) {
	target := false
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/target", http.StatusFound)
		case "/target":
			target = true
		case "/large":
			_, _ = w.Write(make([]byte, maxFeed+1))
		}
	})
	_, err := here(t).Calendar(t.Context(), url+"/moved")
	require.ErrorContains(t, err, "answered 302 Found")
	require.False(t, target)
	_, err = here(t).Calendar(t.Context(), url+"/large")
	require.ErrorContains(t, err, "has more than 5120 kB")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = here(t).Calendar(ended, url)
	require.ErrorIs(t, err, context.Canceled)
}

func TestAnImpossibleAddressIsRefusedWithoutShowingIt(t *testing.T) {
	for _, address := range []string{"calendar.example.com/7f3a", "ftp://calendar.example.com/7f3a", "https://me:7f3a@example.com/", "https:///7f3a", "mailto:7f3a@example.com"} {
		err := CheckURL(address)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "7f3a")
	}
	require.NoError(t, CheckURL("https://calendar.example.com/rota.ics?key=1"))
	_, err := Ranges([]string{"10.0.0.0/8", "home"})
	require.ErrorContains(t, err, `"home" is no address or range. Write 10.1.2.3 or 10.0.0.0/8`)
}
