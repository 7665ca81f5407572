package rollback

import (
	"math/rand/v2"
	"slices"
	"time"

	"snafu/incidents"
)

// rules are the decisions of this package as a walk takes them. A variant that
// is wrong in one of them shows that the walk would notice.
type rules struct {
	approve  func(Proposed, Click, time.Time) (State, error)
	withdraw func(State, incidents.Person) (State, error)
	edit     func(State, Edit) (Ended, Draft, error)
	start    func(Approved, incidents.Person, time.Time) (Running, error)
	resume   func(State, time.Time) (Running, error)
	finish   func(Running, Result) Ended
	load     func(Saved) (State, error)
	locks    bool  // a decision is about the plan as it stands, not as it was read
	fenced   bool  // a batch is written by the owner of the run alone
	blind    bool  // a write does not look at what stands there
	trusts   bool  // nobody changes rows behind the plan's back
	undone   int64 // records that an undo takes beyond those that were written
}

func rightly() rules {
	return rules{
		approve: func(p Proposed, c Click, at time.Time) (State, error) { return p.Approve(c, nil, at) },
		withdraw: func(s State, by incidents.Person) (State, error) {
			if a, ok := s.(Approved); ok {
				return a.WithdrawApproval(by)
			}
			return s.(Proposed).WithdrawApproval(by)
		},
		edit: func(s State, e Edit) (Ended, Draft, error) {
			switch s := s.(type) {
			case Frozen:
				return s.Edit(e)
			case Proposed:
				return s.Edit(e, "R9")
			case Approved:
				return s.Edit(e, "R9")
			case Draft:
				d, err := s.Edit(e)
				return Ended{}, d, err
			}
			return Ended{}, Draft{}, errIllegal
		},
		start: func(a Approved, by incidents.Person, at time.Time) (Running, error) { return a.Start(by, at) },
		resume: func(s State, at time.Time) (Running, error) {
			if p, ok := s.(Paused); ok {
				return p.Resume(at)
			}
			return Running{}, errIllegal
		},
		finish: func(r Running, res Result) Ended { return r.Finish(res) },
		load:   Load,
		locks:  true, fenced: true,
	}
}

var crowd = []incidents.Person{ana, ben, chi, dev, "T1/ANA2", "T2/BEN"}

// screen is what somebody has before them: the plan as it was when they looked.
type screen struct {
	state  State
	opened time.Time
}

// walk is one random history of plans, and what it knows of them by itself.
type walk struct {
	rnd     *rand.Rand
	rules   rules
	at      time.Time
	state   State
	screens map[incidents.Person]screen
	plans   int64
	freezes int64
	parent  *PlanView // the last run that wrote something

	book
	store
	moved  map[StateName]int // how often a state was reached
	broken string            // what the first broken promise is called, with the step
}

func newWalk(seed uint64, r rules) *walk {
	w := &walk{
		rnd: rand.New(rand.NewPCG(seed, 7)), rules: r, at: noon, screens: map[incidents.Person]screen{}, //nolint:gosec // chance, not a secret
		moved: map[StateName]int{},
	}
	w.plan()
	return w
}

func (w *walk) chance(n int) bool         { return w.rnd.IntN(n) == 0 }
func (w *walk) someone() incidents.Person { return crowd[w.rnd.IntN(len(crowd))] }

func (w *walk) among(n int64) int64 { return w.rnd.Int64N(n) }

// plan begins another plan: of a new run, or one that undoes the last.
func (w *walk) plan() {
	w.plans++
	s := leadSpec()
	s.Plan, s.Ref = ID(w.plans), NewRef(w.plans)
	s.Requester = w.someone()
	s.Author, s.RequesterCounts = s.Requester, w.chance(4)
	s.Needs = 2 + w.among(5)/4
	s.Limits.FreezeExpires = time.Duration(1+w.among(24)) * time.Hour
	s.Limits.ApprovalExpires = time.Duration(1+w.among(10)) * time.Hour
	s.Limits.StartWithin = time.Duration(1+w.among(10)) * time.Hour
	if w.parent != nil && w.chance(2) {
		u, back, err := w.parent.Undo()
		if err != nil {
			w.breaks("an undo takes what was written: " + err.Error())
			return
		}
		s.Kind, s.Undoes, s.Decisions = KindUndo, &u, back
	}
	w.parent = nil
	d, err := NewDraft(s)
	if err != nil {
		w.breaks("a plan can be drafted: " + err.Error())
		return
	}
	w.book = newBook(s)
	w.become(d)
}

// become is the commit of a decision.
func (w *walk) become(s State) {
	if w.state != nil {
		w.passes(w.state, s)
	}
	w.state = s
	w.moved[s.Name()]++
}

// replaced is the commit of a decision that ends a revision for its next one.
func (w *walk) replaced(e Ended, d Draft) {
	if e.Name() != "" {
		w.passes(w.state, e)
		w.moved[e.Name()]++
		w.state = e
	}
	w.become(d)
	w.revised()
}

// read is the plan somebody decides about: as it stands under the lock.
func (w *walk) read(who incidents.Person) State {
	if seen, ok := w.screens[who]; ok && !w.rules.locks && seen.state.Spec().Plan == w.state.Spec().Plan {
		return seen.state
	}
	return w.state
}

// step is one thing that happens.
func (w *walk) step() {
	who := w.someone()
	switch n := w.rnd.IntN(100); {
	case n < 6:
		w.jump()
	case n < 22:
		w.screens[who] = screen{w.state, w.at}
	case n < 24:
		w.edits(who)
	case n < 26:
		w.ends(who)
	case n < 28:
		w.reloads()
	case n < 40:
		w.starts(who)
	default:
		w.goesOn(who)
	}
	w.stands()
}

