package approval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

const readHolds = `
	select name, held_by, held_at, released_at
	from plan_holds
	where plan = $1
	order by id`

const insertHold = `
	insert into plan_holds (plan, name, held_by, held_at)
	values ($1, $2, $3, $4)`

const releaseHold = `
	update plan_holds
	set released_by = $3, released_at = $4
	where plan = $1 and name = $2 and released_at is null`

// holdRow is what somebody has stopped, as its row says.
type holdRow struct {
	Name       string
	HeldBy     string
	HeldAt     time.Time
	ReleasedAt *time.Time
}

// holds are what owners stop while a plan writes: what its newest revision needs,
// and what still stands still although no revision needs it any more.
func (a *Approval) holds(p *plan, spec rollback.Spec, frozen *rollback.Freeze) []rollback.Held {
	var inv rollback.Inventory
	if frozen != nil {
		inv = frozen.Inventory
	}
	var out []rollback.Held
	for _, name := range spec.ToHold(inv) {
		out = append(out, rollback.Held{Name: name})
	}
	for _, row := range p.holds {
		i := slices.IndexFunc(out, func(h rollback.Held) bool { return h.Name == row.Name })
		if i < 0 {
			if row.ReleasedAt != nil {
				continue
			}
			out = append(out, rollback.Held{Name: row.Name})
			i = len(out) - 1
		}
		out[i].By, out[i].At, out[i].Released = incidents.Person(row.HeldBy), row.HeldAt.UTC(), row.ReleasedAt != nil
	}
	src, err := a.source(p.source)
	for i := range out {
		if err == nil {
			out[i].Owners = people(src.owners(inv, out[i].Name), p.requester)
		}
	}
	return out
}

// owners are who can stop a thing: of a sync whom it names, of a trigger the
// admins of the source.
func (s Source) owners(inv rollback.Inventory, name string) []string {
	sync, isSync := strings.CutPrefix(name, "sync ")
	for _, c := range inv.Copies() {
		if isSync && c.Name == sync && c.Owner != "" {
			return []string{c.Owner}
		}
	}
	return s.Admins
}

// Hold records that its owner has stopped what a plan would set off. An empty
// name means all that who asks looks after. What is recorded already changes
// nothing.
//
// It refuses a plan that holds nothing (nothing) or has ended (state), and who
// does not look after it (not-owner).
func (a *Approval) Hold(ctx context.Context, act journal.Act, id rollback.ID, name string) error {
	return a.eachHold(ctx, act, id, name, func(s *step, v rollback.PlanView, h rollback.Held, by incidents.Person) error {
		if !v.State.Open() {
			return rollback.RefuseState(s.ref(), v.State, "held for", "Plan a new one.")
		}
		if h.Stands() {
			return nil
		}
		if _, err := s.tx.Exec(ctx, insertHold, s.id, h.Name, by, s.at); err != nil {
			return fmt.Errorf("insert hold: %w", err)
		}
		if err := response.Hold(ctx, s.tx, s.incident, holdName(s.ref(), h.Name)); err != nil {
			return err
		}
		return s.say(ctx, HoldConfirmed{Rev: s.fact(), Name: h.Name, By: by})
	})
}

// ReleaseHold records that what was stopped for a plan runs again. An empty name
// means all that who asks looks after.
//
// It refuses while the plan runs (state), and who does not look after it
// (not-owner).
func (a *Approval) ReleaseHold(ctx context.Context, act journal.Act, id rollback.ID, name string) error {
	return a.eachHold(ctx, act, id, name, func(s *step, v rollback.PlanView, h rollback.Held, by incidents.Person) error {
		if v.State.Live() {
			return rollback.RefuseState(s.ref(), v.State, "released", "What it holds may run again when it has ended.")
		}
		if !h.Stands() {
			return nil
		}
		if _, err := s.tx.Exec(ctx, releaseHold, s.id, h.Name, by, s.at); err != nil {
			return fmt.Errorf("release hold: %w", err)
		}
		if err := response.Release(ctx, s.tx, s.incident, holdName(s.ref(), h.Name)); err != nil {
			return err
		}
		return s.say(ctx, HoldReleased{Rev: s.fact(), Name: h.Name, By: by})
	})
}

func (a *Approval) eachHold(ctx context.Context, act journal.Act, id rollback.ID, name string,
	do func(*step, rollback.PlanView, rollback.Held, incidents.Person) error,
) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		v, err := s.view()
		if err != nil {
			return err
		}
		var others *rollback.Held
		mine := 0
		for _, h := range a.holds(s.plan, v.Spec, v.Frozen) {
			if name != "" && !named(h.Name, name) {
				continue
			}
			if !slices.Contains(h.Owners, by) && (len(h.Owners) > 0 || by != s.inc.Lead) {
				others = &h
				continue
			}
			mine++
			if err := do(s, v, h, by); err != nil {
				return err
			}
		}
		switch {
		case mine > 0:
			return nil
		case others != nil:
			return rollback.RefuseNotOwner(*others)
		}
		return refuseNoHold(s.ref(), name)
	})
}

// named says whether somebody meant a thing: "sync map_push" or "map_push". A
// button has no room for a long name and carries how it begins.
func named(full, word string) bool {
	if begins, cut := strings.CutSuffix(word, "…"); cut {
		return strings.HasPrefix(full, begins)
	}
	_, plain, _ := strings.Cut(full, " ")
	return strings.EqualFold(full, word) || strings.EqualFold(plain, word)
}

// holdName is how an incident knows it.
func holdName(ref rollback.Ref, name string) string {
	return string(ref) + incidents.HoldsBetween + name
}

// heldAll refuses (hold) unless all that a plan has to hold stands still.
func (s *step) heldAll(frozen rollback.Freeze) error {
	spec, err := s.spec()
	if err != nil {
		return err
	}
	needed := spec.ToHold(frozen.Inventory)
	for _, h := range s.a.holds(s.plan, spec, &frozen) {
		if slices.Contains(needed, h.Name) && !h.Stands() {
			return rollback.RefuseNotHeld(s.ref(), h)
		}
	}
	return nil
}

// HoldConfirmed says that an owner has stopped what a plan would set off.
type HoldConfirmed struct {
	Rev  Rev
	Name string
	By   incidents.Person
}

// Kind names the fact.
func (HoldConfirmed) Kind() string { return "hold-confirmed/1" }

// HoldReleased says that it runs again.
type HoldReleased struct {
	Rev  Rev
	Name string
	By   incidents.Person
}

// Kind names the fact.
func (HoldReleased) Kind() string { return "hold-released/1" }
