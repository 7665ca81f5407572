package slacksim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// refusals says what a method answers to some arguments.
type refusals []struct {
	name, method string
	a            args
	want         string
}

func (o *office) refuses(t *testing.T, all refusals) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			out := o.call(c.method, c.a)
			require.Equal(t, c.want, out["error"], "%s %v: %v", c.method, c.a, out)
		})
	}
}

func TestWhatAnAppThatIsNotInTheChannelMayDo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.NoError(t, o.sim.Admin().CreateChannel(slacksim.WorkspaceRoom{Name: "secret", Private: true, Members: []string{"ana"}}))
	secret, err := o.sim.As("ana").AwaitChannel(o.ctx(), "secret")
	require.NoError(t, err)
	random := o.roomID("random")
	said, err := o.sim.As("ana").Says(o.ctx(), "#random", "hello")
	require.NoError(t, err)
	for _, in := range []struct{ name, id, post, read string }{
		{"a private channel is not there", secret.ID, "channel_not_found", "channel_not_found"},
		{"a public channel is closed", random, "not_in_channel", "not_in_channel"},
	} {
		o.refuses(t, refusals{
			{in.name + " to a post", "chat.postMessage", args{"channel": in.id, "text": "x"}, in.post},
			{in.name + " to an ephemeral", "chat.postEphemeral", args{"channel": in.id, "text": "x", "user": o.id("ana")}, in.post},
			{in.name + " to history", "conversations.history", args{"channel": in.id}, in.read},
			{in.name + " to threads", "conversations.replies", args{"channel": in.id, "ts": said.TS}, "channel_not_found"},
			{in.name + " to a topic", "conversations.setTopic", args{"channel": in.id, "topic": "x"}, in.post},
			{in.name + " to an invitation", "conversations.invite", args{"channel": in.id, "users": o.id("ben")}, in.post},
			{in.name + " to bookmarks", "bookmarks.add", args{"channel_id": in.id, "type": "link", "title": "t", "link": "https://example.com"}, "channel_not_found"},
		})
	}
	o.refuses(t, refusals{
		{"a private channel cannot be joined", "conversations.join", args{"channel": secret.ID}, "channel_not_found"},
		{"a pin wants membership", "pins.add", args{"channel": random, "timestamp": said.TS}, "not_in_channel"},
		{"a reaction wants membership", "reactions.add", args{"channel": random, "timestamp": said.TS, "name": "eyes"}, "no_access"},
		{"a file wants membership", "files.completeUploadExternal", args{"files": []any{args{"id": o.uploads("a", "a")}}, "channel_id": random}, "not_in_channel"},
		{"a canvas wants membership", "conversations.canvases.create", args{"channel_id": random}, "channel_canvas_creation_failed"},
	})
	require.Equal(t, true, o.call("conversations.leave", args{"channel": random})["not_in_channel"])
	o.fine("conversations.info", args{"channel": random})
	o.fine("conversations.members", args{"channel": random})
	require.NoError(t, o.sim.Admin().GrantScopes("chat:write.public"))
	o.fine("chat.postMessage", args{"channel": random, "text": "x"})
	joined := o.fine("conversations.join", args{"channel": random})
	require.Nil(t, joined["warning"])
	require.Equal(t, "already_in_channel", o.fine("conversations.join", args{"channel": random})["warning"])
	list := fmt.Sprint(o.fine("conversations.list", args{"types": "public_channel,private_channel"}))
	require.NotContains(t, list, secret.ID)
	require.Contains(t, list, o.private)
}

func TestAnArchivedChannelIsClosed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fine("conversations.archive", args{"channel": o.public})
	ch, ts := o.public, o.ts
	o.refuses(t, refusals{
		{"to posts", "chat.postMessage", args{"channel": ch, "text": "x"}, "is_archived"},
		{"to scheduled posts", "chat.scheduleMessage", args{"channel": ch, "text": "x", "post_at": noon.Unix() + 60}, "is_archived"},
		{"to edits", "chat.update", args{"channel": ch, "ts": ts, "text": "x"}, "is_inactive"},
		{"to ephemerals", "chat.postEphemeral", args{"channel": ch, "text": "x", "user": o.id("ana")}, "is_archived"},
		{"to invitations", "conversations.invite", args{"channel": ch, "users": o.id("ben")}, "is_archived"},
		{"to kicks", "conversations.kick", args{"channel": ch, "user": o.id("ana")}, "restricted_action"},
		{"to whoever joins", "conversations.join", args{"channel": ch}, "is_archived"},
		{"to whoever leaves", "conversations.leave", args{"channel": ch}, "is_archived"},
		{"to topics", "conversations.setTopic", args{"channel": ch, "topic": "x"}, "is_archived"},
		{"to purposes", "conversations.setPurpose", args{"channel": ch, "purpose": "x"}, "is_archived"},
		{"to names", "conversations.rename", args{"channel": ch, "name": "x"}, "is_archived"},
		{"to being archived", "conversations.archive", args{"channel": ch}, "already_archived"},
		{"to a bot that opens it again", "conversations.unarchive", args{"channel": ch}, "not_allowed_token_type"},
		{"to pins", "pins.add", args{"channel": ch, "timestamp": ts}, "restricted_action"},
		{"to reactions", "reactions.add", args{"channel": ch, "timestamp": ts, "name": "tada"}, "is_archived"},
		{"to bookmarks", "bookmarks.edit", args{"channel_id": ch, "bookmark_id": o.bookmark, "title": "x"}, "permission_denied"},
		{"to files", "files.completeUploadExternal", args{"files": []any{args{"id": o.uploads("a", "a")}}, "channel_id": ch}, "posting_to_channel_denied"},
		{"to canvases", "conversations.canvases.create", args{"channel_id": ch}, "restricted_action"},
	})
	o.fine("conversations.history", args{"channel": ch}) // but not to readers
	require.NotContains(t, fmt.Sprint(o.fine("conversations.list", args{"exclude_archived": true})), ch)
}

func TestNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	item := args{"channel": o.public, "timestamp": o.ts}
	o.fine("conversations.canvases.create", args{"channel_id": o.public})
	o.refuses(t, refusals{
		{"a pin", "pins.add", item, "already_pinned"},
		{"a reaction", "reactions.add", item.but("name", "eyes"), "already_reacted"},
		{"an invitation", "conversations.invite", args{"channel": o.public, "users": o.id("ana")}, "already_in_channel"},
		{"a name", "conversations.create", args{"name": "office"}, "name_taken"},
		{"a canvas", "conversations.canvases.create", args{"channel_id": o.public}, "channel_canvas_already_exists"},
	})
	require.Equal(t, true, o.fine("conversations.open", args{"users": o.id("ana")})["already_open"])
	require.Nil(t, o.fine("conversations.open", args{"users": o.id("chi")})["already_open"])
	o.fine("pins.remove", item)
	o.fine("reactions.remove", item.but("name", "eyes"))
	o.refuses(t, refusals{
		{"taking a pin away", "pins.remove", item, "no_pin"},
		{"taking a reaction away", "reactions.remove", item.but("name", "eyes"), "no_reaction"},
	})
}

func TestWhoCanBeInvitedAndSentAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	yes, other, single := true, "Other", "single"
	admin := o.sim.Admin()
	require.NoError(t, admin.Person("chi", slacksim.PersonChange{Deactivated: &yes}))
	require.NoError(t, admin.Person("dev", slacksim.PersonChange{Team: &other}))
	require.NoError(t, admin.Person("gus", slacksim.PersonChange{Guest: &single}))
	o.refusedWith("invalid_user_combination", "conversations.open", args{"users": o.id("dev")}) // they have not met
	general, invite := o.room("general"), args{"channel": o.public}
	o.refuses(t, refusals{
		{"nobody", "conversations.invite", invite, "no_user"},
		{"a stranger to the workspace", "conversations.invite", invite.but("users", "U0NOBODY000"), "user_not_found"},
		{"the app itself", "conversations.invite", invite.but("users", o.id("snafu")), "cant_invite_self"},
		{"somebody who left", "conversations.invite", invite.but("users", o.id("chi")), "cant_invite"},
		{"somebody of another team", "conversations.invite", invite.but("users", o.id("dev")), "cant_invite"},
		{"a guest of one channel", "conversations.invite", invite.but("users", o.id("gus")), "ura_max_channels"},
		{"nobody is sent away", "conversations.kick", invite, "user_not_found"},
		{"the app sends itself away", "conversations.kick", invite.but("user", o.id("snafu")), "cant_kick_self"},
		{"who is not there", "conversations.kick", invite.but("user", o.id("ben")), "not_in_channel"},
		{"out of #general", "conversations.kick", args{"channel": general, "user": o.id("ana")}, "cant_kick_from_general"},
		{"out of #general, by oneself", "conversations.leave", args{"channel": general}, "cant_leave_general"},
		{"the last one leaves", "conversations.leave", args{"channel": o.private}, "last_member"},
		{"#general is archived", "conversations.archive", args{"channel": general}, "cant_archive_general"},
		{"a channel of somebody else is renamed", "conversations.rename", args{"channel": general, "name": "x"}, "not_authorized"},
		{"a conversation of two has a topic", "conversations.setTopic", args{"channel": o.dm, "topic": "x"}, "method_not_supported_for_channel_type"},
		{"a message to who left", "conversations.open", args{"users": o.id("chi")}, "user_disabled"},
		{"a message to nobody", "conversations.open", nil, "users_list_not_supplied"},
		{"a message to a crowd", "conversations.open", args{"users": "1,2,3,4,5,6,7,8,9"}, "too_many_users"},
		{"a message to two", "conversations.open", args{"users": o.id("ana") + "," + o.id("ben")}, "method_not_supported_for_channel_type"},
		{"a group without people", "usergroups.users.update", args{"usergroup": o.group}, "no_users_provided"},
		{"a group with who left", "usergroups.users.update", args{"usergroup": o.group, "users": o.id("chi")}, "invalid_users"},
		{"a group with strangers", "usergroups.users.update", args{"usergroup": o.group, "users": o.id("dev")}, "failed_for_some_users"},
		{"a group by its handle", "usergroups.users.list", args{"usergroup": "oncall"}, "no_such_subteam"},
	})
	out := o.fine("conversations.invite", invite.but("users", o.id("ben")+",U0NOBODY000").but("force", true))
	require.Equal(t, "user_not_found", at(out, "errors", 0, "error"))
	require.Contains(t, fmt.Sprint(o.fine("conversations.members", invite)), o.id("ben"))
}

