package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// messageEdited is how Slack calls it that somebody edited a message.
const messageEdited = "message_changed"

// Edited is the job of one message that was edited and may be on a timeline.
type Edited struct {
	Event   string `json:"event"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// Kind is the stored name of the job.
func (Edited) Kind() string { return "edited" }

// Queue keeps it beside what is told, behind nothing that people wait for.
func (Edited) Queue() string { return jobs.Tell }

// messageChanged hears that somebody edited a message in a channel that we are in.
// It is kept as a job; without the log database Slack says it again.
func (b *Bot) messageChanged(ctx context.Context, in incoming) answer {
	if in.channel == "" || in.message == "" {
		return answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, inboxBudget)
	defer cancel()
	err := b.inbox.db.InTx(ctx, func(tx pgx.Tx) error {
		return jobs.Add(ctx, tx, Edited{Event: in.key, Channel: in.channel, TS: in.message})
	})
	if err != nil {
		b.log.ErrorContext(ctx, "record an edited message", "err", err)
		return answer{silent: true}
	}
	return answer{}
}

// Edited does the job of that name: whoever put the message on the timeline is
// asked whether its new words are to stand there. Slack is asked what it says now,
// because events come late, twice and in any order.
func (b *Bot) Edited(ctx context.Context, job jobs.Job[Edited]) error {
	id, err := b.o.Response.ByChannel(ctx, job.Args.Channel)
	if _, refused := refusal.As(err); refused {
		return nil // a channel of no incident
	}
	if err != nil {
		return err
	}
	notes, err := b.o.Response.Timeline(ctx, id)
	if err != nil {
		return err
	}
	note, pinned := notes.PinOf(job.Args.Channel, job.Args.TS)
	by, person := note.By.Person()
	if !pinned || !person {
		return nil
	}
	text, edited, err := b.edition(ctx, note)
	if err != nil || !edited {
		return err
	}
	err = b.ephemeral(ctx, note.Channel, "", by.User(), view.EditionOffer(id, note, text, marked(text)))
	switch f, wait := fateOf(err); f {
	case fateDone:
		return nil
	case fateWait, fateMend:
		return jobs.Snooze(max(wait, unknownPause))
	}
	b.log.WarnContext(ctx, "offer an edited message to who pinned it", "incident", id, "err", err) // they left, or it may be shown
	return nil
}

// edition is what a pinned message says now, and whether the timeline says
// something else.
func (b *Bot) edition(ctx context.Context, note incidents.TimelineNote) (string, bool, error) {
	m, found, err := b.messageAt(ctx, note.Channel, note.TS)
	if err != nil || !found {
		return "", false, err
	}
	text, edited := note.Edited(b.spelled(ctx, m.Text))
	return text, edited, nil
}

// marked tells one text from the next in a button.
func marked(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// keepEdition lets the words that somebody has read supersede what a timeline
// says. It refuses with Conflict a message that was edited once more since.
func (b *Bot) keepEdition(ctx context.Context, c command) error {
	notes, err := b.o.Response.Timeline(ctx, c.incident)
	if err != nil {
		return err
	}
	note, err := notes.Find(c.stamp.Sheet)
	if err != nil {
		return err
	}
	text, edited, err := b.edition(ctx, note)
	if err != nil {
		return err
	}
	if !edited || marked(text) != c.stamp.Choice {
		return refusal.Conflict("That message says something else by now, or the timeline says it already. To put #%d right: /snafu timeline correct %d TEXT.", note.Entry, note.Entry).Coded("stale")
	}
	return b.o.Response.Correct(ctx, c.act(), c.incident, note.Entry, text, time.Time{})
}
