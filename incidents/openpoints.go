package incidents

import (
	"strconv"
	"strings"
	"time"
)

// OpenPoints is what a new lead has to know of an incident at a moment: what is
// unanswered, what waits, what was promised, one line each. Instants are shown
// in a zone, UTC if it is nil.
func OpenPoints(i Incident, m Moment, zone *time.Location) []string {
	if zone == nil {
		zone = time.UTC
	}
	var lines []string
	if q, open := i.Triage.Next(); open {
		lines = append(lines, i.Triage.Progress()+". Next: "+q.Next)
	}
	if t := m.Tally; t != nil && t.Holds() == nil && t.Left > 0 {
		lines = append(lines, Count(t.Left)+" "+unit(t)+" left")
	}
	for _, p := range m.Plans {
		switch p.State {
		case "proposed":
			lines = append(lines, p.Ref+" waits for "+strconv.FormatInt(p.Needs-int64(len(p.Approved)), 10)+" of "+strconv.FormatInt(p.Needs, 10)+" approvals")
		case "approved":
			lines = append(lines, p.Ref+" is approved and waits to be run")
		case "running", "paused", "draft", "frozen":
			lines = append(lines, p.Ref+" is "+p.State)
		}
	}
	for _, p := range m.Pages {
		switch p.State {
		case PageCalling:
			who := p.Target
			if who == "" {
				who = "a colleague"
			}
			lines = append(lines, "Called, and not answered yet: "+who)
		case PageUnanswered:
			lines = append(lines, "A call for help was not answered")
		}
	}
	if off := i.SwitchedOff(); len(off) > 0 {
		lines = append(lines, "Switched off: "+strings.Join(off, ", "))
	}
	if i.phase.Live() && !m.Promise.IsZero() {
		layout, fact := "15:04 MST", "Next update promised by "
		if _, far := Due(m.Promise, m.At).(Dated); far {
			layout = "Mon 2 Jan " + layout
		}
		if m.At.After(m.Promise) {
			fact = "The update is overdue since "
		}
		lines = append(lines, fact+m.Promise.In(zone).Format(layout))
	}
	return lines
}
