package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// postMortem gathers what is known of an incident: the Summary as it is pinned,
// and its journal.
func (b *Bot) postMortem(ctx context.Context, inc incidents.Incident) (incidents.PostMortem, error) {
	var none incidents.PostMortem
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return none, err
	}
	entries, err := journal.Entries(ctx, b.o.DB, inc.ID, 0)
	if err != nil {
		return none, err
	}
	a := incidents.Aftermath{Entries: int64(len(entries))}
	if a.Timeline, err = timelineOf(entries); err != nil {
		return none, err
	}
	head, err := journal.HeadOf(ctx, b.o.DB, inc.ID)
	if err != nil {
		return none, err
	}
	a.Entries, a.Head = head.Seq, fmt.Sprintf("%x", head.Hash[:])
	reached, err := journal.Milestones(ctx, b.o.DB, inc.ID)
	if err != nil {
		return none, err
	}
	a.Reached = reached[inc.ID]
	if a.Walk, err = b.o.Response.Walk(ctx, inc.ID); err != nil {
		return none, err
	}
	if a.Whys, err = b.o.Response.Whys(ctx, inc.ID); err != nil {
		return none, err
	}
	if a.Board, err = b.o.Response.Board(ctx, inc.ID); err != nil {
		return none, err
	}
	if a.Cases, err = b.o.Response.Cases(ctx, inc.ID); err != nil {
		return none, err
	}
	if a.Follow, err = b.o.Response.FollowUps(ctx, inc.ID); err != nil {
		return none, err
	}
	if a.Checklist, err = b.o.Response.Checklist(ctx, inc); err != nil {
		return none, err
	}
	if a.Again, err = b.cameBack(ctx, moment.Related); err != nil {
		return none, err
	}
	return incidents.Report(inc, moment, a), nil
}

// cameBack are the incidents in which the same came back, as far as others may
// read of them: none that is private, and none that was practice or an error.
func (b *Bot) cameBack(ctx context.Context, related []incidents.Related) (all []incidents.PostMortem, err error) {
	for _, r := range related {
		if r.How != incidents.RelAgain || r.Named {
			continue
		}
		later, err := b.o.Response.Get(ctx, r.Other)
		if err != nil {
			return nil, err
		}
		if later.Private || later.Drill || later.Phase() == incidents.PhaseCancelled {
			continue
		}
		moment, err := b.moment(ctx, later)
		if err != nil {
			return nil, err
		}
		reached, err := journal.Milestones(ctx, b.o.DB, later.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, incidents.Report(later, moment, incidents.Aftermath{Reached: reached[later.ID]}))
	}
	return all, nil
}

// unsaid are the kinds of what the program does for itself all the time, and what
// people were promised that nobody hears: that they had a part in the cause, that
// they asked in vain.
var unsaid = []string{
	"involved/1", "plan-involved/1", "kept-out/1",
	"channel-ready/1", "call-sent/1", "call-skipped/1", "batch/1", "watched/1", "named-watched/1", "approval-waiting/1", "nagged/1", "nag-over/1",
	"scope-picked/1", "preflight/1", "run-throttled/1", "run-pause-asked/1", "freeze-asked/1", "delivery-dead/1", "pictures-refused/1", "channel-refused/1",
}

