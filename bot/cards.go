package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// card draws a message that is edited for ever, from rows as they are now, and
// says where it belongs.
func (b *Bot) card(ctx context.Context, inc incidents.Incident, kind string) (view.Message, place, error) {
	m, p, err := b.drawCard(ctx, inc, kind)
	return badged(inc, m), p, err
}

// badged says of every message of a drill that it is one.
func badged(inc incidents.Incident, m view.Message) view.Message {
	if !inc.Drill {
		return m
	}
	return view.Drill(m)
}

func (b *Bot) drawCard(ctx context.Context, inc incidents.Incident, kind string) (view.Message, place, error) {
	room := place{channel: inc.Channel}
	name, what, _ := strings.Cut(kind, ":")
	switch name {
	case "summary":
		s, err := b.summarized(ctx, inc)
		if err != nil {
			return view.Message{}, room, err
		}
		b.alarmBroken(ctx, inc, s)
		return view.Summary(s), room, nil
	case "opener":
		m, err := b.opener(ctx, inc)
		return m, room, err
	case "gate":
		m, err := b.gateCard(ctx, inc)
		return m, room, err
	case "todos":
		m, err := b.followUpsCard(ctx, inc.ID)
		return m, room, err
	case "triage":
		return view.Triage(view.TriageCard{Incident: inc, Measured: measured(inc)}), room, nil
	case "announce":
		return b.announcement(ctx, inc)
	case "stop":
		off, err := b.o.Approval.Automations(ctx, inc.ID)
		if err != nil {
			return view.Message{}, room, err
		}
		if len(inc.Acts) == 0 && len(off) == 0 {
			if _, there, err := findPosted(ctx, b.o.DB, inc.ID, "stop"); err != nil || !there {
				return view.Message{}, room, errors.Join(err, errUnchanged)
			}
		}
		members := int64(-1)
		if inc.Recount.Measured() {
			members = inc.Recount.Touched
		}
		return view.Stop(view.StopCard{Incident: inc, Automations: off, Members: members, At: inc.Recount.At}), room, nil
	case "page":
		if waits, err := b.behindSummary(ctx, inc); err != nil || waits {
			return view.Message{}, room, errors.Join(err, errNotReady)
		}
		m, err := b.pageCard(ctx, inc, what)
		return m, room, err
	case "vendor":
		m, err := b.vendorCard(ctx, inc, what)
		return m, room, err
	case "lead":
		m, err := b.leadCard(ctx, inc, what)
		return m, room, err
	case "walk":
		w, err := b.o.Response.Walk(ctx, inc.ID)
		return view.Walk(view.WalkCard{Incident: inc.ID, Walk: w}), room, err
	case "whys":
		w, err := b.o.Response.Whys(ctx, inc.ID)
		return view.Whys(view.WhysCard{Incident: inc.ID, Whys: w}), room, err
	case "board":
		board, err := b.o.Response.Board(ctx, inc.ID)
		return view.Board(view.BoardCard{Incident: inc.ID, Board: board}), room, err
	case "table":
		m, err := b.tableCard(ctx, inc)
		return m, room, err
	case "plan", "review", "progress":
		return b.planCards(ctx, inc, name, what)
	}
	return view.Message{}, room, fmt.Errorf("no card is called %q", kind)
}

// measured says in words what a count has found about "still occurring".
func measured(inc incidents.Incident) string {
	if !inc.Triage.Answer(incidents.QuestionStill).Measured {
		return ""
	}
	return view.Number(inc.Recount.Touched) + " touched, counted " + view.Clock(inc.Recount.At)
}

func (b *Bot) backup(system string) string {
	if s, err := b.source(system); err == nil && s.Backup != "" {
		return s.Backup
	}
	return "unknown"
}

// summary draws the pinned card.
func (b *Bot) summary(ctx context.Context, inc incidents.Incident) (view.Message, error) {
	s, err := b.summarized(ctx, inc)
	if err != nil {
		return view.Message{}, err
	}
	return view.Summary(s), nil
}

func (b *Bot) summarized(ctx context.Context, inc incidents.Incident) (incidents.Summary, error) {
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return incidents.Summary{}, err
	}
	return incidents.Summarize(inc, moment), nil
}

