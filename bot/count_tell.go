package bot

import (
	"context"
	"fmt"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback/count"
)

// prepareCounted posts what a named or typed count found: in the thread of the
// state table, which counts belong to, or in the channel while there is none.
func (b *Bot) prepareCounted(ctx context.Context, t task) (send, error, error) {
	var fact count.Counted
	if err := t.entry.Into(&fact); err != nil {
		return nil, nil, err
	}
	n, found, err := b.o.Count.Counting(ctx, t.Incident, int(fact.Number))
	if err != nil {
		return nil, nil, err
	}
	if !found {
		return nil, nil, fmt.Errorf("count %d of %s is not stored", fact.Number, t.Incident)
	}
	if why, err := b.tooEarly(ctx, t); why != nil || err != nil {
		return nil, why, err
	}
	card := countedCard(n)
	card.Incident = t.Incident
	m := view.Keyed(t.inc, view.Counted(card))
	p, err := b.countedPlace(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	return b.posting(t, p, m), nil, nil
}

func (b *Bot) countedPlace(ctx context.Context, t task) (place, error) {
	p := place{channel: t.inc.Channel}
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "table")
	if err == nil && there && head.Channel == p.channel {
		p.thread = head.TS
	}
	return p, err
}

// findCounted looks where it would be posted now, and in the channel: the state
// table may have come since.
func (b *Bot) findCounted(ctx context.Context, t task) (sent, bool, error) {
	p, err := b.countedPlace(ctx, t)
	if err != nil {
		return sent{}, false, err
	}
	where, found, err := b.marked(ctx, t, p)
	if err == nil && !found && p.thread != "" {
		return b.marked(ctx, t, place{channel: p.channel})
	}
	return where, found, err
}

var errUnsureMember = refusal.Unavailable("Slack did not confirm that you are in the group, so nothing was counted. Try again in a minute.").Coded("slack-unsure")

// Member says, as of now, whether somebody is in a user group of Slack. It
// remembers nothing. When Slack does not say, nobody is, and that is a refusal.
func (b *Bot) Member(ctx context.Context, group string, p incidents.Person) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	us, err := b.me(ctx)
	if err == nil {
		var members []string
		if members, err = b.slack.read.GetUserGroupMembersContext(ctx, group); err == nil {
			for _, id := range members {
				if b.listed(ctx, id, us) == p {
					return true, nil
				}
			}
			return false, nil
		}
	}
	b.log.WarnContext(ctx, "ask Slack who is in the group", "err", err)
	return false, errUnsureMember
}