// jump moves the clock, seldom back.
func (w *walk) jump() {
	switch w.rnd.IntN(12) {
	case 0:
		w.at = w.at.Add(time.Duration(w.among(int64(10 * time.Hour))))
	case 1:
		w.at = w.at.Add(-time.Duration(w.among(int64(time.Hour))))
	case 2, 3, 4:
		w.at = w.at.Add(time.Duration(w.among(int64(40 * time.Minute))))
	default:
		w.at = w.at.Add(time.Duration(w.among(int64(2 * time.Minute))))
	}
}

// goesOn does what usually comes next.
func (w *walk) goesOn(who incidents.Person) {
	switch s := w.state.(type) {
	case Draft:
		w.freezes++
		f, err := s.Freeze(w.fixed(s.Spec()))
		if err != nil {
			w.breaks("a freeze that adds up counts: " + err.Error())
			return
		}
		w.become(f)
	case Frozen:
		if p, err := s.Propose(w.at); err == nil {
			w.become(p)
			return
		}
		if w.at.After(s.Expires()) {
			w.become(s.Expire())
		}
	case Proposed:
		w.approves(who)
	case Approved:
		if w.chance(20) {
			w.withdraws(who)
		}
		if !w.at.Before(s.StartBefore()) && w.chance(2) {
			w.become(s.Expire())
		}
	case Running:
		w.runs(s)
	case Paused:
		if r, err := w.rules.resume(s, w.at); err == nil {
			w.resumed(r)
			w.become(r)
		} else if w.chance(3) {
			w.ended(s.Abort("late"))
		}
	case Ended:
		if w.chance(3) {
			if r, err := w.rules.resume(s, w.at); err == nil {
				w.become(r)
				return
			}
			w.plan()
		}
	}
}

// approves is a press with what is on the screen.
func (w *walk) approves(who incidents.Person) {
	seen, ok := w.screens[who]
	if !ok || w.chance(3) {
		seen = screen{w.state, w.at.Add(-time.Duration(w.among(int64(12 * time.Minute))))}
	}
	p, open := w.read(who).(Proposed)
	if !open {
		return
	}
	c := Click{By: who, Opened: seen.opened, Typed: w.typed(p)}
	if f, ok := seen.state.(interface{ Digest() Digest }); ok {
		c.Read = f.Digest()
	}
	if w.chance(30) {
		w.withdraws(who)
		return
	}
	if next, err := w.rules.approve(p, c, w.at); err == nil {
		w.gave(p, c, w.at, seen.state)
		w.become(next)
	}
}

func (w *walk) typed(p Proposed) int64 {
	if w.chance(20) {
		return w.among(50)
	}
	return p.Writes()
}

func (w *walk) withdraws(who incidents.Person) {
	switch w.state.(type) {
	case Proposed, Approved:
		if next, err := w.rules.withdraw(w.state, who); err == nil {
			w.took(who)
			w.become(next)
		}
	}
}

func (w *walk) starts(who incidents.Person) {
	if w.chance(3) {
		w.screens[who] = screen{w.state, w.at}
	}
	a, ok := w.read(who).(Approved)
	if !ok {
		return
	}
	if r, err := w.rules.start(a, who, w.at); err == nil {
		w.started(r)
		w.become(r)
	}
}

func (w *walk) edits(who incidents.Person) {
	s := w.state.Spec()
	e := Edit{By: who, Scope: s.Scope, Decisions: s.Decisions, Effects: s.Effects}
	e.Scope.List = string('a' + rune(w.among(26)))
	if ended, d, err := w.rules.edit(w.state, e); err == nil {
		w.authors = append(w.authors, who)
		w.replaced(ended, d)
	}
}

// ends is the rest of what may happen to an open plan.
func (w *walk) ends(who incidents.Person) {
	drift := w.chance(2)
	switch s := w.state.(type) {
	case Draft:
		w.become(s.Withdraw("no"))
	case Frozen:
		if drift {
			w.replaced(s.Drift("moved"))
		} else {
			w.become(s.Withdraw("no"))
		}
	case Proposed:
		if drift {
			w.replaced(s.Drift("moved"))
		} else {
			w.become(s.Reject("no"))
		}
	case Approved:
		if drift {
			w.replaced(s.Drift("moved"))
		} else {
			w.become(s.Reject("no"))
		}
	case Running:
		switch {
		case w.hi == 0 && drift: // it has written nothing
			w.withdrawn(s)
			w.replaced(s.Drift("moved"))
		case w.chance(3):
			w.ended(s.Abort("enough"))
		default:
			w.become(s.Pause())
		}
	case Paused:
		w.ended(s.Abort("enough"))
	}
	delete(w.screens, who)
}

// reloads is a restart: the plan is made again from its rows. Sometimes somebody
// was found to be involved meanwhile, which replaces what they have a voice in.
func (w *walk) reloads() {
	saved := save(w.state, w.involved)
	if _, ended := w.state.(Ended); ended {
		return
	}
	loaded, err := w.rules.load(saved)
	if err != nil {
		w.breaks("a plan survives a restart: " + err.Error())
		return
	}
	w.same(w.state, loaded)
	w.state = loaded
	if w.chance(3) && !w.rules.trusts {
		w.tampered(saved)
	}
	if who := w.someone(); w.chance(6) && !slices.Contains(w.involved, who) {
		w.involve(who)
	}
}

func (w *walk) involve(who incidents.Person) {
	switch s := w.state.(type) {
	case Frozen:
		w.replaced(s.Drift("involved"))
	case Proposed:
		w.replaced(s.Drift("involved"))
	case Approved:
		w.replaced(s.Drift("involved"))
	case Draft:
	default:
		return
	}
	w.involved = append(w.involved, who)
	w.revised()
}
