package rollback

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"snafu/incidents"
)

// Beside is a second evidence of the same records. Where the two disagree,
// nothing is written before somebody has decided which counts.
type Beside struct {
	Name   string           `json:"name"`
	SHA256 string           `json:"sha256"`           // of its file, in hex
	Source string           `json:"source,omitempty"` // that it is asked in, where it is not the plan's
	Copy   Target           `json:"copy,omitzero"`    // who that says it is
	Rule   string           `json:"rule,omitempty"`
	Take   string           `json:"take,omitempty"` // the name of the one that counts, or TakeNeither; empty while nobody has decided
	By     incidents.Person `json:"by,omitempty"`
	At     time.Time        `json:"at,omitzero"`
	Why    string           `json:"why,omitempty"`
}

// TakeNeither leaves the records alone of which two evidences say different
// things.
const TakeNeither = "neither"

// Weigh lays a second evidence beside the first. Both come in the order of
// their keys. A record of which both know one value each, and not the same, has
// two candidates unless somebody has decided; what the other says stands in its
// Initial. Whatever else the second says or does not say changes nothing.
func (b Beside) Weigh(first, second iter.Seq2[Staged, error]) iter.Seq2[Staged, error] {
	return func(yield func(Staged, error) bool) {
		next, stop := iter.Pull2(second)
		defer stop()
		other, err, more := next()
		for one, wrong := range first {
			for wrong == nil && more && err == nil && slices.Compare(other.Key, one.Key) < 0 {
				was := other.Key
				if other, err, more = next(); more && err == nil && slices.Compare(other.Key, was) <= 0 {
					err = RefuseSaying(b.Name, "names a record twice")
				}
			}
			if wrong == nil && err != nil {
				wrong = err
			}
			if wrong == nil && more && slices.Equal(other.Key, one.Key) {
				one = b.weighed(one, other)
			}
			if !yield(one, wrong) || wrong != nil {
				return
			}
		}
	}
}

// SameFiles refuses evidence that is not what a plan was drafted on: another file,
// or one that is asked elsewhere.
func (e Evidence) SameFiles(now Evidence) error {
	var was, is Beside
	if e.Beside != nil {
		was = *e.Beside
	}
	if now.Beside != nil {
		is = *now.Beside
	}
	switch {
	case e.SHA256 != now.SHA256 || e.Source != now.Source || e.Copy != now.Copy:
		return RefuseEvidenceChanged(e.Name)
	case was.Name != is.Name || was.SHA256 != is.SHA256 || was.Source != is.Source || was.Copy != is.Copy:
		return RefuseEvidenceChanged(cmp.Or(is.Name, was.Name))
	}
	return nil
}

func (b Beside) weighed(one, other Staged) Staged {
	if one.Candidates != 1 || other.Candidates != 1 || one.Desired.Equal(other.Desired) {
		return one
	}
	one.Initial = other.Desired
	one.Evidence += " · " + b.Name + ": " + other.Evidence
	switch b.Take {
	case "", TakeNeither:
		one.Candidates = 2
	case b.Name:
		one.Initial, one.Desired = one.Desired, other.Desired
	}
	return one
}

// Trusted takes into the plan which of two evidences counts where they disagree.
// What was compared by hand before is to be compared again.
//
// It refuses a plan without a second evidence (nothing), a name that is neither
// (no-evidence), and no reason (reason).
func (s Spec) Trusted(take string, by incidents.Person, why string, at time.Time) (Evidence, error) {
	if s.Evidence == nil || s.Evidence.Beside == nil {
		return Evidence{}, RefuseNothingBeside(s.Ref)
	}
	e, b := *s.Evidence, *s.Evidence.Beside
	if take != e.Name && take != b.Name && take != TakeNeither {
		return Evidence{}, RefuseTake(s.Ref, take, e.Name, b.Name)
	}
	b.Take, b.By, b.Why, b.At = take, by, why, at
	e.Beside, e.Spot = &b, nil
	return e, nil
}

// disagreeing is how many records wait for somebody to decide which evidence
// counts.
func (s Spec) disagreeing(f Freeze) int64 {
	if s.Evidence == nil || s.Evidence.Beside == nil || s.Evidence.Beside.Take != "" || f.Evidence == nil {
		return 0
	}
	return f.Evidence.Disagree
}

// Disagreeing is how many records wait for somebody to decide which of two
// evidences counts, before anybody is asked for an approval.
func (v PlanView) Disagreeing() int64 {
	if v.Frozen == nil || v.State != NameFrozen {
		return 0
	}
	return v.Spec.disagreeing(*v.Frozen)
}
