package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// SpotCheck records what somebody found who compared a plan's records by hand
// with what its evidence says of them: how many differ. The plan's next revision
// says so, and is frozen anew; if none differs, it can be proposed.
//
// It refuses who wrote the file or the plan (own-evidence), another revision
// (stale), a plan that is not frozen (state) and one without anything to compare
// (spot-done).
func (a *Approval) SpotCheck(ctx context.Context, act journal.Act, stamp rollback.Stamp, differ int64) error {
	return a.newest(ctx, act, stamp, func(s *step, by incidents.Person, src Source) error {
		state, err := s.state()
		if err != nil {
			return err
		}
		frozen, ok := state.(rollback.Frozen)
		if !ok {
			return rollback.RefuseState(s.ref(), state.Name(), "compared by hand", nextAfter(state.Name(), s.ref()))
		}
		ended, d, err := frozen.Compared(rollback.Spot{By: by, At: s.at, Differ: differ})
		if err != nil {
			return err
		}
		spot := d.Spec().Evidence.Spot
		if err := s.say(ctx, SpotChecked{Rev: s.fact(), By: by, Records: spot.Records, Differ: spot.Differ, Of: spot.Of}); err != nil {
			return err
		}
		return s.instead(ctx, ended, src.now(d), s.authorPart(d.Spec().Author), "spot-check", "compared by hand")
	})
}

// SpotChecked says that somebody has compared records of a plan by hand.
type SpotChecked struct {
	Rev     Rev
	By      incidents.Person
	Records int64
	Differ  int64
	Of      string // SHA-256 of all that the evidence said
}

// Kind names the fact.
func (SpotChecked) Kind() string { return "spot-check/1" }
