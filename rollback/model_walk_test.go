package rollback

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// How long the walk is; the long form has another file. A seed is printed by a
// walk that failed, and repeats it.
var (
	modelSteps = 100_000
	modelSeed  = flag.Uint64("model-seed", 1, "of the random walk over plans; 0 makes one up")
)

// People, a clock that jumps, processes that die and colleagues who go on
// working do what they like to one plan after the other. Whatever they do, the
// promises hold.
func TestAMillionStepsBreakNoPromise(t *testing.T) {
	t.Parallel()
	seed := *modelSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do, if it is printed
	}
	w := newWalk(seed, rightly())
	for step := range modelSteps {
		w.step()
		require.Empty(t, w.broken, "step %d of -model-seed %d", step, seed)
	}
	t.Logf("seed %d: %d plans, %d freezes, %v", seed, w.plans, w.freezes, w.moved)
	for _, name := range StateNames {
		require.NotZero(t, w.moved[name], "the walk never came to %s, seed %d", name, seed)
	}
}

// Each promise is seen to be broken by a variant that breaks it.
func TestTheWalkFindsEachRuleThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong func(*rules)
		finds []string
	}{
		"whoever took part may approve": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				spec, involved := p.spec, p.involved
				p.spec.Requester, p.spec.Authors, p.involved = "", nil, nil
				s, err := p.Approve(c, nil, at)
				switch s := s.(type) {
				case Proposed:
					s.spec, s.involved = spec, involved
					return s, err
				case Approved:
					s.spec, s.involved = spec, involved
					return s, err
				}
				return s, err
			}
		}, []string{takesNoPart}},
		"whatever was on the screen counts": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				c.Read = p.digest
				return p.Approve(c, nil, at)
			}
		}, []string{readsIt}},
		"old counts can be approved": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				taken := p.freeze.At
				p.freeze.At = at
				s, err := p.Approve(c, nil, at)
				switch s := s.(type) {
				case Proposed:
					s.freeze.At = taken
					return s, err
				case Approved:
					s.freeze.At = taken
					return s, err
				}
				return s, err
			}
		}, []string{freshCounts}},
		"a click counts before anybody can have read": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				c.MinRead = time.Nanosecond
				return p.Approve(c, nil, at)
			}
		}, []string{readsLong}},
		"any number can be typed": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				c.Typed = p.Writes()
				return p.Approve(c, nil, at)
			}
		}, []string{typesIt}},
		"one person can approve twice": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				if p.Eligible(c.By, nil) == nil && p.approvedBy(c.By) && c.Read == p.digest && c.Typed == p.Writes() {
					return p.vote(Approval{By: c.By, Typed: c.Typed, At: at}), nil
				}
				return p.Approve(c, nil, at)
			}
		}, []string{onePerson, freshCounts, readsLong}},
		"one voice is enough": {func(r *rules) {
			r.approve = func(p Proposed, c Click, at time.Time) (State, error) {
				s, err := p.Approve(c, nil, at)
				if p, ok := s.(Proposed); ok && err == nil {
					return Approved(p), nil
				}
				return s, err
			}
			r.start = func(a Approved, by incidents.Person, at time.Time) (Running, error) {
				run := Running(a)
				run.claim = Claim{By: by, Voices: a.Voices(at), At: at}
				return run, nil
			}
			r.load, r.trusts = lax, true
		}, []string{twoVoices, inTime}},
		"an approval that was taken back still counts": {func(r *rules) {
			r.withdraw = func(s State, _ incidents.Person) (State, error) { return s, nil }
		}, []string{movesByTable, twoVoices}},
		"approvals are carried over to the next revision": {func(r *rules) {
			right := r.edit
			r.edit = func(s State, e Edit) (Ended, Draft, error) {
				ended, d, err := right(s, e)
				d.approvals = of(s).approvals
				return ended, d, err
			}
			r.load, r.trusts = lax, true
		}, []string{readsIt}},
		"a start may be late": {func(r *rules) {
			r.start = func(a Approved, by incidents.Person, at time.Time) (Running, error) {
				within := a.spec.Limits.StartWithin
				a.spec.Limits.StartWithin = 1000 * time.Hour
				run, err := a.Start(by, at)
				run.spec.Limits.StartWithin = within
				return run, err
			}
			r.load, r.trusts = lax, true
		}, []string{inTime}},
		"a decision is about the plan as it was read": {func(r *rules) { r.locks = false }, []string{startsOnce, movesByTable, readsIt, freshCounts, readsLong, onePerson, twoVoices}},
		"a run goes on with approvals that are too old": {func(r *rules) {
			r.resume = func(s State, _ time.Time) (Running, error) {
				if p, ok := s.(Paused); ok {
					return Running(p), nil
				}
				return Running{}, errIllegal
			}
		}, []string{goesOnBacked}},
		"a run that has ended goes on": {func(r *rules) {
			right := r.resume
			r.resume = func(s State, at time.Time) (Running, error) {
				if e, ok := s.(Ended); ok && e.Name() == NameAborted {
					return Running{frozenPart{e.revision}}, nil
				}
				return right(s, at)
			}
		}, []string{movesByTable}},
		"rows are believed": {func(r *rules) { r.load = lax }, []string{tamperProof}},
		"a restart forgets an approval": {func(r *rules) {
			r.load = func(s Saved) (State, error) {
				if s.State == NameProposed {
					s.Approvals = nil
				}
				return Load(s)
			}
		}, []string{survives}},
		"two processes write":   {func(r *rules) { r.fenced = false }, []string{writesOnce, addsUp}},
		"a write does not look": {func(r *rules) { r.blind = true }, []string{leavesAlone}},
		"every end is called done": {func(r *rules) {
			r.finish = func(run Running, _ Result) Ended { return run.end(NameDone, "") }
		}, []string{endsTruly}},
		"an undo takes a record more": {func(r *rules) { r.undone = 1 }, []string{undoesIt}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rightly()
			c.wrong(&r)
			for seed := range uint64(40) {
				w := newWalk(seed, r)
				for step := 0; step < 5_000 && w.broken == ""; step++ {
					w.step()
				}
				if w.broken != "" {
					require.Contains(t, c.finds, w.broken)
					return
				}
			}
			require.Fail(t, "nothing was found", fmt.Sprint(c.finds))
		})
	}
}

// lax makes a plan from its rows as they stand.
func lax(s Saved) (State, error) {
	d, err := NewDraft(s.Spec)
	if err != nil || s.Freeze == nil {
		return d, err
	}
	r := d.revision
	r.freeze, r.canonical, r.digest, r.proposed, r.approvals = *s.Freeze, s.Canonical, s.Digest, s.Proposed, s.Approvals
	r.withdrew, r.involved = s.Withdrew, s.Involved
	if s.Claim != nil {
		r.claim = *s.Claim
	}
	switch s.State {
	case NameFrozen:
		return Frozen{frozenPart{r}}, nil
	case NameProposed:
		return Proposed{frozenPart{r}}, nil
	case NameApproved:
		return Approved{frozenPart{r}}, nil
	case NameRunning:
		return Running{frozenPart{r}}, nil
	case NamePaused:
		return Paused{frozenPart{r}}, nil
	}
	return d, nil
}
