package slacksim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// args are arguments of a call, as a program without a client library sends them.
type args map[string]any

// but copies arguments with some of them changed. Nil leaves one out.
func (a args) but(key string, value any) args {
	out := maps.Clone(a)
	if out[key] = value; value == nil {
		delete(out, key)
	}
	return out
}

// call calls a method with a JSON body and the bot's token, and returns the answer.
func (d *desk) call(method string, a args) map[string]any {
	d.t.Helper()
	if a == nil {
		a = args{}
	}
	body, err := json.Marshal(a)
	require.NoError(d.t, err)
	_, out := d.send(http.MethodPost, method, d.sim.Tokens().Bot, "application/json; charset=utf-8", string(body))
	return out
}

// send sends a request as it is. Without a type there is no Content-Type.
func (d *desk) send(verb, path, token, kind, body string) (*http.Response, map[string]any) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.ctx(), verb, d.sim.APIURL()+path, strings.NewReader(body))
	require.NoError(d.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err, path)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	var out map[string]any
	require.NoError(d.t, json.NewDecoder(bytes.NewReader(raw)).Decode(&out), "%s answered %q", path, raw)
	return resp, out
}

// fine calls a method and demands that it works.
func (d *desk) fine(method string, a args) map[string]any {
	d.t.Helper()
	out := d.call(method, a)
	require.Equal(d.t, true, out["ok"], "%s: %v", method, out)
	return out
}

// refusedWith calls a method and demands that it refuses by that name. It
// returns what Slack tells the developer.
func (d *desk) refusedWith(want, method string, a args) string {
	d.t.Helper()
	out := d.call(method, a)
	require.Equal(d.t, want, out["error"], "%s %v: %v", method, a, out)
	raw, err := json.Marshal(out)
	require.NoError(d.t, err)
	return string(raw)
}

// at walks into an answer.
func at(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[key]
		case int:
			list, _ := v.([]any)
			if key < 0 || key >= len(list) {
				return nil
			}
			v = list[key]
		}
	}
	return v
}

// roomID is the id of a channel that the app may not be in.
func (d *desk) roomID(name string) string {
	d.t.Helper()
	list, _ := d.fine("conversations.list", args{"types": "public_channel,private_channel", "limit": 999})["channels"].([]any)
	for _, ch := range list {
		if at(ch, "name") == name {
			return at(ch, "id").(string)
		}
	}
	d.t.Fatalf("no channel %s", name)
	return ""
}

func (d *desk) posted(channel, words string) string {
	d.t.Helper()
	ts, _ := d.fine("chat.postMessage", args{"channel": channel, "text": words})["ts"].(string)
	return ts
}

func TestArgumentsComeInEveryShape(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general, token := d.room("general"), d.sim.Tokens().Bot
	form := url.Values{"channel": {general}, "text": {"hello"}, "blocks": {`[{"type":"divider"}]`}, "metadata": {`{"event_type":"e","event_payload":{"n":1}}`}}
	const multipart = "--x\r\nContent-Disposition: form-data; name=\"channel\"\r\n\r\nCHANNEL\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--x--\r\n"
	for name, c := range map[string]struct{ verb, path, token, kind, body string }{
		"a form with the token in the header":    {"POST", "chat.postMessage", token, "application/x-www-form-urlencoded", form.Encode()},
		"a form with the token among the fields": {"POST", "chat.postMessage", "", "application/x-www-form-urlencoded", form.Encode() + "&token=" + token},
		"a query":                                {"GET", "chat.postMessage?" + form.Encode() + "&token=" + token, "", "", ""},
		"a query of a post":                      {"POST", "chat.postMessage?" + form.Encode(), token, "", ""},
		"a multipart form":                       {"POST", "chat.postMessage", token, "multipart/form-data; boundary=x", strings.Replace(multipart, "CHANNEL", general, 1)},
		"JSON":                                   {"POST", "chat.postMessage", token, "application/json; charset=utf-8", `{"channel":"` + general + `","text":"hello","blocks":[{"type":"divider"}]}`},
		"JSON with blocks as text":               {"POST", "chat.postMessage", token, "application/json; charset=utf-8", `{"channel":"` + general + `","text":"hello","blocks":"[{\"type\":\"divider\"}]"}`},
		"JSON with the token in it":              {"POST", "chat.postMessage", "", "application/json; charset=utf-8", `{"channel":"` + general + `","text":"hello","token":"` + token + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			resp, out := d.send(c.verb, c.path, c.token, c.kind, c.body)
			require.Equal(t, true, out["ok"], "%v", out)
			require.Nil(t, out["warning"])
			require.Equal(t, http.StatusOK, resp.StatusCode)
		})
	}
	warned := 0
	for _, call := range d.sim.Traffic("api") {
		for _, w := range call.Warnings {
			require.Equal(t, "token_in_json_body", w)
			warned++
		}
	}
	require.Equal(t, 1, warned, "the developer reads where the token should not have been")
}

func TestFormBooleansAreRead(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	for value, counted := range map[string]bool{"true": true, "1": true, "false": false, "0": false, "": false} {
		_, out := d.send("GET", "conversations.info?channel="+general+"&include_num_members="+value, d.sim.Tokens().Bot, "", "")
		_, there := at(out, "channel").(map[string]any)["num_members"]
		require.Equal(t, counted, there, "%q", value)
	}
}

