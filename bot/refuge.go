package bot

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// ChannelRefused says that Slack makes no channel for an incident, and where it
// goes on.
type ChannelRefused struct {
	Incident incidents.ID
	Reason   string // Slack's word
	Home     string // as people say it
}

// Kind names the fact.
func (ChannelRefused) Kind() string { return "channel-refused/1" }

func channelRefused(f ChannelRefused) incidents.Words {
	return incidents.Sentence("Slack does not let me create channels (" + f.Reason + "). " + f.Incident.String() + " is open and goes on in " + f.Home +
		". A workspace admin can allow it.")
}

// withoutChannel lets an incident go on in the central channel, or between us
// and its lead where there is none, when Slack makes no channel for it.
func (b *Bot) withoutChannel(ctx context.Context, t task, reason string) error {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return err
	}
	said := "the central channel"
	if name := strings.TrimPrefix(b.o.Announce, "#"); name != "" && !isChannelID(name) {
		said = "#" + name
	}
	home, err := b.announceID(ctx)
	if err != nil || t.inc.Private {
		if home, err = b.dm(ctx, t.inc.Lead.User()); err != nil {
			return err
		}
		said = "this conversation"
	}
	if t.inThread { // a light one that was to get its channel stays where it is
		home, said = t.inc.Channel, "this thread"
	}
	// The place comes first: what is told from now on is told there.
	if err := savePosted(ctx, b.o.DB, t.Incident, "refuge", posted{Channel: home, TS: mark(t), Drawn: []byte{}, DrawnAt: at}); err != nil {
		return err
	}
	act := journal.Act{By: incidents.System("bot"), Key: "refuge:" + t.Incident.String()}
	err = b.o.DB.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, b.o.DB, act, t.Incident)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, t.Incident, act, at, ChannelRefused{Incident: t.Incident, Reason: reason, Home: said})
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

func mark(t task) string {
	if t.inThread {
		return inThreadMark
	}
	return ""
}

// refuge is where an incident without a channel goes on; "" while it waits for
// its own.
func (b *Bot) refuge(ctx context.Context, id incidents.ID) (string, error) {
	p, _, err := findPosted(ctx, b.o.DB, id, "refuge")
	return p.Channel, err
}
