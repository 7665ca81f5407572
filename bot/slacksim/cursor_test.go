package slacksim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// crowd is a workspace with more of everything than fits on a small page.
func crowd(t *testing.T) (*desk, string) {
	t.Helper()
	ws := slacksim.DefaultWorkspace()
	for i := range 15 {
		ws.People = append(ws.People, slacksim.WorkspacePerson{Name: fmt.Sprintf("p%02d", i)})
		ws.Channels = append(ws.Channels, slacksim.WorkspaceRoom{Name: fmt.Sprintf("room-%02d", i), App: true})
	}
	d := start(t, slacksim.Options{Workspace: ws, Clock: slacksim.FrozenClock(noon)})
	room := d.roomID("room-00")
	root := d.posted(room, "root")
	for i := range 12 {
		d.posted(room, fmt.Sprint("line ", i))
		d.fine("chat.postMessage", args{"channel": room, "thread_ts": root, "text": fmt.Sprint("reply ", i)})
	}
	return d, room
}

func TestPagesAreCutWithoutLossOrRepetition(t *testing.T) {
	t.Parallel()
	d, room := crowd(t)
	root := at(d.fine("conversations.history", args{"channel": room, "limit": 999}), "messages", 12, "ts").(string)
	for method, c := range map[string]struct {
		a    args
		list string
	}{
		"users.list":            {args{}, "members"},
		"conversations.list":    {args{}, "channels"},
		"users.conversations":   {args{}, "channels"},
		"conversations.members": {args{"channel": room}, "members"},
		"conversations.history": {args{"channel": room}, "messages"},
		"conversations.replies": {args{"channel": room, "ts": root}, "messages"},
	} {
		t.Run(method, func(t *testing.T) {
			whole, _ := d.fine(method, c.a.but("limit", 500))[c.list].([]any)
			require.Greater(t, len(whole), 10)
			var joined []any
			cursor, pages := "", 0
			for {
				out := d.fine(method, c.a.but("limit", 4).but("cursor", cursor))
				page, _ := out[c.list].([]any)
				require.LessOrEqual(t, len(page), 4)
				joined = append(joined, page...)
				cursor, _ = at(out, "response_metadata", "next_cursor").(string)
				if more, told := out["has_more"].(bool); told {
					require.Equal(t, cursor != "", more)
				}
				if pages++; cursor == "" {
					break
				}
			}
			require.Equal(t, (len(whole)+3)/4, pages)
			require.Equal(t, whole, joined)

			for _, wrong := range []string{"x", "dXNlcjpVTk9CT0RZ", "bmV4dF90czoxMjM=", "dGVhbTpD", "####"} {
				d.refusedWith("invalid_cursor", method, c.a.but("cursor", wrong))
			}
			want := "invalid_arguments"
			if slacksim.APIDocuments(method, "invalid_limit") {
				want = "invalid_limit"
				d.refusedWith(want, method, c.a.but("limit", 1001))
			}
			d.refusedWith(want, method, c.a.but("limit", "many"))
			d.refusedWith(want, method, c.a.but("limit", -1))
		})
	}
}

func TestACursorBelongsToItsMethodAndIsNoLongerValidWithoutItsItem(t *testing.T) {
	t.Parallel()
	d, room := crowd(t)
	next := func(method string, a args) string {
		return at(d.fine(method, a.but("limit", 4)), "response_metadata", "next_cursor").(string)
	}
	history := args{"channel": room}
	people := next("users.list", args{})
	d.refusedWith("invalid_cursor", "conversations.list", args{"cursor": people})
	cursor := next("conversations.history", history)
	d.posted(room, "in between")
	page, _ := d.fine("conversations.history", history.but("limit", 4).but("cursor", cursor))["messages"].([]any)
	require.Equal(t, "line 7", at(page, 0, "text"), "what was said meanwhile shifts no page")
	d.fine("chat.delete", args{"channel": room, "ts": at(page, 0, "ts")})
	d.refusedWith("invalid_cursor", "conversations.history", history.but("cursor", cursor))
}

func TestTheOrderAndTheWindowOfMessages(t *testing.T) {
	t.Parallel()
	d, room := crowd(t)
	texts := func(method string, a args) []string {
		var out []string
		list, _ := d.fine(method, a)["messages"].([]any)
		for _, m := range list {
			out = append(out, at(m, "text").(string))
		}
		return out
	}
	whole, _ := d.fine("conversations.history", args{"channel": room})["messages"].([]any)
	ts := func(i int) any { return at(whole, i, "ts") }
	require.Equal(t, []string{"line 11", "line 10"}, texts("conversations.history", args{"channel": room, "limit": 2}), "newest first")
	root := ts(12)
	require.Equal(t, []string{"root", "reply 0"}, texts("conversations.replies", args{"channel": room, "ts": root, "limit": 2}), "oldest first, the root before all")
	between := args{"channel": room, "latest": ts(3), "oldest": ts(6)}
	require.Equal(t, []string{"line 7", "line 6"}, texts("conversations.history", between))
	require.Equal(t, []string{"line 8", "line 7", "line 6", "line 5"}, texts("conversations.history", between.but("inclusive", true)))
	d.refusedWith("invalid_ts_oldest", "conversations.history", args{"channel": room, "oldest": "yesterday"})
	d.refusedWith("invalid_ts_latest", "conversations.history", args{"channel": room, "latest": "yesterday"})
	d.refusedWith("thread_not_found", "conversations.replies", args{"channel": room, "ts": "1.000001"})
	d.refusedWith("thread_not_found", "conversations.replies", args{"channel": room})
}
