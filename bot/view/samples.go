package view

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// PlanSamples shows records of each cohort of a plan as its freeze found them,
// to one person; seed is that of these records.
func PlanSamples(p PlanCard, cohorts []rollback.Cohort, found []rollback.Sampled, seed int64) Message {
	var lines []string
	last := int64(-1)
	for _, s := range found {
		if s.Cohort != last {
			last = s.Cohort
			lines = append(lines, sampledCohort(cohorts, s.Cohort))
		}
		lines = append(lines, sampledLine(s))
	}
	if len(found) == 0 {
		lines = append(lines, "It has no records.")
	}
	more := p.Stamp()
	more.Choice = strconv.FormatInt(seed+1, 10)
	notes := []string{"Only you see this. Personal columns are masked.", "as frozen at " + Clock(p.Freeze.At)}
	if len(cohorts) > rollback.SampledCohorts {
		notes = append(notes, fmt.Sprintf("`/snafu example %s 11` shows records of cohort 11.", p.Spec.Ref))
	}
	return Message{
		Text:   fmt.Sprintf("%s: %d records of %s, to you alone", p.Spec.Incident, len(found), p.Spec.Ref),
		Blocks: stack(section(fmt.Sprintf("*Records of %s*", p.Spec.Is())), paragraphs(lines), context(notes...), buttons("samples", button("example.more", "Others", more))),
	}
}

func sampledCohort(cohorts []rollback.Cohort, number int64) string {
	for _, k := range cohorts {
		if k.Number == number {
			return fmt.Sprintf("*Cohort %d* · %s → %s · should be %s", number, value(k.Pair.Initial), value(k.Pair.Error), Escape(cell(k.Should())))
		}
	}
	return "*Without a decision*"
}

func sampledLine(s rollback.Sampled) string {
	parts := []string{"• *" + Escape(cell(s.Key)) + "*"}
	if s.Was != nil || s.Is != nil {
		parts = append(parts, value(s.Was)+" → "+value(s.Is))
	}
	switch {
	case s.Current == nil && s.Class == rollback.ClassMissing: // its class says it
	case s.Current == nil:
		parts = append(parts, "gone")
	case !s.Current.Equal(s.Is):
		parts = append(parts, "is now "+value(s.Current))
	}
	if s.Class == rollback.ClassWrite && s.Should != nil {
		parts = append(parts, "should be "+value(s.Should))
	}
	parts = append(parts, s.Class.Words())
	for _, f := range s.Fields {
		parts = append(parts, Escape(f.Name)+" "+Escape(cell(f.Value.String())))
	}
	return strings.Join(parts, " · ")
}

// samplesButton shows records of a plan to whoever presses it.
func samplesButton(p PlanCard) *slack.ButtonBlockElement {
	return button("example.show", "Examples", p.Stamp())
}
