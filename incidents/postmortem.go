package incidents

import (
	"maps"
	"slices"
	"time"
)

// Aftermath is what a post-mortem needs beside the Summary. What is empty was
// not recorded, and the post-mortem says so.
type Aftermath struct {
	Timeline  []TimelineLine
	Walk      Walk
	Whys      Whys
	Board     Board
	Follow    []FollowUp
	Checklist Checklist // of earlier incidents
	Cases     []Case
	Told      []ToldLine
	Reached   map[Milestone]Reached
	Again     []PostMortem // of incidents in which the same came back, the oldest first
	Entries   int64        // of the journal when it was written
	Head      string       // of its chain, in hex
}

// TimelineLine is one entry of the journal as people read it.
type TimelineLine struct {
	Ref  string    // SNAFU-42 #17
	At   time.Time // when it was recorded
	When time.Time // when it happened, if that is another instant
	By   Actor
	Kind string
	Say  Words
}

// ToldLine is one version of a message to customers, in numbers.
type ToldLine struct {
	Segment string
	State   string
	Count   int64
	At      time.Time
}

// PostMortem is what is learned from an incident, made from the same Summary
// and journal as everything else. People stand in it as owners and as those who
// acted, never in a cause.
type PostMortem struct {
	Made      time.Time
	Incident  Incident
	Summary   Summary
	Tally     *Tally
	Plans     []PlanLine
	Backup    string
	Aftermath Aftermath
	Well      []Words
}

// Report makes the post-mortem of an incident at a moment.
func Report(i Incident, m Moment, a Aftermath) PostMortem {
	p := PostMortem{
		Made: m.At, Incident: i, Summary: Summarize(i, m), Plans: m.Plans, Backup: m.Backup, Aftermath: a,
	}
	if m.Tally != nil && p.Summary.Broken == nil {
		p.Tally = m.Tally
	}
	p.Well = wentWell(p)
	return p
}

// wentWell says what the milestones and the numbers speak well of.
func wentWell(p PostMortem) []Words {
	var lines []Words
	took := func(from, to Milestone, say string) {
		a, b := p.Aftermath.Reached[from].First, p.Aftermath.Reached[to].First
		if !a.IsZero() && !b.Before(a) {
			lines = append(lines, Sentence(say+" "+Took(b.Sub(a))+"."))
		}
	}
	took(MilestoneCalled, MilestoneAnswered, "After the first call somebody was on it within")
	took(MilestoneOpened, MilestoneContained, "From the opening to the cause contained it took")
	took(MilestoneOpened, MilestoneResolved, "From the opening to the data right again or decided upon it took")
	for _, plan := range p.Plans {
		if n := int64(len(plan.Approved)); n > 1 && plan.RunBy != "" {
			lines = append(lines, Sentence(plan.Ref+" wrote after ", n, " people had approved exactly what it was to write."))
		}
	}
	if t := p.Tally; t != nil {
		if t.Kept > 0 {
			lines = append(lines, Sentence(t.Kept, " "+unit(t)+" that people had set since were left as they are."))
		}
		if t.Left == 0 && t.Fixed > 0 {
			lines = append(lines, Sentence("No record was left wrong without a decision."))
		}
	}
	return lines
}

// nameless is a cause in the words of whoever wrote it, without a person in it:
// whom they mentioned is not what is to be mended.
func nameless(text string) string {
	return named.ReplaceAllString(oneLine(text), "${1}${2}[somebody]")
}

// KindName is the kind of a fact without its version: "approval given".
func KindName(kind string) string {
	name := []rune(kind)
	for n, r := range name {
		switch r {
		case '/':
			return string(name[:n])
		case '-':
			name[n] = ' '
		}
	}
	return string(name)
}

// People are all who act or own something in the post-mortem, each once.
func (p PostMortem) People() []Person {
	seen := map[Person]bool{}
	add := func(all ...Person) {
		for _, one := range all {
			if one != "" {
				seen[one] = true
			}
		}
	}
	add(p.Incident.Lead, p.Incident.Reporter)
	for _, l := range p.Aftermath.Timeline {
		if by, ok := l.By.Person(); ok {
			add(by)
		}
	}
	for _, line := range p.Plans {
		add(append([]Person{line.Requester, line.RunBy}, line.Approved...)...)
	}
	for _, f := range p.Aftermath.Follow {
		add(f.Owner)
	}
	for _, try := range p.Aftermath.Board {
		add(try.Owner)
	}
	return slices.Sorted(maps.Keys(seen))
}
