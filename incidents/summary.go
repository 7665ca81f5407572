package incidents

import (
	"strings"
	"time"
)

// Moment is everything about an incident that its Summary needs and that
// changes with time. What is not known stays empty and is said to be unknown.
type Moment struct {
	At       time.Time // now
	Changed  time.Time // instant of the newest entry; zero leaves it out
	Tally    *Tally    // nil until something was counted with a decision about it
	Pages    []Page
	Held     []Held // the roles, with who has them
	Plans    []PlanLine
	Promise  time.Time // when the next update was promised; zero: none
	Watch    *Watch    // nil while nothing is counted by itself
	Asked    []Words   // what else is counted by itself, and how
	Backup   string    // what is known of the backup, for example "02:10, restored to scratch 3 days ago"
	Admins   []Person  // admins of the system
	Related  []Related // what it is to other incidents
	Followed []string  // further lines for the report, for example the roots
	Cases    []Case    // at vendors and of customers, oldest first
}

// Summary is the pinned card in words: eight blocks, in this order, none ever
// empty, from the first second to Closed. It is made from rows and an instant
// alone, so the same moment always gives the same Summary.
type Summary struct {
	// 1
	Title  string
	Badges []string
	// 2
	Key      string
	Phase    Phase
	Severity Severity
	Lead     Person
	Status   Words // key · phase · SEV · lead · who is on it · began, opened, noticed by
	// 3
	Alarms    []Words // in red, before all else
	Numbers   Words
	Customers Words
	Cause     Words
	Report    []Words // what was done about it, once resolved
	// 4
	Table []TallyRow
	Total TallyRow
	Unit  string // what a record is called, in the plural
	NoRow Words  // said while there is no table
	// 5
	Ask Words // follows "Needed from you: ", unless it is NothingNeeded whole
	// 6
	Next    Words // follows "Next: "
	Promise Words // "Next update by 11:30", or "" if none was promised
	Overdue bool
	// 7
	Provenance []Words

	Broken   error // the counts do not add up; somebody has to look
	Channel  string
	Fallback Words // one sentence for notifications, key first
}

// Summarize draws the Summary of an incident at a moment.
func Summarize(i Incident, m Moment) Summary {
	s := Summary{
		Title: i.Title, Key: i.Key(), Phase: i.phase, Severity: i.Severity, Lead: i.Lead, Channel: i.Channel,
		Customers: i.customersLine(), Cause: i.causeLine(), Ask: ask(i, m), Next: next(i, m),
	}
	s.Badges = i.Badges()
	head := " · " + i.phase.String() + " · " + i.Severity.String() + " · lead "
	s.Fallback = Sentence(i.Key()+" · "+i.Title+head, i.Lead)
	s.Status = i.statusLine(head, m)
	s.Numbers, s.Broken = numbers(i, m)
	if m.Tally != nil && s.Broken == nil {
		s.Table, s.Unit, s.Total = m.Tally.Rows, unit(m.Tally), m.Tally.total()
	}
	switch {
	case s.Broken != nil:
		s.NoRow = Sentence("The table waits until the counts add up. Count again: /snafu count.")
	case len(s.Table) == 0:
		s.NoRow = Sentence("No table yet.")
		if q, open := i.Triage.Next(); open && !i.phase.Ended() {
			s.NoRow = Sentence("No table yet. Next: " + q.Next)
		}
	}
	switch i.phase {
	case PhaseResolved, PhaseClosed:
		s.Report = report(i, m)
	case PhaseCancelled:
		s.Report = []Words{Sentence("Cancelled: " + shorten(oneLine(i.ClosedWhy), 300) + ".")}
	}
	s.Promise, s.Overdue = i.PromiseWords(m.Promise, m.At)
	s.Alarms = append(s.Alarms, silent(i, m)...)
	for _, p := range m.Plans {
		if p.Reviews > 0 {
			s.Alarms = append(s.Alarms, Sentence("Break-glass: "+p.Ref+" ran on the approval of ", p.Requester, ", who asked for it ("+shorten(oneLine(p.Glass), 200)+"). ", p.Reviews, " of 2 reviews by others are missing."))
		}
	}
	s.Provenance = provenance(i, m)
	return s
}

// rolesFit is how long the line may be that roles are shown in, in characters; it
// is read on a phone.
const rolesFit = 140

