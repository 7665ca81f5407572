package incidents

import (
	"regexp"
	"strings"
	"time"
)

// A mention as Slack writes it, or as people type it; what stands in front of
// the sign stays. An address is none.
var named = regexp.MustCompile(`()<@[^>\s]*>|(^|[^\pL\pN._%+-])@[\pL\pN._-]+`)

// Section is one chapter of a post-mortem: sentences, a list, and a table.
type Section struct {
	Title string
	Say   []Words
	List  []Words
	Head  []string
	Rows  [][]Words
	None  string // said when there is nothing else
}

// Empty says whether nothing was recorded for it.
func (s Section) Empty() bool { return len(s.Say)+len(s.List)+len(s.Rows) == 0 }

// Sections are the chapters, always the same and in the same order; one for
// which nothing was recorded says so.
func (p PostMortem) Sections() []Section {
	return []Section{
		p.summary(), p.impact(), p.timeline(), p.causes(), p.walk(), p.options(), p.repair(),
		p.customers(), p.backups(),
		{Title: "What went well", List: p.Well, None: "Nothing was recorded that could be counted."},
		p.followUps(), p.checklist(), p.links(), p.audit(),
	}
}

func (p PostMortem) summary() Section {
	s := Section{Title: "Summary", Say: []Words{p.Summary.Status, p.Summary.Numbers, p.Summary.Customers, blameless(p.Summary.Cause)}}
	s.Say = append(s.Say, p.Summary.Alarms...)
	s.Head = []string{"Milestone", "First", "Last"}
	for _, m := range []Milestone{
		MilestoneOpened, MilestoneCalled, MilestoneAnswered, MilestoneContained, MilestoneDecided, MilestoneProposed, MilestoneApproved,
		MilestoneStarted, MilestoneVerified, MilestoneTold, MilestoneResolved, MilestoneReopened, MilestoneClosed,
	} {
		r, ok := p.Aftermath.Reached[m]
		if !ok {
			continue
		}
		row := []Words{Sentence(string(m)), Sentence(Dated(r.First)), Sentence("-")}
		if r.Last.After(r.First) {
			row[2] = Sentence(Dated(r.Last))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// impact is who was affected and who was not, with every cohort.
func (p PostMortem) impact() Section {
	s := Section{Title: "Impact"}
	t := p.Tally
	if t == nil {
		s.Say = []Words{p.Summary.Numbers}
		return s
	}
	s.Say = []Words{
		Sentence("Affected: ", t.Wrong, " of ", t.Touched, " touched "+unit(t)+" were wrong."),
		Sentence("Not affected: ", t.AsIntended, " were right all along, ", t.Untouched, " "+first(t.UntouchedWhat, unit(t))+" in the table were never touched."),
	}
	if t.Undecided > 0 {
		s.Say = append(s.Say, Sentence("Not decided: ", t.Undecided, "."))
	}
	s.Head = []string{"Was", "Became", "Should be", "Wrong", "Fixed", "Kept", "Not restorable", "Left"}
	for _, r := range t.Rows {
		row := []Words{Sentence(r.Was), Sentence(r.Now), Sentence(r.Should)}
		switch {
		case r.AsIntended:
			row = append(row, Sentence(r.Total, " as intended"), nil, nil, nil, nil)
		case r.Undecided:
			row = append(row, Sentence(r.Total, " to decide"), nil, nil, nil, nil)
		default:
			row = append(row, Sentence(r.Wrong), Sentence(r.Fixed), Sentence(r.Kept), Sentence(r.Unrestorable), Sentence(r.Left))
		}
		s.Rows = append(s.Rows, row)
	}
	all := p.Summary.Total
	s.Rows = append(s.Rows, []Words{
		Sentence("all wrong"), nil, nil, Sentence(all.Wrong), Sentence(all.Fixed), Sentence(all.Kept), Sentence(all.Unrestorable), Sentence(all.Left),
	})
	return s
}

func (p PostMortem) timeline() Section {
	s := Section{Title: "Timeline", Head: []string{"When", "Entry", "Who", "What"}, None: "Nothing was recorded."}
	for _, l := range p.Aftermath.Timeline {
		when := l.At
		say := l.Say
		if !l.When.IsZero() && !l.When.Equal(l.At) {
			when, say = l.When, Sentence(say, " (recorded ", Dated(l.At), ")")
		}
		s.Rows = append(s.Rows, []Words{Sentence(Dated(when)), Sentence(l.Ref), Sentence(l.By), say})
	}
	return s
}

// causes is the tree of whys, each level further in; triage says it before.
func (p PostMortem) causes() Section {
	s := Section{Title: "Cause", Say: []Words{blameless(p.Summary.Cause)}}
	for _, n := range p.Aftermath.Whys.Standing() {
		mark := ""
		if n.Mark != WhyPlain {
			mark = " [" + string(n.Mark) + "]"
		}
		evidence := ""
		if n.Evidence != "" {
			evidence = " (" + nameless(n.Evidence) + ")"
		}
		s.List = append(s.List, Sentence(strings.Repeat("— ", n.Ref.Depth()-1)+string(n.Ref)+" "+nameless(n.Text)+mark+evidence))
	}
	switch {
	case len(s.List) > 0:
	case p.Aftermath.Whys.Skipped != "":
		s.Say = append(s.Say, Sentence("Five whys skipped: "+nameless(p.Aftermath.Whys.Skipped)))
	default:
		s.Say = append(s.Say, Sentence("Nobody asked further why."))
	}
	return s
}

func (p PostMortem) walk() Section {
	s := Section{Title: "Walk-through", None: "Nobody walked through the flow."}
	w := p.Aftermath.Walk
	for n, step := range w {
		went := "right"
		switch {
		case int64(n+1) == w.Broke():
			went = "broke here"
		case step.Went == WentWrong:
			went = "wrong"
		case step.Went == WentUnseen:
			went = "not looked at"
		}
		s.Head = []string{"Step", "Expected", "Observed", "Went"}
		s.Rows = append(s.Rows, []Words{Sentence(nameless(step.Step)), Sentence(nameless(step.Expected)), Sentence(nameless(step.Observed)), Sentence(went)})
	}
	return s
}

func (p PostMortem) options() Section {
	s := Section{Title: "What was tried", None: "Nothing stands on the options board."}
	for _, try := range p.Aftermath.Board {
		result := try.Result.Say()
		if try.Counted {
			result += ", " + Count(try.Count)
		}
		if try.Said != "" {
			result += ": " + oneLine(try.Said)
		}
		s.Head = []string{"Option", "Approach", "Owner", "Result"}
		s.Rows = append(s.Rows, []Words{Sentence(try.Ref()), Sentence(oneLine(try.Approach)), Sentence(try.Owner), Sentence(result)})
	}
	return s
}

// repair is every plan with what it was to write and wrote, and by whom it was
// asked for, approved and run.
func (p PostMortem) repair() Section {
	s := Section{Title: "Repair", None: "No plan was made."}
	for _, line := range p.Plans {
		s.Head = []string{"Plan", "Digest", "State", "To write", "Written", "Conflicts", "Failed", "Asked by", "Approved by", "Run by"}
		run := Sentence("-")
		if line.RunBy != "" {
			run = Sentence(line.RunBy)
		}
		s.Rows = append(s.Rows, []Words{
			Sentence(line.Ref), Sentence(line.Digest), Sentence(line.State), Sentence(line.Writes), Sentence(line.Written), Sentence(line.Conflicts),
			Sentence(line.Failed), Sentence(line.Requester), Sentence(line.Approved), run,
		})
		if line.Glass != "" {
			s.Say = append(s.Say, Sentence("Break-glass: "+line.Ref+" ran on the approval of who asked for it ("+oneLine(line.Glass)+"); ", line.Reviews, " reviews are missing."))
		}
	}
	if t := p.Summary.Total; len(p.Summary.Table) > 0 {
		s.Say = append(s.Say, Sentence("In all ", t.Fixed, " fixed, ", t.Kept, " kept as people set them, ", t.Unrestorable, " not restorable, ", t.Left, " left."))
	}
	return s
}

func (p PostMortem) customers() Section {
	s := Section{Title: "Customers", Say: []Words{p.Summary.Customers}}
	for _, told := range p.Aftermath.Told {
		s.List = append(s.List, Sentence(told.Segment+": ", told.Count, " "+told.State))
	}
	for _, c := range p.Aftermath.Cases {
		line := Sentence(c.Named())
		if c.Whom == CaseVendor && c.Answered.IsZero() {
			line = Sentence(line, ", not answered")
		} else if !c.Answered.IsZero() {
			line = Sentence(line, ", answered ", Dated(c.Answered))
		}
		s.List = append(s.List, line)
	}
	return s
}

func (p PostMortem) backups() Section {
	backup := p.Backup
	if backup == "" {
		backup = "unknown"
	}
	s := Section{Title: "Backups", Say: []Words{Sentence("Backup: " + backup)}}
	for _, line := range p.Plans {
		if line.ExportN > 0 {
			s.List = append(s.List, Sentence("Before "+line.Ref+" wrote, a copy of ", line.ExportN, " rows was made and read back."))
		}
	}
	return s
}

func (p PostMortem) followUps() Section {
	s := Section{Title: "Follow-ups", None: "No follow-up was recorded."}
	for _, f := range p.Aftermath.Follow {
		owner, due := Sentence("nobody yet"), Sentence("not set")
		if f.Owner != "" {
			owner = Sentence(f.Owner)
		}
		if !f.Due.IsZero() {
			due = Sentence(f.Due.UTC().Format(time.DateOnly))
		}
		state := string(f.State)
		if f.Why != "" {
			state += ": " + oneLine(f.Why)
		}
		s.Head = []string{"Follow-up", "What", "Owner", "Due", "For", "Safeguard", "State"}
		s.Rows = append(s.Rows, []Words{
			Sentence(f.Ref()), Sentence(oneLine(f.Text)), owner, due, Sentence(string(f.For)), Sentence(oneLine(f.Safeguard)), Sentence(state),
		})
	}
	return s
}

func (p PostMortem) links() Section {
	s := Section{Title: "Links", None: "None."}
	if p.Incident.ChannelName != "" {
		s.List = append(s.List, Sentence("Channel: #"+p.Incident.ChannelName))
	}
	for _, c := range p.Aftermath.Cases {
		if c.URL != "" {
			s.List = append(s.List, Sentence(c.Named()+": "+c.URL))
		}
	}
	for _, f := range p.Aftermath.Follow {
		if f.Ticket != "" {
			s.List = append(s.List, Sentence(f.Ref()+": "+oneLine(f.Ticket)))
		}
	}
	return s
}

func (p PostMortem) audit() Section {
	s := Section{Title: "Audit", Say: []Words{
		Sentence("Journal of "+p.Incident.Key()+": ", p.Aftermath.Entries, " entries, head "+p.Aftermath.Head+"."),
		Sentence("Check it: snafu audit verify --incident " + p.Incident.Key()),
	}}
	s.List = append(s.List, p.Summary.Provenance...)
	return s
}

// blameless is a sentence about a cause without any person in it.
func blameless(w Words) Words {
	out := make(Words, len(w))
	for n, word := range w {
		switch {
		case word.Person != "":
			word = Word{Text: "[somebody]"}
		case word.Text != "":
			word.Text = named.ReplaceAllString(word.Text, "${1}${2}[somebody]")
		}
		out[n] = word
	}
	return out
}
