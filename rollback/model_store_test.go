package rollback

import "slices"

// store is the source of a walk: the records of the plan in hand, in the order
// of their ords, and the ledger of its run.
type store struct {
	recs   []rec
	others []CohortCount // frozen, and not written
	ledger []Outcome     // by ord - 1
	counts Outcomes      // as the log adds them up, batch by batch
	cohort []CohortOutcomes
	hi     int64
	epoch  int64 // of the owner
	owner  int64 // the epoch that the process in hand holds
	live   Digest
}

// rec is one record.
type rec struct {
	cohort  int64
	was     string // the error that was frozen
	want    string
	holds   string
	came    bool // somebody wrote it since, and it holds the error again
	gone    bool
	written int // by the run
}

func (s store) writes() int64 { return int64(len(s.recs)) }

// fixed is what a freeze of the plan finds: a new run's records, or those that
// the run to be undone has written.
func (w *walk) fixed(s Spec) Freeze {
	if s.Undoes == nil {
		w.recs, w.others = nil, nil
		for cohort, n := range []int64{w.among(12), w.among(12)} {
			d := s.Decisions[cohort]
			for range n {
				w.recs = append(w.recs, rec{cohort: int64(cohort + 1), was: d.Error[0].Text, want: d.Desired[0].Text, holds: d.Error[0].Text})
			}
		}
		w.others = []CohortCount{{2, ClassConflict, 1 + w.among(3)}, {3, ClassRight, 1 + w.among(50)}}
		if w.chance(40) {
			w.others = append(w.others, CohortCount{0, ClassUndecided, 1})
		}
	} else {
		w.again(*s.Undoes, s.Decisions)
	}
	w.ledger, w.counts, w.cohort, w.hi, w.live = nil, Outcomes{}, nil, 0, Digest{}
	f := leadFreeze()
	f.ID, f.At, f.Writes, f.Rows, f.Counts = w.freezes, w.at, w.writes(), 0, nil
	f.Inventory, f.RowsDigest = Inventory{}, Digest{byte(w.freezes), byte(w.freezes >> 8), byte(w.freezes >> 16), 1}
	classes := map[[2]int64]int64{}
	for _, r := range w.recs {
		classes[[2]int64{r.cohort, int64(ClassWrite)}]++
	}
	for _, c := range w.others {
		classes[[2]int64{c.Cohort, int64(c.Class)}] += c.Records
	}
	for key, n := range classes {
		f.Counts = append(f.Counts, CohortCount{key[0], Class(key[1]), n})
		f.Rows += n
	}
	slices.SortFunc(f.Counts, func(a, b CohortCount) int {
		if a.Cohort != b.Cohort {
			return int(a.Cohort - b.Cohort)
		}
		return int(a.Class - b.Class)
	})
	f.Export.Rows = f.Rows
	return f
}

// again are the records of an undo: those that its run has written and nobody
// has touched since. A plan that is frozen a second time finds the same ones.
func (w *walk) again(u Undone, decisions []Decision) {
	if w.recs != nil && len(w.ledger) == 0 {
		return
	}
	var recs []rec
	written := int64(0)
	w.others = nil
	for _, r := range w.recs {
		i := slices.Index(u.Cohorts, r.cohort)
		if r.written == 0 {
			continue
		}
		written++
		if i < 0 {
			w.breaks(undoesIt)
			return
		}
		d := decisions[i]
		w.holds(undoesIt, d.Error[0].Text == r.want && d.Desired[0].Text == r.was)
		next := rec{cohort: int64(i + 1), was: d.Error[0].Text, want: d.Desired[0].Text, holds: r.holds}
		switch {
		case r.gone:
			w.others = append(w.others, CohortCount{next.cohort, ClassMissing, 1})
		case r.holds == next.want:
			w.others = append(w.others, CohortCount{next.cohort, ClassAlready, 1})
		case r.holds != next.was:
			w.others = append(w.others, CohortCount{next.cohort, ClassConflict, 1})
		default:
			recs = append(recs, next)
		}
	}
	w.holds(undoesIt, written == u.Written)
	w.recs = recs
}

// take is a process that becomes the owner of the run.
func (w *walk) take() {
	if len(w.ledger) == 0 {
		w.ledger = make([]Outcome, len(w.recs))
		w.live = of(w.state).digest
	}
	w.epoch++
	w.owner = w.epoch
	w.recount()
}

// recount is what a process knows after it has asked the source how far the run is.
func (w *walk) recount() {
	w.counts, w.cohort = Outcomes{}, nil
	for i, o := range w.ledger {
		w.settled(i, o)
	}
}

func (w *walk) settled(i int, o Outcome) {
	if o == Pending {
		return
	}
	one := Outcomes{}.With(o, 1)
	w.counts = w.counts.Plus(one)
	w.cohort = AddCohorts(w.cohort, []CohortOutcomes{{w.recs[i].cohort, one}})
}