func TestWordsOfAMessage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	said, err := o.sim.As("ana").Says(o.ctx(), "#office", "mine")
	require.NoError(t, err)
	post := args{"channel": o.public, "text": "x"}
	edit := args{"channel": o.public, "ts": o.ts, "text": "x"}
	hint := args{"channel": o.public, "user": o.id("ana"), "text": "x"}
	o.refuses(t, refusals{
		{"no words", "chat.postMessage", post.but("text", ""), "no_text"},
		{"no words in an ephemeral", "chat.postEphemeral", hint.but("text", nil), "no_text"},
		{"no words in an edit", "chat.update", edit.but("text", nil), "no_text"},
		{"a thread that is not there", "chat.postMessage", post.but("thread_ts", "1.000001"), "cannot_reply_to_message"},
		{"a hint in a thread that is not there", "chat.postEphemeral", hint.but("thread_ts", "1.000001"), "cannot_reply_to_message"},
		{"a hint for who is not there", "chat.postEphemeral", hint.but("user", o.id("ben")), "user_not_in_channel"},
		{"metadata without a type", "chat.postMessage", post.but("metadata", args{"event_payload": args{}}), "invalid_metadata_format"},
		{"metadata that is no JSON", "chat.postMessage", post.but("metadata", "{"), "invalid_metadata_format"},
		{"metadata without a payload", "chat.update", edit.but("metadata", args{"event_type": "e"}), "invalid_metadata_format"},
		{"blocks that are no list", "chat.postMessage", post.but("blocks", "{}"), "invalid_blocks_format"},
		{"attachments that are no list", "chat.postMessage", post.but("attachments", "x"), "invalid_arguments"},
		{"a bad block in an attachment", "chat.postMessage", post.but("attachments", []any{args{"blocks": []any{args{"type": "sparkle"}}}}), "invalid_blocks"},
		{"Markdown beside text", "chat.postMessage", post.but("markdown_text", "# x"), "markdown_text_conflict"},
		{"as a person", "chat.postMessage", post.but("as_user", true), "as_user_not_supported"},
		{"an edit of another's words", "chat.update", edit.but("ts", said.TS), "cant_update_message"},
		{"a deletion of another's words", "chat.delete", edit.but("ts", said.TS), "cant_delete_message"},
		{"an edit of nothing", "chat.update", edit.but("ts", "1.000001"), "message_not_found"},
		{"a link to nothing", "chat.getPermalink", args{"channel": o.public, "message_ts": "1.000001"}, "message_not_found"},
		{"a pin on nothing", "pins.add", args{"channel": o.public, "timestamp": "1.000001"}, "message_not_found"},
		{"a pin without a message", "pins.add", args{"channel": o.public}, "no_item_specified"},
		{"a pin on no time", "pins.add", args{"channel": o.public, "timestamp": "noon"}, "bad_timestamp"},
		{"a reaction without a message", "reactions.add", args{"channel": o.public, "name": "eyes"}, "no_item_specified"},
		{"a reaction without a name", "reactions.add", args{"channel": o.public, "timestamp": o.ts}, "invalid_name"},
		{"a bookmark of nowhere", "bookmarks.add", args{"channel_id": o.public, "type": "link", "title": "t", "link": "mailto:a@example.com"}, "invalid_link"},
		{"a bookmark of another kind", "bookmarks.add", args{"channel_id": o.public, "type": "file", "title": "t"}, "invalid_bookmark_type"},
		{"a bookmark with no emoji", "bookmarks.edit", args{"channel_id": o.public, "bookmark_id": o.bookmark, "emoji": "eyes"}, "invalid_emoji"},
		{"a bookmark that is gone", "bookmarks.edit", args{"channel_id": o.public, "bookmark_id": "Bk1", "title": "t"}, "not_found"},
	})
	out := o.fine("chat.postMessage", args{"channel": o.public, "markdown_text": "# Title"})
	require.Equal(t, "markdown", at(out, "message", "blocks", 0, "type"))
	warned := o.fine("chat.postMessage", post.but("blocks", []any{args{"type": "video"}}))
	require.Equal(t, "block_not_drawn:video", warned["warning"])
	require.Equal(t, "video", at(warned, "message", "blocks", 0, "type"), "it is kept all the same")
	where := o.refusedWith("invalid_blocks", "chat.postMessage", post.but("blocks", []any{args{"type": "divider"}, args{"type": "section", "text": "x"}}))
	require.Contains(t, where, "[json-pointer:/blocks/1/text]")
}