// moment is everything about an incident that changes with time.
func (b *Bot) moment(ctx context.Context, inc incidents.Incident) (incidents.Moment, error) {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return incidents.Moment{}, err
	}
	moment := incidents.Moment{At: at, Backup: b.backup(inc.System)}
	if moment.Pages, err = b.o.Response.Pages(ctx, inc.ID); err != nil {
		return moment, err
	}
	if moment.Held, err = b.o.Response.Held(ctx, inc.ID); err != nil {
		return moment, err
	}
	stands, err := b.o.Response.Promised(ctx, inc.ID)
	if err != nil {
		return moment, err
	}
	moment.Promise = stands.Due
	if moment.Watch, err = b.watching(ctx, inc.ID); err != nil {
		return moment, err
	}
	if moment.Followed, err = b.roots(ctx, inc); err != nil {
		return moment, err
	}
	if moment.Related, err = b.o.Response.Relations(ctx, inc.ID); err != nil {
		return moment, err
	}
	asked, err := b.o.Count.NamedWatches(ctx, inc.ID)
	if err != nil {
		return moment, err
	}
	for _, w := range asked {
		moment.Asked = append(moment.Asked, w.Words())
	}
	if moment.Cases, err = b.o.Response.Cases(ctx, inc.ID); err != nil {
		return moment, err
	}
	if b.o.Evidence != nil {
		known, err := b.o.Evidence(ctx, inc.ID)
		if err != nil {
			return moment, err
		}
		moment.Tally, moment.Plans = known.Tally, known.Plans
	}
	return moment, nil
}

// A call at open is told after the Summary, which is pinned at the top; should
// the Summary fail, the call waits no longer than this.
const summaryWithin = 15 * time.Second

func (b *Bot) behindSummary(ctx context.Context, inc incidents.Incident) (bool, error) {
	_, there, err := findPosted(ctx, b.o.DB, inc.ID, "summary")
	if err != nil || there {
		return false, err
	}
	if _, left, err := findPosted(ctx, b.o.DB, inc.ID, "thread:summary"); err != nil || left {
		return left, err
	}
	at, err := b.o.DB.Now(ctx, nil)
	return at.Sub(inc.Opened) < summaryWithin, err
}

// page finds a call by its number.
func (b *Bot) page(ctx context.Context, inc incidents.Incident, number string) (incidents.Page, error) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return incidents.Page{}, fmt.Errorf("page %q: %w", number, err)
	}
	pages, err := b.o.Response.Pages(ctx, inc.ID)
	if err != nil {
		return incidents.Page{}, err
	}
	for _, p := range pages {
		if p.ID == n {
			return p, nil
		}
	}
	return incidents.Page{}, refusal.NotFound("%s has no call %d.", inc.ID, n)
}

func (b *Bot) pageCard(ctx context.Context, inc incidents.Incident, number string) (view.Message, error) {
	p, err := b.page(ctx, inc, number)
	if err != nil {
		return view.Message{}, err
	}
	return view.Page(view.PageCard{Page: p, Title: inc.Title, Severity: inc.Severity, Lead: inc.Lead}), nil
}

// pageDirect is a call as the direct message shows it: of a private incident it
// says no more than that somebody is needed.
func (b *Bot) pageDirect(ctx context.Context, inc incidents.Incident, number string) (view.Message, error) {
	if !inc.Private {
		return b.pageCard(ctx, inc, number)
	}
	p, err := b.page(ctx, inc, number)
	return view.NeedsAnswer(inc, p), err
}

func (b *Bot) tableCard(ctx context.Context, inc incidents.Incident) (view.Message, error) {
	m, picked, err := b.o.Count.Latest(ctx, inc.ID)
	if err != nil {
		return view.Message{}, err
	}
	if !picked || m.At.IsZero() {
		return view.Message{}, errNotReady
	}
	classified, err := m.Classified()
	if err != nil {
		return view.Message{}, err
	}
	cohorts := classified.Cohorts
	open, writes := int64(0), int64(0)
	for _, c := range cohorts {
		open += c.Counts.Undecided
		writes += c.Counts.Write
	}
	var became []incidents.TallyRow
	if b.o.Evidence != nil {
		known, err := b.o.Evidence(ctx, inc.ID)
		if err != nil {
			return view.Message{}, err
		}
		if known.Tally != nil {
			became = known.Tally.Rows
		}
	}
	return view.Table(view.TableCard{
		Tally: became, Incident: inc.ID, Table: m.Table, Cohorts: cohorts, Given: classified.Given, Unit: b.unit(m.Scope), Before: m.Before,
		Plan: open == 0 && writes > 0, Remove: b.removable(m.Scope),
	}), nil
}

// unit is what a record of the scope's table is called.
func (b *Bot) unit(s rollback.Scope) string {
	if src, err := b.source(s.Source); err == nil {
		for _, t := range src.Tables {
			if t.Name == s.Table && t.Unit != "" {
				return t.Unit
			}
		}
	}
	return "records"
}

