package slacksim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// initialValue is what an element holds before anybody touched it: nil for one
// that holds nothing, like a button.
func initialValue(e object) object {
	kind := text(e, "type")
	out := object{"type": kind}
	keep := func(key, from string) {
		out[key] = e[from]
	}
	switch kind {
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		keep("value", "initial_value")
	case "static_select", "radio_buttons":
		keep("selected_option", "initial_option")
	case "multi_static_select", "checkboxes":
		out["selected_options"] = append([]any{}, items(e, "initial_options")...)
	case "users_select":
		keep("selected_user", "initial_user")
	case "multi_users_select":
		out["selected_users"] = append([]any{}, items(e, "initial_users")...)
	case "channels_select":
		keep("selected_channel", "initial_channel")
	case "multi_channels_select":
		out["selected_channels"] = append([]any{}, items(e, "initial_channels")...)
	case "conversations_select":
		keep("selected_conversation", "initial_conversation")
	case "multi_conversations_select":
		out["selected_conversations"] = append([]any{}, items(e, "initial_conversations")...)
	case "datepicker":
		keep("selected_date", "initial_date")
	case "timepicker":
		keep("selected_time", "initial_time")
	case "datetimepicker":
		keep("selected_date_time", "initial_date_time")
	default:
		return nil
	}
	return out
}

// valueOf makes the value that a person gives an element. No values empty it.
func (s *Sim) valueOf(e object, values []string) (object, error) {
	kind := text(e, "type")
	out := object{"type": kind}
	first := ""
	if len(values) > 0 {
		first = values[0]
	}
	one := func(key string, v any, err error) (object, error) {
		if first == "" {
			v, err = nil, nil
		}
		out[key] = v
		return out, err
	}
	if most, ok := e["max_selected_items"].(float64); ok && float64(len(values)) > most {
		return nil, notPossible("no more than %v can be picked in %q", most, labelOf(e))
	}
	switch kind {
	case "button":
		if v := text(e, "value"); v != "" {
			out["value"] = v
		}
		return out, nil
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		return one("value", first, nil)
	case "static_select", "radio_buttons", "overflow":
		o, err := option(e, first)
		return one("selected_option", o, err)
	case "datepicker":
		return one("selected_date", first, asTime("date", "2006-01-02", first))
	case "timepicker":
		return one("selected_time", first, asTime("time", "15:04", first))
	case "datetimepicker":
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			err = notPossible("%q is no number of seconds like 1774699200", first)
		}
		return one("selected_date_time", n, err)
	case "users_select", "channels_select", "conversations_select":
		id, err := s.refID(kind, first)
		return one("selected_"+strings.TrimSuffix(kind, "s_select"), id, err)
	}
	list := []any{}
	for _, v := range values {
		var got any
		var err error
		switch kind {
		case "multi_static_select", "checkboxes":
			got, err = option(e, v)
		default:
			got, err = s.refID(strings.TrimPrefix(kind, "multi_"), v)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, got)
	}
	keys := map[string]string{
		"multi_static_select": "selected_options", "checkboxes": "selected_options", "multi_users_select": "selected_users",
		"multi_channels_select": "selected_channels", "multi_conversations_select": "selected_conversations",
	}
	key := keys[kind]
	if key == "" {
		return nil, notPossible("a person cannot use an element of type %q here", kind)
	}
	out[key] = list
	return out, nil
}

func asTime(what, layout, given string) error {
	if _, err := time.Parse(layout, given); err != nil {
		return notPossible("%q is no %s like %s", given, what, layout)
	}
	return nil
}

// option finds an option by its value or its label.
func option(e object, want string) (object, error) {
	var names []string
	for _, o := range optionsOf(e) {
		label := text(child(o, "text"), "text")
		if text(o, "value") == want || label == want {
			return o, nil
		}
		names = append(names, label)
	}
	if want == "" {
		return nil, nil
	}
	return nil, notPossible("%q is not among the options %s", want, strings.Join(names, ", "))
}

// refID finds a person or a channel by id or name.
func (s *Sim) refID(kind, want string) (string, error) {
	if kind != "channels_select" {
		if p := s.state.personNamed(want); p != nil && kind == "users_select" {
			return p.ID, nil
		}
	}
	if kind != "users_select" {
		if ch := s.state.room(want); ch != nil {
			return ch.ID, nil
		}
	}
	if want == "" {
		return "", nil
	}
	return "", notPossible("%q is nobody and nothing of this workspace", want)
}

