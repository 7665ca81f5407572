package rollback

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"snafu/incidents"
)

var errIllegal = errors.New("this state has no such move")

// book is what a walk knows about the people of one plan, from what it saw them
// do and not from the plan.
type book struct {
	asked    Spec
	authors  []incidents.Person
	involved []incidents.Person
	given    []given
	begun    map[Digest]int
	proposed time.Time
}

// given is one approval that was accepted, of what that person had read.
type given struct {
	by      incidents.Person
	read    Digest
	content revision
	typed   int64
	at      time.Time
	taken   bool // back
}

func newBook(s Spec) book {
	return book{asked: s, authors: []incidents.Person{s.Author}, begun: map[Digest]int{}}
}

// may says that a person took no part in the plan.
func (b book) may(by incidents.Person) bool {
	if slices.Contains(b.involved, by) {
		return false
	}
	if by == b.asked.Requester {
		return b.asked.RequesterCounts
	}
	return !slices.Contains(b.authors, by)
}

// breaks notes the first promise that did not hold.
func (w *walk) breaks(promise string) {
	if w.broken == "" {
		w.broken = promise
	}
}

func (w *walk) holds(promise string, ok bool) {
	if !ok {
		w.breaks(promise)
	}
}

// The promises.
const (
	takesNoPart  = "nobody who took part is a voice"
	readsIt      = "an approval is of exactly what was read"
	freshCounts  = "an approval is of fresh counts"
	readsLong    = "an approval is given after reading"
	onePerson    = "one person is one voice, once"
	typesIt      = "who approves has typed the number"
	twoVoices    = "no start without two valid approvals of exactly that"
	inTime       = "a start is in time"
	startsOnce   = "a plan is started once"
	goesOnBacked = "a run goes on with approvals that stand"
	movesByTable = "a plan moves only as the table of states says"
	tamperProof  = "rows that were changed start nothing"
	survives     = "a plan survives a restart as it was"
	addsUp       = "changed, conflicts, missing, deferred and pending are what was approved"
	writesOnce   = "a record is written once"
	leavesAlone  = "nothing is written over what somebody decided"
	endsTruly    = "a run is done only when everything is"
	undoesIt     = "an undo takes exactly what was written"
)

// mayBecome is the table of states: ended states are not in it.
var mayBecome = map[StateName][]StateName{
	NameDraft:      {NameDraft, NameFrozen, NameWithdrawn},
	NameFrozen:     {NameProposed, NameSuperseded, NameWithdrawn, NameExpired},
	NameProposed:   {NameProposed, NameApproved, NameRejected, NameSuperseded, NameWithdrawn, NameExpired},
	NameApproved:   {NameProposed, NameRunning, NameRejected, NameSuperseded, NameWithdrawn, NameExpired},
	NameRunning:    {NamePaused, NameSuperseded, NameAborted, NameDone, NamePartial, NameFailed},
	NamePaused:     {NameRunning, NameAborted},
	NameSuperseded: {NameDraft}, // of the next revision
}

func (w *walk) passes(from, to State) {
	next := to.Spec().Plan != from.Spec().Plan
	if next {
		w.holds(movesByTable, !from.Name().Open() && to.Name() == NameDraft)
		return
	}
	w.holds(movesByTable, slices.Contains(mayBecome[from.Name()], to.Name()))
	if from.Name() == NameSuperseded {
		w.holds(movesByTable, to.Spec().Revision == from.Spec().Revision+1)
	}
	if to.Name() == NameProposed && from.Name() == NameFrozen {
		w.proposed = w.at
	}
}

// revised is a new revision: nobody's yes is carried over to it. Who is involved
// stands in rows of its own, which each decision reads.
func (w *walk) revised() {
	d, ok := w.state.(Draft)
	if !ok {
		return
	}
	w.holds(readsIt, len(d.approvals) == 0)
	d.involved = slices.Clone(w.involved)
	w.state = d
}

func (w *walk) gave(p Proposed, c Click, at time.Time, seen State) {
	w.holds(takesNoPart, w.may(c.By))
	w.holds(readsIt, c.Read == p.digest && sameContent(of(seen), p.revision))
	w.holds(freshCounts, !at.After(p.freeze.At.Add(w.asked.Limits.FreezeExpires)))
	w.holds(readsLong, !at.Before(w.proposed.Add(MinRead)) && !at.After(c.Opened.Add(MaxOpened)))
	w.holds(typesIt, c.Typed == p.freeze.Writes)
	for _, g := range w.given {
		w.holds(onePerson, g.read != c.Read || g.by != c.By)
	}
	w.given = append(w.given, given{by: c.By, read: c.Read, content: of(seen), typed: c.Typed, at: at})
}

func (w *walk) took(by incidents.Person) {
	for i := range w.given {
		if w.given[i].by == by {
			w.given[i].taken = true
		}
	}
}

