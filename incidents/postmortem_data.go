package incidents

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// postMortemSchema is raised when a field changes its meaning or goes.
const postMortemSchema = 1

type postMortemJSON struct {
	Schema    int               `json:"schema"`
	Incident  string            `json:"incident"`
	Title     string            `json:"title"`
	Badges    []string          `json:"badges"`
	Phase     string            `json:"phase"`
	Severity  string            `json:"severity"`
	System    string            `json:"system"`
	Lead      string            `json:"lead"`
	Written   time.Time         `json:"written"`
	Summary   []string          `json:"summary"`
	Milestone map[string]gotten `json:"milestones"`
	Counts    *countsJSON       `json:"counts"` // null while nothing was counted, or while it does not add up
	Cohorts   []cohortJSON      `json:"cohorts"`
	Timeline  []timelineJSON    `json:"timeline"`
	Plans     []planJSON        `json:"plans"`
	Followups []followJSON      `json:"follow_ups"`
	Told      []toldJSON        `json:"told"`
	Sections  []sectionJSON     `json:"sections"`
	Audit     auditJSON         `json:"audit"`
}

type gotten struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Times int64     `json:"times"`
}

type countsJSON struct {
	Source        string    `json:"source"`
	Table         string    `json:"table"`
	Run           string    `json:"run"`
	At            time.Time `json:"at"`
	Touched       int64     `json:"touched"`
	Wrong         int64     `json:"wrong"`
	Fixed         int64     `json:"fixed"`
	Kept          int64     `json:"kept"`
	NotRestorable int64     `json:"not_restorable"`
	Left          int64     `json:"left"`
	AsIntended    int64     `json:"as_intended"`
	Undecided     int64     `json:"undecided"`
}

type cohortJSON struct {
	Was           string `json:"was"`
	Became        string `json:"became"`
	Should        string `json:"should"`
	Total         int64  `json:"total"`
	Wrong         int64  `json:"wrong"`
	Fixed         int64  `json:"fixed"`
	Kept          int64  `json:"kept"`
	NotRestorable int64  `json:"not_restorable"`
	Left          int64  `json:"left"`
	Class         string `json:"class"` // wrong, as intended, to decide
}

type timelineJSON struct {
	Entry    string    `json:"entry"`
	When     time.Time `json:"when"`
	Recorded time.Time `json:"recorded"`
	Who      string    `json:"who"`
	Kind     string    `json:"kind"`
	What     string    `json:"what"`
}

type planJSON struct {
	Plan      string   `json:"plan"`
	Digest    string   `json:"digest"`
	State     string   `json:"state"`
	ToWrite   int64    `json:"to_write"`
	Written   int64    `json:"written"`
	Conflicts int64    `json:"conflicts"`
	Failed    int64    `json:"failed"`
	AskedBy   string   `json:"asked_by"`
	Approved  []string `json:"approved_by"`
	RunBy     string   `json:"run_by"`
}

type followJSON struct {
	Ref       string `json:"ref"`
	Text      string `json:"text"`
	Owner     string `json:"owner"`
	Due       string `json:"due"`
	For       string `json:"for"`
	Safeguard string `json:"safeguard"`
	State     string `json:"state"`
	Ticket    string `json:"ticket"`
}

type toldJSON struct {
	Segment string    `json:"segment"`
	State   string    `json:"state"`
	Count   int64     `json:"count"`
	At      time.Time `json:"at"`
}