// planCards draws the three edited messages of a plan: the head of its thread,
// what would be approved, and the run.
func (b *Bot) planCards(ctx context.Context, inc incidents.Incident, name, ref string) (view.Message, place, error) {
	room := place{channel: inc.Channel}
	v, err := b.planOf(ctx, inc.ID, rollback.Ref(ref))
	if err != nil {
		return view.Message{}, room, err
	}
	c, err := b.planCard(ctx, v)
	if err != nil {
		return view.Message{}, room, err
	}
	if name == "plan" {
		return view.Plan(c), room, nil
	}
	head, there, err := findPosted(ctx, b.o.DB, inc.ID, "plan:"+ref)
	if err != nil {
		return view.Message{}, room, err
	}
	if !there {
		return view.Message{}, room, errNotReady
	}
	thread := place{channel: head.Channel, thread: head.TS}
	switch {
	case name == "progress" && v.Claim == nil:
		return view.Message{}, thread, errUnchanged
	case name == "progress":
		return view.Progress(c), thread, nil
	case v.Frozen == nil || v.Proposed.IsZero(): // nobody was asked for anything
		return view.Message{}, thread, errUnchanged
	}
	return view.Review(c), thread, nil
}

func (b *Bot) planOf(ctx context.Context, id incidents.ID, ref rollback.Ref) (rollback.PlanView, error) {
	plan, err := b.o.Approval.Find(ctx, id, ref)
	if err != nil {
		return rollback.PlanView{}, err
	}
	return b.o.Approval.Get(ctx, plan)
}

// planCard turns a plan as stored into what its cards show.
func (b *Bot) planCard(ctx context.Context, v rollback.PlanView) (view.PlanCard, error) {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return view.PlanCard{}, err
	}
	c := view.PlanCard{
		Spec: v.Spec, State: v.State, Frozen: v.Frozen != nil, Digest: v.Stamp.Digest,
		Approvals: v.Approvals, Hasty: v.Hasty, Reviews: v.ReviewsMissing(), Can: v.Can, Expires: v.Expires, Start: v.StartBefore,
		Progress: v.Progress, Pace: v.Pace, Canary: v.Canary, Unread: v.Unread, Why: first(v.Why, v.Waits, v.FreezeError), Report: v.Report, At: at,
		Backup: b.backup(v.Spec.Scope.Source), Waived: v.Waived, Freed: v.Freed, Holds: v.Holds, Said: v.Said, Unsaid: v.Unsaid, Compare: v.ToCompare(), Disagree: v.Disagreeing(),
	}
	if v.Frozen != nil {
		c.Freeze = *v.Frozen
	}
	if v.Claim != nil {
		c.StartedBy = v.Claim.By
	}
	return c, nil
}

// prepareResult tells how a run ended, in the channel, once.
func (b *Bot) prepareResult(ctx context.Context, t task, ref string) (send, error, error) {
	v, err := b.planOf(ctx, t.Incident, rollback.Ref(ref))
	if err != nil {
		return nil, nil, err
	}
	c, err := b.planCard(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	return b.posting(t, place{channel: t.inc.Channel}, badged(t.inc, view.Result(c))), nil, nil
}

// preparePage posts a call into the direct message of whoever is called ("dm"),
// or edits all of them when the call has moved on ("dms").
func (b *Bot) preparePage(ctx context.Context, t task, doing, what string) (send, error, error) {
	number, who, _ := strings.Cut(what, ":")
	m, err := b.pageDirect(ctx, t.inc, number)
	if err != nil {
		return nil, nil, err
	}
	m = badged(t.inc, m)
	if doing == "dms" {
		return b.editingPages(t, number, m), nil, nil
	}
	kind := "dm:" + what
	if _, there, err := findPosted(ctx, b.o.DB, t.Incident, kind); err != nil || there {
		return nil, errUnchanged, err
	}
	return func(ctx context.Context) (sent, error) {
		dm, err := b.dm(ctx, incidents.Person(who).User())
		if err != nil {
			return sent{}, err
		}
		channel, ts, err := b.post(ctx, t, place{channel: dm}, m)
		if err != nil {
			return sent{}, err
		}
		return sent{channel, ts}, b.keepDrawn(ctx, t, kind, sent{channel, ts}, m)
	}, nil, nil
}

func (b *Bot) editingPages(t task, number string, m view.Message) send {
	return func(ctx context.Context) (sent, error) {
		all, err := postedLike(ctx, b.o.DB, t.Incident, "dm:"+number+":")
		if err != nil {
			return sent{}, err
		}
		for _, p := range all {
			if _, _, _, err := b.slack.write.UpdateMessageContext(ctx, p.Channel, p.TS, append(content(m), metadata(t))...); err != nil && slackWord(err) != "message_not_found" {
				return sent{}, err
			}
		}
		return sent{}, nil
	}
}
