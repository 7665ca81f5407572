package bot

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/rollback"
)

// cohortsInPage is how many cohorts a page of the form asks about: what a phone
// shows without losing the reader.
const cohortsInPage = 5

// tableDraft is what somebody has chosen on all pages of the form and not saved
// yet. Slack keeps what stands on the page that is shown; the form carries the
// rest.
type tableDraft struct {
	Why    string             `json:"w,omitempty"`
	Chosen map[string][]int64 `json:"c,omitempty"` // choice to the numbers of cohorts
	Given  map[string][]int64 `json:"g,omitempty"` // the same of what was kept or lost before: no news, and no new reason
}

// drafted is what the form carries and what is on its page.
func drafted(c command) tableDraft {
	var d tableDraft
	if _, raw, ok := strings.Cut(c.in.meta, "\n"); ok {
		_ = json.Unmarshal([]byte(raw), &d) // what was forged is no choice
	}
	for block := range c.in.fields {
		if number, ok := strings.CutPrefix(block, "cohort-"); ok {
			if n, err := strconv.ParseInt(number, 10, 64); err == nil {
				choice := c.in.fields.get(block)
				if slices.Contains(d.Given[choice], n) {
					choice = ""
				}
				d.set(n, choice)
			}
		}
	}
	if _, shown := c.in.fields["why"]; shown || c.form {
		d.Why = c.in.fields.get("why")
	}
	return d
}

func (d *tableDraft) set(cohort int64, choice string) {
	for other, numbers := range d.Chosen {
		numbers = slices.DeleteFunc(slices.Clone(numbers), func(n int64) bool { return n == cohort })
		if d.Chosen[other] = numbers; len(numbers) == 0 {
			delete(d.Chosen, other)
		}
	}
	if choice == "" {
		return
	}
	if d.Chosen == nil {
		d.Chosen = map[string][]int64{}
	}
	d.Chosen[choice] = append(d.Chosen[choice], cohort)
}

// choice is what was chosen for a cohort, "" for nothing.
func (d tableDraft) choice(cohort int64) string {
	for choice, numbers := range d.Chosen {
		if slices.Contains(numbers, cohort) {
			return choice
		}
	}
	return ""
}

// tableForm draws a page of the form: the one that was asked for, or the first
// with something to decide.
func (b *Bot) tableForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	m, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if !picked {
		return b.pickForm(ctx, c) // what to count comes before what it should be
	}
	classified, err := m.Classified()
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	now := fingerprint(m, classified.Cohorts)
	if c.turn && c.stamp.Choice != now {
		return slack.ModalViewRequest{}, errTableChanged
	}
	pages := max(1, int64(len(classified.Cohorts)+cohortsInPage-1)/cohortsInPage)
	page := int64(max(slices.IndexFunc(classified.Cohorts, undecided), 0))/cohortsInPage + 1
	if c.turn {
		page = min(max(c.stamp.Sheet, 1), pages)
	}
	c.stamp.Choice = now
	f, err := tablePage(c, m.Table, classified, page, pages)
	if err == nil && !view.FitsForm(f.Stamp, f.Draft) {
		// The form can't carry more: it stays where it is, with all that was chosen.
		f, err = tablePage(c, m.Table, classified, min(max(view.ParseStamp(c.in.meta).Sheet, 1), pages), pages)
		f.Note = "That is as much as one form can carry. Save it, then open it again for the rest."
	}
	return view.TableModal(f), err
}

func undecided(k rollback.Cohort) bool { return k.Kind == "" }

// tablePage is one page of the form, with what was chosen on the others.
func tablePage(c command, t rollback.StateTable, known rollback.Classified, page, pages int64) (view.TableForm, error) {
	d := drafted(c)
	d.Given = waivedNow(known)
	c.stamp.Sheet = page
	f := view.TableForm{Stamp: c.stamp, Page: page, Pages: pages, Why: d.Why}
	first, n := (page-1)*cohortsInPage, int64(len(known.Cohorts))
	for _, k := range known.Cohorts[min(first, n):min(first+cohortsInPage, n)] {
		f.Cohorts = append(f.Cohorts, view.CohortForm{Cohort: k, Options: choices(k, known.Cohorts, t.Values), Chosen: chosenIn(d, k)})
		d.set(k.Number, "")
	}
	if page == pages {
		f.Rest, f.RestOptions, f.RestChosen = known.Rest.Total(), waivers(), chosenIn(d, rest(known))
		d.set(0, "")
	}
	var err error
	f.Draft, err = d.carried()
	return f, err
}