// voices are the people who approve a content at an instant.
func (w *walk) voices(r revision, at time.Time) (out []incidents.Person) {
	for _, g := range w.given {
		if g.taken || g.read != r.digest || g.typed != r.freeze.Writes || at.After(g.at.Add(w.asked.Limits.ApprovalExpires)) ||
			!w.may(g.by) || slices.Contains(out, g.by) || !sameContent(g.content, r) {
			continue
		}
		out = append(out, g.by)
	}
	slices.Sort(out)
	return out
}

func (w *walk) started(r Running) {
	voices := w.voices(r.revision, w.at)
	w.holds(twoVoices, int64(len(voices)) >= max(w.asked.Needs, 2) && slices.Equal(voices, r.claim.Voices))
	last := time.Time{}
	for _, g := range w.given { // in the order in which they were given
		if g.read == r.digest && !g.taken {
			last = g.at
		}
	}
	w.holds(inTime, w.at.Before(last.Add(w.asked.Limits.StartWithin)))
	w.begun[r.digest]++
	w.holds(startsOnce, w.begun[r.digest] == 1)
	w.take()
}

func (w *walk) resumed(r Running) {
	w.holds(goesOnBacked, int64(len(w.voices(r.revision, w.at))) >= max(w.asked.Needs, 2) && w.begun[r.digest] == 1)
}

// of is what all states share.
func of(s State) revision {
	switch s := s.(type) {
	case Draft:
		return s.revision
	case Frozen:
		return s.revision
	case Proposed:
		return s.revision
	case Approved:
		return s.revision
	case Running:
		return s.revision
	case Paused:
		return s.revision
	case Ended:
		return s.revision
	}
	panic(fmt.Sprintf("no such state: %T", s))
}

// sameContent compares what two revisions say, without asking their digests.
func sameContent(a, b revision) bool {
	return a.spec.Revision == b.spec.Revision && a.freeze.RowsDigest == b.freeze.RowsDigest &&
		reflect.DeepEqual(a.spec, b.spec) && reflect.DeepEqual(a.freeze, b.freeze)
}

// save is the rows of a plan.
func save(s State, involved []incidents.Person) Saved {
	r := of(s)
	out := Saved{
		Spec: r.spec, State: s.Name(), Canonical: r.canonical, Digest: r.digest, Proposed: r.proposed,
		Approvals: slices.Clone(r.approvals), Withdrew: r.withdrew, Involved: slices.Clone(involved),
	}
	if s.Name() != NameDraft {
		f := r.freeze
		out.Freeze = &f
	}
	if s.Name().Live() {
		c := r.claim
		out.Claim = &c
	}
	return out
}

func (w *walk) same(was, is State) {
	a, b := of(was), of(is)
	w.holds(survives, was.Name() == is.Name() && slices.Equal(a.approvals, b.approvals) && slices.Equal(a.withdrew, b.withdrew) && a.digest == b.digest &&
		slices.Equal(a.claim.Voices, b.claim.Voices) && sameContent(a, b))
}

// tampered changes rows behind the back of the plan. What comes of them may not
// start or write anything.
func (w *walk) tampered(s Saved) {
	powerful := []StateName{NameApproved, NameRunning, NamePaused}
	switch w.rnd.IntN(8) {
	case 0:
		s.State = powerful[w.rnd.IntN(3)]
	case 1:
		s.Approvals = append(s.Approvals, Approval{By: w.asked.Requester, Typed: w.writes(), At: w.at})
	case 2:
		s.Approvals = append(s.Approvals, s.Approvals...)
	case 3:
		s.Spec.Needs = 1
	case 4:
		s.Digest[3] ^= 1
	case 5:
		s.Spec.Decisions = slices.Clone(s.Spec.Decisions)
		s.Spec.Decisions[0].Desired = One("Customer")
	case 6:
		if s.Freeze != nil {
			s.Freeze.RowsDigest[0] ^= 1
		}
	case 7:
		s.Approvals = append(s.Approvals, Approval{By: w.authors[w.rnd.IntN(len(w.authors))], Typed: w.writes(), At: w.at})
	}
	if s.Claim == nil && s.State.Live() {
		s.Claim = &Claim{By: w.asked.Requester, At: w.at}
		for _, a := range s.Approvals {
			s.Claim.Voices = append(s.Claim.Voices, a.By)
		}
		slices.Sort(s.Claim.Voices)
	}
	loaded, err := w.rules.load(s)
	if err != nil || !slices.Contains(powerful, loaded.Name()) {
		return
	}
	when := of(loaded).claim.At
	if when.IsZero() {
		when = of(loaded).approvals[len(of(loaded).approvals)-1].At
	}
	w.holds(tamperProof, int64(len(w.voices(of(loaded), when))) >= max(w.asked.Needs, 2))
}
