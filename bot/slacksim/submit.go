package slacksim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// Values are what a person fills in: by the label of an input or its block_id.
// A value is a text, a number, an option by label or value, a name, or a list of
// these; nil empties the input.
type Values map[string]any

// Result is what became of a submission: "closed", "errors", "updated", "pushed",
// "cleared", "invalid" if Slack's client refused to send it, "failed" if the app
// did not answer.
type Result struct {
	Act
	Result string            `json:"result"`
	Errors map[string]string `json:"errors"` // by block_id
	View   *View             `json:"view"`   // what is on top afterwards, nil if nothing
}

// inputBlocks lists the input blocks of a view.
func (v *view) inputBlocks() []object {
	var out []object
	for _, raw := range v.blocks() {
		if b, _ := raw.(object); text(b, "type") == "input" {
			out = append(out, b)
		}
	}
	return out
}

// fillIn puts values into the inputs of a view.
func (s *Sim) fillIn(v *view, values Values) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		x := values[name]
		b := v.inputNamed(name)
		if b == nil {
			return notPossible("the form has no input %q; it has %s", name, strings.Join(v.inputNames(), ", "))
		}
		e := child(b, "element")
		if inner, ok := x.(object); ok {
			x = inner[text(e, "action_id")]
		}
		value, err := s.valueOf(e, given(x))
		if err != nil {
			return err
		}
		v.set(text(b, "block_id"), text(e, "action_id"), value)
	}
	return nil
}

func (v *view) inputNamed(name string) object {
	for _, b := range v.inputBlocks() {
		if text(b, "block_id") == name || text(child(b, "label"), "text") == name {
			return b
		}
	}
	return nil
}

func (v *view) inputNames() []string {
	var out []string
	for _, b := range v.inputBlocks() {
		out = append(out, text(child(b, "label"), "text"))
	}
	return out
}

// submit sends the form on top of a person's stack.
func (s *Sim) submit(d *deed, p *person, v *view, values Values) error {
	if p.Deactivated {
		return notPossible("@%s is deactivated", p.Name)
	}
	if s.state.top(p.ID) != v {
		return notPossible("that view is not on top of @%s's screen any more", p.Name)
	}
	if v.body["submit"] == nil {
		return notPossible("the view %q has no submit button", text(child(v.body, "title"), "text"))
	}
	if err := s.fillIn(v, values); err != nil {
		return err
	}
	v.errors = map[string]string{}
	for _, b := range v.inputBlocks() {
		block := text(b, "block_id")
		if say := clientCheck(b, v.values[block][text(child(b, "element"), "action_id")]); say != "" {
			v.errors[block] = say
		}
	}
	s.tellTyped(p, v)
	if len(v.errors) > 0 {
		d.result.Result = "invalid"
		s.showErrors(d, v)
		return nil
	}
	o := v.origin
	o.view = v.ID
	d.act.TriggerID = s.newTrigger(o)
	payload := s.interaction("view_submission", p)
	payload["trigger_id"], payload["view"], payload["response_urls"] = d.act.TriggerID, s.viewObject(v), []any{}
	s.send(&envelope{
		kind: kindInteractive, name: "view_submission", payload: clone(payload), accepts: true, match: match{Person: p.ID, Channel: o.channel, Event: "view_submission"},
		ended: func(e *envelope, answer json.RawMessage) { s.submitted(d, v, e.state, answer) },
	})
	return nil
}

const trouble = "We had some trouble connecting. Try again?"

