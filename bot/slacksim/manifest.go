package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// manifest is the part of an app manifest that changes what the app receives.
type manifest struct {
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Long        string `json:"long_description"`
	} `json:"display_information"`
	Features struct {
		BotUser struct {
			DisplayName string `json:"display_name"`
		} `json:"bot_user"`
		Commands  []command  `json:"slash_commands"`
		Shortcuts []shortcut `json:"shortcuts"`
	} `json:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `json:"bot_events"`
		} `json:"event_subscriptions"`
	} `json:"settings"`
}

// readManifest reads an app manifest and holds it to Slack's limits, as Slack
// does when an app is made from it.
func readManifest(raw []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read the app manifest: %w", err)
	}
	var wrong []error
	atMost := func(what, words string, most int) {
		if n := units(words); n > most {
			wrong = append(wrong, fmt.Errorf("%s of the app manifest has %d characters; Slack takes %d", what, n, most))
		}
	}
	atMost("the name", m.Display.Name, maxAppName)
	atMost("the description", m.Display.Description, maxAppWords)
	atMost("the long description", m.Display.Long, maxAppStory)
	if n := units(m.Display.Long); n > 0 && n < minAppStory {
		wrong = append(wrong, fmt.Errorf("the long description of the app manifest has %d characters; Slack wants at least %d, or none", n, minAppStory))
	}
	for _, c := range m.Features.Commands {
		atMost("the command "+c.Command, c.Command, maxCommand)
	}
	if n := len(m.Features.Shortcuts); n > maxShortcuts {
		wrong = append(wrong, fmt.Errorf("the app manifest has %d shortcuts; Slack takes %d", n, maxShortcuts))
	}
	for _, sc := range m.Features.Shortcuts {
		atMost("the name of the shortcut "+sc.CallbackID, sc.Name, maxShortcutName)
		atMost("the description of the shortcut "+sc.CallbackID, sc.Description, maxShortcutWords)
		atMost("the callback id of the shortcut "+sc.CallbackID, sc.CallbackID, maxCallbackID)
	}
	return m, errors.Join(wrong...)
}