type sectionJSON struct {
	Title string     `json:"title"`
	Text  []string   `json:"text"`
	List  []string   `json:"list"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

type auditJSON struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
}

// JSON returns the post-mortem for programs, whole numbers as numbers.
func (p PostMortem) JSON(names Names) ([]byte, error) {
	i := p.Incident
	out := postMortemJSON{
		Schema: postMortemSchema, Incident: i.Key(), Title: p.Summary.Title, Badges: append([]string{}, p.Summary.Badges...), Phase: i.phase.String(),
		Severity: i.Severity.String(), System: i.System, Lead: names(i.Lead), Written: p.Made.UTC(), Milestone: map[string]gotten{},
		Summary: p.summary().said(names), Cohorts: p.cohorts(), Timeline: p.lines(names), Plans: p.plans(names), Followups: p.owed(names), Told: p.told(),
		Audit: auditJSON{p.Aftermath.Entries, p.Aftermath.Head},
	}
	for name, r := range p.Aftermath.Reached {
		out.Milestone[string(name)] = gotten{r.First.UTC(), r.Last.UTC(), r.Times}
	}
	if t := p.Tally; t != nil {
		all := p.Summary.Total
		out.Counts = &countsJSON{
			t.Source, t.Table, t.Run, t.At.UTC(), all.Total, all.Wrong, all.Fixed, all.Kept, all.Unrestorable, all.Left, t.AsIntended, t.Undecided,
		}
	}
	for _, s := range p.Sections() {
		section := sectionJSON{Title: s.Title, Text: s.said(names), List: said(s.List, names), Head: append([]string{}, s.Head...), Rows: [][]string{}}
		for _, row := range s.Rows {
			section.Rows = append(section.Rows, said(row, names))
		}
		out.Sections = append(out.Sections, section)
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode a post-mortem: %w", err)
	}
	return append(raw, '\n'), nil
}

func (s Section) said(names Names) []string { return said(s.Say, names) }

func said(all []Words, names Names) []string {
	out := make([]string, len(all))
	for n, w := range all {
		out[n] = w.Text(names)
	}
	return out
}

func (p PostMortem) cohorts() []cohortJSON {
	out := []cohortJSON{}
	if p.Tally == nil {
		return out
	}
	for _, r := range p.Tally.Rows {
		c := cohortJSON{r.Was, r.Now, r.Should, r.Total, r.Wrong, r.Fixed, r.Kept, r.Unrestorable, r.Left, "wrong"}
		switch {
		case r.AsIntended:
			c.Class = "as intended"
		case r.Undecided:
			c.Class = "to decide"
		}
		out = append(out, c)
	}
	return out
}

func (p PostMortem) lines(names Names) []timelineJSON {
	out := []timelineJSON{}
	for _, l := range p.Aftermath.Timeline {
		when := l.When
		if when.IsZero() {
			when = l.At
		}
		out = append(out, timelineJSON{l.Ref, when.UTC(), l.At.UTC(), Sentence(l.By).Text(names), KindName(l.Kind), l.Say.Text(names)})
	}
	return out
}

func (p PostMortem) plans(names Names) []planJSON {
	out := []planJSON{}
	for _, line := range p.Plans {
		plan := planJSON{
			Plan: line.Ref, Digest: line.Digest, State: line.State, ToWrite: line.Writes, Written: line.Written, Conflicts: line.Conflicts,
			Failed: line.Failed, AskedBy: names(line.Requester), Approved: []string{},
		}
		for _, by := range line.Approved {
			plan.Approved = append(plan.Approved, names(by))
		}
		if line.RunBy != "" {
			plan.RunBy = names(line.RunBy)
		}
		out = append(out, plan)
	}
	return out
}

func (p PostMortem) owed(names Names) []followJSON {
	out := []followJSON{}
	for _, f := range p.Aftermath.Follow {
		one := followJSON{Ref: f.Ref(), Text: oneLine(f.Text), For: string(f.For), Safeguard: oneLine(f.Safeguard), State: string(f.State), Ticket: oneLine(f.Ticket)}
		if f.Owner != "" {
			one.Owner = names(f.Owner)
		}
		if !f.Due.IsZero() {
			one.Due = f.Due.UTC().Format(time.DateOnly)
		}
		out = append(out, one)
	}
	return out
}

func (p PostMortem) told() []toldJSON {
	out := []toldJSON{}
	for _, t := range p.Aftermath.Told {
		out = append(out, toldJSON{t.Segment, t.State, t.Count, t.At.UTC()})
	}
	return out
}

// CSV returns the tables of the post-mortem by name: timeline, cohorts, plans,
// follow_ups and told, each with its head. No cell is a formula to the program
// that opens it.
func (p PostMortem) CSV(names Names) (map[string][]byte, error) {
	tables := map[string][][]string{
		"timeline":   {{"entry", "when", "recorded", "who", "kind", "what"}},
		"cohorts":    {{"was", "became", "should", "class", "total", "wrong", "fixed", "kept", "not_restorable", "left"}},
		"plans":      {{"plan", "digest", "state", "to_write", "written", "conflicts", "failed", "asked_by", "approved_by", "run_by"}},
		"follow_ups": {{"ref", "text", "owner", "due", "for", "safeguard", "state", "ticket"}},
		"told":       {{"segment", "state", "count", "at"}},
	}
	add := func(name string, cells ...string) { tables[name] = append(tables[name], cells) }
	for _, l := range p.lines(names) {
		add("timeline", l.Entry, stamp(l.When), stamp(l.Recorded), l.Who, l.Kind, l.What)
	}
	for _, c := range p.cohorts() {
		add("cohorts", c.Was, c.Became, c.Should, c.Class, whole(c.Total), whole(c.Wrong), whole(c.Fixed), whole(c.Kept), whole(c.NotRestorable), whole(c.Left))
	}
	for _, l := range p.plans(names) {
		add("plans", l.Plan, l.Digest, l.State, whole(l.ToWrite), whole(l.Written), whole(l.Conflicts), whole(l.Failed), l.AskedBy, strings.Join(l.Approved, ", "), l.RunBy)
	}
	for _, f := range p.owed(names) {
		add("follow_ups", f.Ref, f.Text, f.Owner, f.Due, f.For, f.Safeguard, f.State, f.Ticket)
	}
	for _, t := range p.told() {
		add("told", t.Segment, t.State, whole(t.Count), stamp(t.At))
	}
	files := map[string][]byte{}
	for name, rows := range tables {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		for _, row := range rows {
			for n := range row {
				row[n] = harmless(row[n])
			}
			if err := w.Write(row); err != nil {
				return nil, fmt.Errorf("write %s as CSV: %w", name, err)
			}
		}
		if w.Flush(); w.Error() != nil {
			return nil, fmt.Errorf("write %s as CSV: %w", name, w.Error())
		}
		files[name] = b.Bytes()
	}
	return files, nil
}

// harmless is a cell that no spreadsheet computes: what begins as a formula, or
// hides such a beginning, stands behind an apostrophe.
func harmless(cell string) string {
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u00a0\ufeff\u200b")); strings.ContainsRune("=+-@|%\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func whole(n int64) string { return strconv.FormatInt(n, 10) }
