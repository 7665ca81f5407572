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
	"GetUserInfoContext":               {"users:read"},
	"GetUserGroupMembersContext":       {"usergroups:read"},
	"CreateConversationContext":        {"channels:manage"},
	"InviteUsersToConversationContext": {"channels:manage"},
	"SetTopicOfConversationContext":    {"channels:manage"},
	"OpenConversationContext":          {"im:write"},
	"GetConversationInfoContext":       {"channels:read", "groups:read"},
	"GetConversationsContext":          {"channels:read", "groups:read"},
	"GetConversationsForUserContext":   {"channels:read", "groups:read"},
	"GetConversationHistoryContext":    {"channels:history", "groups:history", "im:history"},
	"GetConversationRepliesContext":    {"channels:history", "groups:history", "im:history"},
	"PostMessageContext":               {"chat:write"},
	"PostEphemeralContext":             {"chat:write"},
	"UpdateMessageContext":             {"chat:write"},
	"AddPinContext":                    {"pins:write"},
	"UploadFileContext":                {"files:write"},
}

var slackCall = regexp.MustCompile(`\.(?:write|read)\.([A-Z]\w+)\(`)

// A scope too few breaks the bot in somebody's workspace; one too many is a
// right that nobody should have been asked for.
func TestTheAppAsksForTheScopesItUsesAndNoOthers(t *testing.T) {
	files, err := filepath.Glob("../../bot/*.go")
	require.NoError(t, err)
	needed := []string{"commands"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, call := range slackCall.FindAllStringSubmatch(string(text), -1) {
			scopes, known := wants[call[1]]
			require.True(t, known, "%s calls %s: say in this test which scope it needs", name, call[1])
			needed = append(needed, scopes...)
		}
	}
	slices.Sort(needed)
	var app struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	require.NoError(t, json.Unmarshal(manifests.SlackApp(), &app))
	require.Equal(t, slices.Compact(needed), app.OAuth.Scopes.Bot)
}

func TestTheManifestForHTTPNamesOneAddressEverywhere(t *testing.T) {
	app, err := manifests.SlackAppHTTP("https://snafu.example.com")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(app), `"https://snafu.example.com/slack/events"`))
	require.Contains(t, string(app), `"socket_mode_enabled": false`)

	for _, wrong := range []string{"", "snafu.example.com", "http://snafu.example.com", "https://"} {
		_, err := manifests.SlackAppHTTP(wrong)
		require.ErrorContains(t, err, "Write it as https://snafu.example.com")
	}
}
