package rollback

import "snafu/incidents"

// Settled is what runs did to the records of one pair.
type Settled struct {
	Pair     Pair
	Outcomes Outcomes
	Undone   int64 // records that went back to what the run had left; below 0 when that was undone again
}

// Settled is what this plan did, by pair; nothing before its end. A run that was
// aborted has no verification, and is told by its batches.
func (v PlanView) Settled() []Settled {
	if v.Report == nil && v.Ended.IsZero() || len(v.Spec.Of) > 0 { // what was parked is not put back
		return nil
	}
	var out []Settled
	for _, c := range v.outcomes() {
		if c.Cohort < 1 || c.Cohort > int64(len(v.Spec.Decisions)) {
			continue
		}
		s := Settled{Pair: v.Spec.pair(c.Cohort), Outcomes: c.Outcomes}
		if u := v.Spec.Undoes; u != nil && u.Settled { // they hold again what people had set
			if s.Outcomes = (Outcomes{Written: c.Outcomes.Written}); u.Depth%2 == 1 {
				s.Outcomes.Written = -s.Outcomes.Written
			}
		} else if u != nil && !u.Conflicts {
			if s.Outcomes, s.Undone = (Outcomes{}), c.Outcomes.Written; u.Depth%2 == 0 {
				s.Undone = -s.Undone
			}
		}
		out = append(out, s)
	}
	return out
}

// Line is the plan as the Summary shows it.
func (v PlanView) Line() incidents.PlanLine {
	classes := v.Classes()
	line := incidents.PlanLine{
		Ref: string(v.Spec.Ref), Revision: v.Spec.Revision, State: string(v.State), Writes: v.Writes(),
		Conflicts: classes.Conflicts() + v.Progress.Counts.Conflicts(), Written: v.Progress.Counts.Written,
		Failed: v.Progress.Counts.Failed, Canary: v.Canary, Needs: v.Spec.Needs, Requester: v.Spec.Requester,
		Approved: v.Approvers(), Missing: v.Can, CanRun: v.Pool,
	}
	if v.GlassOpen() {
		line.Glass, line.Reviews = v.Spec.BreakGlass.Why, v.ReviewsMissing()
	}
	if !v.Stamp.Digest.IsZero() {
		line.Digest = v.Stamp.Digest.String()
	}
	if v.Frozen != nil {
		line.ExportN = v.Frozen.Export.Rows
	}
	if v.Spec.Instead.Switches() {
		line.Waits = v.Spec.Instead.Automation
	}
	if v.Claim != nil {
		line.RunBy, line.WroteAt = v.Claim.By, v.Claim.At
	}
	return line
}

// Tally turns classes into the numbers of the Summary. Wrong are the members of
// cohorts that were spoilt, whatever became of them; fixed is what runs wrote;
// kept is what people changed since or decided to keep; unrestorable is what
// they gave up. Members without history are undecided until somebody says that
// they are kept or lost, because nobody can say that they are wrong.
func (c Classified) Tally(t StateTable, unit string, settled []Settled) incidents.Tally {
	out := incidents.Tally{
		Source: t.Scope.Source, Table: t.Scope.Table, Unit: unit, Run: t.Scope.Run, At: t.At,
		Touched: c.Members, Untouched: t.Total - c.Members,
	}
	var rows []incidents.TallyRow
	for _, cohort := range c.Cohorts {
		rows = append(rows, cohort.row(settled))
	}
	for i, cohort := range c.Cohorts { // behind the cohorts, whose rows stand by their number
		rows = append(rows, cohort.apart(rows[i].Fixed)...)
	}
	if row, any := c.rest(); any {
		rows = append(rows, row)
	}
	for _, row := range rows {
		out.Wrong += row.Wrong
		out.Fixed += row.Fixed
		out.Kept += row.Kept
		out.Unrestorable += row.Unrestorable
		out.Left += row.Left
		switch {
		case row.AsIntended:
			out.AsIntended += row.Total
		case row.Undecided:
			out.Undecided += row.Total
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// apart are rows for the records of a cohort that is written which are not wrong:
// a file wishes what the run left in them, or does not name them; or they hold
// what they should, no plan has fixed them, and nothing tells that they ever held
// anything else.
func (c Cohort) apart(fixed int64) (rows []incidents.TallyRow) {
	row := incidents.TallyRow{Was: c.Pair.Initial.String(), Now: c.Pair.Error.String()}
	if n := c.HeldAlready() - fixed; n > 0 && c.Wrong() {
		row.Now, row.Should, row.Total, row.AsIntended = c.Should(), c.Should(), n, true
		rows = append(rows, row)
		row.Now = c.Pair.Error.String()
	}
	if !c.Each() {
		return rows
	}
	if n := c.Counts.Right; n > 0 {
		row.Should, row.Total, row.AsIntended = c.Pair.Error.String(), n, true
		rows = append(rows, row)
	}
	if n := c.Counts.Undecided; n > 0 {
		row.Should, row.Total, row.AsIntended, row.Undecided = "?", n, false, true
		rows = append(rows, row)
	}
	return rows
}

// rest is the row of the members without history: to decide, until somebody
// says that they are kept or lost.
func (c Classified) rest() (incidents.TallyRow, bool) {
	n := c.Rest.Total()
	row := incidents.TallyRow{Was: "no history", Now: "?", Should: "?", Total: n, Undecided: true}
	switch c.Given.Waiver {
	case WaiveKeep:
		row.Undecided, row.Wrong, row.Kept, row.Should = false, n, n, string(WaiveKeep)
	case WaiveLost:
		row.Undecided, row.Wrong, row.Unrestorable, row.Should = false, n, n, string(WaiveLost)
	}
	return row, n > 0
}

func (c Cohort) row(settled []Settled) incidents.TallyRow {
	row := incidents.TallyRow{
		Was: c.Pair.Initial.String(), Now: c.Pair.Error.String(), Should: c.Should(), Total: c.Counts.Total(),
		AsIntended: c.Kind == KindNoChange && c.Waiver == "", Undecided: c.Kind == "",
	}
	if !c.Wrong() {
		return row
	}
	row.Total = c.Spoilt()
	var done Outcomes
	var undone int64
	for _, s := range settled {
		if s.Pair.Equal(c.Pair) {
			done = done.Plus(s.Outcomes)
			undone += s.Undone
		}
	}
	// What was undone holds the error again, written after the run: nobody's
	// correction, and wrong as before. Where the history names our plans it is
	// counted as that already.
	back := min(max(undone-c.Back, 0), c.Counts.ConflictLater)
	lost := min(done.Locked+done.Failed, c.Counts.Write)
	fixed := max(done.Written-undone, 0)
	moved := c.Counts.Already - c.HeldAlready() + c.Counts.Conflicts() + c.Counts.Missing - back
	if ours := min(fixed, c.HeldAlready()); ours > 0 { // wrong until a plan wrote them
		moved, row.Total = moved+ours, row.Total+ours
	}
	row.Wrong = row.Total
	row.Fixed = min(fixed, moved) // a count may be older than a run
	row.Kept = moved - row.Fixed
	switch c.Waiver {
	case WaiveKeep:
		row.Kept += back + c.Counts.Ambiguous + c.Counts.Right
		return row
	case WaiveLost:
		row.Unrestorable = back + c.Counts.Ambiguous + c.Counts.Right
		return row
	}
	row.Unrestorable = c.Counts.Ambiguous + lost
	row.Left = c.Counts.Write - lost + back
	return row
}