// withdrawn is a run that ends before its first record.
func (w *walk) withdrawn(Running) { w.ledger, w.live = nil, Digest{} }

// people go on working.
func (w *walk) people() {
	if len(w.recs) == 0 {
		return
	}
	r := &w.recs[w.rnd.IntN(len(w.recs))]
	if r.written > 0 && w.live != (Digest{}) {
		return // what they do to it afterwards is another story
	}
	switch w.rnd.IntN(12) {
	case 0:
		r.gone = true
	case 1:
		r.holds = "mine"
	case 2:
		r.holds = r.want
	case 3:
		r.came = r.holds == r.was || r.came
	}
}

// runs is a while of a run: batches, a crash, the end.
func (w *walk) runs(s Running) {
	w.people()
	switch n := w.rnd.IntN(40); {
	case n == 0: // the process is killed, and another one takes over
		w.take()
	case n == 1: // a process that was believed dead wakes up with what it knew
		if !w.rules.fenced && w.hi > 0 {
			w.batch(max(0, w.hi-3), w.hi)
		}
	case n == 2 && w.hi > 0:
		w.concludes(s, Result{Outcomes: w.counts, Verified: true})
	case n == 3:
		w.concludes(s, Result{Outcomes: w.counts, Broken: "the ledger is not what it was"})
	case w.hi < w.writes():
		w.batch(w.hi, min(w.hi+1+w.among(6), w.writes()))
	default:
		for i := range w.ledger { // the last pass
			if w.ledger[i] == Pending {
				w.ledger[i] = Locked
				w.settled(i, Locked)
			}
		}
		res := Result{Outcomes: w.counts, Verified: !w.chance(8)}
		if w.chance(8) {
			res.Report.Lines = []Line{{Check: "records that hold MQL", Expected: 2, Found: 1}}
		}
		w.concludes(s, res)
	}
}

// batch settles the records behind an ord: compares, writes, notes, at once.
func (w *walk) batch(after, hi int64) {
	w.holds(twoVoices, w.begun[w.live] == 1 && w.live == of(w.state).digest)
	for i := after; i < hi; i++ {
		r := &w.recs[i]
		o := Written
		switch {
		case r.gone:
			o = Missing
		case w.chance(15):
			continue // somebody holds it
		case r.holds == r.want && !w.rules.blind:
			o = Already
		case r.holds != r.was && !w.rules.blind:
			o = Conflict
		case r.came && !w.rules.blind:
			o = ConflictLater
		case w.chance(40):
			o = Failed
		}
		if o == Written {
			w.holds(leavesAlone, r.holds == r.was && !r.came || r.written > 0)
			w.holds(writesOnce, r.written == 0)
			r.holds = r.want
			r.written++
		}
		w.ledger[i] = o
		w.settled(int(i), o)
	}
	w.hi = max(w.hi, hi)
}

// concludes ends the run and asks whether the name of its end is true.
func (w *walk) concludes(s Running, res Result) {
	pending := int64(0)
	for _, o := range w.ledger {
		if o == Pending || o == Locked || o == Failed {
			pending++
		}
	}
	e := w.rules.finish(s, res)
	all := pending == 0 && res.Verified && res.Report.Agrees() && res.Broken == ""
	w.holds(endsTruly, (e.Name() == NameDone) == all && (res.Broken == "" || e.Name() == NameFailed))
	w.ended(e)
}

func (w *walk) ended(e Ended) {
	v := PlanView{Spec: e.spec, State: e.Name(), Frozen: &e.freeze, Cohorted: w.cohort}
	v.Stamp.Digest = e.digest
	w.become(e)
	w.live = Digest{}
	if w.counts.Written > 0 && e.Name() != NameFailed {
		w.parent = &v
		w.parentUndone()
	}
}

// parentUndone lets a variant say that an undo takes more than was written.
func (w *walk) parentUndone() {
	for range w.rules.undone {
		w.parent.Cohorted = AddCohorts(w.parent.Cohorted, []CohortOutcomes{{w.recs[0].cohort, Outcomes{Written: 1}}})
	}
}

// stands holds the promise about the numbers at every instant.
func (w *walk) stands() {
	if w.live == (Digest{}) || w.ledger == nil {
		return
	}
	changed, noted := int64(0), Outcomes{}
	for i, r := range w.recs {
		if r.written > 0 {
			changed++
		}
		if o := w.ledger[i]; o != Pending {
			noted = noted.With(o, 1)
		}
	}
	pending := w.writes() - noted.Sum() // and deferred
	c := w.counts
	w.holds(addsUp, changed == c.Written && noted == c &&
		changed+c.Conflicts()+c.Already+c.Missing+c.Locked+c.Failed+pending == of(w.state).freeze.Writes)
	for _, g := range w.given {
		if g.read == w.live && !g.taken {
			w.holds(addsUp, g.typed == changed+c.Conflicts()+c.Already+c.Missing+c.Locked+c.Failed+pending)
		}
	}
}
