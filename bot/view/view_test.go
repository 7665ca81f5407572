package view

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/rota"
	"snafu/rollback"
)

// moments are all messages and forms, drawn with a name of the caller's.
func moments(t *testing.T, name string) map[string]any {
	t.Helper()
	i := incident(t, name)
	known := answered(t, i)
	acted, _, err := known.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: name, Was: "on", Now: "off"}, noon.Add(2*time.Minute))
	require.NoError(t, err)
	table := leads(name)
	page := incidents.Page{
		ID: 7, Incident: 42, Target: "crm-data", State: incidents.PageCalling, Started: noon, Why: name, Next: []incidents.Person{chi},
		Steps: []incidents.PageStep{{N: 1, Name: "crm-data", People: []incidents.Person{ben}, At: noon, Due: noon.Add(5 * time.Minute), Outcome: incidents.StepCalling}},
	}
	silent := page
	silent.Steps = []incidents.PageStep{
		{N: 1, Name: "crm-data", People: []incidents.Person{ben}, At: noon, Due: noon.Add(5 * time.Minute), Outcome: incidents.StepSilent},
		{N: 2, Name: "crm-data", People: []incidents.Person{chi}, At: noon.Add(5 * time.Minute), Due: noon.Add(10 * time.Minute), Outcome: incidents.StepCalling},
	}
	onIt := silent
	onIt.State, onIt.AnsweredBy, onIt.AnsweredAt = incidents.PageAnswered, chi, noon.Add(161*time.Second)
	nobody := silent
	nobody.State, nobody.Fallback = incidents.PageUnanswered, name
	card := func(p incidents.Page) PageCard {
		return PageCard{Page: p, Title: name, Severity: incidents.SEV2, Lead: ana}
	}
	one := plan(rollback.NameProposed, name)
	contains := func(state rollback.StateName, of rollback.Instead, freed bool) PlanCard {
		p := plan(state, name)
		p.Spec.Kind, p.Spec.Of, p.Spec.Instead, p.Freed = rollback.KindContain, p.Spec.Scope.Set, &of, freed
		p.Spec.Decisions = []rollback.Decision{{Kind: rollback.CohortContain, Unclear: true, Desired: rollback.One(rollback.ItsOwn)}}
		return p
	}
	off := rollback.Instead{How: rollback.InsteadSwitch, Automation: "crm/mailer", Title: name}
	one.Approvals = []rollback.Approval{{By: ben, Typed: 1169, At: noon}}
	one.Can = []incidents.Person{chi}
	approved := one
	approved.State = rollback.NameApproved
	approved.Approvals = append(approved.Approvals, rollback.Approval{By: chi, Typed: 1169, At: noon})
	running := approved
	running.State, running.StartedBy = rollback.NameRunning, ben
	running.Progress = rollback.Progress{Batches: 6, Hi: 520, Counts: rollback.Outcomes{Written: 520}}
	running.Pace = rollback.Pace{Records: 500, Took: 8 * time.Second}
	throttled := running
	throttled.Why = name
	canary := running
	canary.State, canary.Canary = rollback.NamePaused, true
	canary.Progress.Counts = rollback.Outcomes{Written: 20}
	odd := canary
	odd.Unread = 3
	paused := running
	paused.State, paused.Why = rollback.NamePaused, name
	done := running
	done.State = rollback.NameDone
	done.Progress.Counts = rollback.Outcomes{Written: 1169}
	done.Report = &rollback.Report{Total: 3000, Values: []rollback.ValueCount{
		{Value: rollback.One("MQL"), Records: 1169},
		{Value: rollback.One("SQL"), Records: 1750},
		{Value: rollback.One(name), Records: 7},
		{Value: rollback.One("Customer"), Records: 74},
	}}
	tally := &incidents.Tally{
		Source: "crm", Table: "lead", Unit: "leads", Run: "weekly-42", At: noon,
		Touched: 2926, Wrong: 1176, Kept: 7, Left: 1169, AsIntended: 1750,
		Rows: []incidents.TallyRow{
			{Was: name, Now: "SQL", Should: "MQL", Total: 500, Wrong: 500, Kept: 3, Left: 497},
			{Was: "Nurturing", Now: "SQL", Should: "MQL", Total: 676, Wrong: 676, Kept: 4, Left: 672},
			{Was: "MQL", Now: "SQL", Should: "SQL", Total: 1000, AsIntended: true},
			{Was: "SQL", Now: "SQL", Should: "no change", Total: 750, AsIntended: true},
		},
	}
	// Who is called, and can approve, sees both before everything else.
	busy := HomeCard{For: chi, More: true, Open: []HomeRow{
		{Incident: acted, Numbers: incidents.Summarize(acted, incidents.Moment{At: noon, Tally: tally}).Numbers, Pages: []incidents.Page{silent}, Plans: []PlanCard{one}},
		{Incident: i, Numbers: incidents.Summarize(i, incidents.Moment{At: noon}).Numbers, Pages: []incidents.Page{onIt}},
	}}
	calm := busy
	calm.For, calm.More = ben, false
	from := Quote{Channel: "C1", TS: "1774699200.000100", Author: "U0BEN000001", Text: name + "\nand more of it"}
	stamp := one.Stamp()
	options := []Option{{"v:" + strings.Repeat("x", 200), name}, {"v:MQL", "MQL"}}
	run, _ := incidents.QuestionRun.Ask()
	looked := ExampleCard{Incident: 42, Table: "lead", Field: "lead_status", Run: name, More: "1.1.false", Records: []ExampleRecord{
		{Cohort: table.Cohorts[0], Record: rollback.Record{
			Key: "1042", Group: rollback.Group{Known: true, Present: true, Initial: rollback.One(name), Error: rollback.One("SQL"), Current: rollback.One("SQL")},
			Fields: []rollback.Field{{Name: "email", Value: rollback.Text("m…@e….com"), Masked: true}, {Name: "crm_id", Value: rollback.Text(name)}},
			Past: []rollback.Change{
				{At: noon.Add(-48 * time.Hour), By: name, Old: rollback.Null(), New: rollback.Text(name)},
				{At: noon.Add(-time.Hour), Run: "weekly-42", Ours: true, Old: rollback.Text(name), New: rollback.Text("SQL")},
			}, Older: 3,
		}},
		{Record: rollback.Record{Key: name}},
	}}
	looked.Records[0].Share = "1.1.false.3f9a1c07be52"
	told := SharedCard{Incident: 42, Number: 1, Source: "crm", Table: name, By: ana.Actor(), At: noon, Record: looked.Records[0]}
	told.Record.Record = told.Record.Record.Shared()
	walked := incidents.Walk{
		{Step: name, Expected: name, Observed: name, Went: incidents.WentRight},
		{Step: "The sync changes the stage", Expected: "to MQL", Observed: name, Went: incidents.WentWrong, When: noon, How: name},
		{Step: "Sales are told", Expected: name, Observed: "everybody", Went: incidents.WentWrong},
		{Step: "Mails go out", Expected: name},
		{Step: name},
	}
	full := walked
	for len(full) < 20 {
		full = append(full, walked[2])
	}
	single := rollback.Found{At: noon, Groups: []rollback.FoundGroup{{N: 2926}}}
	groups := rollback.Found{At: noon, Grouped: true, Groups: []rollback.FoundGroup{
		{Label: rollback.Text(name), N: 2176}, {Label: rollback.Null(), N: 12}, {Label: rollback.Text(" "), N: 0}, {Hidden: true, Few: true},
	}}
	named := CountedCard{Source: "crm", Name: "leads_of_run", Digest: strings.Repeat("3f9a", 16), Unit: name, Params: []string{"run=" + name}, Found: single, By: ana.Actor()}
	grouped, typed := named, CountedCard{Source: "crm", Text: "select id from crm.lead where lead_status = '" + name + "'", Digest: strings.Repeat("3f9a", 16), Unit: "records", Found: single, By: ana.Actor()}
	grouped.Found = groups
	typed.Found.Groups = []rollback.FoundGroup{{Few: true}}
	asked := rollback.Query{Source: "crm", Name: "leads_of_run", Unit: name, Params: []rollback.Param{{Name: "above", Type: rollback.ParamInteger}, {Name: "run", Type: rollback.ParamText}}}
	growth := GrowthCard{Incident: i, Grew: incidents.Grew{Run: name, From: 2500, To: 2926, Since: noon, At: noon.Add(15 * time.Minute), Phase: i.Phase().String()}}
	resolved := incidents.Load(incidents.Saved{Phase: incidents.PhaseResolved, Incident: i})
	regrowth := GrowthCard{Incident: resolved, Grew: growth.Grew}
	regrowth.Grew.Phase = resolved.Phase().String()
	automations := []rollback.Switched{
		{Source: "crm", Name: "weekly-sync", Title: name, Stage: rollback.StageSwitching, AskedBy: ana, AskedAt: noon},
		{Source: "crm", Name: "nightly", Title: name, Stage: rollback.StageOff, Before: rollback.SwitchOn, OffAt: noon},
		{Source: "crm", Name: "scoring", Title: name, Stage: rollback.StageReleasing, Before: rollback.SwitchOn, OffAt: noon},
		{Source: "crm", Name: "map-push", Title: name, Stage: rollback.StageSwitching, Manual: true, Owner: ben},
		{Source: "crm", Name: "mails", Title: name, Stage: rollback.StageReleasing, Manual: true},
	}
	return map[string]any{
		"is-it-one": IsItOne(SameCard{Title: name, Found: []incidents.Incident{i, known}, At: noon.Add(3 * time.Minute), Key: "123.456"}),
		"moved-on":  MovedOn(i, "C1"), "opened-again": Opened(Escape(name), i.ID, resolved, true), "needs": Needs(i), "drill": Drill(Said(Escape(name))),
		"panel":     Panel(PanelCard{Mine: []incidents.Incident{i}, Waits: []Act{{Say: name, Typed: "ack", Action: "page.ack", Label: "On it", Stamp: stamp}}}),
		"next-acts": NextActs(i, []Act{{Say: name, Typed: "close"}}), "home-ended": Home(HomeCard{Ended: []incidents.Incident{resolved}, Backups: []HomeBackup{{name, "unknown"}}, Late: 2, Version: "1.2"}),
		"counted": Counted(named), "counted-groups": Counted(grouped), "counted-typed": Counted(typed), "counted-said": Said(CountedLine(typed)),
		"modal-count": CountModal(CountForm{Stamp: stamp, Query: asked, Given: map[string]string{"run": name}}), "modal-count-pick": CountModal(CountForm{Stamp: stamp, Queries: []rollback.Query{asked}}),
		"opener": Opener(OpenerCard{Incident: i}), "opener-known": Opener(OpenerCard{Incident: known, Backup: name, HistoryUntil: noon.Add(240 * time.Hour), Learned: []string{name, name}}), "announcement": Announcement(i, incidents.Sentence("Next update by ", noon)),
		"opener-checklist": Opener(OpenerCard{Incident: known, Checklist: checklistOf(name)}), "todos-checklist": Todos(known, checklistOf(name), Said("none")),
		"timeline-edited": EditionOffer(42, *timelineOf(name).Lines[1].Note, name, "c0ffee"), "stop": Stop(StopCard{Incident: acted}),
		"stop-automations": Stop(StopCard{Incident: i, Automations: automations}), "modal-release": ReleaseModal(stamp, automations[1]), "modal-contain-switch": ContainModal(stamp, options, switchesOf(name)),
		"triage-open": Triage(TriageCard{Incident: i}), "triage-answered": Triage(TriageCard{Incident: known, Measured: name}),
		"triage-one-left": Triage(TriageCard{Incident: triaged(t, i, name, 10)}), "triage-complete": Triage(TriageCard{Incident: triaged(t, i, name, 11)}), "triage-over": Triage(TriageCard{Incident: incidents.Load(incidents.Saved{Phase: incidents.PhaseClosed, Incident: known})}),
		"page-calling": Page(card(page)), "page-next": Page(card(silent)), "page-on-it": Page(card(onIt)), "page-nobody": Page(card(nobody)),
		"plan-listed": Plan(contains(rollback.NameDone, rollback.Instead{How: rollback.InsteadList}, false)), "plan-waits-for-switch": Plan(contains(rollback.NameFrozen, off, false)), "plan-freed": Plan(contains(rollback.NameDone, off, true)),
		"modal-park": ParkModal(ParkForm{Stamp: stamp, Who: options, Columns: []string{name}, Instead: options}),
		"table":      Table(table), "example": Examples(looked), "example-shared": SharedExample(told), "plan": Plan(one), "review-none": Review(plan(rollback.NameProposed, name)), "review-one": Review(one), "review-approved": Review(approved),
		"progress-canary": Progress(canary), "progress-canary-odd": Progress(odd), "progress-running": Progress(running), "progress-paused": Progress(paused), "progress-throttled": Progress(throttled), "result": Result(done),
		"plan-samples": PlanSamples(one, table.Cohorts, sampled(name), 0),
		"list":         List(ListCard{Rows: []ListRow{{i}, {known}}, Name: "open", Page: 2, More: true}), "help": Help([]HelpGroup{{name, []HelpRow{{name, name, name, name, name, name}}}}, []Act{{Say: name, Typed: "status"}}),
		"help-verb": HelpVerb(HelpRow{name, name, name, name, name, name}), "status": Status(StatusCard{Incident: 42, Summary: Summary(incidents.Summarize(i, incidents.Moment{At: noon})), Role: name}),
		"modal-open": OpenModal(OpenForm{Channel: "C1", Systems: options, Title: name}), "modal-question": QuestionModal(QuestionForm{Stamp: stamp, Asked: run, Options: options, Note: Escape(name)}),
		"modal-resolve": ResolveModal(stamp, nil), "modal-resolve-missing": ResolveModal(stamp, []incidents.Gate{{Say: "nothing was counted. Say why: /snafu resolve WHY."}, {Say: name + " is missing."}}), "modal-resolve-hard": ResolveModal(stamp, []incidents.Gate{{Hard: true, Say: "2 " + name + " are wrong."}, {Say: "nothing was counted."}}), "modal-reopen": ReopenModal(ReopenForm{Stamp: stamp, Incident: resolved, Which: incidents.AgainOccurs, Why: name}), "growth": Growth(growth), "growth-resolved": Growth(regrowth),
		"modal-contain": ContainModal(stamp, nil, nil), "modal-call": CallModal(CallForm{Stamp: stamp, Rotas: options}), "modal-note": NoteModal(stamp),
		"modal-table": TableModal(TableForm{Stamp: stamp, Cohorts: []CohortForm{{table.Cohorts[0], options, "v:MQL"}}}),
		"modal-pick": PickModal(PickForm{
			Stamp: stamp, Runs: options, Run: "v:MQL", Other: name, Fields: options, Picked: []string{"v:MQL"}, Lists: options, From: "2026-03-28 10:42:00", Note: Escape(name),
		}),
		"modal-pick-several": PickModal(PickForm{Stamp: stamp, Runs: options, Fields: options, Picked: []string{"v:MQL"}, Wide: true}),
		"modal-plan":         PlanModal(stamp, []string{"1,169 to write"}), "modal-approve": ApproveModal(one, stamp), "modal-run": RunModal(one, stamp, []string{WhoHelps([]incidents.Person{ben}, name, name)}),
		"modal-reason": ReasonModal("reject", "Reject R1", "Reject", stamp, "Say why."), "modal-gate": GateModal("close", "Close", "Close", GateForm{Stamp: stamp, Lines: []string{Escape(name)}}),
		"home-empty": Home(HomeCard{For: ana}), "home-waits": Home(busy), "home-calm": Home(calm), "home-oncall": Home(HomeCard{For: ana, OnCall: OnCallCard{Now: true, Rotas: []OnCallRow{{Rota: name, Duty: rota.Duty{People: []incidents.Person{ben}, Until: noon, Next: []incidents.Person{chi}}}}}}), "home-told": HomeTold(Escape(name)),
		"modal-open-message": OpenModal(OpenForm{Channel: "C1", Title: name, Quote: from}),
		"walk":               Walk(WalkCard{Incident: 42, Walk: walked}), "walk-full": Walk(WalkCard{Incident: 42, Walk: full}),
		"modal-walk-add": WalkModal(WalkForm{Stamp: stamp, Walk: walked}), "modal-walk-change": WalkModal(WalkForm{Stamp: stamp, Walk: walked, Number: 2, When: "2026-03-28 12:00:00"}),
		"board": Board(BoardCard{42, boardOf(name)}), "board-full": Board(BoardCard{42, fullBoard(name)}), "modal-try": TryModal(stamp, "U1"), "modal-tried": TriedModal(stamp, boardOf(name)[1]),
		"offer-support": Support(SupportOffer{42, name, []AdminOffer{{name, ana, name}, {name, ben, name}}, name}),
		"offer-admins":  AdminOffers(42, []AdminOffer{{name, ana, name}, {"erp", ben, name}}), "offer-follow-up": FollowUpOffer(42, "1.2"), "modal-open-private": OpenModal(OpenForm{Channel: "C1", How: []string{"private"}}),
		"timeline": Timeline(timelineOf(name)), "timeline-empty": Timeline(TimelineCard{Incident: 42}), "modal-timeline": CorrectModal(stamp, *timelineOf(name).Lines[1].Note, "2026-03-28 12:00:00"),
		"whys": Whys(WhysCard{42, treeOf(name)}), "whys-skipped": Whys(WhysCard{42, incidents.Whys{Skipped: name, SkippedBy: ana.Actor()}}), "whys-full": Whys(WhysCard{42, fullTree(name)}), "whys-ask-back": WhyAskBack(42, "W1.1.1"),
		"modal-whys-add": WhyModal(WhyForm{Stamp: stamp, Whys: treeOf(name)}), "modal-whys-change": WhyModal(WhyForm{Stamp: stamp, Whys: treeOf(name), Of: &treeOf(name).Nodes[2]}),
		"modal-settings":      SettingsModal(SettingsForm{Stamp: stamp, Now: incidents.UsualSettings, Zone: "UTC", Ways: []string{"phone", "email"}, First: "email", Contacts: []ContactRow{{"phone", name, noon}, {"email", name, time.Time{}}}}),
		"modal-settings-bare": SettingsModal(SettingsForm{Stamp: stamp, Zone: name}), "modal-open-same": OpenModal(OpenForm{Systems: options, Title: name, System: "v:MQL", Still: incidents.Yes, Severity: "2", How: []string{"drill"}, Same: SameCard{Found: []incidents.Incident{i}, At: noon}}),
		"opened-from":   OpenedFrom(42, ana, "C0SNAFU0042", true),
		"modal-loading": Loading("One moment"), "modal-told": Told("Told", Escape(name)),
	}
}

