package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// play is one telling of the story.
type play struct {
	*Stage
	tell *narrator

	id incidents.ID
	t0 time.Time

	// What the bot knows, read as it reads it.
	response *response.Response
	count    *count.Count
	approval *approval.Approval

	checks   []Check
	refusals int64
	leads    map[string]bool // who led, at each beat
	rosa     string          // her seven records as she left them
}

// step is a part of the story.
type step struct {
	title string
	do    func(*play, context.Context) error
}

// patience is how long one thing may take before the story is given up.
const patience = 90 * time.Second

// Play tells the story and checks it. What is said goes to Options.Out.
func (s *Stage) Play(ctx context.Context) Report {
	p := &play{Stage: s, tell: newNarrator(s.sim, s.o.Out), t0: s.world.t0, leads: map[string]bool{}}
	p.count = count.New(count.Options{DB: s.app.DB()})
	p.approval = approval.New(approval.Options{DB: s.app.DB()})
	var err error
	if p.response, err = response.New(response.Options{DB: s.app.DB()}); err == nil {
		err = p.through(ctx)
	}
	p.tell.catchUp()
	return Report{Checks: p.checks, Broke: err}
}

func (p *play) through(ctx context.Context) error {
	for _, step := range leadStatus {
		p.tell.heading(step.title)
		err := step.do(p, ctx)
		if err == nil {
			err = p.beat(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(step.title[:1])+step.title[1:], err)
		}
	}
	return p.judge(ctx)
}

// beat lets everything that was begun come to rest, tells it, and gives the
// reader a moment.
func (p *play) beat(ctx context.Context) error {
	if err := p.settle(ctx); err != nil {
		return err
	}
	p.tell.catchUp()
	if p.id != 0 {
		inc, err := p.response.Get(ctx, p.id)
		if err != nil {
			return err
		}
		p.leads[p.name(inc.Lead)] = true
	}
	return pause(ctx, p.shorter(900*time.Millisecond, 0))
}

// settle waits until nothing is under way: no request of Slack, no job that
// could run, no delivery that is not told.
func (p *play) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for calm := false; ; {
		if err := errors.Join(p.sim.Idle(ctx), p.app.Idle(ctx)); err != nil {
			return err
		}
		pending, err := journal.Pending(ctx, p.app.DB(), max(p.id, 1))
		if err != nil {
			return err
		}
		if len(pending) == 0 && calm {
			return p.sim.Idle(ctx)
		}
		// What was told may have brought somebody in, of which Slack tells: once more.
		if calm = len(pending) == 0; calm {
			continue
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (p *play) as(name string) *slacksim.Person { return p.sim.As(name) }

// types sends a command in the incident's channel.
func (p *play) types(ctx context.Context, name, line string) error {
	return acted(p.as(name).Slash(ctx, p.room, line))
}

// presses waits for a button in the incident's channel and presses it.
func (p *play) presses(ctx context.Context, name, label string, how ...slacksim.Pressing) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return acted(p.as(name).Press(ctx, p.room, label, how...))
}

// acted is an error if the bot did not take an act in time.
func acted(act slacksim.Act, err error) error {
	if err != nil {
		return err
	}
	for _, d := range act.Deliveries {
		if d.State != "acked" {
			return fmt.Errorf("the bot did not acknowledge: %s", d.State)
		}
	}
	return nil
}

// fills sends the form that opens next.
func (p *play) fills(ctx context.Context, name, form string, with slacksim.Values) error {
	view, err := p.form(ctx, name, form)
	if err != nil {
		return err
	}
	res, err := view.Submit(ctx, with)
	if err != nil {
		return err
	}
	if res.Result == "errors" || res.Result == "invalid" || res.Result == "failed" {
		return fmt.Errorf("the form %q of @%s came back: %v", form, name, res.Errors)
	}
	return acted(res.Act, nil)
}

func (p *play) form(ctx context.Context, name, form string) (*slacksim.View, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.as(name).Modal(ctx, slacksim.Callback(form))
}

// hears waits until somebody reads all of the words in the incident's channel,
// each in any message.
func (p *play) hears(ctx context.Context, name string, words ...string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, w := range words {
		if _, err := p.as(name).Await(ctx, p.room, slacksim.Contains(w)); err != nil {
			return fmt.Errorf("@%s never read %q: %w", name, w, err)
		}
	}
	return nil
}

// alone waits until the words are said to somebody alone.
func (p *play) alone(ctx context.Context, name, words string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := p.as(name).Await(ctx, p.room, slacksim.Contains(words), slacksim.OnlyForMe())
	return err
}

// told waits until a form tells somebody the words, and closes it.
func (p *play) told(ctx context.Context, name, words string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	view, err := p.as(name).Modal(ctx, slacksim.Contains(words))
	if err != nil {
		return err
	}
	return acted(view.Close(ctx))
}

// check keeps a figure for the table.
func (p *play) check(what, expected, found string) {
	p.checks = append(p.checks, Check{what, expected, found})
}

// name is a person as the cast calls them.
func (p *play) name(who incidents.Person) string {
	for _, c := range cast().People {
		if known, err := p.as(c.Name).Profile(); err == nil && known.ID == who.User() {
			return "@" + c.Name
		}
	}
	return string(who)
}

func (p *play) names(all []incidents.Person) string {
	var names []string
	for _, who := range all {
		names = append(names, p.name(who))
	}
	return strings.Join(names, ", ")
}

// plan is a plan as the bot knows it.
func (p *play) plan(ctx context.Context, ref rollback.Ref) (rollback.PlanView, error) {
	id, err := p.approval.Find(ctx, p.id, ref)
	if err != nil {
		return rollback.PlanView{}, err
	}
	return p.approval.Get(ctx, id)
}
