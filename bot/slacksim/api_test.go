package slacksim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestTheAppKnowsWhoItIs(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	me, err := d.api.AuthTest()
	require.NoError(t, err)
	require.Equal(t, "snafu", me.User)
	team, err := d.api.GetTeamInfo()
	require.NoError(t, err)
	require.Equal(t, me.TeamID, team.ID)
	bot, err := d.api.GetBotInfo(slack.GetBotInfoParameters{Bot: me.BotID})
	require.NoError(t, err)
	require.Equal(t, me.UserID, bot.UserID)
}

func TestTokensAreChecked(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	with := func(token string) error {
		_, err := slack.New(token, slack.OptionAPIURL(d.sim.APIURL())).AuthTest()
		return err
	}
	require.EqualError(t, with(""), "not_authed")
	require.EqualError(t, with("xoxb-other"), "invalid_auth")
	require.EqualError(t, with(d.sim.Tokens().App), "not_allowed_token_type")
	require.NoError(t, d.sim.Admin().RevokeToken())
	require.EqualError(t, with(d.sim.Tokens().Bot), "token_revoked")
	require.NoError(t, d.sim.Admin().RestoreToken())
	require.NoError(t, with(d.sim.Tokens().Bot))

	require.NoError(t, d.sim.Admin().RevokeScopes("team:read"))
	_, err := d.api.GetTeamInfo()
	require.EqualError(t, err, "missing_scope")
	require.NoError(t, d.sim.Admin().GrantScopes("team:read"))
	_, err = d.api.GetTeamInfo()
	require.NoError(t, err)
}

func TestAnUnknownMethodIsRefused(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Log: quiet()})
	resp, err := http.Get(d.sim.APIURL() + "chat.scheduleEverything?token=xoxb-simulated")
	require.NoError(t, err)
	require.Contains(t, read(t, resp), "unknown_method")
}

func TestAChannelsLife(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	ana, err := d.sim.As("ana").Profile()
	require.NoError(t, err)

	ch, err := d.api.CreateConversation(slack.CreateConversationParams{ChannelName: "snafu-1-x"})
	require.NoError(t, err)
	require.Regexp(t, `^C[0-9A-Z]{10}$`, ch.ID)
	_, err = d.api.CreateConversation(slack.CreateConversationParams{ChannelName: "snafu-1-x"})
	require.EqualError(t, err, "name_taken")

	_, err = d.api.InviteUsersToConversation(ch.ID, ana.ID)
	require.NoError(t, err)
	_, err = d.api.InviteUsersToConversation(ch.ID, ana.ID)
	require.EqualError(t, err, "already_in_channel")
	_, err = d.api.SetTopicOfConversation(ch.ID, "SEV2")
	require.NoError(t, err)
	_, err = d.api.SetPurposeOfConversation(ch.ID, "an incident")
	require.NoError(t, err)
	_, err = d.api.RenameConversation(ch.ID, "snafu-1-y")
	require.NoError(t, err)

	info, err := d.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ch.ID, IncludeNumMembers: true})
	require.NoError(t, err)
	require.Equal(t, "snafu-1-y", info.Name)
	require.Equal(t, "SEV2", info.Topic.Value)
	require.Equal(t, 2, info.NumMembers)
	require.True(t, info.IsMember)
	members, _, err := d.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	require.NoError(t, err)
	require.Contains(t, members, ana.ID)

	require.NoError(t, d.api.KickUserFromConversation(ch.ID, ana.ID))
	require.EqualError(t, d.api.KickUserFromConversation(ch.ID, ana.ID), "not_in_channel")
	require.NoError(t, d.api.ArchiveConversation(ch.ID))
	require.EqualError(t, d.api.ArchiveConversation(ch.ID), "already_archived")
	require.EqualError(t, d.api.UnArchiveConversation(ch.ID), "not_allowed_token_type")
	_, _, err = d.api.PostMessage(ch.ID, slack.MsgOptionText("late", false))
	require.EqualError(t, err, "is_archived")
}

func TestForcedInvitationsBringInWhoCanCome(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	ch, err := d.api.CreateConversation(slack.CreateConversationParams{ChannelName: "x"})
	require.NoError(t, err)
	ana, _ := d.sim.As("ana").Profile()
	_, err = d.api.InviteUsersToConversation(ch.ID, ana.ID, "U0NOBODY000")
	require.EqualError(t, err, "user_not_found")
	_, err = d.api.ForceInviteUsersToConversation(ch.ID, ana.ID, "U0NOBODY000")
	require.NoError(t, err)
	members, _, err := d.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	require.NoError(t, err)
	require.Contains(t, members, ana.ID)
}

