package slacksim

import (
	"encoding/json"
	"fmt"
	"slices"
)

// view is a modal or a Home tab as the workspace keeps it.
type view struct {
	ID, Type, Hash, Person string
	body                   object // as the app sent it
	values                 map[string]map[string]object
	errors                 map[string]string
	origin                 origin
	root, previous         string
	version                int
	told                   string // what a view without inputs said last
}

func (v *view) blocks() []any { return items(v.body, "blocks") }

func (v *view) notifies() bool { return truth(v.body, "notify_on_close") }

// parseView reads and checks the view of a call.
func parseView(raw any, kind string) (object, []string, error) {
	v, ok := raw.(object)
	if !ok {
		return nil, nil, refuse("invalid_arguments", "[ERROR] missing required field: view")
	}
	if encoded, err := json.Marshal(v); err != nil || len(encoded) > maxViewBytes {
		return nil, nil, refuse("view_too_large")
	}
	c := &checked{blockIDs: map[string]bool{}}
	if text(v, "type") != kind {
		c.wrong("/view/type", "must be %s", kind)
	}
	c.known("/view", "view "+kind, v)
	blocks, isList := v["blocks"].([]any)
	if !isList {
		c.wrong("/view/blocks", "missing required field")
	}
	c.count("/view/blocks", len(blocks), 0, maxViewBlocks)
	c.blocks("/view/blocks", blocks)
	if kind == "modal" {
		c.modalKeys(v, blocks)
	}
	for key, most := range map[string]int{"private_metadata": maxPrivate, "callback_id": maxCallbackID, "external_id": maxCallbackID} {
		if units(text(v, key)) > most {
			c.wrong("/view/"+key, "must be less than %d characters", most+1)
		}
	}
	if len(c.problems) > 0 {
		slices.Sort(c.problems)
		return nil, nil, refuse("invalid_arguments", c.problems...)
	}
	return clone(v), c.warnings, nil
}

func (c *checked) modalKeys(v object, blocks []any) {
	c.words("/view/title", v["title"], 1, maxViewTitle, "plain_text")
	for _, key := range []string{"submit", "close"} {
		if v[key] != nil {
			c.words("/view/"+key, v[key], 1, maxViewTitle, "plain_text")
		}
	}
	inputs := slices.ContainsFunc(blocks, func(raw any) bool {
		b, _ := raw.(object)
		return text(b, "type") == "input"
	})
	if inputs && v["submit"] == nil {
		c.wrong("/view/submit", "a view with input blocks needs a submit button")
	}
}

// newView makes a view for a person.
func (s *Sim) newView(kind string, p *person, body object, o origin) *view {
	v := &view{ID: s.state.mintID("V"), Type: kind, Person: p.ID, origin: o}
	v.root = v.ID
	s.fill(v, body)
	return v
}

// fill gives a view its body. What somebody typed stays where block and action
// are still the same.
func (s *Sim) fill(v *view, body object) {
	giveIDs(s.state, items(body, "blocks"))
	v.body, v.errors = body, nil
	v.Hash = fmt.Sprintf("%d.%s", unixNow(s.clock), s.state.mintHex("hash", 8))
	v.version++
	old := v.values
	v.values = map[string]map[string]object{}
	for _, raw := range v.blocks() {
		b, _ := raw.(object)
		for _, e := range interactive(b) {
			value := initialValue(e)
			if typed := old[text(b, "block_id")][text(e, "action_id")]; typed != nil && text(typed, "type") == text(e, "type") {
				value = typed
			}
			v.set(text(b, "block_id"), text(e, "action_id"), value)
		}
	}
}

func (v *view) set(block, action string, value object) {
	if value == nil {
		return
	}
	if v.values[block] == nil {
		v.values[block] = map[string]object{}
	}
	v.values[block][action] = value
}

// viewObject is a view as answers and payloads tell it.
func (s *Sim) viewObject(v *view) object {
	st := s.state
	out := object{
		"id": v.ID, "team_id": st.Team.ID, "type": v.Type, "blocks": v.blocks(), "private_metadata": text(v.body, "private_metadata"),
		"callback_id": text(v.body, "callback_id"), "state": object{"values": v.state()}, "hash": v.Hash,
		"clear_on_close": truth(v.body, "clear_on_close"), "notify_on_close": v.notifies(), "root_view_id": v.root,
		"previous_view_id": nil, "app_id": st.App.ID, "external_id": text(v.body, "external_id"), "app_installed_team_id": st.Team.ID,
		"bot_id": st.App.BotID, "title": v.body["title"], "close": v.body["close"], "submit": v.body["submit"],
	}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	if v.Type == "home" {
		out["title"] = object{"type": "plain_text", "text": "View Title", "emoji": true}
	}
	return clone(out)
}

func (v *view) state() object {
	out := object{}
	for block, actions := range v.values {
		inner := object{}
		for action, value := range actions {
			inner[action] = value
		}
		out[block] = inner
	}
	return out
}

// top is the modal a person sees.
func (st *state) top(person string) *view {
	if stack := st.views[person]; len(stack) > 0 {
		return stack[len(stack)-1]
	}
	return nil
}

// findView finds an open view by id or external id.
func (st *state) findView(id, external string) *view {
	fits := func(v *view) bool {
		return v != nil && (id != "" && v.ID == id || external != "" && text(v.body, "external_id") == external)
	}
	for _, p := range st.People {
		for _, v := range st.views[p.ID] {
			if fits(v) {
				return v
			}
		}
		if fits(st.homes[p.ID]) {
			return st.homes[p.ID]
		}
	}
	return nil
}
