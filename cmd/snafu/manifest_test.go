package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/manifests"
)

// wants says which scopes each call of the Slack client needs. Channels that
// people made private need the groups: twin, where the bot is told to speak in
// one.
var wants = map[string][]string{
	"AuthTestContext":                  nil,
	"StartSocketModeContext":           nil, // the app-level token's own scope
	"OpenViewContext":                  nil,
	"UpdateViewContext":                nil,
	"PublishViewContext":               nil,
	"GetPermalinkContext":              nil,
	"GetUserInfoContext":               {"users:read", "users:read.email"}, // equal addresses are one human
	"GetUserGroupMembersContext":       {"usergroups:read"},
	"GetUserGroupsContext":             {"usergroups:read"},
	"CreateConversationContext":        {"channels:manage", "groups:write"},
	"ArchiveConversationContext":       {"channels:manage", "groups:write"},
	"InviteUsersToConversationContext": {"channels:manage", "groups:write"},
	"SetTopicOfConversationContext":    {"channels:manage", "groups:write"},
	"OpenConversationContext":          {"im:write"},
	"GetConversationInfoContext":       {"channels:read", "groups:read"},
	"GetConversationsContext":          {"channels:read", "groups:read"},
	"GetConversationsForUserContext":   {"channels:read", "groups:read"},
	"GetUsersInConversationContext":    {"channels:read", "groups:read"},
	"GetConversationHistoryContext":    {"channels:history", "groups:history", "im:history"},
	"GetConversationRepliesContext":    {"channels:history", "groups:history", "im:history"},
	"PostMessageContext":               {"chat:write"},
	"PostEphemeralContext":             {"chat:write"},
	"UpdateMessageContext":             {"chat:write"},
	"DeleteMessageContext":             {"chat:write"},
	"AddPinContext":                    {"pins:write"},
	"GetUserByEmailContext":            {"users:read.email"},
	"AddReactionContext":               {"reactions:write"},
	"RemoveReactionContext":            {"reactions:write"},
	"GetFileInfoContext":               {"files:read"},
	"GetFileContext":                   {"files:read"},
}

// hearing says which scope each event needs that is heard of.
var hearing = map[string]string{"reaction_added": "reactions:read", "reaction_removed": "reactions:read"}

// wantsIf are the calls of what an operator switches on, which the manifest asks
// for only then.
var wantsIf = map[string]string{
	"UploadFileContext":             "files:write",
	"GetUploadURLExternalContext":   "files:write",
	"UploadToURL":                   "files:write",
	"CompleteUploadExternalContext": "files:write",
	"DeleteFileContext":             "files:write",
	"UpdateUserGroupMembersContext": "usergroups:write",
}

var slackCall = regexp.MustCompile(`\.(?:write|read)\.([A-Z]\w+)\(`)

// A scope too few breaks the bot in somebody's workspace; one too many is a
// right that nobody should have been asked for.
func TestTheAppAsksForTheScopesItUsesAndNoOthers(t *testing.T) {
	files, err := filepath.Glob("../../bot/*.go")
	require.NoError(t, err)
	needed, switched := []string{"commands"}, map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, call := range slackCall.FindAllStringSubmatch(string(text), -1) {
			if scope, on := wantsIf[call[1]]; on {
				switched[scope] = true
				continue
			}
			scopes, known := wants[call[1]]
			require.True(t, known, "%s calls %s: say in this test which scope it needs", name, call[1])
			needed = append(needed, scopes...)
		}
		if strings.HasSuffix(name, "events.go") {
			for _, found := range tables["events.go"].FindAllStringSubmatch(string(text), -1) {
				if scope := hearing[found[1]]; scope != "" {
					needed = append(needed, scope)
				}
			}
		}
	}
	slices.Sort(needed)
	needed = slices.Compact(needed)
	var app struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	require.NoError(t, json.Unmarshal(manifests.SlackApp(), &app))
	require.Equal(t, needed, app.OAuth.Scopes.Bot)
	for flag, scope := range map[string]string{"--pictures": "files:write", "--uploads": "files:write", "--usergroups": "usergroups:write"} {
		require.True(t, switched[scope], "%s asks for what nobody uses", flag)
		more := append(slices.Clone(needed), scope)
		slices.Sort(more)
		code, out, _ := command(t, nil, "manifest", flag)
		require.Equal(t, exitHolds, code)
		require.NoError(t, json.Unmarshal([]byte(out), &app))
		require.Equal(t, more, app.OAuth.Scopes.Bot)
	}
	require.Len(t, switched, 2)
	code, out, _ := command(t, nil, "manifest", "--edits")
	require.Equal(t, exitHolds, code)
	require.NoError(t, json.Unmarshal([]byte(out), &app))
	require.Equal(t, needed, app.OAuth.Scopes.Bot, "messages are read by scopes that the app has")
	require.Equal(t, 1, strings.Count(out, `"message.channels"`)*strings.Count(out, `"message.groups"`))
	require.Contains(t, out, `"reaction_added"`)
}

// tables finds the rows of the bot's tables of what Slack may bring.
var tables = map[string]*regexp.Regexp{
	"events.go":  regexp.MustCompile(`\{kind: "(\w+)"`),
	"actions.go": regexp.MustCompile(`\{callback: "([\w.]+)"`),
}

// What Slack does not bring is never heard; what is brought and not handled is
// a promise in a menu that nobody keeps.
func TestTheAppSubscribesToWhatTheBotHandlesAndToNothingElse(t *testing.T) {
	handled := map[string][]string{}
	for name, row := range tables {
		text, err := os.ReadFile(filepath.Join("../../bot", name))
		require.NoError(t, err)
		for _, found := range row.FindAllStringSubmatch(string(text), -1) {
			handled[name] = append(handled[name], found[1])
		}
	}
	var app struct {
		Features struct {
			Home struct {
				On bool `json:"home_tab_enabled"`
			} `json:"app_home"`
			Shortcuts []struct {
				Name        string `json:"name"`
				Type        string `json:"type"`
				CallbackID  string `json:"callback_id"`
				Description string `json:"description"`
			} `json:"shortcuts"`
		} `json:"features"`
		Settings struct {
			Events struct {
				Bot []string `json:"bot_events"`
			} `json:"event_subscriptions"`
		} `json:"settings"`
	}
	require.NoError(t, json.Unmarshal(manifests.SlackApp(), &app))
	require.Equal(t, handled["events.go"], app.Settings.Events.Bot)
	require.True(t, app.Features.Home.On, "who opens the Home tab is heard of")
	var offered []string
	for _, s := range app.Features.Shortcuts {
		offered = append(offered, s.CallbackID)
		require.LessOrEqual(t, len(s.Name), 24, "Slack's limit for the name of a shortcut")
		require.LessOrEqual(t, len(s.Description), 150)
		require.Equal(t, strings.HasSuffix(s.CallbackID, ".message"), s.Type == "message", s.CallbackID)
	}
	require.Equal(t, handled["actions.go"], offered)
}

func TestTheManifestForHTTPNamesOneAddressEverywhere(t *testing.T) {
	app, err := manifests.SlackAppHTTP("https://snafu.example.com")
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(app), `"https://snafu.example.com/slack/events"`))
	require.Contains(t, string(app), `"socket_mode_enabled": false`)

	for _, wrong := range []string{"", "snafu.example.com", "http://snafu.example.com", "https://"} {
		_, err := manifests.SlackAppHTTP(wrong)
		require.ErrorContains(t, err, "Write it as https://snafu.example.com")
	}
}
