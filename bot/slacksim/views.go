package slacksim

import "slices"

// asked reads the view argument of a call.
func (c *call) asked(kind string) (object, error) {
	raw, err := c.decoded("view")
	if err != nil {
		return nil, refuse("invalid_arguments", "[ERROR] "+err.Error())
	}
	body, warnings, err := parseView(raw, kind)
	for _, w := range warnings {
		c.warn(w)
	}
	return body, err
}

// external refuses an external id that another view of the workspace has.
func (s *Sim) external(body object, self *view) error {
	id := text(body, "external_id")
	if id == "" {
		return nil
	}
	if other := s.state.findView("", id); other != nil && other != self {
		return refuse("duplicate_external_id")
	}
	return nil
}

func viewsOpen(c *call) (object, error) {
	body, err := c.asked("modal")
	if err != nil {
		return nil, err
	}
	t, err := c.exchange(c.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	if err := c.external(body, nil); err != nil {
		return nil, err
	}
	t.used = true
	if c.state.top(t.person) != nil {
		c.warn("modal_replaced")
	}
	v := c.newView("modal", c.state.person(t.person), body, t.origin)
	c.state.views[t.person] = []*view{v}
	c.viewChanged(v)
	return object{"view": c.viewObject(v)}, nil
}

func viewsPush(c *call) (object, error) {
	body, err := c.asked("modal")
	if err != nil {
		return nil, err
	}
	t, err := c.exchange(c.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	stack := c.state.views[t.person]
	switch {
	case len(stack) == 0:
		return nil, refuse("not_found")
	case len(stack) >= maxViewStack:
		return nil, refuse("push_limit_reached")
	}
	if err := c.external(body, nil); err != nil {
		return nil, err
	}
	t.used = true
	v := c.push(t.person, body, t.origin)
	return object{"view": c.viewObject(v)}, nil
}

// push puts a view on top of a person's stack.
func (s *Sim) push(person string, body object, o origin) *view {
	below := s.state.top(person)
	v := s.newView("modal", s.state.person(person), body, o)
	v.root, v.previous = below.root, below.ID
	if o.channel == "" {
		v.origin = below.origin
	}
	s.state.views[person] = append(s.state.views[person], v)
	s.viewChanged(v)
	return v
}

func viewsUpdate(c *call) (object, error) {
	if c.str("view_id") == "" && c.str("external_id") == "" {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: view_id")
	}
	v := c.state.findView(c.str("view_id"), c.str("external_id"))
	if v == nil {
		return nil, refuse("not_found")
	}
	body, err := c.asked(v.Type)
	if err != nil {
		return nil, err
	}
	if h := c.str("hash"); h != "" && h != v.Hash {
		return nil, refuse("hash_conflict")
	}
	if err := c.external(body, v); err != nil {
		return nil, err
	}
	c.fill(v, body)
	c.viewChanged(v)
	return object{"view": c.viewObject(v)}, nil
}

func viewsPublish(c *call) (object, error) {
	p := c.state.person(c.str("user_id"))
	if p == nil {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: user_id")
	}
	body, err := c.asked("home")
	if err != nil {
		return nil, err
	}
	v := c.state.homes[p.ID]
	if h := c.str("hash"); h != "" && v != nil && h != v.Hash {
		return nil, refuse("hash_conflict")
	}
	if err := c.external(body, v); err != nil {
		return nil, err
	}
	if v == nil {
		v = c.newView("home", p, body, origin{person: p.ID, entry: -1})
		c.state.homes[p.ID] = v
	} else {
		c.fill(v, body)
	}
	c.viewChanged(v)
	return object{"view": c.viewObject(v)}, nil
}

// viewChanged wakes those who wait for a view, and writes down what a view
// without inputs tells its reader.
func (s *Sim) viewChanged(v *view) {
	s.frame(Frame{Kind: "view", View: v.ID, person: v.Person})
	if v.Type != "modal" || v.origin.channel == "" {
		return
	}
	if s.asks(v) {
		s.takeBack(v)
		return
	}
	if now := s.plainView(v); now != v.told {
		v.told = now
		s.say(entry{Kind: entryTo, Channel: v.origin.channel, Thread: v.origin.thread, Person: v.Person, Text: now, Buttons: s.buttons(v.blocks()), View: v.ID})
	}
}

// asks tells whether a view has a form to fill in.
func (s *Sim) asks(v *view) bool {
	return slices.ContainsFunc(v.blocks(), func(raw any) bool {
		b, _ := raw.(object)
		return text(b, "type") == "input"
	})
}

// closeView takes a view away, and with it those above. The app is told of those
// that asked for it.
func (s *Sim) closeView(v *view, cleared bool) {
	stack := s.state.views[v.Person]
	i := slices.Index(stack, v)
	if i < 0 {
		return
	}
	gone := stack[i:]
	cleared = cleared || truth(v.body, "clear_on_close")
	if cleared {
		gone, i = stack, 0
	}
	s.state.views[v.Person] = slices.Clone(stack[:i])
	for _, g := range gone {
		s.frame(Frame{Kind: "view", View: g.ID, person: g.Person})
		if g.notifies() {
			payload := s.interaction("view_closed", s.state.person(g.Person))
			payload["view"], payload["is_cleared"] = s.viewObject(g), cleared
			s.send(&envelope{kind: kindInteractive, name: "view_closed", payload: clone(payload), match: match{Person: g.Person, Channel: g.origin.channel, Event: "view_closed"}})
		}
	}
}