func TestEveryMessageReadsAsReviewed(t *testing.T) {
	for name, v := range moments(t, "Prospect") {
		t.Run(name, func(t *testing.T) { golden(t, name, v) })
	}
}

func TestNoNameBreaksSlacksLimits(t *testing.T) {
	for _, name := range []string{hostile, strings.Repeat("ä", 3000), strings.Repeat("<!channel>", 300), "\u202Eabc"} {
		for view, v := range moments(t, name) {
			t.Run(view, func(t *testing.T) { within(t, v) })
		}
	}
}

// within holds a view to the limits and to plain text in plain places.
func within(t *testing.T, v any) {
	t.Helper()
	blocks, most := []slack.Block(nil), maxMessageBlocks
	switch v := v.(type) {
	case Message:
		blocks = v.Blocks
		require.NotEmpty(t, strings.TrimSpace(v.Text))
		require.LessOrEqual(t, units(v.Text), maxMessageText)
	case slack.ModalViewRequest:
		blocks, most = v.Blocks.BlockSet, maxModalBlocks
		require.LessOrEqual(t, units(v.Title.Text), maxModalTitle)
		require.LessOrEqual(t, units(v.PrivateMetadata), maxPrivateData)
	case slack.HomeTabViewRequest:
		blocks, most = v.Blocks.BlockSet, maxModalBlocks
	}
	require.NotEmpty(t, blocks)
	require.LessOrEqual(t, len(blocks), most)
	ids := map[string]bool{}
	sum := 0
	for _, b := range blocks {
		if id := b.ID(); id != "" {
			require.False(t, ids[id], "block id %s twice", id)
			ids[id] = true
		}
		raw, err := json.Marshal(b)
		require.NoError(t, err)
		var tree any
		require.NoError(t, json.Unmarshal(raw, &tree))
		sum += texts(t, tree, fmt.Sprint(b.BlockType()))
	}
	require.LessOrEqual(t, sum, maxAllText)
}