func (i Incident) statusLine(head string, m Moment) Words {
	w := Sentence(i.Key()+head, i.Lead)
	if i.phase.Live() {
		for _, p := range m.Pages {
			if p.State == PageAnswered {
				w = Sentence(w, " · ", p.AnsweredBy, " is on it ("+Took(p.AnsweredAt.Sub(p.Started))+")")
			}
		}
	}
	for _, h := range m.Held {
		if next := Sentence(w, " · "+h.Role.Name+" ", h.Person); h.Person != "" && len([]rune(next.String())) <= rolesFit {
			w = next
		}
	}
	began := i.Triage.Answer(QuestionBegan)
	if began.Time.IsZero() {
		w = Sentence(w, " · began: not known yet, opened ", i.Opened)
	} else {
		w = Sentence(w, " · began ", began.Time, ", opened ", i.Opened)
	}
	noticed := i.Triage.Answer(QuestionNoticed)
	if row, _ := QuestionNoticed.Ask(); noticed.Given() && !noticed.Unknown() {
		w = Sentence(w, ", noticed by "+strings.ToLower(row.Say(noticed.Choices[0])))
	}
	return w
}

func unit(t *Tally) string {
	if t.Unit == "" {
		return "records"
	}
	return t.Unit
}

func (t Tally) total() TallyRow {
	return TallyRow{
		Total: t.Touched, Wrong: t.Wrong, Fixed: t.Fixed, Kept: t.Kept,
		Unrestorable: t.Unrestorable, Left: t.Left,
	}
}

func numbers(i Incident, m Moment) (Words, error) {
	t := m.Tally
	if t == nil {
		run := i.Triage.Answer(QuestionRun)
		switch {
		case i.Recount.Measured():
			return Sentence(i.Recount.Touched, " records touched by "+i.Recount.Run+". How many of them are wrong is not known yet."), nil
		case i.phase.Live() && run.Given() && !run.Unknown():
			return Sentence("Size not known yet, counting since ", run.At, "."), nil
		}
		return Sentence("Size not known yet."), nil
	}
	if err := t.Holds(); err != nil {
		return Sentence("The counts do not add up: " + err.Error() + "."), err
	}
	if t.Wrong == 0 && t.AsIntended == 0 && t.Undecided > 0 {
		return Sentence(t.Touched, " "+unit(t)+" touched by "+t.Run+". What they should be is not decided yet."), nil
	}
	kept := " kept as people set them, "
	w := Sentence(t.Wrong, " of ", t.Touched, " touched "+unit(t)+" were wrong: ", t.Fixed, " fixed, ", t.Kept, kept)
	if t.Unrestorable > 0 {
		w = Sentence(w, t.Unrestorable, " can't be restored, ")
	}
	w = Sentence(w, t.Left, " left.")
	if t.Undecided > 0 {
		w = Sentence(w, " ", t.Undecided, " have no decision yet.")
	}
	if t.AsIntended > 0 {
		w = Sentence(w, " ", t.AsIntended, " were right all along")
		if t.Untouched > 0 {
			what := t.UntouchedWhat
			if what == "" {
				what = unit(t)
			}
			w = Sentence(w, ", ", t.Untouched, " "+what+" never touched")
		}
		w = Sentence(w, ".")
	}
	return Sentence(w, beside(i.Recount, *t)), nil
}

func (i Incident) customersLine() Words {
	a := i.Triage.Answer(QuestionCustomers)
	if !a.Given() || a.Unknown() {
		return Sentence("Customers e-mailed: not known yet.")
	}
	said := "none"
	if a.is("some") {
		said = "some"
	}
	w := Sentence("Customers e-mailed: " + said)
	switch {
	case !i.phase.Live() && a.Text != "":
		return Sentence(w, " ("+shorten(oneLine(a.Text), 200)+").")
	case !i.phase.Live():
		return Sentence(w, ".")
	case a.Text != "":
		return Sentence(w, " ("+shorten(oneLine(a.Text), 200)+", ", a.At, ").")
	}
	return Sentence(w, " (said at ", a.At, ").")
}

