package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// A count that a person waits for is shown once it takes longer than
// Options.CountShown, and its message is edited no more often than that. Whether
// somebody wants it to end is looked at each second.
const cancelLook = time.Second

// countsAtOnce is how many counts may be waited for at the same time. The rest
// of the workers for acts stay free for what cannot wait, such as a pause.
const countsAtOnce = 4

// patiently lets a count take its time, and shows that it goes on. It ends with
// a refusal when somebody cancels it, and when it takes longer than a press may
// wait; in both cases the source does not work on it any more.
func (b *Bot) patiently(ctx context.Context, c command, count func(context.Context) error) error {
	select {
	case b.patience <- struct{}{}:
		defer func() { <-b.patience }()
	default:
		return refusal.Unavailable("%d counts are at work that people wait for. Try again in a minute; what they find is shown to all.", countsAtOnce).Coded("busy")
	}
	waits := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	shown := counting{bot: b, c: c, began: time.Now(), ended: make(chan struct{}), cancel: cancel}
	if err := shown.begin(ctx); err != nil {
		return err
	}
	var showing sync.WaitGroup
	showing.Add(1)
	go func() {
		defer showing.Done()
		shown.show(ctx)
	}()
	err := count(ctx)
	if no, cancelled := refusal.As(context.Cause(ctx)); cancelled && err != nil {
		err = no
	} else if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = refusal.Unavailable("This count takes longer than %s, which is as long as an answer can wait. `/snafu watch` counts without that limit; the indexes that `snafu source sql` advises make it quick.",
			rollback.Lasting(b.o.CountWithin)).Coded("count-time")
	}
	close(shown.ended)
	showing.Wait()
	if err != nil && errors.Is(waits.Err(), context.Canceled) {
		return err // the program ends: whoever takes the act over counts, and ends the message
	}
	shown.end(context.WithoutCancel(ctx), err)
	return err
}

// counting is the message of a count at work.
type counting struct {
	bot    *Bot
	c      command
	seq    int64 // newest entry of the incident when it began
	began  time.Time
	ended  chan struct{}
	cancel context.CancelCauseFunc

	at posted // where it stands; the zero value while there is none
}

func (s *counting) show(ctx context.Context) {
	edit := time.NewTicker(s.bot.o.CountShown)
	defer edit.Stop()
	look := time.NewTicker(min(s.bot.o.CountShown, cancelLook))
	defer look.Stop()
	keep := time.NewTicker(claimFor / 3)
	defer keep.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ctx.Done():
			return
		case <-edit.C:
			s.draw(ctx, view.Counting(view.CountingCard{Incident: s.c.incident, Took: time.Since(s.began), By: s.c.by}))
		case <-keep.C:
			if err := keepClaim(ctx, s.bot.o.DB, s.c.in.key); err != nil && ctx.Err() == nil {
				s.bot.log.WarnContext(ctx, "keep an act at work", "incident", s.c.incident, "err", err)
			}
		case <-look.C:
			by, cancelled, err := s.bot.o.Count.CancelledSince(ctx, s.c.incident, s.seq)
			if err == nil && cancelled {
				p, _ := by.Person()
				s.cancel(refusal.Conflict("The count was cancelled by %s.", p.Mention()).Coded("cancelled"))
				return
			}
		}
	}
}

// draw posts the message or edits it. That it cannot be shown stops no count.
func (s *counting) draw(ctx context.Context, m view.Message) {
	if err := s.drawn(ctx, m); err != nil && ctx.Err() == nil {
		s.bot.log.WarnContext(ctx, "show a count at work", "incident", s.c.incident, "err", err)
	}
}

// end says in the message how the count ended, if there is one. A message that
// cannot be edited now is ended by the sweep.
func (s *counting) end(ctx context.Context, err error) {
	if s.at.Channel == "" {
		return
	}
	card := view.CountingCard{Incident: s.c.incident, Took: time.Since(s.began), By: s.c.by, Ended: true}
	if err != nil {
		if no, refused := refusal.As(err); refused {
			card.Why = spoken(no.Say)
		} else {
			card.Why = "It broke on my side."
		}
	}
	ctx, cancel := context.WithTimeout(ctx, slackTimeout)
	defer cancel()
	if err := s.bot.endCounting(ctx, s.c.incident, s.c.in.key, s.at, card); err != nil {
		s.bot.log.WarnContext(ctx, "end the message of a count", "incident", s.c.incident, "err", err)
	}
}

// uncount handles "uncount", and the button of a count at work.
func (b *Bot) uncount(ctx context.Context, c command) (reply, error) {
	if err := b.o.Count.Cancel(ctx, c.act(), c.incident); err != nil || c.in.kind != kindCommand {
		return quiet, err // whoever pressed the button sees its message change
	}
	return said("A count that somebody waits for here ends now. A watch goes on: `/snafu unwatch` ends it."), nil
}

// CountWithin is how long somebody may wait for a count where the slowest source
// gives one count so long: another one may be at work before it.
func CountWithin(longest time.Duration) time.Duration {
	return max(actWithin, 2*(longest+2*time.Second)+5*time.Second)
}
