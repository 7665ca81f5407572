package view

import (
	"fmt"
	"strings"

	"snafu/rollback"
)

// evidenced says what a restore or a reconstruction rests on, what became of it
// when it was frozen, and what it leaves alone.
func evidenced(p PlanCard) (lines []string) {
	e, found := p.Spec.Evidence, p.Freeze.Evidence
	if e == nil {
		return nil
	}
	lines = append(lines, restsOn(p))
	if found == nil {
		return lines
	}
	unit := Escape(p.Spec.Unit)
	if n := p.Freeze.Classes().Missing; n > 0 {
		lines = append(lines, fmt.Sprintf("%s are gone now, and stay gone.", Number(n)))
	}
	for _, l := range []struct {
		n    int64
		says string
	}{
		{found.Absent, "are not known to it, and stay as they are."},
		{found.Erased, "were erased for good: their values do not come back."},
		{found.Outdated, "changed between the backup and the run, so it does not say what they were."},
		{found.Guesses, "have several possible values, and are left out."},
		{found.ByHand, "hold newer values that people settle by hand: they stand in the export as conflicts."},
	} {
		if l.n > 0 {
			lines = append(lines, Number(l.n)+" "+l.says)
		}
	}
	if found.Newer > 0 {
		lines = append(lines, fmt.Sprintf(":red_circle: *%s %s* hold newer values that people entered since. They are overwritten with the backup's.", Number(found.Newer), unit))
	}
	lines = append(lines, besides(*e, *found)...)
	lines = append(lines, covered(*found)...)
	if e.Spot != nil {
		lines = append(lines, compared(e.Spot))
	}
	return lines
}

// restsOn is the source of a plan that no history is the source of.
func restsOn(p PlanCard) string {
	e := p.Spec.Evidence
	if e.From == rollback.FromBackup {
		return fmt.Sprintf("From backup `%s`, last saved %s, %s before the run began (statement `%.12s`, %s records in the copy).",
			Escape(e.Name), Day(e.LastSaved), rollback.Lasting(p.Spec.Scope.From.Sub(e.LastSaved)), e.SHA256, Number(e.Records))
	}
	line := fmt.Sprintf("From evidence `%s` (file `%.12s`", Escape(e.Name), e.SHA256)
	if e.Source != "" {
		line += ", asked in " + Escape(e.Source)
	}
	line += ")"
	if e.Rule != "" {
		line += ": " + Escape(e.Rule)
	}
	return line + "."
}

// besides is what a second evidence says of the same records, and what somebody
// decided where it says something else.
func besides(e rollback.Evidence, found rollback.EvidenceFound) []string {
	b := e.Beside
	if b == nil {
		return nil
	}
	line := fmt.Sprintf("Beside it `%s` (file `%.12s`): %s.", Escape(b.Name), b.SHA256, Escape(b.Rule))
	switch {
	case found.Disagree == 0:
		return []string{line + " They disagree about none."}
	case b.Take == "":
		return []string{line, fmt.Sprintf(":red_circle: *They disagree about %s: nobody has decided which counts, so none of these is written.*", Number(found.Disagree))}
	case b.Take == rollback.TakeNeither:
		return []string{line, fmt.Sprintf("They disagree about %s, which stay as they are: %s decided so (%s).", Number(found.Disagree), Mention(b.By), Escape(b.Why))}
	}
	return []string{line, fmt.Sprintf("They disagree about %s: `%s` counts, %s decided (%s).", Number(found.Disagree), Escape(b.Take), Mention(b.By), Escape(b.Why))}
}

// mostCovered is how many groups a card lists.
const mostCovered = 12

// covered is how much can be restored, of all and of each group.
func covered(f rollback.EvidenceFound) (lines []string) {
	whole := f.Whole()
	lines = append(lines, "Coverage: "+whole.Share()+" can be restored.")
	if len(f.Coverage) == 1 && f.Coverage[0].Group == "" {
		return lines
	}
	var groups []string
	for i, g := range f.Coverage {
		if i == mostCovered {
			groups = append(groups, fmt.Sprintf("and %d more", len(f.Coverage)-i))
			break
		}
		name := Escape(rollback.Discreet(rollback.GroupLabel(g.Group)))
		if name == "" {
			name = "(no group)"
		}
		line := name + " " + g.Share()
		if g.Held {
			line += ", stays contained"
		}
		groups = append(groups, line)
	}
	return append(lines, strings.Join(groups, " · "))
}

// was is what a cohort's records were; where each was something of its own, how
// sure the evidence is of it.
func was(k rollback.Cohort) string {
	if k.Each() && k.Pair.Initial == nil {
		return string(k.Confidence)
	}
	return k.Pair.Initial.String()
}

// is is what they hold now.
func is(k rollback.Cohort) string {
	if k.Kind == rollback.CohortReinsert {
		return "deleted"
	}
	if k.Each() && k.Pair.Error == nil {
		return rollback.NewerValue
	}
	return k.Pair.Error.String()
}
