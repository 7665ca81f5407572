package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

const (
	actWithin = 25 * time.Second
	actTries  = 5
	// A click that waited this long may no longer be meant.
	oldClick = 10 * time.Minute
	// The acknowledgement of a form that stays open puts "Recording…" into it.
	// The outcome waits this long since the receipt: told sooner, it can reach
	// Slack before the acknowledgement, which would then paint over it.
	recordingShown = 500 * time.Millisecond
)

// Act does what a receipt asks for, in effect once: the use case takes the
// receipt as its key in its own transaction, so a second try after a crash ends
// there.
func (b *Bot) Act(ctx context.Context, job jobs.Job[Act]) error {
	r, ours, err := claim(ctx, b.o.DB, job.Args.Receipt)
	if err != nil || !ours {
		return err
	}
	in, err := decode(r.Envelope, r.Payload)
	if err != nil {
		return errors.Join(err, settle(ctx, b.o.DB, job, settledFailed, "unreadable"))
	}
	in.key = r.Key
	c, _, err := route(in)
	if err != nil {
		b.whisper(ctx, in, view.Said(b.explain(ctx, "route", err)))
		return settle(ctx, b.o.DB, job, settledRefused, "route")
	}
	c.received, c.tries = r.Received, r.Tries
	began := time.Now()
	answer, err := b.do(ctx, c, r.Now)
	how, note, again := verdict(err)
	if again && r.Tries < actTries {
		if r.Tries == 1 && errors.Is(err, pgdb.ErrOutcomeUnknown) {
			b.whisper(ctx, in, view.Said(b.explain(ctx, "act", err)))
		}
		return errors.Join(fmt.Errorf("%s: %w", c.verb.name, err), unclaim(context.WithoutCancel(ctx), b.o.DB, r.Key))
	}
	b.log.InfoContext(ctx, "act", "job", c.verb.name, "actor", in.user, "act", how, "took", time.Since(began))
	if c.form && c.verb.ends != "" {
		pause(ctx, recordingShown-r.Now.Sub(r.Received)-time.Since(began))
	}
	b.finish(ctx, c, answer, err)
	return settle(ctx, b.o.DB, job, how, note)
}

// do runs the verb: who asks, about which incident, then the use case.
func (b *Bot) do(ctx context.Context, c command, now time.Time) (answer reply, err error) {
	within := actWithin
	if c.verb.counts {
		within = b.o.CountWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	defer caught(&err, c.verb.name)
	if c.verb.ages && now.Sub(c.received) > oldClick {
		return quiet, refusal.Conflict("This click waited too long; press again.").Coded("too-late")
	}
	if c, err = b.admit(ctx, c); err != nil {
		return quiet, err
	}
	if c.verb.needs {
		if err := b.locate(ctx, &c); err != nil {
			b.keptOut(ctx, c, err)
			return quiet, err
		}
	}
	return c.verb.run(b, ctx, c)
}

// caught makes an error of a panic. What was thrown may hold a record's value;
// its type and the place tell enough.
func caught(err *error, doing string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s panicked with a %T at %s", doing, r, debug.Stack())
	}
}

// verdict says how an act ends, and whether it is worth another try.
func verdict(err error) (how settled, note string, again bool) {
	no, refused := refusal.As(err)
	switch {
	case err == nil:
		return settledEffect, "", false
	case errors.Is(err, journal.ErrAlready):
		return settledAlready, "", false
	case refused:
		return settledRefused, no.Kind.String() + " " + no.Code, false
	}
	return settledFailed, "", true
}

// finish tells the person how it ended. A form that stayed open shows it;
// everybody else hears it where they asked.
func (b *Bot) finish(ctx context.Context, c command, answer reply, err error) {
	m := answer.message
	if err != nil && !errors.Is(err, journal.ErrAlready) {
		m = view.Said(b.explain(ctx, c.verb.name, err) + b.newest(ctx, c, err))
	}
	if c.form && c.verb.ends != "" {
		text := m.Text
		if answer.silent() && (err == nil || errors.Is(err, journal.ErrAlready)) {
			text = "Recorded."
		}
		if b.update(ctx, updateView{id: c.in.view, view: b.ended(ctx, c, text, err)}) == fateDone {
			return
		}
		m = view.Said(text)
	}
	if c.in.modal && c.ends(err) && b.update(ctx, updateView{id: c.in.view, view: view.Told(formTitle(c.verb), m.Text)}) == fateDone {
		return
	}
	if c.form && c.in.channel == "" {
		c.in.channel, c.in.responseURL = c.stamp.Channel, first(c.in.responseURL, c.stamp.Reply)
	}
	b.whisper(ctx, c.in, m)
}

// ends says whether a press in a form makes the form needless: who came into a
// snafu does not open another.
func (c command) ends(err error) bool {
	return err == nil && c.in.kind == kindPress && c.verb.name == "join"
}

// ended is what a form shows at last: how it ended, or itself again with what
// was typed into it, if it was refused and may be sent once more.
func (b *Bot) ended(ctx context.Context, c command, text string, err error) slack.ModalViewRequest {
	if _, refused := refusal.As(err); refused && c.verb.again != nil {
		if form, err := c.verb.again(b, ctx, c, text); err == nil {
			return form
		}
	}
	return view.Told(c.verb.ends, text)
}
