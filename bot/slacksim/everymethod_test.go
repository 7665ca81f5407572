package slacksim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// office is a workspace with something for every method: channels of every kind,
// a message with a pin, a reaction and a reply, a bookmark and a file.
type office struct {
	*desk
	public, private, dm, ts, bookmark, file, group string
}

// scopesOfAll are the scopes of all methods, as a manifest asks for them.
func scopesOfAll() []string {
	all := []string{"commands"}
	for _, m := range slacksim.APIMethods() {
		all = append(all, slacksim.APIScopes(m)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func newOffice(t *testing.T) *office {
	t.Helper()
	ws := slacksim.DefaultWorkspace()
	ws.Usergroups = []slacksim.WorkspaceGroup{{Handle: "oncall", Members: []string{"ben", "chi"}}}
	manifest, err := json.Marshal(args{"oauth_config": args{"scopes": args{"bot": scopesOfAll()}}})
	require.NoError(t, err)
	ws.App.Manifest = manifest
	o := &office{desk: start(t, slacksim.Options{Workspace: ws, Clock: slacksim.FrozenClock(noon)})}
	o.public = at(o.fine("conversations.create", args{"name": "office"}), "channel", "id").(string)
	o.private = at(o.fine("conversations.create", args{"name": "backroom", "is_private": true}), "channel", "id").(string)
	o.dm = at(o.fine("conversations.open", args{"users": o.id("ana")}), "channel", "id").(string)
	o.fine("conversations.invite", args{"channel": o.public, "users": o.id("ana")})
	o.ts = o.posted(o.public, "card")
	o.fine("chat.postMessage", args{"channel": o.public, "text": "reply", "thread_ts": o.ts})
	o.fine("pins.add", args{"channel": o.public, "timestamp": o.ts})
	o.fine("reactions.add", args{"channel": o.public, "timestamp": o.ts, "name": "eyes"})
	o.bookmark = at(o.fine("bookmarks.add", args{"channel_id": o.public, "type": "link", "title": "t", "link": "https://example.com"}), "bookmark", "id").(string)
	o.group = at(o.fine("usergroups.list", nil), "usergroups", 0, "id").(string)
	o.file = o.uploads("a.txt", "hello")
	o.fine("files.completeUploadExternal", args{"files": []any{args{"id": o.file}}})
	return o
}

// uploads does the first two steps of an upload.
func (d *desk) uploads(name, content string) string {
	d.t.Helper()
	got := d.fine("files.getUploadURLExternal", args{"filename": name, "length": len(content)})
	resp, err := http.Post(got["upload_url"].(string), "application/octet-stream", strings.NewReader(content))
	require.NoError(d.t, err)
	require.Equal(d.t, "OK - "+name, read(d.t, resp))
	return got["file_id"].(string)
}

// right are arguments with which each method works, in an order in which they
// work after each other. Views need a trigger, and have tests of their own.
func (o *office) right() []struct {
	method string
	a      args
} {
	general := o.room("general")
	view := args{"type": "home", "blocks": []any{}}
	return []struct {
		method string
		a      args
	}{
		{"api.test", args{"foo": "bar"}},
		{"auth.test", nil},
		{"team.info", nil},
		{"bots.info", args{"bot": at(o.fine("auth.test", nil), "bot_id")}},
		{"users.info", args{"user": o.id("ana")}},
		{"users.list", nil},
		{"users.lookupByEmail", args{"email": "ana@example.com"}},
		{"users.conversations", args{"types": "public_channel,private_channel,im"}},
		{"usergroups.list", args{"include_users": true}},
		{"usergroups.users.list", args{"usergroup": o.group}},
		{"usergroups.users.update", args{"usergroup": o.group, "users": o.id("dev")}},
		{"conversations.create", args{"name": "new"}},
		{"conversations.invite", args{"channel": o.public, "users": o.id("ben")}},
		{"conversations.kick", args{"channel": o.public, "user": o.id("ben")}},
		{"conversations.setTopic", args{"channel": o.public, "topic": "t"}},
		{"conversations.setPurpose", args{"channel": o.public, "purpose": "p"}},
		{"conversations.rename", args{"channel": o.public, "name": "office-2"}},
		{"conversations.info", args{"channel": o.public}},
		{"conversations.members", args{"channel": o.public}},
		{"conversations.list", nil},
		{"conversations.open", args{"users": o.id("ben")}},
		{"conversations.history", args{"channel": o.public}},
		{"conversations.replies", args{"channel": o.public, "ts": o.ts}},
		{"conversations.canvases.create", args{"channel_id": o.public, "document_content": args{"type": "markdown", "markdown": "# hello"}}},
		{"chat.postMessage", args{"channel": o.public, "text": "t"}},
		{"chat.update", args{"channel": o.public, "ts": o.ts, "text": "u"}},
		{"chat.postEphemeral", args{"channel": o.public, "user": o.id("ana"), "text": "t"}},
		{"chat.scheduleMessage", args{"channel": o.public, "text": "later", "post_at": noon.Unix() + 60}},
		{"chat.getPermalink", args{"channel": o.public, "message_ts": o.ts}},
		{"bookmarks.add", args{"channel_id": o.public, "type": "link", "title": "t", "link": "https://example.com"}},
		{"bookmarks.edit", args{"channel_id": o.public, "bookmark_id": o.bookmark, "title": "u"}},
		{"bookmarks.list", args{"channel_id": o.public}},
		{"bookmarks.remove", args{"channel_id": o.public, "bookmark_id": o.bookmark}},
		{"pins.list", args{"channel": o.public}},
		{"pins.remove", args{"channel": o.public, "timestamp": o.ts}},
		{"pins.add", args{"channel": o.public, "timestamp": o.ts}},
		{"reactions.get", args{"channel": o.public, "timestamp": o.ts}},
		{"reactions.remove", args{"channel": o.public, "timestamp": o.ts, "name": "eyes"}},
		{"reactions.add", args{"channel": o.public, "timestamp": o.ts, "name": "eyes"}},
		{"views.publish", args{"user_id": o.id("ana"), "view": view}},
		{"files.getUploadURLExternal", args{"filename": "b.txt", "length": 1}},
		{"files.completeUploadExternal", args{"files": []any{args{"id": o.uploads("c.txt", "c")}}, "channel_id": o.public}},
		{"files.info", args{"file": o.file}},
		{"files.delete", args{"file": o.file}},
		{"chat.delete", args{"channel": o.public, "ts": o.ts}},
		{"conversations.join", args{"channel": general}},
		{"conversations.leave", args{"channel": o.public}},
		{"conversations.archive", args{"channel": o.private}},
	}
}

// without are the methods that no arguments alone make work.
var without = []string{"apps.connections.open", "conversations.unarchive", "views.open", "views.push", "views.update"}

func TestEveryMethodWorksWithItsArguments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	tried := slices.Clone(without)
	for _, c := range o.right() {
		a := args{}
		for k, v := range c.a {
			a[k] = v
		}
		for _, name := range slacksim.APINeeds(c.method) {
			if _, text := a[name].(string); text {
				require.Contains(t, o.refusedWith("invalid_arguments", c.method, a.but(name, nil)), "missing required field: "+name)
			}
		}
		o.fine(c.method, a)
		tried = append(tried, c.method)
	}
	slices.Sort(tried)
	require.Equal(t, slacksim.APIMethods(), slices.Compact(tried), "each method of the table is tried")
}

func TestEveryMethodWantsItsScopes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	admin, all := o.sim.Admin(), scopesOfAll()
	for _, c := range o.right() {
		scopes := slacksim.APIScopes(c.method)
		if len(scopes) == 0 {
			continue
		}
		require.NoError(t, admin.RevokeScopes(scopes...))
		out := o.call(c.method, c.a)
		require.Equal(t, "missing_scope", out["error"], "%s without %v", c.method, scopes)
		require.Equal(t, strings.Join(scopes, ","), out["needed"], c.method)
		for _, held := range strings.Split(out["provided"].(string), ",") {
			require.NotContains(t, scopes, held, c.method)
		}
		for _, scope := range scopes {
			require.NoError(t, admin.GrantScopes(scope))
			kind, _, _ := strings.Cut(scope, ":")
			a := args{}
			for k, v := range c.a {
				a[k] = v
			}
			if _, named := a["channel"]; named {
				a["channel"] = map[string]string{"channels": o.public, "groups": o.private, "im": o.dm}[kind]
				if a["channel"] == "" {
					a["channel"] = o.public
				}
			}
			if _, listed := a["types"]; listed || c.method == "conversations.list" {
				a["types"] = map[string]string{"channels": "public_channel", "groups": "private_channel", "im": "im"}[kind]
			}
			a = a.but("is_private", map[bool]any{true: true}[c.method == "conversations.create" && kind == "groups"])
			before := o.call(c.method, a)
			require.NotEqual(t, "missing_scope", before["error"], "%s with %s alone: %v", c.method, scope, before)
			require.NoError(t, admin.RevokeScopes(scope))
		}
		require.NoError(t, admin.GrantScopes(all...))
	}
}

func TestAScopeForOneKindOfChannelReadsNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.NoError(t, o.sim.Admin().RevokeScopes("groups:read", "im:read", "groups:history", "groups:write", "groups:write.topic"))
	for method, a := range map[string]args{
		"conversations.info":     {"channel": o.private},
		"conversations.members":  {"channel": o.private},
		"conversations.history":  {"channel": o.private},
		"conversations.replies":  {"channel": o.private, "ts": "1"},
		"conversations.setTopic": {"channel": o.private, "topic": "t"},
		"conversations.archive":  {"channel": o.private},
		"conversations.list":     {"types": "private_channel"},
		"users.conversations":    {"types": "public_channel,im"},
		"conversations.create":   {"name": "another", "is_private": true},
	} {
		o.refusedWith("missing_scope", method, a)
	}
	o.fine("conversations.info", args{"channel": o.public})
	o.fine("conversations.list", nil)
}

