package slacksim

import (
	"slices"
	"sync"
)

var (
	methodOnce  sync.Once
	methodTable map[string]method
	scopeOnce   sync.Once
	scopeTable  []string
)

// methods is the table of the Web API: the scopes a method wants and who does it.
func methods() map[string]method {
	methodOnce.Do(func() { methodTable = newMethods() })
	return methodTable
}

func newMethods() map[string]method {
	read := []string{"channels:read", "groups:read", "im:read"}
	history := []string{"channels:history", "groups:history", "im:history"}
	manage := []string{"channels:manage", "groups:write"}
	return map[string]method{
		"api.test":              {open: true, do: apiTest},
		"auth.test":             {do: authTest},
		"apps.connections.open": {appToken: true, do: connectionsOpen},
		"team.info":             {scopes: []string{"team:read"}, do: teamInfo},
		"bots.info":             {scopes: []string{"users:read"}, do: botsInfo},

		"users.info":              {scopes: []string{"users:read"}, do: usersInfo},
		"users.list":              {scopes: []string{"users:read"}, do: usersList},
		"users.lookupByEmail":     {scopes: []string{"users:read.email"}, do: usersLookupByEmail},
		"users.conversations":     {scopes: read, do: usersConversations},
		"usergroups.list":         {scopes: []string{"usergroups:read"}, do: usergroupsList},
		"usergroups.users.list":   {scopes: []string{"usergroups:read"}, do: usergroupsUsersList},
		"usergroups.users.update": {scopes: []string{"usergroups:write"}, do: usergroupsUsersUpdate},

		"conversations.create":     {scopes: manage, do: conversationsCreate},
		"conversations.invite":     {scopes: append([]string{"channels:write.invites", "groups:write.invites"}, manage...), do: conversationsInvite},
		"conversations.kick":       {scopes: manage, do: conversationsKick},
		"conversations.join":       {scopes: []string{"channels:join"}, do: conversationsJoin},
		"conversations.leave":      {scopes: manage, do: conversationsLeave},
		"conversations.setTopic":   {scopes: append([]string{"channels:write.topic", "groups:write.topic"}, manage...), do: conversationsSetTopic},
		"conversations.setPurpose": {scopes: append([]string{"channels:write.topic", "groups:write.topic"}, manage...), do: conversationsSetPurpose},
		"conversations.rename":     {scopes: manage, do: conversationsRename},
		"conversations.archive":    {scopes: manage, do: conversationsArchive},
		"conversations.unarchive":  {scopes: manage, do: conversationsUnarchive},
		"conversations.info":       {scopes: read, do: conversationsInfo},
		"conversations.members":    {scopes: read, do: conversationsMembers},
		"conversations.list":       {scopes: read, do: conversationsList},
		"conversations.open":       {scopes: []string{"im:write"}, do: conversationsOpen},
		"conversations.history":    {scopes: history, do: conversationsHistory},
		"conversations.replies":    {scopes: history, do: conversationsReplies},

		"chat.postMessage":   {scopes: []string{"chat:write"}, do: chatPostMessage},
		"chat.update":        {scopes: []string{"chat:write"}, do: chatUpdate},
		"chat.delete":        {scopes: []string{"chat:write"}, do: chatDelete},
		"chat.postEphemeral": {scopes: []string{"chat:write"}, do: chatPostEphemeral},
		"chat.getPermalink":  {do: chatGetPermalink},

		"bookmarks.add":    {scopes: []string{"bookmarks:write"}, do: bookmarksAdd},
		"bookmarks.edit":   {scopes: []string{"bookmarks:write"}, do: bookmarksEdit},
		"bookmarks.remove": {scopes: []string{"bookmarks:write"}, do: bookmarksRemove},
		"bookmarks.list":   {scopes: []string{"bookmarks:read"}, do: bookmarksList},
		"pins.add":         {scopes: []string{"pins:write"}, do: pinsAdd},
		"pins.remove":      {scopes: []string{"pins:write"}, do: pinsRemove},
		"pins.list":        {scopes: []string{"pins:read"}, do: pinsList},
		"reactions.add":    {scopes: []string{"reactions:write"}, do: reactionsAdd},
		"reactions.remove": {scopes: []string{"reactions:write"}, do: reactionsRemove},
		"reactions.get":    {scopes: []string{"reactions:read"}, do: reactionsGet},

		"views.open":    {do: viewsOpen},
		"views.push":    {do: viewsPush},
		"views.update":  {do: viewsUpdate},
		"views.publish": {do: viewsPublish},

		"files.getUploadURLExternal":   {scopes: []string{"files:write"}, do: filesGetUploadURL},
		"files.completeUploadExternal": {scopes: []string{"files:write"}, do: filesCompleteUpload},
		"files.info":                   {scopes: []string{"files:read"}, do: filesInfo},
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
