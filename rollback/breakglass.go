package rollback

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// BreakGlass lets the requester of one plan be one of its voices. It is asked
// for with a reason and bounds what the plan may write. Everything else that a
// plan must pass, another person's approval above all, stays as it is.
type BreakGlass struct {
	Why     string `json:"why"`
	MaxRows int64  `json:"max_rows"` // that the plan may write
}

// minGlassWhy is how long a reason must be: a word is none.
const minGlassWhy = 20

// BreakGlassReviews is how many approvers who had no voice look at it later.
const BreakGlassReviews = 2

// check refuses a reason that says nothing (break-glass).
func (b BreakGlass) check() error {
	if utf8.RuneCountInString(strings.TrimSpace(b.Why)) < minGlassWhy {
		return RefuseGlassReason()
	}
	return nil
}

// allows refuses more records than may be written this way (break-glass).
func (b *BreakGlass) allows(ref Ref, f Freeze) error {
	if b != nil && f.Writes > b.MaxRows {
		return RefuseGlassRows(ref, f.Writes, b.MaxRows)
	}
	return nil
}

// RequesterVotes says whether the approval of who asked for the plan counts.
func (s Spec) RequesterVotes() bool { return s.RequesterCounts || s.BreakGlass != nil }

// Break replaces the draft by one of the next revision in which the requester
// is a voice. It refuses a reason that says nothing (break-glass).
func (d Draft) Break(g BreakGlass) (Ended, Draft, error) { return d.broken(g) }

// Break replaces the revision by a draft of the next one, as for a draft.
func (f Frozen) Break(g BreakGlass) (Ended, Draft, error) { return f.brokenAt(g) }

// Break replaces the revision by a draft of the next one, as for a draft. What
// was approved is void.
func (p Proposed) Break(g BreakGlass) (Ended, Draft, error) { return p.brokenAt(g) }

// brokenAt refuses what is known to be too much before it is frozen again.
func (r frozenPart) brokenAt(g BreakGlass) (Ended, Draft, error) {
	if err := g.allows(r.spec.Ref, r.freeze); err != nil {
		return Ended{}, Draft{}, err
	}
	return r.broken(g)
}

func (r revision) broken(g BreakGlass) (Ended, Draft, error) {
	s := r.spec
	s.Revision, s.Author, s.BreakGlass = s.Revision+1, s.Requester, &g
	d, err := NewDraft(s)
	if err != nil {
		return Ended{}, Draft{}, err
	}
	return r.end(NameSuperseded, "break-glass"), d, nil
}

// Broken says whether the plan was started on its requester's own approval.
func (v PlanView) Broken() bool {
	return v.Spec.BreakGlass != nil && v.Claim != nil && slices.Contains(v.Claim.Voices, v.Spec.Requester)
}

// ReviewsMissing is how many others are still to look at such a run.
func (v PlanView) ReviewsMissing() int64 {
	if !v.Broken() {
		return 0
	}
	return max(BreakGlassReviews-int64(len(v.Reviewed)), 0)
}

// GlassOpen says whether somebody is still to look at it.
func (v PlanView) GlassOpen() bool { return v.ReviewsMissing() > 0 }

// Rules are what a source demands of approvals. A revision is held to those
// under which it was drafted.
type Rules struct {
	Needs           int64
	RequesterCounts bool
	InvolvedCounts  bool
}

// Rules are those under which the revision was drafted.
func (s Spec) Rules() Rules {
	return Rules{Needs: s.Needs, RequesterCounts: s.RequesterCounts, InvolvedCounts: s.InvolvedCounts}
}

// Under is the draft under the rules that a source has now.
func (d Draft) Under(r Rules) Draft {
	d.spec.Needs, d.spec.RequesterCounts, d.spec.InvolvedCounts = r.Needs, r.RequesterCounts, r.InvolvedCounts
	return d
}

// Within is the draft within what its source allows of break-glass now: nothing
// where it is off, and no more records than may be written that way.
func (d Draft) Within(enabled bool, most int64) Draft {
	switch g := d.spec.BreakGlass; {
	case g == nil:
	case !enabled:
		d.spec.BreakGlass = nil
	case g.MaxRows > most:
		d.spec.BreakGlass = &BreakGlass{Why: g.Why, MaxRows: most}
	}
	return d
}
