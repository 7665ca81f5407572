package incidents

import (
	"strings"
	"time"
	"unicode/utf8"

	"snafu/incidents/refusal"
)

// Evidence is what the end of an incident is judged by.
type Evidence struct {
	Tally     *Tally // the newest count; nil if nothing was ever counted
	Plans     []PlanLine
	LastWrite time.Time // the newest write of any plan

	FollowUps FollowUps
	Cases     []Case
	FixNoted  bool // somebody recorded what was done about the process
	Exported  bool // the post-mortem was written since it was last taken up
	Walk      Walk
	Whys      Whys
	Waivers   []Waiver  // items of the close gate that the lead let pass
	Log       *LogState // nil: nobody has looked
}

// LogState is what a look at the log of an incident has found.
type LogState struct {
	Fault  string    // the first entry that does not verify, in words; "" if all do
	Untold int64     // entries that Slack was not told, and for how long
	Since  time.Time // when the oldest of them was written
}

// Waiver lets the lead close without an item of the gate.
type Waiver struct {
	Item string
	Why  string
	By   Actor
	At   time.Time
}

// Gate is one thing that has to be true before the end.
type Gate struct {
	Item   string // its stable name; "" where nothing is waived one by one
	Number int64
	Name   string
	Met    bool
	Say    string    // if not met: what is missing and the next step
	Until  time.Time // if not met and only time is missing: when it will be
	Waived bool      // not met, and a reason lets it pass
	Why    string    // that reason, and whose it is
	By     Actor
	Hard   bool // no reason lets it pass
}

// GateWaived says that the lead lets an item of the close gate pass.
type GateWaived struct {
	Item string
	Name string
	Why  string
}

// Kind names the fact.
func (GateWaived) Kind() string { return "gate-waived/1" }

// CloseDue says that nothing came back for as long as the gate wants.
type CloseDue struct {
	LastWrite time.Time
	Hours     int64
}

// Kind names the fact.
func (CloseDue) Kind() string { return "close-due/1" }

// Words tell it.
func (f CloseDue) Words() Words {
	return Sentence("The last write is ", f.Hours, " h old. Next: count once more with /snafu count, then close it: /snafu close.")
}

// QuietFor is how long nothing may come back after the last write.
func (s Severity) QuietFor() time.Duration {
	if s == SEV3 {
		return 4 * time.Hour
	}
	return 24 * time.Hour
}

// closeItem is a row of the gate before the close.
type closeItem struct {
	number int64
	item   string
	name   string
	hard   bool
	// unmet is what is missing and the next step, "" if nothing is.
	unmet func(Incident, Evidence, time.Time) (say string, until time.Time)
	// wanted says whether this is asked for at all; nil is always.
	wanted func(Incident, Evidence) bool
}

var closeItems = []closeItem{
	{number: 1, item: "holds", name: "nothing is held", hard: true, unmet: unheld},
	{number: 2, item: "log", name: "all is told, and the log verifies", hard: true, unmet: unverified, wanted: func(_ Incident, e Evidence) bool { return e.Log != nil }},
	{number: 3, item: "quiet", name: "nothing came back since the last write", unmet: unquiet},
	{number: 4, item: "released", name: "what was stopped runs again", unmet: unreleased},
	{number: 5, item: "customers", name: "customers told, or none affected", unmet: untold},
	{number: 6, item: "cause", name: "root cause known", unmet: uncaused},
	{number: 7, item: "follow-ups", name: "each follow-up has owner, due date and safeguard", unmet: unowned},
	{number: 9, item: "cases", name: "each case has its answer", unmet: unanswered, wanted: func(_ Incident, e Evidence) bool { return len(e.Cases) > 0 }},
	{number: 10, item: "post-mortem", name: "post-mortem exported", unmet: unexported, wanted: func(i Incident, _ Evidence) bool { return i.Severity <= SEV2 }},
}

