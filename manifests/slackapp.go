package manifests

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

//go:embed slack-app.json
var slackApp []byte

// SlackApp is the app manifest to paste into Slack, for Socket Mode.
func SlackApp() []byte { return slackApp }

// SlackAppHTTP is the app manifest for a bot that Slack reaches by HTTPS: host
// is its public address, such as https://snafu.example.com.
func SlackAppHTTP(host string) ([]byte, error) {
	u, err := url.Parse(host)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not an address that Slack can reach. Write it as https://snafu.example.com", host)
	}
	var app map[string]any
	if err := json.Unmarshal(slackApp, &app); err != nil {
		return nil, fmt.Errorf("read the app manifest: %w", err)
	}
	to := "https://" + u.Host + "/slack/events"
	for _, c := range app["features"].(map[string]any)["slash_commands"].([]any) {
		c.(map[string]any)["url"] = to
	}
	settings := app["settings"].(map[string]any)
	settings["socket_mode_enabled"] = false
	settings["interactivity"].(map[string]any)["request_url"] = to
	if events, ok := settings["event_subscriptions"].(map[string]any); ok {
		events["request_url"] = to
	}
	out, err := json.MarshalIndent(app, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the app manifest: %w", err)
	}
	return append(out, '\n'), nil
}

// UploadScope is what charts of counts and shared post-mortems need.
const UploadScope = "files:write"

// WithPictures adds to an app manifest what charts of counts and shared
// post-mortems need: the scope to upload files.
func WithPictures(manifest []byte) ([]byte, error) { return withScope(manifest, UploadScope) }

// UsergroupScope is what user groups need that follow rotas.
const UsergroupScope = "usergroups:write"

// WithUsergroups adds to an app manifest what user groups need that follow rotas.
func WithUsergroups(manifest []byte) ([]byte, error) { return withScope(manifest, UsergroupScope) }

// WithEdits adds to an app manifest the events of messages, by which whoever put
// one on the timeline hears that it was edited.
func WithEdits(manifest []byte) ([]byte, error) {
	return changed(manifest, func(app map[string]any) {
		events := app["settings"].(map[string]any)["event_subscriptions"].(map[string]any)
		events["bot_events"] = append(events["bot_events"].([]any), "message.channels", "message.groups")
	})
}

func withScope(manifest []byte, scope string) ([]byte, error) {
	return changed(manifest, func(app map[string]any) {
		scopes := app["oauth_config"].(map[string]any)["scopes"].(map[string]any)
		var all []string
		for _, s := range append(scopes["bot"].([]any), scope) {
			all = append(all, s.(string))
		}
		slices.Sort(all)
		scopes["bot"] = slices.Compact(all)
	})
}

func changed(manifest []byte, change func(app map[string]any)) ([]byte, error) {
	var app map[string]any
	if err := json.Unmarshal(manifest, &app); err != nil {
		return nil, fmt.Errorf("read the app manifest: %w", err)
	}
	change(app)
	out, err := json.MarshalIndent(app, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the app manifest: %w", err)
	}
	return append(out, '\n'), nil
}
