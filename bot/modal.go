package bot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
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
	opened, err := b.openView(ctx, c.in.trigger, first)
	if word := slackWord(err); word == "exchanged_trigger_id" || word == "trigger_exchanged" {
		return // the payload came before, and its form is open
	}
	if err != nil {
		b.log.WarnContext(ctx, "open form", "err", err)
		b.whisper(ctx, c.in, view.Said("The form did not open in time. Press again, or type `/snafu "+c.verb.example+"`."))
		return
	}
	if c.verb.bare {
		return
	}
	drawn, err := b.draw(ctx, c)
	if err != nil {
		drawn = view.Told(formTitle(c.verb), b.explain(ctx, "draw form", err))
	}
	b.update(ctx, updateView{id: opened.ID, hash: opened.Hash, view: drawn})
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
// stand in a row.
type updateView struct {
	id, hash string
	view     slack.ModalViewRequest
}

// update replaces what a form shows. It is repeated after a lost answer: to
// show the same twice does no harm. It says whether the form is still there.
func (b *Bot) update(ctx context.Context, u updateView) bool {
	for range 3 {
		_, err := b.slack.write.UpdateViewContext(ctx, u.view, "", u.hash, u.id)
		f, wait := fateOf(err)
		switch {
		case err == nil:
			return true
		case f == fateWait || f == fateUnknown:
			if !pause(ctx, max(wait, viewPause)) {
				return false
			}
		case slackWord(err) == "hash_conflict":
			u.hash = ""
		default:
			b.log.WarnContext(ctx, "update form", "err", err)
			return false
		}
	}
	return false
}
