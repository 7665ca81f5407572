package slacksim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Person acts for somebody of the workspace. What the workspace does not allow is
// an error; what the app makes of an act is in the Act.
type Person struct {
	sim  *Sim
	name string
}

// NotPossible is the error of an act that the workspace does not allow. Missing
// says that it named somebody or something that is not there.
type NotPossible struct {
	Detail  string
	Missing bool
}

func (e *NotPossible) Error() string { return e.Detail }

func notPossible(format string, a ...any) error {
	return &NotPossible{Detail: fmt.Sprintf(format, a...)}
}

func notFound(format string, a ...any) error {
	return &NotPossible{Detail: fmt.Sprintf(format, a...), Missing: true}
}

// As acts for the person of that name or id. An unknown one shows at the first
// act.
func (s *Sim) As(name string) *Person { return &Person{sim: s, name: name} }

// Name is the name by which the person was asked for.
func (p *Person) Name() string { return p.name }

// Profile is the person's account.
func (p *Person) Profile() (Profile, error) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	me, err := p.sim.who(p.name)
	if err != nil {
		return Profile{}, err
	}
	return p.sim.profile(me), nil
}

func (s *Sim) who(name string) (*person, error) {
	if p := s.state.personNamed(name); p != nil {
		return p, nil
	}
	return nil, notFound("nobody is called %q here", name)
}

// at finds a channel as a person names it: "#general", an id, or "@snafu" for the
// own conversation with the app.
func (s *Sim) at(p *person, ref string) (*channel, error) {
	ch := s.state.roomFor(p, ref)
	if ch == nil || !ch.visible(p) {
		return nil, notFound("@%s sees no channel %s", p.Name, ref)
	}
	return ch, nil
}

// act runs something that a person does in a channel ("" for none) and waits for
// the acknowledgements.
func (p *Person) act(ctx context.Context, ref string, f func(d *deed, me *person, ch *channel) error) (*deed, error) {
	return p.sim.do(ctx, func(d *deed) error {
		me, ch, err := p.sim.actor(p.name, ref)
		if err != nil {
			return err
		}
		return f(d, me, ch)
	})
}

// actor finds who acts, and where if the act is of a channel.
func (s *Sim) actor(name, ref string) (*person, *channel, error) {
	me, err := s.who(name)
	switch {
	case err != nil:
		return nil, nil, err
	case me.Deactivated:
		return nil, nil, notPossible("@%s is deactivated", me.Name)
	case ref == "":
		return me, nil, nil
	}
	ch, err := s.at(me, ref)
	return me, ch, err
}

func outcome(d *deed, err error) (Act, error) {
	if d == nil {
		return Act{}, err
	}
	return d.act, err
}

// Slash types a command and returns when the app has acknowledged it, or was not
// able to. Act.Shown is what the person reads at once.
func (p *Person) Slash(ctx context.Context, in, line string) (Act, error) {
	return outcome(p.act(ctx, in, func(d *deed, me *person, ch *channel) error { return p.sim.slash(d, me, ch, line) }))
}

// Pressing says more about a press.
type Pressing func(*pressing)

type pressing struct {
	ts     string
	values []string
	inputs Values
}

// On presses in the message of that ts, not in the newest.
func On(ts string) Pressing { return func(x *pressing) { x.ts = ts } }

// Filling fills in inputs of the view before the button in it is pressed.
func Filling(inputs Values) Pressing { return func(x *pressing) { x.inputs = inputs } }

// Choosing picks options, by label or value, or names, in a menu.
func Choosing(values ...string) Pressing { return func(x *pressing) { x.values = values } }

// Press waits for the newest message that shows the label to this person, in a
// thread or not, presses it, agrees if it asks, and returns when the app has
// acknowledged. The label is that of a button, an option of an overflow menu, the
// placeholder of a menu, or an action id.
func (p *Person) Press(ctx context.Context, in, label string, how ...Pressing) (Act, error) {
	var x pressing
	for _, h := range how {
		h(&x)
	}
	s := p.sim
	find := func() (*person, pressed, error) {
		me, err := s.who(p.name)
		if err != nil {
			return nil, pressed{}, err
		}
		hit, err := s.findPress(me, in, x.ts, label, "", "", x.values)
		return me, hit, err
	}
	if err := s.waitFor(ctx, fmt.Sprintf("@%s to see %q in %s", p.name, label, in), func() error { _, _, err := find(); return err }); err != nil {
		return Act{}, err
	}
	return outcome(s.do(ctx, func(d *deed) error {
		me, hit, err := find()
		if err != nil {
			return err
		}
		hit.agreed = true
		return s.press(d, me, hit)
	}))
}