// Whatever an app sends, it gets an error that Slack documents for that method:
// never a panic, never a fault of the simulator.
func TestGarbageIsRefusedInSlacksWords(t *testing.T) {
	t.Parallel()
	names := strings.Fields(`attachments blocks bookmark_id bot channel channel_id channels cursor document_content email emoji error
		exclude_archived external_id file filename files force hash include_all_metadata initial_comment inclusive is_private latest
		length limit link markdown_text message_ts metadata name oldest parent_id post_at purpose reply_broadcast return_im snippet_type
		team text thread_ts timestamp title topic trigger_id ts type types user user_id usergroup users view view_id alt_txt`)
	for i, method := range slacksim.APIMethods() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			values := []any{
				nil, "", " ", "x", "0", "-1", "1e9", "true", 7, -7.5, 1e300, true, false,
				[]any{},
				args{},
				[]any{1, nil, "x", args{"id": 3}},
				args{"type": "modal", "blocks": 5},
				"[", "{", `[{"type":"section"}]`, `{"type":"home","blocks":[null]}`, strings.Repeat("é", 5000),
				"\x00\x01", "🙂🙂", "<!channel>", "../../etc", "1.2.3", "99999999999999999999.000001", ".",
				[]any{[]any{args{"type": []any{}}}},
				[]any{args{"type": "actions", "elements": []any{args{"type": "button", "text": 3}, 4}}},
				[]any{args{"type": "rich_text", "elements": 3}},
				[]any{args{"type": "table", "rows": []any{3, []any{4}}}},
				args{"event_type": 3, "event_payload": []any{}},
				args{"type": "modal", "title": args{"type": "plain_text", "text": "t"}, "blocks": []any{args{"type": "input"}, 4, nil}},
				o.public, o.private, o.dm, o.ts, o.bookmark, o.file, o.group, o.id("ana"), o.id("snafu"), "general", "dXNlcjpYWA==", "link", "eyes",
			}
			for range 60 {
				a := args{}
				for range 1 + rng.IntN(12) {
					a[names[rng.IntN(len(names))]] = values[rng.IntN(len(values))]
				}
				for _, name := range slacksim.APINeeds(method) {
					a[name] = values[rng.IntN(len(values))]
				}
				if rng.IntN(2) == 0 {
					a["channel"], a["channel_id"] = o.public, o.public
				}
				out := o.garbage(method, a, rng.IntN(2) == 0)
				if out["ok"] == true {
					continue
				}
				name, _ := out["error"].(string)
				require.True(t, slacksim.APIDocuments(method, name), "%s answered %q to %v", method, name, a)
				require.NotContains(t, []string{"internal_error", "fatal_error", "unknown_method"}, name, "%s to %v", method, a)
			}
		})
	}
}

