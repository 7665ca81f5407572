package bot_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

// signed is a request as Slack would sign it with a secret at an instant.
func signed(t *testing.T, to, secret, kind, body string, at time.Time) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(body))
	require.NoError(t, err)
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, "v0:"+stamp+":"+body)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return req
}

func TestSlackMayComeBySignedRequests(t *testing.T) {
	t.Parallel()
	const form, secret = "application/x-www-form-urlencoded", "the secret of these requests"
	w := newWorkspace(t, func(o *bot.Options) { o.Slack.SigningSecret = secret })
	server := httptest.NewServer(w.bot.Signed())
	t.Cleanup(server.Close)
	to := server.URL + "/slack/events"
	send := func(req *http.Request) int {
		res, err := http.DefaultClient.Do(req)
		require.NoError(w.t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		require.NoError(w.t, res.Body.Close())
		return res.StatusCode
	}
	ana, now := w.id("ana"), time.Now()
	command := url.Values{
		"command": {"/snafu"}, "text": {"open sev3 Leads came by HTTP"}, "team_id": {ana.Team()}, "user_id": {ana.User()}, "trigger_id": {"by-http"},
	}.Encode()

	w.run("Adversarial08 a request that Slack did not sign just now leaves no row", func() {
		before := w.count(`select count(*) from receipts`)
		forged := signed(w.t, to, "another secret", form, command, now)
		require.Equal(w.t, http.StatusUnauthorized, send(forged), "another secret")
		changed := signed(w.t, to, secret, form, command, now)
		changed.Body, changed.ContentLength = io.NopCloser(strings.NewReader(command+"x")), int64(len(command)+1)
		require.Equal(w.t, http.StatusUnauthorized, send(changed), "one byte more than was signed")
		require.Equal(w.t, http.StatusUnauthorized, send(signed(w.t, to, secret, form, command, now.Add(-6*time.Minute))), "six minutes old")
		require.Equal(w.t, http.StatusUnauthorized, send(signed(w.t, to, secret, form, command, now.Add(6*time.Minute))), "six minutes ahead")
		bare := signed(w.t, to, secret, form, command, now)
		bare.Header.Del("X-Slack-Signature")
		require.Equal(w.t, http.StatusUnauthorized, send(bare), "not signed at all")
		require.Equal(w.t, http.StatusRequestEntityTooLarge, send(signed(w.t, to, secret, form, command+strings.Repeat("x", 1<<20), now)))
		require.Equal(w.t, http.StatusBadRequest, send(signed(w.t, to, secret, form, "payload=%7B%7D&payload=%7B%7D", now)))
		w.quiet()
		require.Equal(w.t, before, w.count(`select count(*) from receipts`))
		require.Zero(w.t, w.count(`select count(*) from incidents`))
	})

	w.run("a request that it signed is heard once, however often it comes", func() {
		for range 2 {
			require.Equal(w.t, http.StatusOK, send(signed(w.t, to, secret, form, command, now)))
		}
		ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1")
		require.NoError(w.t, err)
		w.quiet()
		require.Equal(w.t, 1, w.count(`select count(*) from incidents`))
		w.sees("ana", ch.Name, slacksim.Contains("Leads came by HTTP"))
		require.Equal(w.t, http.StatusOK, send(signed(w.t, to, secret, "application/json", `{"type":"url_verification","challenge":"echo"}`, now)))
		require.Equal(w.t, http.StatusOK, send(signed(w.t, to, secret, form, "ssl_check=1", now)))
	})
}