// submitted does what the app answered to a form.
func (s *Sim) submitted(d *deed, v *view, state string, answer json.RawMessage) {
	fail := func(why string, a ...any) {
		d.result.Result = "failed"
		s.failed(d, v.origin, trouble)
		s.log.Error("a form could not be answered: "+why, a...)
	}
	if state != stateAcked {
		d.result.Result = "failed"
		s.failed(d, v.origin, trouble)
		return
	}
	if s.state.top(v.Person) != v {
		d.result.Result = "closed"
		return
	}
	var body object
	if len(answer) > 0 && string(answer) != "null" && string(answer) != `""` && json.Unmarshal(answer, &body) != nil {
		fail("the acknowledgement is no JSON object", "answer", string(answer))
		return
	}
	action := text(body, "response_action")
	switch action {
	case "":
		d.result.Result = "closed"
		s.popView(v)
	case "clear":
		d.result.Result = "cleared"
		s.state.views[v.Person] = nil
		s.frame(Frame{Kind: "view", View: v.ID, person: v.Person})
	case "errors":
		s.answeredErrors(d, v, child(body, "errors"), fail)
	case "update", "push":
		parsed, _, err := parseView(body["view"], "modal")
		if err == nil {
			err = s.external(parsed, map[string]*view{"update": v}[action])
		}
		if err != nil {
			var no *refused
			errors.As(err, &no)
			fail("the view of the response is wrong", "err", err, "where", no.messages)
			return
		}
		if action == "push" && len(s.state.views[v.Person]) >= maxViewStack {
			fail("push_limit_reached")
			return
		}
		if action == "push" {
			d.result.Result = "pushed"
			s.push(v.Person, parsed, v.origin)
			return
		}
		d.result.Result = "updated"
		s.fill(v, parsed)
		s.viewChanged(v)
	default:
		fail("an unknown response_action", "response_action", action)
	}
}

// answeredErrors shows errors under their inputs. A block that is no input of the
// view shows nothing in Slack but its general trouble.
func (s *Sim) answeredErrors(d *deed, v *view, errors object, fail func(string, ...any)) {
	if len(errors) == 0 {
		fail("response_action errors names none")
		return
	}
	shown := map[string]string{}
	for block, say := range errors {
		if b := v.inputNamed(block); b == nil || text(b, "block_id") != block {
			fail("response_action errors names a block that is no input of the view", "block_id", block, "inputs", v.inputNames())
			return
		}
		shown[block], _ = say.(string)
	}
	d.result.Result, v.errors = "errors", shown
	s.showErrors(d, v)
	s.frame(Frame{Kind: "view", View: v.ID, person: v.Person})
}

func (s *Sim) showErrors(d *deed, v *view) {
	var words []string
	for _, b := range v.inputBlocks() {
		if say := v.errors[text(b, "block_id")]; say != "" {
			words = append(words, say)
		}
	}
	d.result.Errors = maps.Clone(v.errors)
	s.failed(d, v.origin, strings.Join(words, "\n"))
}

// popView closes the top view after a submission, which view_closed does not tell.
func (s *Sim) popView(v *view) {
	stack := s.state.views[v.Person]
	s.state.views[v.Person] = slices.Clone(stack[:len(stack)-1])
	s.frame(Frame{Kind: "view", View: v.ID, person: v.Person})
}

// tellTyped writes down what a person filled in: beside the act that opened the
// form if nothing happened since, else as an act of its own.
func (s *Sim) tellTyped(p *person, v *view) {
	if v.origin.channel == "" {
		return
	}
	var typed, answers []string
	for _, b := range v.inputBlocks() {
		e := child(b, "element")
		value := s.valueText(v.values[text(b, "block_id")][text(e, "action_id")])
		if value == "" {
			continue
		}
		verb := "picks "
		if kind := text(e, "type"); strings.HasSuffix(kind, "_input") {
			verb = "types "
		}
		typed = append(typed, verb+value)
		answers = append(answers, text(child(b, "label"), "text")+": "+value)
	}
	words := "submits " + text(child(v.body, "title"), "text")
	switch len(typed) {
	case 0:
	case 1:
		words = typed[0]
	default:
		words = "answers " + strings.Join(answers, " · ")
	}
	if s.amend(v.origin, ", "+words) {
		return
	}
	s.say(entry{Kind: entryAct, Channel: v.origin.channel, Thread: v.origin.thread, Person: p.ID, Text: words, Opens: true})
}
