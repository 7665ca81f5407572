package slacksim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// outside is a program that knows nothing but the documentation of the control
// API.
type outside struct {
	t    *testing.T
	base string
}

type doc = map[string]any

func (o outside) call(method, path, body string) (int, doc) {
	o.t.Helper()
	req, err := http.NewRequest(method, o.base+"/sim/"+path, bytes.NewReader([]byte(body)))
	require.NoError(o.t, err)
	if method == "POST" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	defer resp.Body.Close()
	var out doc
	require.NoError(o.t, json.NewDecoder(resp.Body).Decode(&out), path)
	return resp.StatusCode, out
}

func (o outside) get(path string, keys ...string) doc {
	o.t.Helper()
	return o.good("GET", path, "", keys)
}

func (o outside) post(path, body string, keys ...string) doc {
	o.t.Helper()
	return o.good("POST", path, body, keys)
}

// act posts something a person does, and demands the shape of an act.
func (o outside) act(path, body string, more ...string) doc {
	o.t.Helper()
	out := o.post(path, body, append([]string{"act", "deliveries", "shown"}, more...)...)
	for _, raw := range list(out, "deliveries") {
		o.shape(raw, "type", "via", "envelope_id", "state", "ms")
	}
	return out
}

func (o outside) good(method, path, body string, keys []string) doc {
	o.t.Helper()
	status, out := o.call(method, path, body)
	require.Equal(o.t, http.StatusOK, status, "%s %s %s: %v", method, path, body, out)
	require.Equal(o.t, true, out["ok"])
	o.shape(out, keys...)
	return out
}

// shape demands keys; a key that ends in [] holds a list, one in {} an object.
func (o outside) shape(raw any, keys ...string) {
	o.t.Helper()
	m, ok := raw.(doc)
	require.True(o.t, ok, "%v is no object", raw)
	for _, key := range keys {
		name := strings.TrimSuffix(strings.TrimSuffix(key, "[]"), "{}")
		require.Contains(o.t, m, name)
		switch {
		case strings.HasSuffix(key, "[]"):
			require.IsType(o.t, []any{}, m[name], "%s of %v", name, m)
		case strings.HasSuffix(key, "{}"):
			require.IsType(o.t, doc{}, m[name], "%s of %v", name, m)
		}
	}
}

func list(m doc, key string) []any { out, _ := m[key].([]any); return out }

func under(m doc, key string) doc { out, _ := m[key].(doc); return out }

var (
	appKeys = []string{
		"api_url", "page_url", "team_id", "app_id", "bot_user_id", "bot_id", "bot_token", "app_token", "signing_secret", "mode", "request_url",
		"connections", "commands[]", "shortcuts[]", "scopes[]",
	}
	personKeys = []string{
		"id", "name", "real_name", "email", "tz", "title", "team_id", "enterprise_user_id", "guest", "stranger", "bot", "deactivated", "color", "dm",
	}
	channelKeys = []string{"id", "name", "kind", "topic", "purpose", "creator", "created", "archived", "shared", "member", "last_ts"}
	messageKeys = []string{
		"ts", "channel", "thread_ts", "user", "bot", "subtype", "text", "blocks[]", "attachments[]", "files[]", "metadata{}", "edited_ts",
		"deleted", "ephemeral_to", "pinned", "reactions[]", "reply_count", "plain", "actions[]",
	}
	viewKeys = []string{
		"id", "type", "callback_id", "external_id", "hash", "title", "submit", "close", "blocks[]", "private_metadata", "state{}", "errors{}",
		"plain", "inputs[]", "actions[]",
	}
	trafficKeys = []string{"n", "at", "kind", "name", "dir", "ok", "error", "ms", "fault", "request{}", "response{}"}
)

func walk(t *testing.T) (outside, *desk, *inbox) {
	t.Helper()
	d := start(t, slacksim.Options{})
	in := &inbox{}
	d.connect(in.handle)
	return outside{t, strings.TrimSuffix(d.sim.PageURL(), "/")}, d, in
}