func TestWhatTheAppMayNotSee(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	admin := d.sim.Admin()
	require.NoError(t, admin.CreateChannel(slacksim.WorkspaceRoom{Name: "secret", Private: true, Members: []string{"ana"}}))
	people, err := d.api.GetUsers()
	require.NoError(t, err)
	require.NotEmpty(t, people)
	for name, want := range map[string]string{"#secret": "channel_not_found", "#random": "not_in_channel"} {
		_, _, err := d.api.PostMessage(name, slack.MsgOptionText("hello", false))
		require.EqualError(t, err, want, name)
	}
	list, _, err := d.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}})
	require.NoError(t, err)
	for _, ch := range list {
		require.NotEqual(t, "secret", ch.Name)
	}
	require.NoError(t, admin.GrantScopes("chat:write.public"))
	_, _, err = d.api.PostMessage("#random", slack.MsgOptionText("hello", false))
	require.NoError(t, err)
}

func TestPeopleCarryTheirFlags(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	gus, _ := d.sim.As("gus").Profile()
	u, err := d.api.GetUserInfo(gus.ID)
	require.NoError(t, err)
	require.True(t, u.IsRestricted)
	require.False(t, u.IsUltraRestricted)
	yes, other := true, "Other"
	require.NoError(t, d.sim.Admin().Person("gus", slacksim.PersonChange{Deactivated: &yes, Team: &other}))
	u, err = d.api.GetUserInfo(gus.ID)
	require.NoError(t, err)
	require.True(t, u.Deleted)
	require.True(t, u.IsStranger)
	ana, err := d.api.GetUserByEmail("ana@example.com")
	require.NoError(t, err)
	require.Equal(t, "Europe/Madrid", ana.TZ)
	require.True(t, ana.IsAdmin)
	_, err = d.api.GetUserByEmail("nobody@example.com")
	require.EqualError(t, err, "users_not_found")

	require.NoError(t, d.sim.Admin().Usergroup("data-oncall", "ben", "chi"))
	groups, err := d.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
	require.NoError(t, err)
	require.Len(t, groups[0].Users, 2)
	users, err := d.api.GetUserGroupMembers(groups[0].ID)
	require.NoError(t, err)
	require.Equal(t, groups[0].Users, users)
}

func TestPostsThreadsAndEdits(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	meta := slack.SlackMetadata{EventType: "snafu_delivery", EventPayload: map[string]any{"delivery": 7}}
	_, root, err := d.api.PostMessage(general, slack.MsgOptionText("one", false), slack.MsgOptionMetadata(meta), slack.MsgOptionBlocks(section("one")))
	require.NoError(t, err)
	require.Regexp(t, `^\d{10}\.\d{6}$`, root)
	_, reply, err := d.api.PostMessage(general, slack.MsgOptionText("two", false), slack.MsgOptionTS(root))
	require.NoError(t, err)
	require.Greater(t, reply, root)
	_, _, err = d.api.PostMessage(general, slack.MsgOptionText("x", false), slack.MsgOptionTS("1.000000"))
	require.EqualError(t, err, "cannot_reply_to_message")
	_, _, err = d.api.PostMessage(general)
	require.EqualError(t, err, "no_text")

	msgs, _, _, err := d.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: root, IncludeAllMetadata: true})
	require.NoError(t, err)
	require.Len(t, msgs, 2)
	require.Equal(t, float64(7), msgs[0].Metadata.EventPayload["delivery"])
	require.Equal(t, 1, msgs[0].ReplyCount)
	require.Equal(t, reply, msgs[0].LatestReply)

	_, _, _, err = d.api.UpdateMessage(general, root, slack.MsgOptionText("text alone", false))
	require.NoError(t, err)
	page, err := d.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general, IncludeAllMetadata: true, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, "text alone", page.Messages[0].Text)
	require.Empty(t, page.Messages[0].Blocks.BlockSet, "text without blocks replaces the blocks")
	require.Equal(t, "snafu_delivery", page.Messages[0].Metadata.EventType, "metadata survives")
	require.NotNil(t, page.Messages[0].Edited)

	said, err := d.sim.As("ana").Says(d.ctx(), "#general", "mine")
	require.NoError(t, err)
	_, _, _, err = d.api.UpdateMessage(general, said.TS, slack.MsgOptionText("yours", false))
	require.EqualError(t, err, "cant_update_message")
	link, err := d.api.GetPermalink(&slack.PermalinkParameters{Channel: general, Ts: reply})
	require.NoError(t, err)
	require.Contains(t, link, "thread_ts="+root)
	_, _, err = d.api.DeleteMessage(general, root)
	require.NoError(t, err)
	_, _, err = d.api.DeleteMessage(general, root)
	require.EqualError(t, err, "message_not_found")
}

