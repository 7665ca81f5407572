package rollback

import (
	"math/rand/v2"
	"slices"

	"snafu/incidents"
)

// Told is one record of a spot check: what evidence says that it was, for
// somebody who finds out by hand.
type Told struct {
	Key     string // masked where the key is personal
	Error   Values
	Desired Values
	Other   Values // what a second evidence says, where it says something else
	Says    string // why, in the evidence's words
	Group   string
}

// SpotOrds are the records that a spot check compares: chosen by the digest of
// the revision, so that nobody can choose them.
func (d Digest) SpotOrds(writes int64) (ords []int64) {
	dice := rand.New(rand.NewChaCha8(d)) //nolint:gosec // a choice that can be made again, not a secret
	for int64(len(ords)) < min(SpotSize, writes) {
		if ord := dice.Int64N(writes) + 1; !slices.Contains(ords, ord) {
			ords = append(ords, ord)
		}
	}
	slices.Sort(ords)
	return ords
}

// ToCompare is how many records of the plan somebody has to compare by hand
// before anybody is asked for an approval; 0 where that is done, or not demanded.
func (v PlanView) ToCompare() int64 {
	if v.Frozen == nil || v.State != NameFrozen {
		return 0
	}
	return v.Spec.toCompare(*v.Frozen)
}

func (s Spec) toCompare(f Freeze) int64 {
	e := s.Evidence
	if e == nil || f.Evidence == nil || e.From != FromQuery || e.Spot != nil && e.Spot.Of == f.Evidence.SHA256 {
		return 0
	}
	return min(SpotSize, f.Writes)
}

// Compares refuses who may not compare a plan's records by hand: who wrote the
// file, and who asked for the plan or wrote a revision of it (own-evidence).
func (s Spec) Compares(by incidents.Person) error {
	switch {
	case s.Evidence != nil && by == s.Evidence.Author:
		return RefuseOwnEvidence(s.Ref, "You wrote the file of "+s.Evidence.Name)
	case by == s.Requester:
		return RefuseOwnEvidence(s.Ref, "You asked for "+string(s.Ref))
	case slices.Contains(s.Authors, by):
		return RefuseOwnEvidence(s.Ref, "You wrote a revision of "+string(s.Ref))
	}
	return nil
}

// Compared takes into the plan what somebody found who has compared its records
// by hand. The revision is replaced by one that says so; who compared becomes no
// author of it.
//
// It refuses who may not compare (own-evidence), a plan that demands no
// comparison or has one (spot-done), and more differences than records (typed).
func (f Frozen) Compared(s Spot) (Ended, Draft, error) {
	if err := f.spec.Compares(s.By); err != nil {
		return Ended{}, Draft{}, err
	}
	all := f.spec.toCompare(f.freeze)
	if all == 0 {
		return Ended{}, Draft{}, RefuseSpotDone(f.spec.Ref, f.spec.Evidence)
	}
	if s.Differ < 0 || s.Differ > all {
		return Ended{}, Draft{}, RefuseSpotNumber(all)
	}
	s.Records, s.Of = all, f.freeze.Evidence.SHA256
	next := f.spec
	e := *next.Evidence
	e.Spot = &s
	next.Evidence = &e
	next.Revision++
	d, err := NewDraft(next)
	if err != nil {
		return Ended{}, Draft{}, err
	}
	return f.end(NameSuperseded, "compared by hand"), d, nil
}

// proposable holds a frozen plan to what its evidence demands. It refuses one of
// whose records a second evidence says something else while nobody has decided
// which counts (disagree), one that nobody has compared (spot-check), and one that
// was compared and differs.
func (f Frozen) proposable() error {
	if n := f.spec.disagreeing(f.freeze); n > 0 {
		return RefuseDisagree(f.spec.Ref, n, f.spec.Evidence.Name, f.spec.Evidence.Beside.Name)
	}
	if n := f.spec.toCompare(f.freeze); n > 0 {
		return RefuseSpotCheck(f.spec.Ref, n)
	}
	if e := f.spec.Evidence; e != nil && e.From == FromQuery && e.Spot != nil && e.Spot.Differ > 0 {
		return RefuseSpotDiffers(f.spec.Ref, e.Spot.Differ, e.Spot.Records)
	}
	return nil
}