func TestAnOutsideProgramLooks(t *testing.T) {
	t.Parallel()
	o, d, _ := walk(t)
	general := d.room("general")
	d.shows(general, "Run")
	o.get("app", appKeys...)
	people := list(o.get("people"), "people")
	require.Len(t, people, 7)
	for _, p := range people {
		o.shape(p, personKeys...)
	}
	o.post("admin/usergroup", `{"handle":"oncall","members":["ana"]}`, "usergroup{}")
	o.shape(list(o.get("usergroups"), "usergroups")[0], "id", "handle", "name", "members[]")

	all, guest := list(o.get("channels"), "channels"), list(o.get("channels?as=gus"), "channels")
	require.Greater(t, len(all), len(guest))
	for _, ch := range all {
		o.shape(ch, channelKeys...)
	}
	for _, ref := range []string{"general", "%23general", general} {
		one := o.get("channels/"+ref+"?as=ana", "channel{}", "members[]", "pins[]", "bookmarks[]")
		require.Equal(t, general, under(one, "channel")["id"])
	}
	require.Equal(t, "dm", under(o.get("channels/@snafu?as=ana"), "channel")["kind"])
	messages := o.get("channels/general/messages?as=ana&limit=1", "messages[]", "has_more")
	require.Equal(t, true, messages["has_more"])
	o.shape(list(messages, "messages")[0], messageKeys...)
	act := list(list(messages, "messages")[0].(doc), "actions")[0]
	o.shape(act, "label", "type", "action_id", "block_id", "value", "style", "options[]")
	ts := list(messages, "messages")[0].(doc)["ts"].(string)
	o.act("as/ben/message", `{"channel":"#general","text":"reply","thread_ts":"`+ts+`"}`, "ts")
	thread := list(o.get("channels/general/threads/"+ts+"?as=ana", "messages[]", "has_more"), "messages")
	require.Equal(t, ts, thread[0].(doc)["ts"], "the root comes first")
	require.Equal(t, "reply", thread[1].(doc)["plain"])
	require.Empty(t, list(o.get("channels/general/messages?as=ana&after="+ts), "messages"))
	require.NotEmpty(t, list(o.get("channels/general/messages?as=ana&before="+ts), "messages"))
	o.get("views?as=ana", "home", "modals[]")
	for _, x := range list(o.get("traffic?limit=500"), "items") {
		o.shape(x, trafficKeys...)
	}
	require.Len(t, list(o.get("traffic?kind=api&limit=2"), "items"), 2)
	raw, _ := json.Marshal(o.get("traffic?limit=500"))
	require.NotContains(t, string(raw), d.sim.Tokens().Bot, "tokens are redacted")
	o.get("faults", "faults[]")
	o.get("clock", "now", "frozen")
	resp, err := http.Get(o.base + "/sim/transcript?channel=general")
	require.NoError(t, err)
	require.Contains(t, resp.Header.Get("Content-Type"), "text/plain")
	require.Contains(t, read(t, resp), "[Run]")
}