func TestEphemeralsAreForOnePerson(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	ana, _ := d.sim.As("ana").Profile()
	_, err := d.api.PostEphemeral(general, ana.ID, slack.MsgOptionText("hint", false))
	require.NoError(t, err)
	_, err = d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Contains("hint"))
	require.NoError(t, err)
	seen, err := d.sim.As("ben").Sees("#general")
	require.NoError(t, err)
	for _, m := range seen {
		require.NotContains(t, m.Plain, "hint")
	}
	history, err := d.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general})
	require.NoError(t, err)
	for _, m := range history.Messages {
		require.NotEqual(t, "hint", m.Text)
	}
	_, err = d.api.PostEphemeral(general, "U0NOBODY000", slack.MsgOptionText("hint", false))
	require.EqualError(t, err, "user_not_in_channel")
}

func TestPinsBookmarksAndReactions(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("card", false))
	require.NoError(t, err)
	ref := slack.ItemRef{Channel: general, Timestamp: ts}
	require.NoError(t, d.api.AddPin(general, ref))
	require.EqualError(t, d.api.AddPin(general, ref), "already_pinned")
	pins, _, err := d.api.ListPins(general)
	require.NoError(t, err)
	require.Len(t, pins, 1)
	require.NoError(t, d.api.RemovePin(general, ref))
	require.EqualError(t, d.api.RemovePin(general, ref), "no_pin")

	require.NoError(t, d.api.AddReaction("eyes", ref))
	require.EqualError(t, d.api.AddReaction("eyes", ref), "already_reacted")
	got, err := d.api.GetReactions(ref, slack.GetReactionsParameters{})
	require.NoError(t, err)
	require.Equal(t, "eyes", got.Reactions[0].Name)
	require.NoError(t, d.api.RemoveReaction("eyes", ref))
	require.EqualError(t, d.api.RemoveReaction("eyes", ref), "no_reaction")

	mark, err := d.api.AddBookmark(general, slack.AddBookmarkParameters{Title: "Runbook", Type: "link", Link: "https://example.com/"})
	require.NoError(t, err)
	title := "The runbook"
	_, err = d.api.EditBookmark(general, mark.ID, slack.EditBookmarkParameters{Title: &title})
	require.NoError(t, err)
	marks, err := d.api.ListBookmarks(general)
	require.NoError(t, err)
	require.Equal(t, "The runbook", marks[0].Title)
	require.NoError(t, d.api.RemoveBookmark(general, mark.ID))
	require.EqualError(t, d.api.RemoveBookmark(general, mark.ID), "not_found")
	_, err = d.api.AddBookmark(general, slack.AddBookmarkParameters{Title: "x", Type: "link", Link: "no link"})
	require.EqualError(t, err, "invalid_link")
}

func TestAFileIsSharedAfterTheAnswer(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	f, err := d.api.UploadFile(slack.UploadFileParameters{
		Filename: "before.csv", FileSize: 7, Reader: strings.NewReader("a,b\n1,2"), Channel: general, InitialComment: "Before-image export",
	})
	require.NoError(t, err)
	msg, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Contains("before.csv"))
	require.NoError(t, err)
	require.Equal(t, "Before-image export\n[file: before.csv]", msg.Plain)
	info, _, _, err := d.api.GetFileInfo(f.ID, 0, 0)
	require.NoError(t, err)
	require.Equal(t, 7, info.Size)
	require.Contains(t, info.Channels, general)
	var got strings.Builder
	require.NoError(t, d.api.GetFile(info.URLPrivate, &got))
	require.Equal(t, "a,b\n1,2", got.String())
}

func TestADirectMessage(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	ana, _ := d.sim.As("ana").Profile()
	dm, _, _, err := d.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{ana.ID}})
	require.NoError(t, err)
	require.Equal(t, ana.DM, dm.ID)
	_, _, err = d.api.PostMessage(dm.ID, slack.MsgOptionText("for you <@"+ana.ID+">", false))
	require.NoError(t, err)
	msg, err := d.sim.As("ana").Await(d.ctx(), "@snafu", slacksim.Contains("for you @ana"))
	require.NoError(t, err)
	require.Equal(t, dm.ID, msg.Channel)
}

func TestListsAreCutIntoPages(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	first, cursor, err := d.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: general, Limit: 4})
	require.NoError(t, err)
	require.Len(t, first, 4)
	rest, end, err := d.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: general, Limit: 4, Cursor: cursor})
	require.NoError(t, err)
	require.Len(t, rest, 3)
	require.Empty(t, end)
	_, _, err = d.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: general, Cursor: "x"})
	require.EqualError(t, err, "invalid_cursor")
}
