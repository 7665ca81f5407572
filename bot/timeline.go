package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// timelinePage is how many entries are shown at once.
const timelinePage = 12

// timeline handles "timeline [PAGE]", "timeline correct N TEXT [at TIME]",
// "timeline withdraw N [WHY]", its buttons and its form.
func (b *Bot) timeline(ctx context.Context, c command) (reply, error) {
	switch do := strings.ToLower(c.arg(0)); {
	case c.form:
		return quiet, b.correctForm(ctx, c)
	case strings.HasPrefix(c.in.action, "timeline.withdraw"):
		return quiet, b.o.Response.Withdraw(ctx, c.act(), c.incident, c.stamp.Sheet, "")
	case strings.HasPrefix(c.in.action, "timeline.keep"):
		return quiet, b.keepEdition(ctx, c)
	case strings.HasPrefix(c.in.action, "timeline.leave"):
		return said("#%d stays as it was.", c.stamp.Sheet), nil
	case do == "correct":
		n, err := entryNumber(c.arg(1))
		if err != nil {
			return quiet, err
		}
		text, at := c.timed(c.text(2))
		return quiet, b.o.Response.Correct(ctx, c.act(), c.incident, n, text, at)
	case do == "withdraw":
		n, err := entryNumber(c.arg(1))
		if err != nil {
			return quiet, err
		}
		return quiet, b.o.Response.Withdraw(ctx, c.act(), c.incident, n, c.text(2))
	}
	return b.showTimeline(ctx, c)
}

func entryNumber(word string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil || n < 1 {
		return 0, refusal.Invalid("Which note? Put its number behind it: /snafu timeline correct 7 TEXT. `/snafu timeline` shows the numbers.")
	}
	return n, nil
}

func (b *Bot) showTimeline(ctx context.Context, c command) (reply, error) {
	page := c.stamp.Sheet
	if word := c.arg(0); word != "" {
		n, err := strconv.ParseInt(word, 10, 32)
		if err != nil {
			return quiet, refusal.Invalid("%q is not a page. `/snafu timeline` shows the newest one; `timeline correct` and `timeline withdraw` put a note right.", short(word))
		}
		page = n
	}
	lines, err := b.timelineLines(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	pages := int64((len(lines) + timelinePage - 1) / timelinePage)
	if page < 1 || page > pages {
		page = max(pages, 1) // the newest
	}
	from := min(int(page-1)*timelinePage, len(lines))
	return say(view.Timeline(view.TimelineCard{
		Incident: c.incident, Page: page, Pages: pages, At: now, Lines: lines[from:min(from+timelinePage, len(lines))],
	})), nil
}

// timelineLines are what happened, in the order in which it did: notes at the time
// that they tell of, everything else when it was journalled.
func (b *Bot) timelineLines(ctx context.Context, id incidents.ID) ([]view.TimelineLine, error) {
	notes, err := b.o.Response.Timeline(ctx, id)
	if err != nil {
		return nil, err
	}
	entries, err := journal.Entries(ctx, b.o.DB, id, 0)
	if err != nil {
		return nil, err
	}
	var lines []view.TimelineLine
	for _, n := range notes {
		lines = append(lines, view.TimelineLine{When: n.When, Note: &n})
	}
	for _, e := range entries {
		if e.Value.Null() || e.Kind != (incidents.Answered{}).Kind() && slices.Contains(incidents.TimelineKinds, e.Kind) {
			continue
		}
		words, err := chronicled(e)
		if err != nil {
			return nil, err
		}
		if len(words) > 0 {
			lines = append(lines, view.TimelineLine{When: e.At, Words: words})
		}
	}
	slices.SortStableFunc(lines, func(a, b view.TimelineLine) int { return a.When.Compare(b.When) })
	return lines, nil
}

// chronicle says what a timeline tells of facts that the channel shows on a card.
var chronicle = map[string]func(journal.Entry) (incidents.Words, error){
	"opened/1":          chronicleOpened,
	"answered/1":        chronicleAnswered,
	"contained/1":       fixed("Contained: the error no longer occurs."),
	"restoring-began/1": fixed("Restoring began."),
	"called/1":          saying(incidents.Called.Words),
	"grew/1":            saying(incidents.Grew.Words),
	"cause-acted/1":     causeActed,

	"checklist-ticked/1":   sayingBy(incidents.ChecklistTicked.Words),
	"checklist-unticked/1": sayingBy(incidents.ChecklistUnticked.Words),

	"plan-proposed/1": fixed("proposed"),
	"run-finished/1":  fixed("the run has ended"),
}

func chronicleOpened(e journal.Entry) (incidents.Words, error) {
	return sayingBy(func(f incidents.Opened, by incidents.Actor) incidents.Words {
		return incidents.Sentence("Opened by ", by, ": "+f.Title+" ("+f.Severity.String()+")")
	})(e)
}

func chronicleAnswered(e journal.Entry) (incidents.Words, error) {
	return sayingBy(func(f incidents.Answered, by incidents.Actor) incidents.Words {
		if f.Question == incidents.QuestionChanged && f.Text != "" {
			return nil // its note says it
		}
		q, _ := f.Question.Ask()
		a := incidents.Answer{Choices: f.Choices, Text: f.Text, Time: f.Time, Guess: f.Guess, At: e.At}
		how := ", says "
		if f.Corrects {
			how = ", corrected by "
		}
		return incidents.Sentence(q.Short+": "+a.Say(f.Question)+how, by)
	})(e)
}

// chronicled is what a timeline says of an entry, nothing of most.
func chronicled(e journal.Entry) (incidents.Words, error) {
	tell, there := chronicle[e.Kind]
	if !there {
		row, known := tellingOf(e.Kind)
		if !known || row.say == nil {
			return nil, nil
		}
		tell = row.say
	}
	words, err := tell(e)
	if plan := planOf(e); plan != "" && len(words) > 0 && !strings.Contains(words.String(), plan) {
		words = incidents.Sentence(plan+": ", words)
	}
	return words, err
}

// timelineOpens is true for "timeline correct 7": a note without its new words.
func timelineOpens(c command) bool {
	return strings.EqualFold(c.arg(0), "correct") && len(c.words.args) == 2
}

func (b *Bot) timelineForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	if c.in.kind == kindCommand {
		n, err := entryNumber(c.arg(1))
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		c.stamp.Sheet = n
	}
	notes, err := b.o.Response.Timeline(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	note, err := notes.Find(c.stamp.Sheet)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.CorrectModal(c.stamp, note, clockText(note.When, c.zone)), nil
}

// correctForm records what a form corrects. What still reads as it did is left.
func (b *Bot) correctForm(ctx context.Context, c command) error {
	f := c.in.fields
	notes, err := b.o.Response.Timeline(ctx, c.incident)
	if err != nil {
		return err
	}
	old, err := notes.Find(c.stamp.Sheet)
	if err != nil {
		return err
	}
	var at time.Time
	if said := f.get("when"); said != "" && said != clockText(old.When, c.zone) {
		if at, err = when(said, c.zone, c.received); err != nil {
			return err
		}
	}
	return b.o.Response.Correct(ctx, c.act(), c.incident, c.stamp.Sheet, f.get("text"), at)
}

func checkTimeline(c command) map[string]string {
	if c.in.fields.get("text") == "" {
		return map[string]string{"text": "What is right instead?"}
	}
	return checkWhen(c)
}