var textLimits = map[string]int{"section": maxSectionText, "context": maxSectionText, "header": maxHeader, "actions": maxButtonText, "input": maxInputLabel}

func texts(t *testing.T, tree any, block string) int {
	t.Helper()
	sum := 0
	switch node := tree.(type) {
	case []any:
		for _, n := range node {
			sum += texts(t, n, block)
		}
	case map[string]any:
		if value, ok := node["value"].(string); ok {
			require.LessOrEqual(t, units(value), maxButtonValue)
		}
		kind, _ := node["type"].(string)
		if text, ok := node["text"].(string); ok && (kind == "mrkdwn" || kind == "plain_text") {
			require.NotEmpty(t, text)
			require.LessOrEqual(t, units(text), textLimits[block], text)
			require.NotContains(t, text, "\u202E")
			if kind == "mrkdwn" {
				require.NotContains(t, text, "<!channel>")
				require.NotContains(t, text, "<https://evil")
			}
			sum += units(text)
		}
		for _, n := range node {
			sum += texts(t, n, block)
		}
	}
	return sum
}

func TestAStampComesBackFromSlackAsItWasWritten(t *testing.T) {
	s := plan(rollback.NameProposed, "Prospect").Stamp()
	s.Channel, s.Question, s.Choice, s.Page, s.Opened = "C0SNAFU0042", 3, incidents.DontKnow, 12, noon.UnixMilli()
	require.LessOrEqual(t, len(s.String()), maxStamp)
	s.Message, s.Author = "1774699200.000100", "U0BEN000001" // of forms alone
	require.Equal(t, s, ParseStamp(s.String()))
	require.Equal(t, Stamp{}, ParseStamp("%zz"))
}