func TestAnOutsideProgramPlaysAPerson(t *testing.T) {
	t.Parallel()
	o, d, in := walk(t)
	general := d.room("general")
	d.shows(general, "Run")
	slash := o.act("as/ana/slash", `{"channel":"#general","command":"/snafu","text":"form"}`, "trigger_id", "response_url")
	require.Equal(t, "slash_commands", list(slash, "deliveries")[0].(doc)["type"])
	require.Equal(t, "acked", list(slash, "deliveries")[0].(doc)["state"])
	require.Nil(t, slash["shown"])
	press := o.act("as/ana/press", `{"channel":"#general","label":"Run"}`, "trigger_id", "response_url")
	require.Equal(t, "block_actions", list(press, "deliveries")[0].(doc)["type"])
	o.act("as/ana/press", `{"channel":"#general","action_id":"act","block_id":"b"}`)

	_, err := d.api.OpenView(slash["trigger_id"].(string), form("F", field("b", "Reason")))
	require.NoError(t, err)
	_, err = d.api.PublishView(d.id("ana"), home("Nothing is open."), "")
	require.NoError(t, err)
	views := o.get("views?as=ana")
	o.shape(under(views, "home"), viewKeys...)
	modal := list(views, "modals")[0].(doc)
	o.shape(modal, viewKeys...)
	o.shape(list(modal, "inputs")[0], "block_id", "action_id", "label", "type", "optional", "value", "options[]")
	submit := func(values string) doc {
		return o.act("as/ana/submit", `{"values":`+values+`}`, "result", "errors{}", "view")
	}
	invalid := submit(`{"b":null}`)
	require.Equal(t, "invalid", invalid["result"])
	require.NotEmpty(t, under(invalid, "errors")["b"])
	require.Equal(t, "closed", submit(`{"b":{"text":"because"}}`)["result"])
	require.Equal(t, "because", in.interactions()[2].View.State.Values["b"]["text"].Value)
	_, err = d.api.OpenView(press["trigger_id"].(string), form("F", field("b", "Reason")))
	require.NoError(t, err)
	require.Nil(t, o.act("as/ana/close", `{"clear":true}`, "view")["view"])
	o.shape(under(o.act("as/ana/home", `{}`, "view"), "view"), viewKeys...)
	o.shape(under(o.act("as/ana/home", `{"tab":"messages"}`, "view"), "view"), viewKeys...)
	opened := d.events("app_home_opened", "")
	require.Equal(t, []any{"home", "messages"}, []any{opened[0]["tab"], opened[1]["tab"]})

	said := o.act("as/ana/message", `{"channel":"@snafu","text":"help"}`, "ts")
	require.Len(t, list(said, "deliveries"), 1)
	ts := o.act("as/ana/message", `{"channel":"#general","text":"hello"}`, "ts")["ts"].(string)
	on := `"channel":"#general","ts":"` + ts + `"`
	for path, body := range map[string]string{"edit": `,"text":"again"`, "react": `,"name":"eyes"`, "shortcut": `,"callback_id":"note"`} {
		o.act("as/ana/"+path, `{`+on+body+`}`)
	}
	o.act("as/ana/react", `{`+on+`,"name":"eyes","remove":true}`)
	o.act("as/ana/shortcut", `{"callback_id":"open"}`, "trigger_id")
	o.act("as/ana/delete", `{`+on+`}`)
	o.act("as/ana/leave", `{"channel":"#random"}`)
	require.Empty(t, list(o.act("as/ana/join", `{"channel":"#random"}`), "deliveries"), "the app is not there")
	o.act("as/ana/invite", `{"channel":"#random","users":["gus"]}`)
	file := o.act("as/ana/upload", `{"channel":"#general","filename":"a.csv","content_base64":"YSxi","thread_ts":null}`, "file_id", "ts")
	o.shape(under(o.get("files/"+file["file_id"].(string)), "file"), "id", "name", "size", "mimetype", "channels[]")
	resp, err := http.Get(o.base + "/sim/files/" + file["file_id"].(string) + "/content")
	require.NoError(t, err)
	require.Equal(t, "a,b", read(t, resp))
}

