package approval

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// ruled refuses a revision that was drafted under rules which the source no
// longer has (rules), or as break-glass where that is off by now (break-glass).
func (s *step) ruled(spec rollback.Spec) error {
	src, err := s.a.source(s.source)
	if err != nil {
		return err
	}
	if spec.Rules() != src.rules() || spec.BreakGlass != nil && src.BreakGlass.Enabled && spec.BreakGlass.MaxRows > src.BreakGlass.MaxRows {
		return rollback.RefuseRules(s.ref(), src.Name)
	}
	if spec.BreakGlass != nil && !src.BreakGlass.Enabled {
		return rollback.RefuseGlassOff(src.Name, people(src.Admins, s.requester))
	}
	return nil
}

// now is a draft under the rules that the source has now.
func (s Source) now(d rollback.Draft) rollback.Draft {
	return s.requiring(d.Under(s.rules()).Within(s.BreakGlass.Enabled, s.BreakGlass.MaxRows))
}

// requiring is a draft under what its table requires of a record now.
func (s Source) requiring(d rollback.Draft) rollback.Draft {
	i := slices.IndexFunc(s.Tables, func(t rollback.Table) bool { return t.Name == d.Spec().Scope.Table })
	if i < 0 {
		return d
	}
	return d.Requiring(s.Tables[i].Require)
}

const readRules = `select rules, at from source_rules where source = $1`

const storeRules = `
	insert into source_rules (source, rules, at)
	values ($1, $2, $3)
	on conflict (source) do update
	set rules = excluded.rules, at = excluded.at`

const findWaiting = `
	select p.id
	  from plans p
	  join revisions r on r.plan = p.id and r.number = p.newest
	 where p.source = $1 and r.state in ('proposed', 'approved')
	 order by p.id`

// HoldRules compares the rules of each source with those under which somebody
// last started, and voids what was proposed or approved under others: whoever
// approved did so as one of other people, or of a larger number. It is called
// once, before anything is decided; a second call changes nothing.
func (a *Approval) HoldRules(ctx context.Context) error {
	for _, src := range a.sources {
		if err := a.holdRules(ctx, src); err != nil {
			return fmt.Errorf("hold the approval rules of %s: %w", src.Name, err)
		}
	}
	return nil
}

func (a *Approval) holdRules(ctx context.Context, src Source) error {
	now := src.changed()
	body, err := incidents.Encode(now)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	var was []byte
	var since time.Time
	err = a.db.Pool().QueryRow(ctx, readRules, src.Name).Scan(&was, &since)
	first := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !first {
		return fmt.Errorf("read rules: %w", err)
	}
	if bytes.Equal(was, sum[:]) {
		return nil
	}
	if !first {
		if err := a.voidAll(ctx, src, fmt.Sprintf("rules:%d:%x", since.UnixMicro(), sum[:6])); err != nil {
			return err
		}
	}
	return a.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := a.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, storeRules, src.Name, sum[:], at); err != nil {
			return fmt.Errorf("store rules: %w", err)
		}
		if first {
			return nil
		}
		act := journal.Act{By: incidents.System("approval"), Key: fmt.Sprintf("rules:%s:%x:%d", src.Name, sum[:6], at.UnixMicro())}
		return journal.Append(ctx, tx, journal.House, act, at, now)
	})
}

// voidAll sends what waits for approvals of a source, or has them, back to draft.
func (a *Approval) voidAll(ctx context.Context, src Source, key string) error {
	rows, err := a.db.Pool().Query(ctx, findWaiting, src.Name)
	if err != nil {
		return fmt.Errorf("list plans: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[rollback.ID])
	if err != nil {
		return fmt.Errorf("list plans: %w", err)
	}
	for _, id := range waiting {
		act := journal.Act{By: incidents.System("approval"), Key: fmt.Sprintf("%s:%d", key, id)}
		err := a.decide(ctx, act, id, nil, func(s *step) error {
			state, err := s.state()
			if err != nil {
				return err
			}
			d, ok := state.(movable)
			if !ok || s.stateName().Live() {
				return nil
			}
			return s.supersede(ctx, d, "rules", "who may approve on "+src.Name+" has changed")
		})
		if err != nil && !errors.Is(err, journal.ErrAlready) {
			return err
		}
	}
	return nil
}

// changed is what the rules are, for the log.
func (s Source) changed() RulesChanged {
	users := slices.Clone(s.Users)
	slices.Sort(users)
	r := RulesChanged{
		Source: s.Name, Users: slices.Compact(users), Usergroup: s.Usergroup, Needed: s.Needed,
		RequesterCounts: s.RequesterCounts, InvolvedCounts: s.InvolvedCounts,
	}
	if s.BreakGlass.Enabled {
		r.GlassRows = s.BreakGlass.MaxRows
	}
	return r
}
