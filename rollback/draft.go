package rollback

import (
	"fmt"
	"slices"
	"time"

	"snafu/incidents"
)

// NewDraft begins a revision. It refuses a scope without a run (window-only),
// a pair decided twice (overlap) and more cohorts or columns than a plan holds.
func NewDraft(s Spec) (Draft, error) {
	s.Decisions = slices.Clone(s.Decisions)
	s.Authors = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(s.Authors), s.Author))))
	if err := s.check(); err != nil {
		return Draft{}, err
	}
	return Draft{revision{spec: s}}, nil
}

// Edit is a change of a plan by a person, who becomes one of its authors.
type Edit struct {
	By        incidents.Person
	Scope     Scope
	Decisions []Decision
	Effects   Effects
	Accepted  []string  // as Spec has it
	Evidence  *Evidence // nil leaves it as it is
}

// Edit changes the draft in place; the editor becomes an author.
func (d Draft) Edit(e Edit) (Draft, error) { return d.spec.changed(e, d.spec.Revision) }

// Freeze takes what the source fixed for this draft and seals it under a
// digest. It refuses more records than the source allows (too-many), and fails
// when the counts of the freeze do not add up.
func (d Draft) Freeze(f Freeze) (Frozen, error) {
	if limit := d.spec.Limits.MaxRows; f.Rows > limit {
		return Frozen{}, RefuseTooMany(d.spec.Ref, f.Rows, limit)
	}
	if err := d.spec.BreakGlass.allows(d.spec.Ref, f); err != nil {
		return Frozen{}, err
	}
	classes := f.Classes()
	switch {
	case classes.Total() != f.Rows:
		return Frozen{}, fmt.Errorf("freeze of %s: %d records, classes sum to %d", d.spec.Is(), f.Rows, classes.Total())
	case classes.Write != f.Writes:
		return Frozen{}, fmt.Errorf("freeze of %s: %d writes, classes hold %d", d.spec.Is(), f.Writes, classes.Write)
	case f.Export.Rows != f.Rows:
		return Frozen{}, fmt.Errorf("freeze of %s: %d records, the export holds %d", d.spec.Is(), f.Rows, f.Export.Rows)
	case f.RowsDigest.IsZero():
		return Frozen{}, fmt.Errorf("freeze of %s: no rows digest", d.spec.Is())
	}
	if err := d.spec.Meant(f); err != nil {
		return Frozen{}, err
	}
	r := d.revision
	f.At = f.At.UTC().Truncate(time.Microsecond)
	r.freeze = f
	canonical, err := Canonical(r.spec, f)
	if err != nil {
		return Frozen{}, err
	}
	r.canonical, r.digest = canonical, digestOf(canonical)
	return Frozen{frozenPart{r}}, nil
}

// Withdraw ends the draft by an author or the lead.
func (d Draft) Withdraw(why string) Ended { return d.end(NameWithdrawn, why) }

// next is the draft of the next revision of a plan.
func (r revision) next(e Edit) (Draft, error) { return r.spec.changed(e, r.spec.Revision+1) }

func (s Spec) changed(e Edit, revision int64) (Draft, error) {
	s.Revision, s.Author = revision, e.By
	s.Scope, s.Decisions, s.Effects, s.Accepted = e.Scope, e.Decisions, e.Effects, e.Accepted
	if e.Evidence != nil {
		s.Evidence = e.Evidence
	}
	return NewDraft(s)
}

// again is the draft that follows a drift: the same words, to be frozen anew.
func (r revision) again() Draft {
	s := r.spec
	s.Revision++
	return Draft{revision{spec: s}}
}

// Propose asks for approvals. It refuses a plan with nothing to write
// (nothing), with undecided records (undecided) and with triggers or syncs that
// it would set off unless somebody has chosen what to do about them (side-effect).
func (f Frozen) Propose(at time.Time) (Proposed, error) {
	if f.spec.Instead != nil {
		return Proposed{}, RefuseListed(f.spec)
	}
	classes := f.freeze.Classes()
	if classes.Undecided > 0 {
		return Proposed{}, RefuseUndecided(classes.Undecided, f.spec.Unit)
	}
	if f.freeze.Writes == 0 {
		if n := f.freeze.guesses(); n > 0 {
			return Proposed{}, RefuseGuess(n)
		}
		return Proposed{}, RefuseNothing(classes)
	}
	if err := f.proposable(); err != nil {
		return Proposed{}, err
	}
	if err := f.spec.chosen(f.freeze.Inventory); err != nil {
		return Proposed{}, err
	}
	if at.After(f.Expires()) {
		return Proposed{}, RefuseExpired(f.spec.Ref, f.freeze.At, f.spec.Limits.FreezeExpires)
	}
	r := f.revision
	r.proposed = at
	return Proposed{frozenPart{r}}, nil
}

// Edit replaces the revision by a draft of the next one.
func (f Frozen) Edit(e Edit) (Ended, Draft, error) { return f.replace(e) }

// Withdraw ends the revision by an author or the lead.
func (f Frozen) Withdraw(why string) Ended { return f.end(NameWithdrawn, why) }

// Expire ends the revision when its counts are too old.
func (f Frozen) Expire() Ended { return f.end(NameExpired, "the counts are too old") }

// Drift replaces the revision because the world moved.
func (f Frozen) Drift(why string) (Ended, Draft) { return f.end(NameSuperseded, why), f.again() }

func (r frozenPart) replace(e Edit) (Ended, Draft, error) {
	d, err := r.next(e)
	if err != nil {
		return Ended{}, Draft{}, err
	}
	return r.end(NameSuperseded, "edited"), d, nil
}