// waitFor waits until try stops answering that something is not possible, and
// returns its last answer.
func (s *Sim) waitFor(ctx context.Context, what string, try func() error) error {
	var last error
	err := s.wait(ctx, what, func() bool {
		last = try()
		var no *NotPossible
		return last == nil || !errors.As(last, &no)
	})
	if err != nil && last != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	if err != nil {
		return err
	}
	return last
}

// findPress finds what to press in a channel: in one message, or in the newest
// that shows it.
func (s *Sim) findPress(me *person, in, ts, label, actionID, blockID string, values []string) (pressed, error) {
	ch, err := s.at(me, in)
	if err != nil {
		return pressed{}, err
	}
	for _, m := range slices.Backward(s.seenBy(ch, me)) {
		if ts != "" && m.TS != ts {
			continue
		}
		if block, e, picked := findElement(m.everyBlock(), label, actionID, blockID); e != nil {
			return pressed{ch: ch, m: m, block: block, e: e, values: or2(values, picked)}, nil
		}
	}
	return pressed{}, notPossible("nothing in %s shows @%s %q", ch.label(s.state), me.Name, or(label, actionID))
}

func or2(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// findElement finds an element by label or by ids. An option of an overflow menu
// can be named like a button.
func findElement(blocks []any, label, actionID, blockID string) (string, object, []string) {
	for _, raw := range blocks {
		b, _ := raw.(object)
		if blockID != "" && text(b, "block_id") != blockID {
			continue
		}
		for _, e := range interactive(b) {
			switch {
			case actionID != "" && text(e, "action_id") == actionID, label != "" && (labelOf(e) == label || text(e, "action_id") == label):
				return text(b, "block_id"), e, nil
			case text(e, "type") == "overflow" && label != "":
				for _, o := range optionsOf(e) {
					if text(child(o, "text"), "text") == label {
						return text(b, "block_id"), e, []string{text(o, "value")}
					}
				}
			}
		}
	}
	return "", nil, nil
}

// Await waits for a message of the channel, the newest first, that meets all
// conditions as this person sees it. Ephemerals to the person count.
func (p *Person) Await(ctx context.Context, in string, conditions ...Matching) (Message, error) {
	var out Message
	s := p.sim
	err := s.waitFor(ctx, fmt.Sprintf("a message to @%s in %s", p.name, in), func() error {
		me, err := s.who(p.name)
		if err != nil {
			return err
		}
		ch, err := s.at(me, in)
		if err != nil {
			return err
		}
		for _, m := range slices.Backward(s.seenBy(ch, me)) {
			if all(conditions, s.seenMessage(ch, m)) {
				out = s.messageInfo(ch, m)
				return nil
			}
		}
		return notPossible("the newest words there are %q", s.newest(ch, me))
	})
	return out, err
}

// newest is for the error of a wait in vain.
func (s *Sim) newest(ch *channel, me *person) string {
	var words []string
	for _, m := range slices.Backward(s.seenBy(ch, me)) {
		if words = append(words, s.plainMessage(m)); len(words) == 3 {
			break
		}
	}
	return strings.Join(words, " / ")
}

// AwaitChannel waits for a channel whose name starts with prefix and that the
// person sees.
func (p *Person) AwaitChannel(ctx context.Context, prefix string) (Channel, error) {
	var out Channel
	s := p.sim
	prefix = strings.TrimPrefix(prefix, "#")
	err := s.waitFor(ctx, fmt.Sprintf("@%s to see a channel #%s…", p.name, prefix), func() error {
		me, err := s.who(p.name)
		if err != nil {
			return err
		}
		for _, ch := range slices.Backward(s.state.Channels) {
			if ch.Kind != kindDM && !ch.Deleted && strings.HasPrefix(ch.Name, prefix) && ch.visible(me) {
				out = s.channelInfo(ch, me)
				return nil
			}
		}
		return notPossible("there is none")
	})
	return out, err
}

// Sees lists what the person sees in a channel, oldest first, threads and
// ephemerals included.
func (p *Person) Sees(in string) ([]Message, error) {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.who(p.name)
	if err != nil {
		return nil, err
	}
	ch, err := s.at(me, in)
	if err != nil {
		return nil, err
	}
	var out []Message
	for _, m := range s.seenBy(ch, me) {
		out = append(out, s.messageInfo(ch, m))
	}
	return out, nil
}
