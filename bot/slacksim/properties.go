package slacksim

import (
	"maps"
	"slices"
	"strings"
)

// properties names what an object of a type may have beside its type. Slack
// refuses any other. Blocks that come back from a message hold what Slack added
// to them, and may be sent again.
var properties = func() map[string][]string {
	out := map[string][]string{}
	for kind, names := range map[string]string{
		"section":   "text fields accessory expand",
		"header":    "text level",
		"context":   "elements",
		"actions":   "elements",
		"divider":   "",
		"input":     "label element hint optional dispatch_action",
		"image":     "image_url slack_file alt_text title fallback image_width image_height image_bytes is_animated rotation",
		"markdown":  "text",
		"table":     "rows column_settings",
		"rich_text": "elements border",

		"button":                     "text url value style confirm accessibility_label visible_to_user_ids",
		"overflow":                   "options confirm",
		"checkboxes":                 "options initial_options confirm focus_on_load",
		"radio_buttons":              "options initial_option confirm focus_on_load",
		"static_select":              "placeholder options option_groups initial_option confirm focus_on_load",
		"multi_static_select":        "placeholder options option_groups initial_options confirm focus_on_load max_selected_items",
		"users_select":               "placeholder initial_user confirm focus_on_load",
		"multi_users_select":         "placeholder initial_users confirm focus_on_load max_selected_items",
		"channels_select":            "placeholder initial_channel confirm focus_on_load response_url_enabled",
		"multi_channels_select":      "placeholder initial_channels confirm focus_on_load max_selected_items",
		"conversations_select":       "placeholder initial_conversation confirm focus_on_load response_url_enabled default_to_current_conversation filter",
		"multi_conversations_select": "placeholder initial_conversations confirm focus_on_load max_selected_items default_to_current_conversation filter",
		"datepicker":                 "placeholder initial_date confirm focus_on_load",
		"timepicker":                 "placeholder initial_time confirm focus_on_load timezone",
		"datetimepicker":             "initial_date_time confirm focus_on_load",
		"plain_text_input":           "placeholder initial_value multiline min_length max_length dispatch_action_config focus_on_load",
		"number_input":               "placeholder initial_value is_decimal_allowed min_value max_value dispatch_action_config focus_on_load",
		"email_text_input":           "placeholder initial_value dispatch_action_config focus_on_load",
		"url_text_input":             "placeholder initial_value dispatch_action_config focus_on_load",
		"text object plain_text":     "text emoji verbatim",
		"text object mrkdwn":         "text verbatim",
		"option":                     "text value description url",
		"option group":               "label options",
		"confirmation dialog":        "title text confirm deny style",
		"view modal":                 "title blocks close submit private_metadata callback_id clear_on_close notify_on_close external_id submit_disabled",
		"view home":                  "blocks private_metadata callback_id external_id title close submit clear_on_close notify_on_close",
		"conversation filter":        "include exclude_external_shared_channels exclude_bot_users",
		"dispatch action config":     "trigger_actions_on",
	} {
		out[kind] = strings.Fields(names)
	}
	return out
}()

// known refuses properties that an object of a kind does not have.
func (c *checked) known(at, kind string, o object) {
	allowed, listed := properties[kind]
	if !listed {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if name == "type" || name == "block_id" || name == "action_id" || o[name] == nil || slices.Contains(allowed, name) {
			continue
		}
		c.wrong(at, "invalid additional property: %s", name)
	}
}