func (d *desk) garbage(method string, a args, form bool) map[string]any {
	d.t.Helper()
	token := d.sim.Tokens().Bot
	if method == "apps.connections.open" {
		token = d.sim.Tokens().App
	}
	if !form {
		body, err := json.Marshal(a)
		require.NoError(d.t, err)
		_, out := d.send(http.MethodPost, method, token, "application/json; charset=utf-8", string(body))
		return out
	}
	fields := url.Values{}
	for k, v := range a {
		if s, isText := v.(string); isText {
			fields.Set(k, s)
			continue
		}
		raw, err := json.Marshal(v)
		require.NoError(d.t, err)
		fields.Set(k, string(raw))
	}
	_, out := d.send(http.MethodPost, method, token, "application/x-www-form-urlencoded", fields.Encode())
	return out
}

func TestAMethodThatIsNotThereIsSaidLoudly(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	d := start(t, slacksim.Options{Log: loggedIn(&log)})
	out := d.call("chat.unfurl", nil)
	require.Equal(t, "unknown_method", out["error"])
	require.Equal(t, "chat.unfurl", out["req_method"])
	require.Contains(t, log.String(), "level=ERROR")
	require.Contains(t, log.String(), "chat.unfurl")
	require.Equal(t, "unknown_method", fmt.Sprint(d.sim.Traffic("api")[0].Error))
}