// CloseGate returns what Close demands, in order. A reason of 10 characters or
// more lets all pass that is not met and not hard.
func (i Incident) CloseGate(e Evidence, why string, at time.Time) []Gate {
	var gates []Gate
	for _, row := range closeItems {
		if row.wanted != nil && !row.wanted(i, e) {
			continue
		}
		say, until := row.unmet(i, e, at)
		g := Gate{Item: row.item, Number: row.number, Name: row.name, Hard: row.hard, Met: say == "", Say: say, Until: until}
		for _, w := range e.Waivers {
			if w.Item == row.item && !g.Met && !g.Hard {
				g.Waived, g.Why, g.By = true, w.Why, w.By
			}
		}
		gates = append(gates, g)
	}
	return waive(gates, why)
}

// WaiveGate lets an item of the close gate pass. Only the lead can, once the
// incident is resolved. It refuses with Invalid an unknown item and a reason of
// fewer than 10 characters, and with Conflict one that is met, and those that no
// reason lets pass.
func (i Incident) WaiveGate(by Actor, e Evidence, number int64, why string, at time.Time) (Waiver, GateWaived, error) {
	if i.phase != PhaseResolved {
		return Waiver{}, GateWaived{}, refusal.Conflict("%s is %s. What the close demands is waived once it is resolved.", i.ID, i.phase)
	}
	if err := i.led(by, "waive an item of"); err != nil {
		return Waiver{}, GateWaived{}, err
	}
	why = shorten(oneLine(why), textMax)
	for _, g := range i.CloseGate(e, "", at) {
		switch {
		case g.Number != number:
			continue
		case g.Hard:
			return Waiver{}, GateWaived{}, refusal.Conflict("Item %d (%s) can't be waived, whatever the reason.", number, g.Name)
		case g.Met:
			return Waiver{}, GateWaived{}, refusal.Conflict("Item %d (%s) is met, so there is nothing to waive.", number, g.Name)
		case g.Waived:
			return Waiver{}, GateWaived{}, refusal.Conflict("Item %d (%s) is waived already.", number, g.Name)
		case utf8.RuneCountInString(why) < whyMin:
			return Waiver{}, GateWaived{}, refusal.Invalid("A waiver needs a reason of %d characters or more: /snafu close waive %d WHY.", whyMin, number)
		}
		return Waiver{Item: g.Item, Why: why, By: by, At: at}, GateWaived{Item: g.Item, Name: g.Name, Why: why}, nil
	}
	return Waiver{}, GateWaived{}, refusal.Invalid("The close demands nothing of number %d. Its card in the channel shows what it demands.", number)
}

func unheld(i Incident, _ Evidence, _ time.Time) (string, time.Time) {
	open, _ := i.held()
	if len(open) == 0 {
		return "", time.Time{}
	}
	return strings.Join(open, ", ") + " is not finished. Run it, reject it or abort it first.", time.Time{}
}

func unverified(_ Incident, e Evidence, _ time.Time) (string, time.Time) {
	switch {
	case e.Log.Fault != "":
		return "the log does not verify (" + e.Log.Fault + "). Who looks after snafu reads more with snafu audit verify.", time.Time{}
	case e.Log.Untold > 0:
		return Count(e.Log.Untold) + " " + plural(e.Log.Untold, "entry was", "entries were") + " not told in Slack yet, the oldest since " +
			e.Log.Since.UTC().Format("15:04 UTC") + ". I go on trying; wait until they are.", time.Time{}
	}
	return "", time.Time{}
}

// unquiet wants a count that was made when the last write was old enough: that
// nobody looked is no sign that nothing came back.
func unquiet(i Incident, e Evidence, at time.Time) (string, time.Time) {
	if i.regrown() {
		return "the last counts found more records. Reopen it: /snafu reopen again WHY.", time.Time{}
	}
	if e.LastWrite.IsZero() {
		return "", time.Time{}
	}
	quiet := i.Severity.QuietFor()
	due := e.LastWrite.Add(quiet)
	if at.Before(due) {
		return "the last write is less than " + Took(quiet) + " old, and until then something may come back.", due
	}
	newest := i.Recount.At
	if e.Tally != nil && e.Tally.At.After(newest) {
		newest = e.Tally.At
	}
	if newest.Before(due) {
		return "nothing was counted since the last write was " + Took(quiet) + " old. Count once more: /snafu count.", time.Time{}
	}
	return "", time.Time{}
}

