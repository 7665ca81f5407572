package slacksim

import (
	"slices"
	"strings"
	"sync"
)

// method is a method of the Web API.
type method struct {
	scopes    []string // any of them suffices; none are needed if empty
	needs     []string // arguments that must be there; "topic*" may be empty
	rate      rate
	appToken  bool // wants the app-level token instead of the bot's
	userToken bool // wants the token of a person, which this workspace has none of
	open      bool // needs no token
	do        func(*call) (object, error)
}

// scopesFor picks the scopes that are for a kind of channel, none if the method
// does not tell kinds apart.
func (m method) scopesFor(kind string) []string {
	prefix := map[string]string{kindPublic: "channels:", kindPrivate: "groups:", kindDM: "im:"}[kind]
	var out []string
	for _, scope := range m.scopes {
		if strings.HasPrefix(scope, prefix) {
			out = append(out, scope)
		}
	}
	return out
}

var (
	methodOnce  sync.Once
	methodTable map[string]method
	scopeOnce   sync.Once
	scopeTable  []string
)

// methods is the table of the Web API: how often a method may be called, the
// scopes it wants, the arguments it needs and who does it.
func methods() map[string]method {
	methodOnce.Do(func() { methodTable = newMethods() })
	return methodTable
}

func newMethods() map[string]method {
	m := func(r rate, scopes, needs string, do func(*call) (object, error)) method {
		return method{rate: r, scopes: strings.Fields(scopes), needs: strings.Fields(needs), do: do}
	}
	const (
		read    = "channels:read groups:read im:read"
		history = "channels:history groups:history im:history"
		manage  = "channels:manage groups:write"
		topic   = "channels:manage channels:write.topic groups:write groups:write.topic im:write im:write.topic"
		invite  = "channels:manage channels:write.invites groups:write groups:write.invites"
	)
	return map[string]method{
		"api.test":              {rate: tier4, open: true, do: apiTest},
		"auth.test":             m(hundreds, "", "", authTest),
		"apps.connections.open": {rate: tier3, appToken: true, do: connectionsOpen},
		"team.info":             m(tier3, "team:read", "", teamInfo),
		"bots.info":             m(tier3, "users:read", "", botsInfo),

		"users.info":              m(tier4, "users:read", "user", usersInfo),
		"users.list":              m(tier2, "users:read", "", usersList),
		"users.lookupByEmail":     m(tier3, "users:read.email", "email", usersLookupByEmail),
		"users.conversations":     m(tier3, read, "", usersConversations),
		"usergroups.list":         m(tier2, "usergroups:read", "", usergroupsList),
		"usergroups.users.list":   m(tier2, "usergroups:read", "usergroup", usergroupsUsersList),
		"usergroups.users.update": m(tier2, "usergroups:write", "", usergroupsUsersUpdate),

		"conversations.create":          m(tier2, manage, "", conversationsCreate),
		"conversations.invite":          m(tier3, invite, "channel", conversationsInvite),
		"conversations.kick":            m(tier3, manage, "channel", conversationsKick),
		"conversations.join":            m(tier3, "channels:join", "channel", conversationsJoin),
		"conversations.leave":           m(tier3, manage, "channel", conversationsLeave),
		"conversations.setTopic":        m(tier2, topic, "channel topic*", conversationsSetTopic),
		"conversations.setPurpose":      m(tier2, topic, "channel purpose*", conversationsSetPurpose),
		"conversations.rename":          m(tier2, manage, "channel", conversationsRename),
		"conversations.archive":         m(tier2, manage, "channel", conversationsArchive),
		"conversations.unarchive":       {rate: tier2, userToken: true, do: conversationsUnarchive},
		"conversations.info":            m(tier3, read, "channel", conversationsInfo),
		"conversations.members":         m(tier4, read, "channel", conversationsMembers),
		"conversations.list":            m(tier2, read, "", conversationsList),
		"conversations.open":            m(tier3, "im:write", "", conversationsOpen),
		"conversations.history":         m(tier3, history, "channel", conversationsHistory),
		"conversations.replies":         m(tier3, history, "channel", conversationsReplies),
		"conversations.canvases.create": m(tier2, "canvases:write", "channel_id", canvasesCreate),

		"chat.postMessage":     m(perChannel, "chat:write", "channel", chatPostMessage),
		"chat.update":          m(tier3, "chat:write", "channel ts", chatUpdate),
		"chat.delete":          m(tier3, "chat:write", "channel ts", chatDelete),
		"chat.postEphemeral":   m(tier4, "chat:write", "channel user", chatPostEphemeral),
		"chat.scheduleMessage": m(tier3, "chat:write", "channel post_at", chatScheduleMessage),
		"chat.getPermalink":    m(hundreds, "", "channel message_ts", chatGetPermalink),

		"bookmarks.add":    m(tier2, "bookmarks:write", "title type", bookmarksAdd),
		"bookmarks.edit":   m(tier2, "bookmarks:write", "", bookmarksEdit),
		"bookmarks.remove": m(tier2, "bookmarks:write", "", bookmarksRemove),
		"bookmarks.list":   m(tier3, "bookmarks:read", "", bookmarksList),
		"pins.add":         m(tier2, "pins:write", "channel", pinsAdd),
		"pins.remove":      m(tier2, "pins:write", "channel", pinsRemove),
		"pins.list":        m(tier2, "pins:read", "channel", pinsList),
		"reactions.add":    m(tier3, "reactions:write", "", reactionsAdd),
		"reactions.remove": m(tier2, "reactions:write", "", reactionsRemove),
		"reactions.get":    m(tier3, "reactions:read", "", reactionsGet),

		"views.open":    m(tier4, "", "", viewsOpen),
		"views.push":    m(tier4, "", "", viewsPush),
		"views.update":  m(tier4, "", "", viewsUpdate),
		"views.publish": m(tier4, "", "", viewsPublish),

		"files.getUploadURLExternal":   m(tier4, "files:write", "", filesGetUploadURL),
		"files.completeUploadExternal": m(tier4, "files:write", "files", filesCompleteUpload),
		"files.info":                   m(tier4, "files:read", "file", filesInfo),
		"files.delete":                 m(tier3, "files:write", "file", filesDelete),
	}
}

// everyScope lists the scopes that a method of the table wants, and those of
// commands and mentions, which no method wants. Posting where the app is no
// member needs a scope of its own, and must be granted by name.
func everyScope() []string {
	scopeOnce.Do(func() {
		all := []string{"commands", "app_mentions:read"}
		for _, m := range methods() {
			all = append(all, m.scopes...)
		}
		slices.Sort(all)
		scopeTable = slices.Compact(all)
	})
	return scopeTable
}
