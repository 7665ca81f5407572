package incidents

import (
	"fmt"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// ChecklistItem is what an earlier snafu on the same system has left to look at,
// and who looked at it during this one.
type ChecklistItem struct {
	From   ID
	Number int64 // of the follow-up that it is
	Text   string
	By     Actor     // who ticked it, "" for nobody
	At     time.Time // when that was
}

// Ref is how people call it: SNAFU-3.T1.
func (c ChecklistItem) Ref() string { return fmt.Sprintf("%s.T%d", c.From, c.Number) }

// Ticked says whether somebody looked at it.
func (c ChecklistItem) Ticked() bool { return c.By != "" }

// Checklist are the items that concern an incident, of the oldest snafu first.
type Checklist []ChecklistItem

// Open are those that nobody has ticked.
func (l Checklist) Open() (open Checklist) {
	for _, c := range l {
		if !c.Ticked() {
			open = append(open, c)
		}
	}
	return open
}

// Report says for the end how much of it was looked at, and is nothing without a
// checklist.
func (l Checklist) Report() string {
	if len(l) == 0 {
		return ""
	}
	open := l.Open()
	if len(open) == 0 {
		return fmt.Sprintf("Checklist of earlier snafus: all %d ticked.", len(l))
	}
	var named []string
	for _, c := range open {
		named = append(named, c.Ref()+" "+shorten(c.Text, 80))
	}
	return shorten(fmt.Sprintf("Checklist of earlier snafus: %d of %d ticked. Not ticked: %s", len(l)-len(open), len(l), strings.Join(named, "; ")), 600) + "."
}

func (p PostMortem) checklist() Section {
	s := Section{Title: "Checklist of earlier snafus", None: "No earlier snafu on the system had left one."}
	for _, c := range p.Aftermath.Checklist {
		ticked := Sentence("not ticked")
		if c.Ticked() {
			ticked = Sentence(c.By, ", ", Dated(c.At))
		}
		s.Head = []string{"Item", "What", "Ticked"}
		s.Rows = append(s.Rows, []Words{Sentence(c.Ref()), Sentence(oneLine(c.Text)), ticked})
	}
	return s
}

// ChecklistTicked says that somebody looked at an item.
type ChecklistTicked struct {
	Item string // SNAFU-3.T1
	Text string
}

// Kind names the fact.
func (ChecklistTicked) Kind() string { return "checklist-ticked/1" }

// Words tell it.
func (f ChecklistTicked) Words(by Actor) Words {
	return Sentence("Checklist: ", by, " ticked "+f.Item+", "+f.Text+".")
}

// ChecklistUnticked says that an item is to be looked at after all.
type ChecklistUnticked ChecklistTicked

// Kind names the fact.
func (ChecklistUnticked) Kind() string { return "checklist-unticked/1" }

// Words tell it.
func (f ChecklistUnticked) Words(by Actor) Words {
	return Sentence("Checklist: ", by, " took the tick off "+f.Item+", "+f.Text+".")
}

// find reads the name of an item as people type it: SNAFU-3.T1, or 3.T1.
func (l Checklist) find(ref string) (ChecklistItem, error) {
	word := strings.ToUpper(strings.TrimSpace(ref))
	for _, c := range l {
		if word == c.Ref() || word == strings.TrimPrefix(c.Ref(), "SNAFU-") {
			return c, nil
		}
	}
	if len(l) == 0 {
		return ChecklistItem{}, refusal.NotFound("No earlier snafu on this system has left a checklist. A follow-up marked checklist shows up at the next one.")
	}
	return ChecklistItem{}, refusal.NotFound("There is no item %q. `/snafu todos` shows the checklist with its names, for example %s.", shorten(ref, 40), l[0].Ref())
}

// Tick says that somebody looked at an item, or with on false that nobody did
// after all. It refuses with NotFound an unknown item, and with Conflict one that
// stands so already and an incident that is over.
func (i Incident) Tick(l Checklist, ref string, on bool, by Actor, at time.Time) (ChecklistItem, Fact, error) {
	c, err := l.find(ref)
	switch {
	case err != nil:
		return c, nil, err
	case i.phase.Ended():
		return c, nil, refusal.Conflict("%s is %s, and its checklist stays as it was. `/snafu reopen WHY` takes it up again.", i.ID, strings.ToLower(i.phase.String()))
	case on && c.Ticked():
		return c, nil, refusal.Conflict("%s is ticked already, by %s.", c.Ref(), c.By.Mention())
	case !on && !c.Ticked():
		return c, nil, refusal.Conflict("Nobody has ticked %s.", c.Ref())
	}
	f := ChecklistTicked{Item: c.Ref(), Text: c.Text}
	if !on {
		c.By, c.At = "", time.Time{}
		return c, ChecklistUnticked(f), nil
	}
	c.By, c.At = by, at
	return c, f, nil
}