func unreleased(i Incident, _ Evidence, _ time.Time) (string, time.Time) {
	_, stopped := i.held()
	if len(stopped) > 0 {
		return strings.Join(stopped, ", ") + ". Its owner starts it again and presses Runs again; if it stays, waive this with who owns that.", time.Time{}
	}
	if off := i.SwitchedOff(); len(off) > 0 {
		return strings.Join(off, ", ") + " is off. Give it back the state it had: /snafu release NAME WHY; if it stays off, waive this with who owns that.", time.Time{}
	}
	return "", time.Time{}
}

func untold(i Incident, _ Evidence, _ time.Time) (string, time.Time) {
	switch customers := i.Triage.Answer(QuestionCustomers); {
	case !customers.is("none"):
		return "triage doesn't say that no customer was affected. Answer with /snafu triage 9 none EVIDENCE, or waive this with how they were told.", time.Time{}
	case customers.Text == "":
		return "triage says that no customer was affected, but not how one sees it. Answer with /snafu triage 9 none EVIDENCE, for example: none by the mail log.", time.Time{}
	}
	return "", time.Time{}
}

func uncaused(_ Incident, e Evidence, _ time.Time) (string, time.Time) {
	if len(e.Whys.Roots()) > 0 || e.Whys.Skipped != "" || e.Walk.Broke() > 0 {
		return "", time.Time{}
	}
	return "no root cause is shown yet. Ask why until there is one: /snafu whys; or walk through the flow to the step where it broke: /snafu walk. If neither is needed, waive this with why.", time.Time{}
}

func unanswered(_ Incident, e Evidence, _ time.Time) (string, time.Time) {
	var n int64
	var first Case
	for _, c := range e.Cases {
		if c.Answered.IsZero() {
			if n++; n == 1 {
				first = c
			}
		}
	}
	if n == 0 {
		return "", time.Time{}
	}
	return Count(n) + " " + plural(n, "case waits", "cases wait") + " for an answer: " + first.Named() + ". Once it has come: /snafu case answered " + first.Ref + ".", time.Time{}
}

func unexported(_ Incident, e Evidence, _ time.Time) (string, time.Time) {
	if e.Exported {
		return "", time.Time{}
	}
	return "nobody has exported the post-mortem. Do that: /snafu export.", time.Time{}
}

func unowned(_ Incident, e Evidence, _ time.Time) (string, time.Time) {
	for _, part := range []struct{ name, next string }{
		{"owner", "/snafu todo %s @user."}, {"due date", "/snafu todo %s by friday."}, {"safeguard", "/snafu todo edit %s."},
	} {
		if say := lacking(e.FollowUps, part.name, part.next); say != "" {
			return say, time.Time{}
		}
	}
	return "", time.Time{}
}

// lacking says how many follow-ups lack a part, and how the first one gets it.
func lacking(all FollowUps, part, next string) string {
	var n int64
	var first FollowUp
	for _, f := range all {
		if f.State != FollowDropped && strings.Contains(" "+strings.Join(f.Missing(), " ")+" ", " "+part+" ") {
			if n++; n == 1 {
				first = f
			}
		}
	}
	if n == 0 {
		return ""
	}
	return Count(n) + " " + plural(n, "follow-up has", "follow-ups have") + " no " + part + ". Next: " + strings.Replace(next, "%s", first.Ref(), 1)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func waive(gates []Gate, why string) []Gate {
	why = clean(why)
	enough := utf8.RuneCountInString(why) >= whyMin
	for n := range gates {
		if !gates[n].Met && !gates[n].Hard && !gates[n].Waived && enough {
			gates[n].Waived = true
		}
		if gates[n].Met {
			gates[n].Say = ""
		}
	}
	return gates
}

// pass returns the names of the waived items, or a refusal that names the
// first one that is not met, and says where why was too short to waive it.
func pass(gates []Gate, why string) ([]string, error) {
	var waived []string
	for _, g := range gates {
		switch {
		case g.Met:
		case g.Waived:
			waived = append(waived, g.Name)
		default:
			say := g.Say
			if !g.Until.IsZero() {
				say += " That is at " + g.Until.UTC().Format("2006-01-02 15:04 UTC") + "."
			}
			if !g.Hard && clean(why) != "" {
				say += " A reason has 10 characters or more."
			}
			return nil, refusal.Conflict("Not yet: %s", say).Coded("not-yet")
		}
	}
	return waived, nil
}
