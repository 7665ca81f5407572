package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
)

const (
	drawWithin = 10 * time.Second
	viewPause  = 500 * time.Millisecond
)

// open shows a form. The trigger of a press lives three seconds, so a form that
// has to read first is opened empty and filled a moment later. What would be
// refused is said in the form.
func (b *Bot) open(ctx context.Context, c command) {
	ctx = context.WithoutCancel(ctx)
	first := view.Loading(formTitle(c.verb))
	if c.verb.bare {
		drawn, err := c.verb.form(b, ctx, c)
		if err != nil {
			b.whisper(ctx, c.in, view.Said(b.explain(ctx, "draw form", err)))
			return
		}
		first = drawn
	}
	to, err := b.show(ctx, c.in.trigger, first)
	if errors.Is(err, errFormOpen) {
		return
	}
	if err != nil {
		b.log.WarnContext(ctx, "open form", "err", err)
		b.whisper(ctx, c.in, view.Said("The form did not open in time. Press again, or type `/snafu "+c.verb.example+"`."))
		return
	}
	if c.verb.bare && to.external == "" {
		return
	}
	to.view = first
	if !c.verb.bare {
		to.view, err = b.draw(ctx, c)
		if errors.Is(err, journal.ErrAlready) {
			return // the payload came before, and its form is drawn
		}
		if err != nil {
			to.view = view.Told(formTitle(c.verb), b.explain(ctx, "draw form", err)+b.newest(ctx, c, err))
		}
	}
	to.view.ExternalID = to.external
	switch f := b.update(ctx, to); {
	case f == fateDone:
	case f == fateUnknown || f == fateWait:
		b.whisper(ctx, c.in, view.Said("Slack does not let me fill in the form. Close it and press again, or type `/snafu "+c.verb.example+"`."))
	case to.external != "":
		b.whisper(ctx, c.in, view.Said("The form did not open in time. Press again, or type `/snafu "+c.verb.example+"`."))
	}
}

// turn shows another page of a form in the form itself. Nothing is recorded: what
// was chosen so far travels in the form.
func (b *Bot) turn(ctx context.Context, c command) {
	ctx = context.WithoutCancel(ctx)
	c.in.channel = first(c.in.channel, c.stamp.Channel)
	if b.outrun(c.in) {
		return
	}
	drawn, err := b.draw(ctx, c)
	switch {
	case b.outrun(c.in):
		return
	case err != nil && c.verb.bare:
		// The form is whole without what was to be added, and holds what was typed.
		b.log.WarnContext(ctx, "draw form anew", "err", err)
		return
	case err != nil:
		drawn = view.Told(formTitle(c.verb), b.explain(ctx, "draw form", err))
	}
	if b.update(ctx, updateView{id: c.in.view, hash: c.in.viewHash, view: drawn}) != fateDone && !c.verb.bare {
		b.whisper(ctx, c.in, view.Said("Slack did not turn the page. Press again; what you chose is still in the form."))
	}
}

// outrun says whether the same person chose something later than this: what is
// drawn last has to be about what was chosen last.
func (b *Bot) outrun(in incoming) bool {
	for {
		last, known := b.turns.LoadOrStore(in.user, in.acted)
		if !known || last == in.acted {
			return false
		}
		if at, _ := last.(string); at > in.acted {
			return true
		}
		if b.turns.CompareAndSwap(in.user, last, in.acted) {
			return false
		}
	}
}

// errFormOpen says that the payload came before: who asked has the form.
var errFormOpen = errors.New("the form is open already")

// show opens a view and returns how it is reached. If the answer is lost it asks
// again: a trigger opens one view, so the second answer tells what became of the
// first. The view has a name of its own, because its id may be lost with the
// answer.
func (b *Bot) show(ctx context.Context, trigger string, v slack.ModalViewRequest) (updateView, error) {
	v.ExternalID = "form:" + trigger
	lost := false
	for range 2 {
		opened, err := b.openView(ctx, trigger, v)
		word := slackWord(err)
		switch f, _ := fateOf(err); {
		case err == nil:
			return updateView{id: opened.ID, hash: opened.Hash}, nil
		case word == "exchanged_trigger_id" || word == "trigger_exchanged" || word == "duplicate_external_id":
			if !lost {
				return updateView{}, errFormOpen
			}
			return updateView{external: v.ExternalID}, nil
		case f != fateUnknown && !lost:
			return updateView{}, err
		}
		b.log.WarnContext(ctx, "open form", "err", err)
		lost = true
	}
	return updateView{external: v.ExternalID}, nil
}

// draw finds the incident, asks who it is, and draws the form.
func (b *Bot) draw(ctx context.Context, c command) (_ slack.ModalViewRequest, err error) {
	ctx, cancel := context.WithTimeout(ctx, drawWithin)
	defer cancel()
	defer caught(&err, c.verb.name)
	if c, err = b.admit(ctx, c); err != nil {
		return slack.ModalViewRequest{}, err
	}
	if c.verb.needs {
		if err := b.locate(ctx, &c); err != nil {
			return slack.ModalViewRequest{}, err
		}
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	c.received = now
	c.stamp.Incident, c.stamp.Channel, c.stamp.Opened = c.incident, c.in.channel, now.UnixMilli()
	return c.verb.form(b, ctx, c)
}

func formTitle(v *verb) string {
	if v.ends != "" {
		return v.ends
	}
	return "snafu"
}

func (b *Bot) openView(ctx context.Context, trigger string, v slack.ModalViewRequest) (slack.View, error) {
	ctx, cancel := context.WithTimeout(ctx, triggerTimeout)
	defer cancel()
	res, err := b.slack.write.OpenViewContext(ctx, trigger, v)
	if err != nil {
		return slack.View{}, err
	}
	return res.View, nil
}

// updateView names the arguments of views.update: in slack-go three strings
// stand in a row. A view is named by its id, or by the name we gave it.
type updateView struct {
	id, external, hash string
	view               slack.ModalViewRequest
}

// update replaces what a form shows, and says what became of that. It is
// repeated after a lost answer: to show the same twice does no harm.
func (b *Bot) update(ctx context.Context, u updateView) (f fate) {
	for range 3 {
		_, err := b.slack.write.UpdateViewContext(ctx, u.view, u.external, u.hash, u.id)
		var wait time.Duration
		f, wait = fateOf(err)
		switch {
		case err == nil:
			return fateDone
		case f == fateWait || f == fateUnknown:
			if !pause(ctx, max(wait, viewPause)) {
				return f
			}
		case slackWord(err) == "hash_conflict":
			u.hash = ""
		default:
			b.log.WarnContext(ctx, "update form", "err", err)
			return f
		}
	}
	return f
}