// causeLine says what caused it and whether it still occurs. "Stopped" stands
// there only with evidence, and with the instant of the act.
func (i Incident) causeLine() Words {
	w := Sentence("Cause: not known yet. ")
	if a := i.Triage.Answer(QuestionCause); a.Given() && !a.Unknown() {
		a.Text = shorten(oneLine(a.Text), 300)
		w = Sentence("Cause: " + strings.ToLower(a.Say(QuestionCause)[:1]) + a.Say(QuestionCause)[1:] + ". ")
	}
	still := i.Triage.Answer(QuestionStill)
	act, acted := i.Acted()
	since := still.At
	how := ", said at "
	if still.Measured {
		since, how = i.Recount.At, ", counted at "
	}
	switch {
	case still.is(Yes) && acted && act.DoneAt.After(since):
		return Sentence(w, "Acted on at ", act.DoneAt, "; not recounted yet.")
	case still.is(Yes) && i.Recount.Growing():
		return Sentence(w, "Still growing: +", i.Recount.Touched-i.Recount.From, " since ", Near(i.Recount.FromAt, i.Recount.At), " (recounted ", i.Recount.At, ").")
	case still.is(Yes) && !still.Measured && i.Recount.Equal >= quietRecounts:
		return Sentence(w, "Still occurring, said at ", since, ", though 0 new since ", Near(i.Recount.Since, i.Recount.At), " (recounted ", i.Recount.At, ").")
	case still.is(Yes):
		return Sentence(w, "Still occurring"+how, since, ".")
	case acted && still.is(No) && i.stoppedByCount(still):
		w = Sentence(w, "Stopped ", Near(act.DoneAt, i.Recount.At), ", 0 new since")
		if i.phase.Live() {
			w = Sentence(w, " (recounted ", i.Recount.At, ")")
		}
		return Sentence(w, ".")
	case acted && still.is(No) && !still.Measured:
		return Sentence(w, "Stopped ", act.DoneAt, ", as said at ", still.At, "; not recounted.")
	case acted:
		return Sentence(w, "Acted on at ", act.DoneAt, "; not recounted yet.")
	case still.is(No) && still.Measured:
		return Sentence(w, "Not growing: 0 new since ", Near(i.Recount.Since, i.Recount.At), " (recounted ", i.Recount.At, "); no act on the cause is recorded.")
	case still.is(No):
		return Sentence(w, "Not occurring any more, as said at ", still.At, "; no act on the cause is recorded.")
	}
	return Sentence(w, "Still occurring: not known yet.")
}

// stoppedByCount says whether counts made after the act bear out that it helped.
func (i Incident) stoppedByCount(still Answer) bool {
	if still.Measured {
		return i.Recount.Quiet >= quietRecounts
	}
	return i.Recount.Quiet > 0
}

func report(i Incident, m Moment) []Words {
	var lines []Words
	for _, p := range m.Plans {
		if p.RunBy == "" {
			continue
		}
		lines = append(lines, Sentence(p.Ref+" "+p.Short()+": asked by ", p.Requester, ", approved by ", p.Approved, ", run by ", p.RunBy, "."))
	}
	for _, line := range m.Followed {
		lines = append(lines, Sentence(line))
	}
	if i.ResolvedWhy != "" {
		lines = append(lines, Sentence("Resolved: "+shorten(oneLine(i.ResolvedWhy), 300)))
	}
	return lines
}

func provenance(i Incident, m Moment) []Words {
	var lines []Words
	if t := m.Tally; t != nil {
		where := t.Table
		if t.Source != "" && !strings.HasPrefix(where, t.Source+".") {
			where = t.Source + "." + where
		}
		lines = append(lines, Sentence(strings.TrimPrefix(t.Run+" in ", " in ")+where+" at ", t.At))
	} else if i.Recount.Measured() {
		lines = append(lines, Sentence(i.Recount.Run+" at ", i.Recount.At))
	} else {
		lines = append(lines, Sentence("Nothing measured yet"))
	}
	if m.Watch != nil {
		lines = append(lines, m.Watch.Words())
	}
	for _, w := range m.Asked {
		lines = append(lines, Sentence("watched: ", w))
	}
	lines = append(lines, caseLines(m.Cases)...)
	if off := i.SwitchedOff(); len(off) > 0 {
		lines = append(lines, Sentence("switched off: "+strings.Join(off, ", ")))
	}
	if n := len(m.Plans); n > 0 && m.Plans[n-1].ExportN > 0 {
		lines = append(lines, Sentence("copy of ", m.Plans[n-1].ExportN, " rows read back"))
	}
	backup, of := m.Backup, ""
	if backup == "" {
		backup = "unknown"
	}
	if i.System != "" {
		of = " of " + i.System
	}
	lines = append(lines, Sentence("backup"+of+": "+backup))
	for _, p := range m.Plans {
		if p.Digest != "" && p.State != "superseded" && p.State != "withdrawn" {
			lines = append(lines, Sentence(p.Ref+" "+p.Short()))
		}
	}
	for _, r := range m.Related {
		lines = append(lines, Sentence(r.Say()))
	}
	if !m.Changed.IsZero() {
		lines = append(lines, Sentence("edited ", m.Changed))
	}
	return lines
}