// A line of a code block that is wider than a phone is broken in two, and a
// table then reads as another one.
func TestTablesFitAPhone(t *testing.T) {
	for _, name := range []string{"Prospect", strings.Repeat("long ", 20), strings.Repeat("<!channel>&`", 20)} {
		views := moments(t, name)
		delete(views, "counted-typed") // a statement stands as it was typed
		views["many"] = Table(millions(leads(name)))
		tables := 0
		for view, v := range views {
			raw, err := json.Marshal(v)
			require.NoError(t, err)
			for n, text := range regexp.MustCompile("```(.*?)```").FindAllStringSubmatch(string(raw), -1) {
				tables++
				for _, line := range strings.Split(text[1], `\n`) {
					line = strings.NewReplacer(`\u0026`, "&").Replace(line)
					line = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", `\u003e`, ">", `\u003c`, "<").Replace(line)
					require.LessOrEqual(t, len([]rune(line)), codeWidth, "%s, block %d: %s", view, n, line)
				}
			}
		}
		require.GreaterOrEqual(t, tables, 10)
	}
}

// millions is a table of as many records as a phone still has room for.
func millions(c TableCard) TableCard {
	c.Table.Members *= 10_000
	for i := range c.Table.Groups {
		c.Table.Groups[i].Records *= 10_000
	}
	found, err := c.Table.Classify(nil)
	if err != nil {
		panic(err)
	}
	c.Cohorts = found.Cohorts
	return c
}

