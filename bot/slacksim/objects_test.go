package slacksim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// shape demands of an object that it has these keys, each of its kind: s a text,
// n a number, b a boolean, o an object, l a list, ? anything or null.
func shape(t *testing.T, of any, keys string) {
	t.Helper()
	o, ok := of.(map[string]any)
	require.True(t, ok, "%v is no object", of)
	for _, pair := range strings.Fields(keys) {
		key, kind, _ := strings.Cut(pair, ":")
		v, there := o[key]
		require.True(t, there, "%s is missing in %v", key, o)
		switch kind {
		case "s":
			require.IsType(t, "", v, key)
		case "n":
			require.IsType(t, 0.0, v, key)
		case "b":
			require.IsType(t, true, v, key)
		case "o":
			require.IsType(t, map[string]any{}, v, key)
		case "l":
			require.IsType(t, []any{}, v, key)
		}
	}
}

func TestAPersonHasEveryKey(t *testing.T) {
	t.Parallel()
	ws := slacksim.DefaultWorkspace()
	ws.Team.Enterprise = "Acme Group"
	d := start(t, slacksim.Options{Workspace: ws})
	const person = `id:s team_id:s name:s deleted:b color:s real_name:s tz:s tz_label:s tz_offset:n profile:o is_admin:b is_owner:b
		is_primary_owner:b is_restricted:b is_ultra_restricted:b is_bot:b is_app_user:b is_stranger:b updated:n is_email_confirmed:b
		who_can_share_contact_card:s`
	const profile = `title:s phone:s skype:s real_name:s real_name_normalized:s display_name:s display_name_normalized:s first_name:s last_name:s
		status_text:s status_emoji:s status_expiration:n avatar_hash:s team:s image_24:s image_32:s image_48:s image_72:s image_192:s image_512:s`
	ana := at(d.fine("users.info", args{"user": d.id("ana"), "include_locale": true}), "user")
	shape(t, ana, person+" locale:s enterprise_user:o")
	shape(t, at(ana, "profile"), profile+" email:s")
	shape(t, at(ana, "enterprise_user"), "id:s enterprise_id:s enterprise_name:s is_admin:b is_owner:b teams:l")
	require.EqualValues(t, "Europe/Madrid", at(ana, "tz"))
	list, _ := d.fine("users.list", nil)["members"].([]any)
	require.Len(t, list, 7, "everybody without a limit, the app too")
	for _, p := range list {
		shape(t, p, person)
	}
	require.NoError(t, d.sim.Admin().RevokeScopes("users:read.email"))
	require.Nil(t, at(d.fine("users.info", args{"user": d.id("ana")}), "user", "profile", "email"), "an address wants its scope")

	shape(t, d.fine("auth.test", nil), "url:s team:s user:s team_id:s user_id:s bot_id:s is_enterprise_install:b enterprise_id:s")
	shape(t, at(d.fine("team.info", nil), "team"), "id:s name:s domain:s email_domain:s icon:o enterprise_id:s enterprise_name:s")
	bot := at(d.fine("bots.info", args{"bot": at(d.fine("auth.test", nil), "bot_id")}), "bot")
	shape(t, bot, "id:s deleted:b name:s updated:n app_id:s user_id:s icons:o")
}

func TestAChannelHasEveryKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const channel = `id:s name:s is_channel:b is_group:b is_im:b is_mpim:b is_private:b created:n is_archived:b is_general:b unlinked:n
		name_normalized:s is_shared:b is_frozen:b is_org_shared:b is_pending_ext_shared:b pending_shared:l context_team_id:s
		parent_conversation:? creator:s is_ext_shared:b shared_team_ids:l pending_connected_team_ids:l is_member:b last_read:s
		topic:o purpose:o properties:o previous_names:l updated:n`
	for _, id := range []string{o.public, o.private} {
		ch := at(o.fine("conversations.info", args{"channel": id, "include_num_members": true}), "channel")
		shape(t, ch, channel+" num_members:n")
		require.Equal(t, true, at(ch, "is_channel"), "only private channels from before 2021 are groups")
		require.Equal(t, id == o.private, at(ch, "is_private"))
		for _, words := range []string{"topic", "purpose"} {
			shape(t, at(ch, words), "value:s creator:s last_set:n")
		}
	}
	list, _ := o.fine("conversations.list", args{"types": "public_channel,private_channel"})["channels"].([]any)
	for _, ch := range list {
		shape(t, ch, channel+" num_members:n")
	}
	dm := at(o.fine("conversations.info", args{"channel": o.dm}), "channel")
	shape(t, dm, "id:s created:n is_im:b is_org_shared:b user:s is_user_deleted:b is_archived:b is_open:b priority:n last_read:s")
	require.NoError(t, o.sim.Admin().Channel("#office", slacksim.ChannelChange{Shared: text("external")}))
	ch := at(o.fine("conversations.info", args{"channel": o.public}), "channel")
	require.Equal(t, []any{true, true}, []any{at(ch, "is_shared"), at(ch, "is_ext_shared")})
}

