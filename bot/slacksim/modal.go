package slacksim

import (
	"context"
	"fmt"
	"slices"
)

// Modal waits until the view on top of the person's screen meets all conditions,
// and returns it.
func (p *Person) Modal(ctx context.Context, conditions ...Matching) (*View, error) {
	return p.awaitView(ctx, "a modal", func(me *person) *view { return p.sim.state.top(me.ID) }, conditions)
}

// Home waits until the Home tab of the person meets all conditions.
func (p *Person) Home(ctx context.Context, conditions ...Matching) (*View, error) {
	return p.awaitView(ctx, "a Home tab", func(me *person) *view { return p.sim.state.homes[me.ID] }, conditions)
}

func (p *Person) awaitView(ctx context.Context, what string, pick func(*person) *view, conditions []Matching) (*View, error) {
	var out *View
	s := p.sim
	err := s.waitFor(ctx, fmt.Sprintf("@%s to see %s", p.name, what), func() error {
		me, err := s.who(p.name)
		if err != nil {
			return err
		}
		v := pick(me)
		if v == nil {
			return notPossible("there is none")
		}
		if !all(conditions, s.seenView(v)) {
			return notPossible("it reads %q", s.plainView(v))
		}
		out = s.viewInfo(v)
		return nil
	})
	return out, err
}

// Views lists the open modals of the person, root first.
func (p *Person) Views() []*View {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	var out []*View
	if me := p.sim.state.personNamed(p.name); me != nil {
		for _, v := range p.sim.state.views[me.ID] {
			out = append(out, p.sim.viewInfo(v))
		}
	}
	return out
}

func (v *View) live() (*person, *view, error) {
	now := v.sim.state.findView(v.ID, "")
	if now == nil {
		return nil, nil, notFound("the view %q is closed", v.Title)
	}
	return v.sim.state.person(v.person), now, nil
}

// Refresh takes a new picture of the view. It is an error if it is closed.
func (v *View) Refresh() (*View, error) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	_, now, err := v.live()
	if err != nil {
		return nil, err
	}
	return v.sim.viewInfo(now), nil
}

// Submit waits until the view has all inputs that are to be filled in, fills them
// in, submits, and returns when the app has acknowledged. Inputs that are not
// mentioned keep what they hold. A view that is closed is an error at once.
func (v *View) Submit(ctx context.Context, values Values) (Result, error) {
	s := v.sim
	ready := func() error {
		_, now, err := v.live()
		if err != nil {
			return nil //nolint:nilerr // it does not come back; submitting says so
		}
		for name := range values {
			if now.inputNamed(name) == nil {
				return notPossible("the form has no input %q; it has %v", name, now.inputNames())
			}
		}
		if now.body["submit"] == nil {
			return notPossible("the view has no submit button")
		}
		return nil
	}
	if err := s.waitFor(ctx, fmt.Sprintf("the form %q", v.Title), ready); err != nil {
		return Result{}, err
	}
	d, err := s.do(ctx, func(d *deed) error {
		me, now, err := v.live()
		if err != nil {
			return err
		}
		return s.submit(d, me, now, values)
	})
	return s.resultOf(d, v.person), err
}

func (s *Sim) resultOf(d *deed, person string) Result {
	if d == nil {
		return Result{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := d.result
	out.Act, out.View = d.act, s.viewInfo(s.state.top(person))
	return out
}

// Press waits for the label in the view, presses it, agrees if it asks, and
// returns when the app has acknowledged. A view that is closed is an error at once.
func (v *View) Press(ctx context.Context, label string, how ...Pressing) (Act, error) {
	var x pressing
	for _, h := range how {
		h(&x)
	}
	s := v.sim
	find := func() (*person, pressed, error) {
		me, now, err := v.live()
		if err != nil {
			return nil, pressed{}, err
		}
		hit, err := findInView(now, label, "", "", x.values)
		return me, hit, err
	}
	ready := func() error {
		if _, _, err := v.live(); err != nil {
			return nil //nolint:nilerr // it does not come back; pressing says so
		}
		_, _, err := find()
		return err
	}
	if err := s.waitFor(ctx, fmt.Sprintf("%q in the view %q", label, v.Title), ready); err != nil {
		return Act{}, err
	}
	return outcome(s.do(ctx, func(d *deed) error {
		me, hit, err := find()
		if err != nil {
			return err
		}
		if err := s.fillIn(hit.v, x.inputs); err != nil {
			return err
		}
		hit.agreed = true
		return s.press(d, me, hit)
	}))
}

// findInView finds what to press in a view, its inputs that act at once included.
func findInView(v *view, label, actionID, blockID string, values []string) (pressed, error) {
	block, e, picked := findElement(v.blocks(), label, actionID, blockID)
	if e == nil {
		if b := v.inputNamed(label); label != "" && b != nil && truth(b, "dispatch_action") {
			block, e = text(b, "block_id"), child(b, "element")
		}
	}
	if e == nil {
		return pressed{}, notPossible("the view shows no %q", or(label, actionID))
	}
	return pressed{v: v, block: block, e: e, values: or2(values, picked)}, nil
}

// Close closes the view and those above it. The app hears of it if the view asks
// for that.
func (v *View) Close(ctx context.Context) (Act, error) { return v.close(ctx, false) }

// CloseAll closes the whole stack.
func (v *View) CloseAll(ctx context.Context) (Act, error) { return v.close(ctx, true) }

func (v *View) close(ctx context.Context, clear bool) (Act, error) {
	return outcome(v.sim.do(ctx, func(*deed) error {
		me, now, err := v.live()
		if err != nil {
			return err
		}
		if me.Deactivated {
			return notPossible("@%s is deactivated", me.Name)
		}
		if !slices.Contains(v.sim.state.views[me.ID], now) {
			return notPossible("a Home tab cannot be closed")
		}
		v.sim.closeView(now, clear)
		return nil
	}))
}
