package slacksim_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// ask calls the control API and returns status and answer.
func (d *desk) ask(method, path, body string) (int, map[string]any) {
	d.t.Helper()
	req, err := http.NewRequest(method, strings.TrimSuffix(d.sim.PageURL(), "/")+path, strings.NewReader(body))
	require.NoError(d.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	out := map[string]any{}
	require.NoError(d.t, json.Unmarshal([]byte(read(d.t, resp)), &out))
	return resp.StatusCode, out
}

func (d *desk) ok(method, path, body string) map[string]any {
	d.t.Helper()
	status, out := d.ask(method, path, body)
	require.Equal(d.t, http.StatusOK, status, "%s %s: %v", method, path, out)
	require.Equal(d.t, true, out["ok"])
	return out
}

func TestAnotherProgramPlaysTheStory(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(d.approver)
	app := d.ok("GET", "/sim/app", "")
	require.Equal(t, d.sim.APIURL(), app["api_url"])
	require.Equal(t, float64(1), app["connections"])

	act := d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"open MQLs became SQLs"}`)
	require.Equal(t, "acked", act["deliveries"].([]any)[0].(map[string]any)["state"])
	require.Nil(t, act["shown"])
	ch := d.ok("POST", "/sim/await", `{"as":"ana","channel":{"name_prefix":"snafu-42"}}`)["channel"].(map[string]any)["name"].(string)
	d.ok("POST", "/sim/await", `{"as":"ana","message":{"channel":"`+ch+`","contains":"R1 r1","label":"Reject"}}`)
	d.ok("POST", "/sim/as/ben/join", `{"channel":"`+ch+`"}`)
	d.ok("POST", "/sim/as/ben/press", `{"channel":"`+ch+`","label":"Review and approve"}`)
	view := d.ok("POST", "/sim/await", `{"as":"ben","view":{"callback_id":"form"}}`)["view"].(map[string]any)
	require.Equal(t, "Approve R1", view["title"])
	require.Len(t, d.ok("GET", "/sim/views?as=ben", "")["modals"], 1)
	res := d.ok("POST", "/sim/as/ben/submit", `{"values":{"Rows to write":1176}}`)
	require.Equal(t, "errors", res["result"])
	res = d.ok("POST", "/sim/as/ben/submit", `{"values":{"rows":{"text":"1169"}}}`)
	require.Equal(t, "closed", res["result"])
	d.ok("POST", "/sim/await", `{"as":"ana","message":{"channel":"`+ch+`","label":"Run"}}`)
	d.ok("POST", "/sim/await", `{"idle":true}`)

	messages := d.ok("GET", "/sim/channels/"+ch+"/messages?as=ana", "")["messages"].([]any)
	plan := messages[2].(map[string]any)
	require.Equal(t, "Run", plan["actions"].([]any)[0].(map[string]any)["label"])
	info := d.ok("GET", "/sim/channels/"+ch, "")
	require.Len(t, info["pins"], 1)
	resp, err := http.Get(strings.TrimSuffix(d.sim.PageURL(), "/") + "/sim/transcript?channel=" + ch)
	require.NoError(t, err)
	require.Equal(t, d.sim.Transcript(ch), read(t, resp))
	require.NotEmpty(t, d.ok("GET", "/sim/traffic?kind=envelope", "")["items"])
}

func TestTheControlAPISaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
		name               string
	}{
		{"POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/x","colour":"red"}`, 400, "bad_request"},
		{"POST", "/sim/as/ana/slash", `{`, 400, "bad_request"},
		{"POST", "/sim/as/zoe/slash", `{"channel":"#general","command":"/x"}`, 404, "not_found"},
		{"POST", "/sim/as/ana/slash", `{"channel":"#nowhere","command":"/x"}`, 404, "not_found"},
		{"POST", "/sim/as/gus/slash", `{"channel":"#random","command":"/x"}`, 404, "not_found"},
		{"POST", "/sim/as/ana/press", `{"channel":"#general","label":"Run"}`, 409, "not_possible"},
		{"POST", "/sim/as/ana/submit", `{"values":{}}`, 404, "not_found"},
		{"POST", "/sim/clock", `{"advance":"1m"}`, 409, "not_possible"},
		{"POST", "/sim/await", `{"as":"ana","timeout":"10ms","message":{"channel":"#general","contains":"never"}}`, 504, "timeout"},
		{"POST", "/sim/await", `{"as":"ana"}`, 400, "bad_request"},
		{"POST", "/sim/faults", `{"kind":"api.gremlin"}`, 400, "bad_request"},
		{"GET", "/sim/nothing", "", 404, "not_found"},
	} {
		status, out := d.ask(c.method, c.path, c.body)
		require.Equal(t, c.status, status, "%s %s %s: %v", c.method, c.path, c.body, out)
		require.Equal(t, c.name, out["error"], c.path)
		require.NotEmpty(t, out["detail"])
	}
}