func TestAnOutsideProgramAdministers(t *testing.T) {
	t.Parallel()
	o, d, _ := walk(t)
	person := under(o.post("admin/person", `{"person":"dev","set":{"deactivated":true,"guest":"multi","team":"Other","bot":true,"real_name":"D","tz":"UTC"}}`), "person")
	o.shape(person, personKeys...)
	require.Equal(t, []any{true, "multi", true, true, "D"}, []any{person["deactivated"], person["guest"], person["stranger"], person["bot"], person["real_name"]})
	made := under(o.post("admin/channel", `{"create":{"name":"quiet","private":true,"members":["ana","ben"]}}`), "channel")
	o.shape(made, channelKeys...)
	set := under(o.post("admin/channel", `{"channel":"#quiet","set":{"archived":true,"shared":"external","name":"silent"},"kick":["ben"]}`), "channel")
	require.Equal(t, []any{"silent", true, "external"}, []any{set["name"], set["archived"], set["shared"]})
	require.Len(t, list(o.get("channels/silent"), "members"), 1)
	moved := under(o.post("admin/channel", `{"channel":"silent","renumber":true}`), "channel")
	require.Equal(t, "silent", moved["name"])
	require.NotEqual(t, made["id"], moved["id"])
	status, _ := o.call("GET", "channels/"+made["id"].(string), "")
	require.Equal(t, http.StatusNotFound, status, "the old id is unknown")
	o.post("admin/channel", `{"channel":"silent","set":{"deleted":true}}`, "channel{}")
	ts := o.act("as/ana/message", `{"channel":"#general","text":"hello"}`)["ts"].(string)
	gone := under(o.post("admin/message", `{"channel":"#general","ts":"`+ts+`","delete":true}`), "message")
	o.shape(gone, messageKeys...)
	require.Equal(t, true, gone["deleted"])
	group := under(o.post("admin/usergroup", `{"handle":"oncall","members":["ana","ben"]}`), "usergroup")
	require.Len(t, group["members"], 2)
	app := o.post("admin/app", `{"revoke_scopes":["chat:write"],"grant_scopes":["calls:read"]}`, appKeys...)
	require.False(t, slices.Contains(list(app, "scopes"), any("chat:write")))
	o.post("admin/app", `{"revoke_token":true}`)
	_, err := d.api.AuthTest()
	require.EqualError(t, err, "token_revoked")
	o.post("admin/app", `{"revoke_token":false}`)
	_, err = d.api.AuthTest()
	require.NoError(t, err)
	o.post("admin/app", `{"uninstall":true}`, appKeys...)
	_, err = d.api.AuthTest()
	require.EqualError(t, err, "token_revoked")
	require.Len(t, d.events("app_uninstalled", ""), 1)
	o.post("admin/app", `{"revoke_token":false}`)

	require.Equal(t, true, o.post("clock", `{"frozen":true}`, "now", "frozen")["frozen"])
	before, err := time.Parse(time.RFC3339, o.get("clock")["now"].(string))
	require.NoError(t, err)
	after, err := time.Parse(time.RFC3339, o.post("clock", `{"advance":"31m"}`)["now"].(string))
	require.NoError(t, err)
	require.Equal(t, 31*time.Minute, after.Sub(before))
	o.post("faults", `{"kind":"event.drop"}`, "id")

	reset := o.post("reset", `{"seed":3,"workspace":{"people":[{"name":"zoe"}],"channels":[{"name":"general","members":"all"}]}}`, appKeys...)
	require.EqualValues(t, 1, reset["connections"], "connections stay open")
	require.Len(t, list(o.get("people"), "people"), 2)
	require.Empty(t, list(o.get("faults"), "faults"))
	require.Equal(t, false, o.get("clock")["frozen"])
	require.Equal(t, reset["team_id"], o.post("reset", `{"seed":3,"workspace":{"people":[{"name":"zoe"}]}}`)["team_id"], "ids come from the seed")
	o.act("as/zoe/message", `{"channel":"@snafu","text":"hello"}`, "ts")
}

func TestAnOutsideProgramAwaits(t *testing.T) {
	t.Parallel()
	o, d, in := walk(t)
	general := d.room("general")
	d.shows(general, "Run")
	o.shape(under(o.post("await", `{"as":"ana","message":{"channel":"#general","contains":"Run","label":"Run"}}`), "message"), messageKeys...)
	o.act("as/ana/slash", `{"channel":"#general","command":"/snafu","text":"form"}`)
	_, err := d.api.OpenView(in.commands()[0].TriggerID, form("F", field("b", "Reason")))
	require.NoError(t, err)
	o.shape(under(o.post("await", `{"as":"ana","timeout":"30s","view":{"callback_id":"form","contains":"Reason"}}`), "view"), viewKeys...)
	_, err = d.api.PublishView(d.id("ana"), home("Nothing is open."), "")
	require.NoError(t, err)
	o.shape(under(o.post("await", `{"as":"ana","home":{"contains":"Nothing"}}`), "home"), viewKeys...)
	o.shape(under(o.post("await", `{"as":"ana","channel":{"name_prefix":"gen"}}`), "channel"), channelKeys...)
	require.EqualValues(t, 1, o.post("await", `{"connections":1}`)["connections"])
	o.post("await", `{"idle":true}`)
	ts := o.act("as/ana/message", `{"channel":"#general","text":"root"}`)["ts"].(string)
	late := make(chan doc, 1)
	go func() {
		_, out := o.call("POST", "await", fmt.Sprintf(`{"as":"ana","timeout":"1m","message":{"channel":"#general","after":%q,"thread_ts":%q}}`, ts, ts))
		late <- out
	}()
	o.act("as/ben/message", `{"channel":"#general","text":"reply","thread_ts":"`+ts+`"}`)
	require.Equal(t, "reply", under(<-late, "message")["plain"])
	for _, never := range []string{
		`"as":"ana","message":{"channel":"#general","contains":"never"}`, `"as":"ben","view":{}`, `"as":"ben","home":{}`,
		`"as":"ana","channel":{"name_prefix":"never"}`, `"connections":7`,
	} {
		status, out := o.call("POST", "await", `{"timeout":"5ms",`+never+`}`)
		require.Equal(t, http.StatusGatewayTimeout, status, never)
		require.Equal(t, "timeout", out["error"])
	}
}

func TestAnOutsideProgramIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	o, _, _ := walk(t)
	posts := strings.Fields(`as/ana/slash as/ana/press as/ana/submit as/ana/close as/ana/home as/ana/message as/ana/edit as/ana/delete as/ana/react
		as/ana/shortcut as/ana/join as/ana/leave as/ana/invite as/ana/upload admin/person admin/channel admin/message admin/usergroup admin/app
		faults clock await reset`)
	for _, path := range posts {
		for _, body := range []string{`{"nonsense":1}`, `not JSON`, `{} {}`, ``} {
			status, out := o.call("POST", path, body)
			require.Equal(t, http.StatusBadRequest, status, "%s %s %v", path, body, out)
			require.Equal(t, "bad_request", out["error"])
			require.NotEmpty(t, out["detail"])
		}
		for header, value := range map[string]string{"Content-Type": "text/plain", "Origin": "https://elsewhere.example"} {
			req, err := http.NewRequest("POST", o.base+"/sim/"+path, strings.NewReader(`{}`))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set(header, value)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			require.Equal(t, map[string]int{"Content-Type": 400, "Origin": 403}[header], resp.StatusCode, path)
		}
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		name               string
	}{
		{"POST", "as/zoe/slash", `{"channel":"#general","command":"/x"}`, 404, "not_found"},
		{"POST", "as/ana/message", `{"channel":"#nowhere","text":"x"}`, 404, "not_found"},
		{"POST", "as/ana/close", `{"view":"V0"}`, 404, "not_found"},
		{"POST", "as/ana/press", `{"channel":"#general","label":"Run"}`, 409, "not_possible"},
		{"POST", "as/ana/join", `{"channel":"#general"}`, 409, "not_possible"},
		{"POST", "admin/person", `{"person":"zoe","set":{}}`, 404, "not_found"},
		{"POST", "admin/person", `{"person":"ana","set":{"guest":"triple"}}`, 400, "bad_request"},
		{"POST", "admin/channel", `{"channel":"#general","set":{"shared":"widely"}}`, 400, "bad_request"},
		{"POST", "admin/channel", `{"channel":"@snafu","renumber":true}`, 404, "not_found"},
		{"POST", "admin/app", `{"uninstall":true,"revoke_token":false}`, 400, "bad_request"},
		{"POST", "as/ana/home", `{"tab":"about"}`, 400, "bad_request"},
		{"POST", "admin/message", `{"channel":"#general","ts":"1.1","delete":true}`, 404, "not_found"},
		{"POST", "clock", `{"advance":"1m"}`, 409, "not_possible"},
		{"POST", "clock", `{}`, 400, "bad_request"},
		{"POST", "await", `{"as":"ana","view":{},"home":{}}`, 400, "bad_request"},
		{"POST", "await", `{"view":{}}`, 400, "bad_request"},
		{"POST", "await", `{"as":"ana","view":{},"timeout":"soon"}`, 400, "bad_request"},
		{"GET", "channels/nowhere", ``, 404, "not_found"},
		{"GET", "views", ``, 400, "bad_request"},
		{"GET", "files/F0", ``, 404, "not_found"},
		{"DELETE", "faults/f9", ``, 404, "not_found"},
		{"GET", "nothing", ``, 404, "not_found"},
	} {
		status, out := o.call(c.method, c.path, c.body)
		require.Equal(t, c.status, status, "%s %s %s: %v", c.method, c.path, c.body, out)
		require.Equal(t, c.name, out["error"], c.path)
	}
}
