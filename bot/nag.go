package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// A nag is a direct message that asks somebody for what only they and a few
// others can give. Of each plan one person has at most one: a new one replaces
// the one before, and what is no longer wanted says so.

// wanted says whether a plan still wants something of somebody.
func wanted(v rollback.PlanView, who incidents.Person) bool {
	if v.State == rollback.NameProposed {
		return slices.Contains(v.Can, who)
	}
	return v.GlassOpen() && !slices.Contains(v.Reviewed, who)
}

// prepareNag writes to somebody of whom an entry wants something.
func (b *Bot) prepareNag(ctx context.Context, t task, what string) (send, error, error) {
	ref, who := planOf(t.entry), incidents.Person(strings.TrimPrefix(what, ":"))
	v, err := b.planOf(ctx, t.Incident, rollback.Ref(ref))
	if err != nil {
		return nil, nil, err
	}
	urgent := t.entry.Kind == approval.GlassBroken{}.Kind() || t.inc.Severity == incidents.SEV1
	if !wanted(v, who) || !urgent && b.resting(ctx, who) {
		return nil, errUnchanged, nil
	}
	c, err := b.planCard(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	m := badged(t.inc, view.Nag(c, t.inc.Title))
	if t.inc.Private {
		m = badged(t.inc, view.NeedsReview(t.inc, c))
	}
	return b.replacing(t, "nag:"+ref+":"+string(who), who, m), nil, nil
}

// replacing writes to somebody alone, and takes back what it wrote of the same
// before: who looks finds one message, where the newest is.
func (b *Bot) replacing(t task, kind string, who incidents.Person, m view.Message) send {
	return func(ctx context.Context) (sent, error) {
		old, there, err := findPosted(ctx, b.o.DB, t.Incident, kind)
		if err != nil {
			return sent{}, err
		}
		if err := b.letIn(ctx, t.inc, who); err != nil {
			return sent{}, err
		}
		where, err := b.directing(who, m)(ctx)
		if err != nil {
			return where, err
		}
		if there {
			if _, _, err := b.slack.write.DeleteMessageContext(ctx, old.Channel, old.TS); err != nil {
				b.log.WarnContext(ctx, "take a nag back that was replaced", "incident", t.Incident, "err", err)
			}
		}
		return where, b.keepDrawn(ctx, t, kind, where, m)
	}
}

// resting says whether somebody is left alone now. Who cannot be asked about is.
func (b *Bot) resting(ctx context.Context, who incidents.Person) bool {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return true
	}
	rests, err := b.o.Response.Rests(ctx, who, at)
	return rests || err != nil
}

// Zone is where somebody lives. One whose zone Slack does not tell is taken to
// live in UTC.
func (b *Bot) Zone(ctx context.Context, who incidents.Person) *time.Location {
	u, err := b.who(ctx, who.User())
	if err != nil || u.TZ == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(u.TZ)
	if err != nil {
		return time.UTC
	}
	return zone
}

// nag is one of those messages as it stands.
type nag struct {
	Kind    string
	Channel string
	TS      string
	Drawn   []byte
}

const selectNags = `
	select kind, channel, ts, drawn
	  from messages
	 where incident = $1 and starts_with(kind, $2)
	 order by kind`

func nagsOf(ctx context.Context, db *pgdb.DB, id incidents.ID, begin string) ([]nag, error) {
	rows, err := db.Pool().Query(ctx, selectNags, int64(id), begin)
	if err != nil {
		return nil, fmt.Errorf("read nags: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[nag])
	if err != nil {
		return nil, fmt.Errorf("read nags: %w", err)
	}
	return all, nil
}

// prepareUnnag tells those of whom nothing is wanted any more.
func (b *Bot) prepareUnnag(ctx context.Context, t task, ref string) (send, error, error) {
	all, err := nagsOf(ctx, b.o.DB, t.Incident, "nag:"+ref+":")
	if err != nil || len(all) == 0 {
		return nil, errUnchanged, err
	}
	v, err := b.planOf(ctx, t.Incident, rollback.Ref(ref))
	if err != nil {
		return nil, nil, err
	}
	m := view.NagOver(v.Spec.Incident, v.Spec.Ref)
	drawn, err := drawing(m)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(n nag) bool {
		who := incidents.Person(strings.TrimPrefix(n.Kind, "nag:"+ref+":"))
		return string(n.Drawn) == string(drawn) || wanted(v, who)
	})
	if len(all) == 0 {
		return nil, errUnchanged, nil
	}
	return func(ctx context.Context) (sent, error) {
		for _, n := range all {
			_, _, _, err := b.slack.write.UpdateMessageContext(ctx, n.Channel, n.TS, content(m)...)
			if f, _ := fateOf(err); err != nil && f != fateGone {
				return sent{}, err
			}
			if err := b.keepDrawn(ctx, t, n.Kind, sent{n.Channel, n.TS}, m); err != nil {
				return sent{}, err
			}
		}
		return sent{}, nil
	}, nil, nil
}
