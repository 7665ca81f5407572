package app

import (
	"context"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/notify"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// publish does the job of that name: one try to tell the webhook of an entry, at
// least once. Where none is configured there is nothing to do.
func (a *App) publish(ctx context.Context, job jobs.Job[journal.Publish]) error {
	hook := a.o.Config.Outbound.Webhook
	if hook.URL == "" {
		return nil
	}
	p, wanted, err := a.response.ToPublish(ctx, job.Args)
	if err != nil || !wanted {
		return err
	}
	said, err := a.reach.Webhook(ctx, notify.WebhookOptions{URL: hook.URL, Secret: hook.Secret.Reveal()}, newsEvent(p))
	failed := &notify.Failure{}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		failed = notify.FailureOf(err)
		said = failed.Said
	}
	wait, kept := a.response.Published(ctx, job.Args, err == nil, failed.Again, said, failed.After)
	if kept != nil {
		return kept
	}
	if wait > 0 {
		return jobs.Snooze(wait)
	}
	if err != nil {
		a.log.WarnContext(ctx, "the webhook was not told of an incident", "incident", job.Args.Incident, "err", said)
	}
	return nil
}

func newsEvent(p response.Publication) notify.Event {
	e := notify.Event{
		Event: p.News.Event, Delivery: fmt.Sprintf("entry-%d-%d", int64(p.Entry.Incident), p.Entry.Seq),
		At: p.Entry.At, Incident: subject(p.Incident),
	}
	if p.News.Now != "" {
		e.Change = &notify.Change{Was: p.News.Was, Now: p.News.Now}
	}
	if u := p.News.Update; u != nil {
		e.Update = updateOf(*u)
	}
	return e
}

func updateOf(u incidents.Updated) *notify.Update {
	n := &notify.Update{Number: u.Number, Changed: u.Changed, Next: u.Next, Need: u.Need}
	if !u.Promise.IsZero() {
		n.NextBy = &u.Promise
	}
	return n
}