func TestBodiesThatSlackDoesNotRead(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	token := d.sim.Tokens().Bot
	for name, c := range map[string]struct{ kind, body, want string }{
		"JSON that is none":        {"application/json", `{"channel":`, "invalid_json"},
		"JSON that is no object":   {"application/json", `[1]`, "json_not_object"},
		"a type that nobody knows": {"application/xml", `<x/>`, "invalid_post_type"},
		"no type at all":           {"", `channel=C1`, "missing_post_type"},
		"another charset":          {"application/json; charset=koi8-r", `{}`, "invalid_charset"},
		"a form cut short":         {"multipart/form-data; boundary=x", "--x\r\nContent-Disp", "invalid_form_data"},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := d.send("POST", "conversations.info", token, c.kind, c.body)
			require.Equal(t, c.want, out["error"], "%v", out)
		})
	}
	_, out := d.send("POST", "auth.test", token, "application/json", `{}`)
	require.Equal(t, "missing_charset", out["warning"])
	require.Equal(t, []any{"missing_charset"}, at(out, "response_metadata", "warnings"))
	_, out = d.send("POST", "auth.test", token, "application/x-www-form-urlencoded; charset=utf-8", "")
	require.Equal(t, "superfluous_charset", out["warning"])
}

func TestHeadersTellScopesAndRequest(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	require.NoError(t, d.sim.Admin().RevokeScopes("users:read"))
	resp, _ := d.send("POST", "team.info", d.sim.Tokens().Bot, "", "")
	require.Equal(t, "team:read", resp.Header.Get("X-Accepted-Oauth-Scopes"))
	held := strings.Split(resp.Header.Get("X-Oauth-Scopes"), ",")
	require.Contains(t, held, "chat:write")
	require.NotContains(t, held, "users:read")
	first := resp.Header.Get("X-Slack-Req-Id")
	require.NotEmpty(t, first)
	resp, _ = d.send("POST", "team.info", "xoxb-of-somebody-else", "", "")
	require.Empty(t, resp.Header.Get("X-Oauth-Scopes"), "nothing is told to a stranger")
	require.NotEqual(t, first, resp.Header.Get("X-Slack-Req-Id"))
}

func TestTheOrderOfChecks(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	bot, app := d.sim.Tokens().Bot, d.sim.Tokens().App
	refusal := func(token, method string) any {
		_, out := d.send("POST", method, token, "", "")
		return out["error"]
	}
	require.Equal(t, "not_authed", refusal("", "chat.postMessage"))
	require.Equal(t, "invalid_auth", refusal("xoxb-other", "chat.postMessage"))
	require.NoError(t, d.sim.Admin().RevokeScopes("chat:write"))
	require.Equal(t, "not_allowed_token_type", refusal(app, "chat.postMessage"), "the kind of token comes before its scopes")
	require.Equal(t, "missing_scope", refusal(bot, "chat.postMessage"), "scopes come before arguments")
	require.NoError(t, d.sim.Admin().GrantScopes("chat:write"))
	require.Equal(t, "invalid_arguments", refusal(bot, "chat.postMessage"))
	d.refusedWith("invalid_blocks", "chat.postMessage", args{"channel": "C0NOWHERE00", "blocks": []any{args{"type": "sparkle"}}})
	d.refusedWith("channel_not_found", "chat.postMessage", args{"channel": "C0NOWHERE00", "text": ""})
	d.refusedWith("not_in_channel", "chat.postMessage", args{"channel": d.roomID("random"), "text": ""})
	d.refusedWith("no_text", "chat.postMessage", args{"channel": d.room("general"), "text": ""})

	require.NoError(t, d.sim.Admin().RevokeToken())
	require.Equal(t, "token_revoked", refusal(bot, "chat.postMessage"))
	require.NoError(t, d.sim.Admin().RestoreToken())
	yes := true
	require.NoError(t, d.sim.Admin().Person("snafu", slacksim.PersonChange{Deactivated: &yes}))
	require.Equal(t, "account_inactive", refusal(bot, "chat.postMessage"))
}

func TestTheAppTokenIsReadInTheHeaderOnly(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	app := d.sim.Tokens().App
	_, out := d.send("POST", "apps.connections.open", "", "application/x-www-form-urlencoded", "token="+app)
	require.Equal(t, "missing_args", out["error"])
	_, out = d.send("POST", "apps.connections.open", d.sim.Tokens().Bot, "", "")
	require.Equal(t, "not_allowed_token_type", out["error"])
	resp, out := d.send("POST", "apps.connections.open", app, "", "")
	require.Equal(t, true, out["ok"])
	require.Contains(t, out["url"], "ws://"+strings.TrimPrefix(strings.TrimSuffix(d.sim.APIURL(), "/api/"), "http://")+"/link/")
	require.Equal(t, "connections:write", resp.Header.Get("X-Oauth-Scopes"))
}

// loggedIn writes the log into a text that is read once nothing logs any more.
func loggedIn(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
