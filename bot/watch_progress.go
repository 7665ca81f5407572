package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// A count that a person waits for is shown once it takes longer than
// Options.CountShown, and its message is edited no more often than that. Whether
// somebody wants it to end is looked at each second.
const cancelLook = time.Second

// patiently lets a count take its time, and shows that it goes on. It ends with
// a refusal when somebody cancels it, and when it takes longer than a press may
// wait; in both cases the source does not work on it any more.
func (b *Bot) patiently(ctx context.Context, c command, count func(context.Context) error) error {
	seq, err := b.o.Count.Newest(ctx, c.incident)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	shown := counting{bot: b, c: c, seq: seq, began: time.Now(), ended: make(chan struct{}), cancel: cancel}
	var showing sync.WaitGroup
	showing.Add(1)
	go func() {
		defer showing.Done()
		shown.show(ctx)
	}()
	err = count(ctx)
	if no, cancelled := refusal.As(context.Cause(ctx)); cancelled && err != nil {
		err = no
	} else if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = refusal.Unavailable("This count takes longer than %s, which is as long as an answer can wait. `/snafu watch` counts without that limit; the indexes that `snafu source sql` advises make it quick.",
			incidents.Took(time.Since(shown.began))).Coded("count-time")
	}
	close(shown.ended)
	showing.Wait()
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

	channel, ts string
}

// kind is how the message is remembered, so that another process which takes
// the act over edits it instead of posting a second one.
func (s *counting) kind() string { return "counting:" + s.c.in.key }

func (s *counting) show(ctx context.Context) {
	edit := time.NewTicker(s.bot.o.CountShown)
	defer edit.Stop()
	look := time.NewTicker(min(s.bot.o.CountShown, cancelLook))
	defer look.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ctx.Done():
			return
		case <-edit.C:
			s.draw(ctx, view.Counting(view.CountingCard{Incident: s.c.incident, Took: time.Since(s.began), By: s.c.by}))
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

func (s *counting) drawn(ctx context.Context, m view.Message) error {
	if s.ts == "" {
		inc, err := s.bot.o.Response.Get(ctx, s.c.incident)
		if err != nil || inc.Channel == "" {
			return err
		}
		old, there, err := findPosted(ctx, s.bot.o.DB, s.c.incident, s.kind())
		if err != nil {
			return err
		}
		if s.channel = inc.Channel; there {
			s.channel, s.ts = old.Channel, old.TS
		}
	}
	if s.ts == "" {
		_, ts, err := s.bot.slack.write.PostMessageContext(ctx, s.channel, content(m)...)
		if err != nil {
			return fmt.Errorf("post: %w", err)
		}
		s.ts = ts
		at, err := s.bot.o.DB.Now(ctx, nil)
		if err != nil {
			return err
		}
		return savePosted(ctx, s.bot.o.DB, s.c.incident, s.kind(), posted{Channel: s.channel, TS: ts, Drawn: []byte{}, DrawnAt: at})
	}
	_, _, _, err := s.bot.slack.write.UpdateMessageContext(ctx, s.channel, s.ts, content(m)...)
	return err
}

// end says in the message how the count ended, if there is one.
func (s *counting) end(ctx context.Context, err error) {
	if s.ts == "" {
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
	s.draw(ctx, view.Counting(card))
}

// uncount handles "uncount", and the button of a count at work.
func (b *Bot) uncount(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Count.Cancel(ctx, c.act(), c.incident)
}
