package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Briefed says what somebody has told a manager, word for word.
type Briefed struct {
	By, To Person
	Text   string
}

// Kind names the fact.
func (Briefed) Kind() string { return "briefed/1" }

// BriefMax is the longest text to a manager, in characters.
const BriefMax = 2000

// Brief checks what somebody wants to tell a manager. It refuses with Invalid
// an empty or too long text, and a brief to nobody or to oneself.
func (i Incident) Brief(by, to Person, text string) (Briefed, error) {
	text = clean(text)
	switch {
	case to == "":
		return Briefed{}, refusal.Invalid("Whom shall I tell? Write /snafu brief @manager.")
	case to == by:
		return Briefed{}, refusal.Invalid("That would go to yourself. /snafu status shows you where %s stands.", i.ID)
	case text == "":
		return Briefed{}, refusal.Invalid("A brief needs a few words.")
	case len([]rune(text)) > BriefMax:
		return Briefed{}, refusal.Invalid("That is longer than %d characters. A manager reads less.", BriefMax)
	}
	return Briefed{By: by, To: to, Text: text}, nil
}

// BriefDraft is what can be told to a manager at a moment, made from data alone:
// what, since when, how much, the ways out, and what nobody knows yet. Instants
// are shown in a zone, UTC if it is nil; lead is the name of who leads.
func BriefDraft(i Incident, m Moment, lead string, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	clock := func(at time.Time) string {
		if at.In(zone).YearDay() == m.At.In(zone).YearDay() && m.At.Sub(at).Abs() < 24*time.Hour {
			return at.In(zone).Format("15:04 MST")
		}
		return at.In(zone).Format("2 Jan 15:04 MST")
	}
	plain := func(w Words) string {
		var b strings.Builder
		for _, word := range w {
			switch {
			case !word.Time.IsZero():
				b.WriteString(clock(word.Time))
			case word.Person != "":
				b.WriteString("a colleague")
			default:
				b.WriteString(word.Text)
			}
		}
		return b.String()
	}
	s := Summarize(i, m)
	since := "Since: when it began is not known yet; opened " + clock(i.Opened)
	if began := i.Triage.Answer(QuestionBegan); !began.Time.IsZero() {
		since = "Since: " + clock(began.Time) + "; opened " + clock(i.Opened)
	}
	lines := []string{
		"What: " + i.Title + " (" + i.Key() + ", " + i.Severity.String() + ", " + i.phase.String() + ")",
		since,
		"Size: " + strings.TrimPrefix(plain(s.Numbers), "Size "),
		plain(s.Customers),
		plain(s.Cause),
		"Way out: " + wayOut(i, m),
	}
	if open := unknowns(i); open != "" {
		lines = append(lines, "Not known yet: "+open)
	}
	lines = append(lines, "Next: "+plain(s.Next))
	if i.phase.Live() && !m.Promise.IsZero() {
		lines = append(lines, "Next update by "+clock(m.Promise))
	}
	return strings.Join(append(lines, "Lead: "+lead), "\n")
}

// wayOut says what puts it right again, as far as that is planned.
func wayOut(i Incident, m Moment) string {
	var ways []string
	for _, p := range m.Plans {
		switch p.State {
		case "proposed":
			ways = append(ways, p.Ref+" would write "+Count(p.Writes)+", and waits for approvals")
		case "approved":
			ways = append(ways, p.Ref+" would write "+Count(p.Writes)+", and is approved")
		case "running", "paused":
			ways = append(ways, p.Ref+" has written "+Count(p.Written)+" of "+Count(p.Writes))
		case "draft", "frozen":
			ways = append(ways, p.Ref+" is being prepared")
		}
	}
	switch {
	case ways != nil:
		return strings.Join(ways, "; ")
	case m.Tally != nil && m.Tally.Holds() == nil && m.Tally.Left == 0 && m.Tally.Undecided == 0 && m.Tally.Wrong > 0:
		return "nothing is left to be fixed"
	case !i.phase.Live():
		return "it is " + string(i.phase)
	case m.Tally != nil && m.Tally.Left > 0:
		return "what is wrong is counted; the repair is not planned yet"
	}
	return "not known yet, what is wrong is being found out"
}

// unknowns are the questions that nobody has an answer to.
func unknowns(i Incident) string {
	var open []string
	for _, q := range []struct {
		n   Question
		say string
	}{
		{QuestionRun, "which run did it"},
		{QuestionStill, "whether it still occurs"},
		{QuestionBegan, "when it began"},
		{QuestionCause, "the cause"},
		{QuestionCustomers, "whether it reached customers"},
		{QuestionExposed, "whether anybody saw what they should not"},
	} {
		if a := i.Triage.Answer(q.n); !a.Given() || a.Unknown() {
			open = append(open, q.say)
		}
	}
	return strings.Join(open, ", ")
}