func TestFiftyGroupsAreShownWholeWhateverTheirLabels(t *testing.T) {
	t.Parallel()
	found := rollback.Found{At: noon, Grouped: true}
	for i := range 50 {
		found.Groups = append(found.Groups, rollback.FoundGroup{Label: rollback.Text(fmt.Sprintf("%02d", i) + strings.Repeat("<&>`", 15)), N: int64(1000 + i)})
	}
	m := Counted(CountedCard{Source: "crm", Name: "by_label", Digest: strings.Repeat("3f9a", 16), Unit: "leads", Found: found, By: ana.Actor()})
	within(t, m)
	raw, err := json.Marshal(m.Blocks)
	require.NoError(t, err)
	for i := range 50 {
		require.Contains(t, string(raw), fmt.Sprintf(" %s", Number(int64(1000+i))), "no group is left out")
	}
	require.Zero(t, strings.Count(string(raw), "```")%2, "each block of code is closed")
}

// sampled is a record of a cohort as a person may read it, and one that is gone.
func sampled(name string) []rollback.Sampled {
	is := rollback.One(name)
	return []rollback.Sampled{
		{Cohort: 1, Class: rollback.ClassWrite, Key: name, Was: is, Is: is, Should: is, Current: is, Fields: []rollback.Field{{Name: "email", Value: rollback.Value{Text: name}, Masked: true}}},
		{Cohort: 2, Class: rollback.ClassMissing, Key: "7", Was: is, Is: is},
	}
}