func TestOnlyThisMachineDrivesTheWorkspace(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	for name, change := range map[string]func(*http.Request){
		"a foreign origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"a foreign host":   func(r *http.Request) { r.Host = "evil.example" },
	} {
		req, err := http.NewRequest("GET", d.sim.PageURL()+"sim/app", nil)
		require.NoError(t, err)
		change(req)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.Contains(t, read(t, resp), "forbidden", name)
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
	}
	resp, err := http.Get(d.sim.PageURL())
	require.NoError(t, err)
	require.Contains(t, read(t, resp), "Simulated Slack, not Slack")
}

func TestOffLoopbackAKeyIsNeeded(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Listen: "0.0.0.0:0"})
	base, key, found := strings.Cut(d.sim.PageURL(), "?key=")
	require.True(t, found)
	resp, err := http.Get(base + "sim/app")
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, read(t, resp))
	resp, err = http.Get(base + "sim/app?key=" + key)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, read(t, resp))
}

func TestAdministratorsActOverTheWire(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	d.ok("POST", "/sim/admin/person", `{"person":"dev","set":{"deactivated":true}}`)
	d.ok("POST", "/sim/admin/channel", `{"create":{"name":"quiet","private":true,"members":["ana"]}}`)
	d.ok("POST", "/sim/admin/channel", `{"channel":"#general","set":{"shared":"external"},"kick":["chi"]}`)
	info, err := d.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: general})
	require.NoError(t, err)
	require.True(t, info.IsExtShared)
	_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("gone soon", false))
	require.NoError(t, err)
	d.ok("POST", "/sim/admin/message", `{"channel":"#general","ts":"`+ts+`","delete":true}`)
	_, _, _, err = d.api.UpdateMessage(general, ts, slack.MsgOptionText("x", false))
	require.EqualError(t, err, "message_not_found")
	d.ok("POST", "/sim/admin/usergroup", `{"handle":"oncall","members":["ana"]}`)
	d.ok("POST", "/sim/admin/app", `{"revoke_scopes":["chat:write"]}`)
	_, _, err = d.api.PostMessage(general, slack.MsgOptionText("x", false))
	require.EqualError(t, err, "missing_scope")

	id := d.ok("POST", "/sim/faults", `{"kind":"api.error","match":{"method":"users.info"},"error":"user_not_found","times":0}`)["id"].(string)
	_, err = d.api.GetUserInfo(d.id("ana"))
	require.EqualError(t, err, "user_not_found")
	require.Len(t, d.ok("GET", "/sim/faults", "")["faults"], 1)
	d.ok("DELETE", "/sim/faults/"+id, "")
	_, err = d.api.GetUserInfo(d.id("ana"))
	require.NoError(t, err)

	d.ok("POST", "/sim/clock", `{"frozen":true}`)
	d.ok("POST", "/sim/clock", `{"advance":"31m"}`)
	d.ok("POST", "/sim/reset", `{"seed":7}`)
	require.Equal(t, false, d.ok("GET", "/sim/clock", "")["frozen"])
	for _, ch := range d.ok("GET", "/sim/channels", "")["channels"].([]any) {
		require.NotEqual(t, "quiet", ch.(map[string]any)["name"])
	}
}