// rest is what has no history, as a cohort without a number.
func rest(known rollback.Classified) rollback.Cohort {
	return rollback.Cohort{Waiver: known.Given.Waiver}
}

// waivedNow is what is kept or lost already.
func waivedNow(known rollback.Classified) map[string][]int64 {
	all := map[string][]int64{}
	for _, k := range append([]rollback.Cohort{rest(known)}, known.Cohorts...) {
		if k.Waiver != "" {
			all[string(k.Waiver)] = append(all[string(k.Waiver)], k.Number)
		}
	}
	return all
}

// carried is the draft as a form keeps it; the reason stands on every page.
func (d tableDraft) carried() (string, error) {
	if d.Why = ""; len(d.Chosen) == 0 && len(d.Given) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(d)
	return string(raw), err
}

func chosenIn(d tableDraft, k rollback.Cohort) string {
	if choice := d.choice(k.Number); choice != "" {
		return choice
	}
	return chosenFor(k)
}

// mostValues leaves room for the two waivers among the options of a select.
const mostValues = 98

// choices are what a cohort may be: what it was, what it is, what others were.
// Then whatever else the table holds, the most frequent first; and that it stays
// wrong.
func choices(k rollback.Cohort, all []rollback.Cohort, held []rollback.ValueCount) []view.Option {
	options := []view.Option{{Value: chooseNoChange, Label: "No change: " + k.Pair.Error.String()}}
	if !k.Pair.Untold() {
		options = slices.Insert(options, 0, view.Option{Value: chooseInitial, Label: k.Pair.Initial.String() + " (as before)"})
	}
	if e := k.Pair.Error; !e.Equal(k.Pair.Initial) {
		// What the run wrote was what it should write: another reason than "no change", and shown as such.
		options = append(options, view.Option{Value: choiceOf(e), Label: e.String() + " (right already)"})
	}
	seen := []rollback.Values{k.Pair.Initial, k.Pair.Error}
	add := func(v rollback.Values) {
		if len(v) == len(k.Pair.Error) && len(options) < mostValues && !slices.ContainsFunc(seen, v.Equal) {
			seen = append(seen, v)
			options = append(options, view.Option{Value: choiceOf(v), Label: v.String()})
		}
	}
	add(k.Desired)
	for _, other := range all {
		add(other.Pair.Initial)
		add(other.Pair.Error)
		add(other.Desired)
	}
	for _, other := range held {
		add(other.Value)
	}
	return append(options, waivers()...)
}

// choiceOf is how a form carries values. Those that are too long for it are left
// out of the form, and can be typed.
func choiceOf(v rollback.Values) string {
	switch {
	case len(v) > 1:
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return chooseValues + string(raw)
	case v[0].Null:
		return chooseEmpty
	}
	return chooseValue + v[0].Text
}

func waivers() []view.Option {
	return []view.Option{
		{Value: chooseKeep, Label: "Keep as it is, though wrong (say why)"},
		{Value: chooseLost, Label: "Lost: can't be restored (say why)"},
	}
}

func checkTable(c command) map[string]string {
	d := drafted(c)
	if len(d.Chosen) == 0 {
		return map[string]string{firstBlock(c.in): "Choose what at least one group should be."}
	}
	waives := slices.ContainsFunc(slices.Collect(maps.Keys(d.Chosen)), func(choice string) bool { return choice == chooseKeep || choice == chooseLost })
	if waives && d.Why == "" {
		return map[string]string{"why": "Say why: the reason stays with it."}
	}
	return nil
}