// given turns what a form was given, whatever its type, into texts.
func given(x any) []string {
	switch x := x.(type) {
	case nil:
		return nil
	case string:
		return []string{x}
	case []string:
		return x
	case []any:
		var out []string
		for _, v := range x {
			out = append(out, given(v)...)
		}
		return out
	case float64:
		return []string{strconv.FormatFloat(x, 'f', -1, 64)}
	case json.Number:
		return []string{x.String()}
	default:
		return []string{fmt.Sprint(x)}
	}
}

var looksLikeMail = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// clientCheck is what Slack's own client refuses before it sends a form.
func clientCheck(b object, value object) string {
	e := child(b, "element")
	if emptyValue(value) {
		if truth(b, "optional") {
			return ""
		}
		return "Please complete this required field."
	}
	v := text(value, "value")
	switch text(e, "type") {
	case "plain_text_input":
		if n, ok := e["min_length"].(float64); ok && float64(units(v)) < n {
			return fmt.Sprintf("Must be at least %v characters.", n)
		}
		n, ok := e["max_length"].(float64)
		if !ok {
			n = maxInputLength
		}
		if float64(units(v)) > n {
			return fmt.Sprintf("Must be no more than %v characters.", n)
		}
	case "number_input":
		return checkNumber(e, v)
	case "email_text_input":
		if !looksLikeMail.MatchString(v) {
			return "Please enter a valid email address."
		}
	case "url_text_input":
		if !validLink(v) {
			return "Please enter a valid URL."
		}
	}
	return ""
}

func checkNumber(e object, v string) string {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !truth(e, "is_decimal_allowed") && strings.ContainsAny(v, ".eE") {
		return "Please enter a valid number."
	}
	if low, err := strconv.ParseFloat(text(e, "min_value"), 64); err == nil && n < low {
		return "Must be at least " + text(e, "min_value") + "."
	}
	if high, err := strconv.ParseFloat(text(e, "max_value"), 64); err == nil && n > high {
		return "Must be no more than " + text(e, "max_value") + "."
	}
	return ""
}

func emptyValue(value object) bool {
	for k, v := range value {
		if list, ok := v.([]any); ok {
			if len(list) > 0 {
				return false
			}
			continue
		}
		if k != "type" && v != nil && v != "" {
			return false
		}
	}
	return true
}

// valueText is a value as a person reads it.
func (s *Sim) valueText(value object) string {
	var out []string
	name := func(v any) string {
		o, ok := v.(object)
		if ok {
			return text(child(o, "text"), "text")
		}
		id := fmt.Sprint(v)
		if p := s.state.person(id); p != nil {
			return "@" + p.Name
		}
		if ch := s.state.byID[id]; ch != nil {
			return "#" + ch.Name
		}
		return id
	}
	for k, v := range value {
		if list, ok := v.([]any); ok {
			for _, one := range list {
				out = append(out, name(one))
			}
		} else if k != "type" && v != nil && v != "" {
			out = append(out, name(v))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// pick remembers what a person chose in a message, for the state of later
// presses.
func (m *message) pick(person, block, action string, value object) {
	if text(value, "type") == "button" || text(value, "type") == "overflow" {
		return
	}
	if m.picked == nil {
		m.picked = map[string]map[string]map[string]object{}
	}
	if m.picked[person] == nil {
		m.picked[person] = map[string]map[string]object{}
	}
	if m.picked[person][block] == nil {
		m.picked[person][block] = map[string]object{}
	}
	m.picked[person][block][action] = value
}

// messageState is the state of all elements of a message for a person.
func messageState(m *message, person string) object {
	out := object{}
	for _, raw := range m.everyBlock() {
		b, _ := raw.(object)
		inner := object{}
		for _, e := range interactive(b) {
			value := initialValue(e)
			if v := m.picked[person][text(b, "block_id")][text(e, "action_id")]; v != nil {
				value = v
			}
			if value != nil {
				inner[text(e, "action_id")] = value
			}
		}
		if len(inner) > 0 {
			out[text(b, "block_id")] = inner
		}
	}
	return out
}