func text(s string) *string { return &s }

func TestAMessageHasEveryKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	metadata := args{"event_type": "e", "event_payload": args{"n": 1}}
	out := o.fine("chat.postMessage", args{"channel": o.public, "text": "card", "metadata": metadata, "blocks": []any{args{"type": "divider"}}})
	const message = "type:s user:s ts:s text:s team:s bot_id:s app_id:s bot_profile:o"
	shape(t, out["message"], message+" blocks:l metadata:o")
	shape(t, at(out, "message", "bot_profile"), "id:s app_id:s name:s icons:o deleted:b updated:n team_id:s")
	ts := out["ts"].(string)
	o.fine("chat.postMessage", args{"channel": o.public, "text": "reply", "thread_ts": ts, "reply_broadcast": true})
	o.fine("reactions.add", args{"channel": o.public, "timestamp": ts, "name": "eyes"})
	o.fine("pins.add", args{"channel": o.public, "timestamp": ts})
	o.fine("chat.update", args{"channel": o.public, "ts": ts, "text": "edited"})
	id := o.uploads("a.txt", "a")
	o.fine("files.completeUploadExternal", args{"files": []any{args{"id": id}}, "channel_id": o.public, "thread_ts": ts})
	_, err := o.sim.As("ana").Await(o.ctx(), "#office", slacksim.Contains("a.txt"))
	require.NoError(t, err)

	thread := o.fine("conversations.replies", args{"channel": o.public, "ts": ts, "include_all_metadata": true})
	root := at(thread, "messages", 0)
	shape(t, root, message+` edited:o metadata:o reactions:l pinned_to:l thread_ts:s reply_count:n reply_users:l reply_users_count:n
		latest_reply:s is_locked:b subscribed:b`)
	shape(t, at(root, "edited"), "user:s ts:s")
	shape(t, at(root, "reactions", 0), "name:s users:l count:n")
	require.Equal(t, []any{o.public}, at(root, "pinned_to"))
	require.Equal(t, at(thread, "messages", 2, "ts"), at(root, "latest_reply"))
	require.EqualValues(t, 2, at(root, "reply_count"))

	reply := at(thread, "messages", 1)
	shape(t, reply, message+" thread_ts:s parent_user_id:s subtype:s root:o")
	require.Equal(t, "thread_broadcast", at(reply, "subtype"))
	file := at(thread, "messages", 2, "files", 0)
	shape(t, file, `id:s created:n timestamp:n name:s title:s mimetype:s filetype:s pretty_type:s user:s user_team:s editable:b size:n mode:s
		is_external:b external_type:s is_public:b public_url_shared:b display_as_bot:b username:s url_private:s url_private_download:s
		permalink:s permalink_public:s comments_count:n is_starred:b shares:o channels:l groups:l ims:l has_rich_preview:b file_access:s`)
	require.True(t, strings.HasPrefix(at(file, "url_private").(string), strings.TrimSuffix(o.sim.APIURL(), "api/")))

	plain := at(o.fine("conversations.replies", args{"channel": o.public, "ts": ts}), "messages", 0)
	require.Nil(t, at(plain, "metadata"), "metadata is told to who asks for it")
	o.fine("chat.update", args{"channel": o.public, "ts": ts, "text": "edited", "metadata": args{}})
	plain = at(o.fine("conversations.replies", args{"channel": o.public, "ts": ts, "include_all_metadata": true}), "messages", 0)
	require.Nil(t, at(plain, "metadata"), "an empty object takes it away")
}

func TestBookmarksPinsAndGroupsHaveEveryKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	shape(t, at(o.fine("bookmarks.list", args{"channel_id": o.public}), "bookmarks", 0), `id:s channel_id:s title:s link:s emoji:s icon_url:s type:s
		entity_id:? date_created:n date_updated:n rank:s last_updated_by_user_id:s last_updated_by_team_id:s shortcut_id:? app_id:?`)
	pin := at(o.fine("pins.list", args{"channel": o.public}), "items", 0)
	shape(t, pin, "type:s channel:s created:n created_by:s message:o")
	shape(t, at(pin, "message"), "permalink:s pinned_to:l")
	shape(t, at(o.fine("reactions.get", args{"channel": o.public, "timestamp": o.ts}), "message"), "permalink:s reactions:l")
	const group = `id:s team_id:s is_usergroup:b name:s description:s handle:s is_external:b date_create:n date_update:n date_delete:n
		auto_type:? created_by:s updated_by:s deleted_by:? prefs:o`
	list := o.fine("usergroups.list", nil)
	shape(t, at(list, "usergroups", 0), group)
	require.Nil(t, at(list, "usergroups", 0, "users"))
	list = o.fine("usergroups.list", args{"include_users": true, "include_count": true})
	shape(t, at(list, "usergroups", 0), group+" users:l user_count:n")
}