func TestPeopleActOverTheWire(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	d.room("general")
	ts := d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"hello"}`)["ts"].(string)
	at := `"channel":"#general","ts":"` + ts + `"`
	d.ok("POST", "/sim/as/ben/message", `{"channel":"#general","text":"reply","thread_ts":"`+ts+`"}`)
	d.ok("POST", "/sim/as/ben/react", `{`+at+`,"name":"eyes"}`)
	d.ok("POST", "/sim/as/ben/react", `{`+at+`,"name":"eyes","remove":true}`)
	d.ok("POST", "/sim/as/ana/edit", `{`+at+`,"text":"hello again"}`)
	thread := d.ok("GET", "/sim/channels/general/threads/"+ts+"?as=ana", "")["messages"].([]any)
	require.Len(t, thread, 2)
	require.Equal(t, "hello again", thread[0].(map[string]any)["plain"])
	d.ok("POST", "/sim/as/ana/shortcut", `{`+at+`,"callback_id":"note.message"}`)
	d.ok("POST", "/sim/as/ana/shortcut", `{"callback_id":"open"}`)
	require.Len(t, in.interactions(), 2)
	d.ok("POST", "/sim/as/ana/delete", `{`+at+`}`)
	up := d.ok("POST", "/sim/as/ana/upload", `{"channel":"#general","filename":"a.csv","content_base64":"YSxi"}`)
	id := up["file_id"].(string)
	require.Equal(t, "a.csv", d.ok("GET", "/sim/files/"+id, "")["file"].(map[string]any)["name"])
	resp, err := http.Get(d.sim.PageURL() + "sim/files/" + id + "/content")
	require.NoError(t, err)
	require.Equal(t, "a,b", read(t, resp))
	d.ok("POST", "/sim/as/ana/leave", `{"channel":"#random"}`)
	d.ok("POST", "/sim/as/ana/join", `{"channel":"#random"}`)
	d.ok("POST", "/sim/as/ana/invite", `{"channel":"#random","users":["gus","snafu"]}`)
	d.ok("POST", "/sim/as/ana/home", `{}`)
	require.Len(t, d.ok("GET", "/sim/people", "")["people"], 7)
	require.Empty(t, d.ok("GET", "/sim/usergroups", "")["usergroups"])

	_, err = d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu form")
	require.NoError(t, err)
	_, err = d.api.OpenView(in.commands()[0].TriggerID, form("F", field("b", "L")))
	require.NoError(t, err)
	require.Nil(t, d.ok("POST", "/sim/as/ana/close", `{}`)["view"])
	act := d.ok("POST", "/sim/as/ana/slash", `{"channel":"@snafu","command":"/snafu","text":"help","wait":false}`)
	require.NotEmpty(t, act["deliveries"])
}

func TestTheStreamTellsWhatChanges(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	address := "ws" + strings.TrimPrefix(d.sim.PageURL(), "http") + "sim/stream?as=ana"
	conn, _, err := websocket.DefaultDialer.Dial(address, nil)
	require.NoError(t, err)
	defer conn.Close()
	req, err := http.NewRequest("GET", d.sim.PageURL()+"sim/stream?as=ben", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()

	_, err = d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionText("for ana", false))
	require.NoError(t, err)
	_, _, err = d.api.PostMessage(general, slack.MsgOptionText("for all", false))
	require.NoError(t, err)
	var seen []string
	for !contains(seen, "for all") {
		var f slacksim.Frame
		require.NoError(t, conn.ReadJSON(&f))
		if f.Message != nil {
			seen = append(seen, f.Message.Plain)
		}
	}
	require.Equal(t, []string{"for ana", "for all"}, seen)

	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		require.NotContains(t, lines.Text(), "for ana")
		if strings.Contains(lines.Text(), "for all") {
			return
		}
	}
	t.Fatal("the event stream ended")
}

func contains(all []string, one string) bool { return strings.Contains(strings.Join(all, "\n"), one) }