// reported are the sentences of facts that a card shows and nobody says.
var reported = map[string]func(journal.Entry) (incidents.Words, error){
	"opened/1": saying(func(f incidents.Opened) incidents.Words {
		return incidents.Sentence("Opened: " + f.Title + ", " + f.Severity.String() + " (" + f.SeverityWhy + ")")
	}),
	"answered/1": answeredLine,
	"contained/1": saying(func(f incidents.Contained) incidents.Words {
		if !f.Measured {
			return incidents.Sentence("Contained, as people said")
		}
		return incidents.Sentence("Contained: ", f.Touched, " touched by "+f.Run+", nothing new since ", incidents.Dated(f.Since))
	}),
	"restoring-began/1": fixed("Restoring began"),
	"grew/1":            saying(incidents.Grew.Words),

	"checklist-ticked/1":   sayingBy(incidents.ChecklistTicked.Words),
	"checklist-unticked/1": sayingBy(incidents.ChecklistUnticked.Words),

	"called/1": saying(func(f incidents.Called) incidents.Words { return incidents.Sentence("Called ", f.People, ": "+f.Why) }),
	"measured/1": saying(func(f count.Measured) incidents.Words {
		return incidents.Sentence("Counted: ", f.Members, " touched by "+f.Run+", ", f.Write, " to write, ", f.Undecided, " without a decision")
	}),
	"decided/1": saying(func(f count.Decided) incidents.Words {
		return incidents.Sentence("Decided on ", f.Cohorts, " cohorts: ", f.Wrong, " wrong, ", f.Right, " right, ", f.Undecided, " without a decision")
	}),
	"plan-frozen/1": saying(func(f approval.Frozen) incidents.Words {
		return incidents.Sentence(rev(f.Rev)+" frozen: ", f.Writes, fmt.Sprintf(" to write, digest %.6x", f.Rev.Digest))
	}),
	"plan-proposed/1": saying(func(f approval.Proposed) incidents.Words {
		return incidents.Sentence(rev(f.Rev)+" asks for ", f.Needs, " approvals: ", f.Writes, " to write")
	}),
	"approval-given/1": saying(func(f approval.Given) incidents.Words {
		return incidents.Sentence(rev(f.Rev)+" approved by ", f.By, ", ", f.Count, " of ", f.Needs)
	}),
	"verified/1": saying(func(f approval.Verified) incidents.Words {
		if f.Agrees {
			return incidents.Sentence(rev(f.Rev) + " counted again: everything agrees")
		}
		return incidents.Sentence(rev(f.Rev) + " counted again: something does not agree")
	}),
	"run-finished/1": saying(func(f approval.Finished) incidents.Words {
		return incidents.Sentence(rev(f.Rev)+" is "+f.State+": ", f.Counts.Written, " written, ", f.Conflicts, " left alone as conflicts")
	}),
}

func answeredLine(e journal.Entry) (incidents.Words, error) {
	var f incidents.Answered
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	row, _ := f.Question.Ask()
	a := incidents.Answer{Choices: f.Choices, Text: f.Text, Time: f.Time, Guess: f.Guess, Measured: f.Measured, At: e.At}
	how := ""
	if f.Corrects {
		how = " (corrected)"
	}
	return incidents.Sentence(row.Ask + how + " " + a.Say(f.Question)), nil
}

// timelineOf is the journal as people read it. What was corrected stands there
// beside its correction: both are entries.
func timelineOf(entries []journal.Entry) ([]incidents.TimelineLine, error) {
	var lines []incidents.TimelineLine
	for _, e := range entries {
		if slices.Contains(unsaid, e.Kind) {
			continue
		}
		l := incidents.TimelineLine{Ref: e.Ref(), At: e.At, By: e.Actor, Kind: e.Kind, When: happened(e)}
		var err error
		if l.Say, err = sentenceOf(e); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// happened is when a note says that it happened, zero for all else.
func happened(e journal.Entry) time.Time {
	var n incidents.Noted
	if e.Kind != n.Kind() || e.Value.Null() || e.Into(&n) != nil {
		return time.Time{}
	}
	return n.When
}

func sentenceOf(e journal.Entry) (incidents.Words, error) {
	if e.Value.Null() {
		return incidents.Sentence("[redacted]"), nil
	}
	if say, ok := reported[e.Kind]; ok {
		return say(e)
	}
	if t, ok := tellingOf(e.Kind); ok && t.say != nil {
		w, err := t.say(e)
		if err != nil || len(w) > 0 {
			return w, err
		}
	}
	name := incidents.KindName(e.Kind)
	name = strings.ToUpper(name[:1]) + name[1:]
	if ref := planOf(e); ref != "" {
		name = ref + ": " + strings.ToLower(name)
	}
	return incidents.Sentence(name), nil
}
