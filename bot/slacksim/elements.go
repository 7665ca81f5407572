package slacksim

import (
	"fmt"
	"regexp"
	"slices"
)

// elementLimits says how many options an element may have; -1 means that it has
// none.
var elementLimits = map[string]int{
	"button": -1, "overflow": maxOverflow, "checkboxes": maxCheckboxes, "radio_buttons": maxCheckboxes,
	"static_select": maxOptions, "multi_static_select": maxOptions,
	"users_select": -1, "multi_users_select": -1, "channels_select": -1, "multi_channels_select": -1,
	"conversations_select": -1, "multi_conversations_select": -1,
	"datepicker": -1, "timepicker": -1, "datetimepicker": -1,
	"plain_text_input": -1, "number_input": -1, "email_text_input": -1, "url_text_input": -1, "image": -1,
}

var elementsNotDrawn = []string{
	"external_select", "multi_external_select", "workflow_button", "rich_text_input", "file_input", "feedback_buttons", "icon_button",
}

// onlyInInput lists the elements that stand nowhere but in an input block.
var onlyInInput = []string{"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input"}

func (c *checked) elements(at string, elements []any) {
	seen := map[string]bool{}
	for i, raw := range elements {
		here := fmt.Sprintf("%s/%d", at, i)
		e, ok := raw.(object)
		if !ok {
			c.wrong(here, "must be an object")
			continue
		}
		if kind := text(e, "type"); kind == "image" || slices.Contains(onlyInInput, kind) {
			c.wrong(here+"/type", "unsupported type: %s", kind)
			continue
		}
		c.element(here, e, seen)
	}
}

func (c *checked) element(at string, e object, seen map[string]bool) {
	kind := text(e, "type")
	if slices.Contains(elementsNotDrawn, kind) {
		c.warnings = append(c.warnings, "element_not_drawn:"+kind)
		return
	}
	most, known := elementLimits[kind]
	if !known {
		c.wrong(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.known(at, kind, e)
	if kind == "image" {
		c.image(at, e)
		return
	}
	c.known(at+"/filter", "conversation filter", child(e, "filter"))
	c.known(at+"/dispatch_action_config", "dispatch action config", child(e, "dispatch_action_config"))
	c.id(at+"/action_id", e, "action_id", seen)
	if most > 0 {
		c.options(at, e, kind, most)
	}
	if e["placeholder"] != nil {
		c.words(at+"/placeholder", e["placeholder"], 1, maxPlaceholder, "plain_text")
	}
	if e["confirm"] != nil {
		c.confirm(at+"/confirm", child(e, "confirm"))
	}
	switch kind {
	case "button":
		c.button(at, e)
	case "plain_text_input":
		c.lengths(at, e)
	case "number_input":
		if _, given := e["is_decimal_allowed"].(bool); !given {
			c.wrong(at+"/is_decimal_allowed", "missing required field")
		}
	}
	c.initial(at, e)
}

var (
	aDay  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	aTime = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

// initial checks what an element shows before anybody touched it, and how many
// may be picked.
func (c *checked) initial(at string, e object) {
	if day := text(e, "initial_date"); day != "" && !aDay.MatchString(day) {
		c.wrong(at+"/initial_date", "must be a date like 2006-01-02")
	}
	if hour := text(e, "initial_time"); hour != "" && !aTime.MatchString(hour) {
		c.wrong(at+"/initial_time", "must be a time like 15:04")
	}
	if n, given := e["initial_date_time"].(float64); given && (n < 1e9 || n >= 1e10) {
		c.wrong(at+"/initial_date_time", "must be ten digits of seconds")
	}
	if n, given := e["max_selected_items"].(float64); given && n < 1 {
		c.wrong(at+"/max_selected_items", "must be at least 1")
	}
	picked := items(e, "initial_options")
	if e["initial_option"] != nil {
		picked = append(picked, e["initial_option"])
	}
	offered := optionsOf(e)
	for _, raw := range picked {
		o, _ := raw.(object)
		if !slices.ContainsFunc(offered, func(other object) bool { return text(other, "value") == text(o, "value") }) {
			c.wrong(at, "an initial option is none of the options")
		}
	}
}

func (c *checked) button(at string, e object) {
	c.words(at+"/text", e["text"], 1, maxButtonText, "plain_text")
	if units(text(e, "value")) > maxButtonValue {
		c.wrong(at+"/value", "must be less than %d characters", maxButtonValue+1)
	}
	if units(text(e, "url")) > maxURL {
		c.wrong(at+"/url", "must be less than %d characters", maxURL+1)
	}
	if style := text(e, "style"); style != "" && style != "primary" && style != "danger" {
		c.wrong(at+"/style", "must be primary or danger")
	}
}

func (c *checked) lengths(at string, e object) {
	for _, key := range []string{"min_length", "max_length"} {
		n, given := e[key].(float64)
		if given && (n < 0 || n > maxInputLength || key == "max_length" && n < 1 || n != float64(int(n))) {
			c.wrong(at+"/"+key, "must be no more than %d", maxInputLength)
		}
	}
	least, _ := e["min_length"].(float64)
	if most, given := e["max_length"].(float64); given && least > most {
		c.wrong(at+"/min_length", "must be no more than max_length")
	}
	if units(text(e, "initial_value")) > maxInputLength {
		c.wrong(at+"/initial_value", "must be no more than %d characters", maxInputLength)
	}
}

func (c *checked) options(at string, e object, kind string, most int) {
	groups := items(e, "option_groups")
	if len(groups) > 0 && (kind == "static_select" || kind == "multi_static_select") {
		c.count(at+"/option_groups", len(groups), 1, maxOptions)
		for i, raw := range groups {
			g, _ := raw.(object)
			here := fmt.Sprintf("%s/option_groups/%d", at, i)
			c.known(here, "option group", g)
			c.words(here+"/label", g["label"], 1, maxOptionText, "plain_text")
			c.optionList(here, items(g, "options"), most)
		}
		return
	}
	c.optionList(at, items(e, "options"), most)
}

func (c *checked) optionList(at string, options []any, most int) {
	c.count(at+"/options", len(options), 1, most)
	for i, raw := range options {
		here := fmt.Sprintf("%s/options/%d", at, i)
		o, _ := raw.(object)
		c.known(here, "option", o)
		c.words(here+"/text", o["text"], 1, maxOptionText, "")
		if o["description"] != nil {
			c.words(here+"/description", o["description"], 1, maxOptionText, "")
		}
		if n := units(text(o, "value")); n < 1 || n > maxOptionValue {
			c.wrong(here+"/value", "must be 1 to %d characters", maxOptionValue)
		}
	}
}

func (c *checked) confirm(at string, o object) {
	c.known(at, "confirmation dialog", o)
	c.words(at+"/title", o["title"], 1, maxConfirmTitle, "plain_text")
	c.words(at+"/text", o["text"], 1, maxConfirmText, "")
	for _, key := range []string{"confirm", "deny"} {
		c.words(at+"/"+key, o[key], 1, maxConfirmLabel, "plain_text")
	}
}

// optionsOf lists the options of an element, groups flattened.
func optionsOf(e object) []object {
	var out []object
	add := func(list []any) {
		for _, raw := range list {
			if o, ok := raw.(object); ok {
				out = append(out, o)
			}
		}
	}
	add(items(e, "options"))
	for _, raw := range items(e, "option_groups") {
		g, _ := raw.(object)
		add(items(g, "options"))
	}
	return out
}
