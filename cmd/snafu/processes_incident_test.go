package main

import (
	"context"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// incident is the sample's, told over HTTP: who does what in which channel.
type incident struct {
	*stand
	room string
}

const title = "Leads moved to SQL by mistake"

// room waits for an incident's channel, and until who opened it was let in: what
// they type there before is refused.
func (s *stand) room(prefix string) *incident {
	s.t.Helper()
	room := s.slack.await("ana", "channel", object{"name_prefix": prefix}).Channel
	eventually(s.t, "ana was let in", func() bool { return s.slack.get("channels/" + room.ID + "?as=ana").Channel.Member })
	return &incident{s, "#" + room.Name}
}

// open opens it, and lets the one on call answer.
func (s *stand) open() *incident {
	s.t.Helper()
	s.slack.slash("ana", "#general", "open sev2 "+title+" --on crm")
	i := s.room("snafu-1-")
	s.slack.press("ben", "@snafu", "On it")
	s.slack.reads("ana", i.room, "SNAFU-1 · Triage · SEV2", "@ben is on it")
	return i
}

// knows waits until the journal has so many facts of a kind. A card is edited
// at most every few seconds; what people type need not wait for it.
func (i *incident) knows(kind string, times int64) {
	i.t.Helper()
	const facts = `select count(*) from snafu.journal where chain = 1 and kind = $1`
	eventually(i.t, kind, func() bool { return number(i.t, i.db.logAdmin, facts, kind) >= times })
}

// counts lets the bot find the cohorts, and the people say what is right.
func (i *incident) counts() {
	i.t.Helper()
	i.slack.slash("ana", i.room, "triage 2 weekly-42")
	i.knows("measured/1", 1)
	i.slack.slash("ana", i.room, "contain stopped Weekly stage sync (was on, now off)")
	i.slack.slash("ana", i.room, "triage 3 no")
	i.slack.slash("ben", i.room, "triage 4 all became SQL")
	i.slack.slash("ben", i.room, "triage 7 workflow the weekly sync")
	i.slack.slash("ben", i.room, "table")
	i.slack.fills("ben", "table", object{"cohort-1": "v:MQL", "cohort-2": "v:MQL", "cohort-3": "nochange", "cohort-4": "nochange"})
	i.knows("decided/1", 1)
}

// corrects is Rosa, in sales, who sets seven leads by hand.
func (i *incident) corrects() {
	i.t.Helper()
	require.EqualValues(i.t, 7, number(i.t, i.db.crmAdmin, `select world.rosa()`))
}

// plans freezes and proposes R1.
func (i *incident) plans() {
	i.t.Helper()
	i.slack.slash("ana", i.room, "plan")
	i.slack.fills("ana", "plan", object{"effects": "fire", "why": "put the stages back, IT asked"})
	i.knows("plan-frozen/1", 1)
	i.slack.slash("ana", i.room, "plan propose R1")
	i.knows("plan-proposed/1", 1)
	for _, who := range []string{"chi", "dev"} {
		i.slack.acted("as/"+who+"/join", object{"channel": i.room})
	}
}

// readable waits for the time that reading a plan takes at least.
func (i *incident) readable() {
	i.t.Helper()
	const proposed = `
		select count(*) from snafu.journal
		 where kind = 'plan-proposed/1' and at + interval '10 s' < clock_timestamp()`
	eventually(i.t, "the plan could be read", func() bool { return number(i.t, i.db.logAdmin, proposed) > 0 })
}

// approves is what the two on the list of approvers do.
func (i *incident) approves(who string) {
	i.t.Helper()
	i.readable()
	const heard = `select count(*) from snafu.journal where chain = 1 and kind = 'approval-given/1'`
	const unsure = `select count(*) from snafu.journal where chain = 1 and kind = 'approval-refused/1' and detail->>'code' = 'slack-unsure'`
	for try, given := 1, false; !given; try++ { // Slack may be too slow, on a busy machine, to say who somebody is: they approve again
		i.slack.press(who, i.room, "Review and approve")
		require.Less(i.t, try, 6, "Slack never says who %s is", who)
		voices, doubts := number(i.t, i.db.logAdmin, heard), number(i.t, i.db.logAdmin, unsure)
		i.slack.fills(who, "approve", object{"rows": "1169", "samples": []string{"looked"}})
		eventually(i.t, who+" is heard", func() bool {
			given = number(i.t, i.db.logAdmin, heard) > voices
			return given || number(i.t, i.db.logAdmin, unsure) > doubts
		})
	}
	i.slack.reads("ana", i.room, "Approved by @chi")
}

// starts runs the first twenty, and says that they look right.
func (i *incident) starts() {
	i.t.Helper()
	i.slack.reads("ana", i.room, "Approved by @chi and @dev · 2 of 2")
	i.slack.slash("chi", i.room, "run R1")
	i.slack.fills("chi", "run", object{"ref": "R1"})
	i.knows("canary/1", 1)
	i.slack.slash("dev", i.room, "continue R1")
}

const result = "R1 done: 1,169 written · 7 conflicts left alone · 0 failed"

func (i *incident) ends() {
	i.t.Helper()
	i.slack.reads("ana", i.room, result, "Recount: SQL 1,750 · MQL 1,169 · Customer 74 · Disqualified 7 · total 3,000")
}

// figure is one number that a database must give.
type figure struct {
	name string
	want int64
	sql  string
}

// inSource are the figures of the story: what was written, and what was not.
var inSource = []figure{
	{"leads that are MQL", 1169, `select count(*) from crm.lead where lead_status = 'MQL'`},
	{"leads that are SQL", 1750, `select count(*) from crm.lead where lead_status = 'SQL'`},
	{"leads as Rosa set them", 7, `select count(*) from crm.lead where lead_status = 'Disqualified' and id in (1, 2, 3, 501, 502, 503, 504)`},
	{"customers", 74, `select count(*) from crm.lead where lead_status = 'Customer'`},
	{"writes in the history by R1", 1169, `select count(*) from crm.lead_history where run = 'SNAFU-1/R1'`},
	{"leads written by R1", 1169, `select count(distinct lead_id) from crm.lead_history where run = 'SNAFU-1/R1'`},
	{"ledger lines that say written", 1169, `select count(*) from snafu.ledger where outcome = 1`},
	{"ledger lines", 1169, `select count(*) from snafu.ledger`},
	{"ledger lines without the value they tell of", 0, `
		select count(*) from snafu.fixed f join crm.lead l on l.id::text = f.key[1] where l.lead_status is distinct from f.after[1]`},
	{"ledger lines without a line of history", 0, `
		select count(*) from snafu.fixed f
		 where not exists (select from crm.lead_history h where h.lead_id::text = f.key[1] and h.run = 'SNAFU-1/R1' and h.old = f.before[1] and h.new = f.after[1])`},
	{"lines of history without a line of the ledger", 0, `
		select count(*) from crm.lead_history h
		 where h.run = 'SNAFU-1/R1' and not exists (select from snafu.fixed f where f.key[1] = h.lead_id::text)`},
	{"batches", 13, `select count(*) from snafu.batches`},
	{"lines of the history", 6528, `select count(*) from crm.lead_history`},
}

// inLog must hold after every incident, whatever was killed.
var inLog = []figure{
	{"deliveries that wait", 0, `select count(*) from snafu.delivery_steps where state in ('waiting', 'sending', 'unknown')`},
	{"entries that nobody looked at", 0, `select count(*) from snafu.deliveries where expanded_at is null`},
	{"deliveries that were given up", 0, `select count(*) from snafu.delivery_steps where state = 'dead'`},
	{"acts that nobody did", 0, `select count(*) from snafu.receipts where outcome is null`},
	{"acts that broke", 0, `select count(*) from snafu.receipts where outcome = 'failed'`},
	{"effects of one act key told twice", 0, `
		select count(*) from (select from snafu.journal where chain > 0 group by chain, act_key, kind, leaf having count(*) > 1) as twice`},
	{"executions", 1, `select count(*) from snafu.executions`},
	{"executions that go on", 0, `select count(*) from snafu.executions where ended_at is null`},
	{"people whose approval counted", 2, `select count(distinct person) from snafu.approvals`},
	{"approvals by somebody who wrote the plan", 0, `select count(*) from snafu.approvals a join snafu.plan_people p on p.plan = a.plan and p.person = a.person and p.part in ('requester', 'author')`},
}

// holds compares both databases and Slack with each other.
func (i *incident) holds() {
	i.t.Helper()
	for _, f := range inSource {
		require.Equal(i.t, f.want, number(i.t, i.db.crmAdmin, f.sql), f.name)
	}
	eventually(i.t, "everything is told", func() bool {
		return number(i.t, i.db.logAdmin, inLog[0].sql)+number(i.t, i.db.logAdmin, inLog[1].sql) == 0
	})
	for _, f := range inLog {
		require.Equal(i.t, f.want, number(i.t, i.db.logAdmin, f.sql), f.name)
	}
	i.toldOnce()
	i.nothingImpossible()
	verify := i.run("audit", "verify")
	require.Equal(i.t, exitHolds, verify.ends(), verify.said.text())
}

// nothingImpossible runs the queries that no fault may make answer.
func (i *incident) nothingImpossible() {
	i.t.Helper()
	text, err := os.ReadFile("../../bot/testdata/invariants.sql")
	require.NoError(i.t, err)
	conn, err := pgx.Connect(i.t.Context(), i.db.log)
	require.NoError(i.t, err)
	defer conn.Close(context.WithoutCancel(i.t.Context()))
	_, err = conn.Exec(i.t.Context(), `set search_path = snafu`)
	require.NoError(i.t, err)
	for _, query := range strings.Split(string(text), ";\n") {
		rows, err := conn.Query(i.t.Context(), query, pgx.QueryExecModeSimpleProtocol)
		require.NoError(i.t, err)
		found, err := pgx.CollectRows(rows, pgx.RowToMap)
		require.NoError(i.t, err, query)
		require.Empty(i.t, found, query)
	}
}

// toldOnce holds what stands in the channel against what the bot knows to have
// posted: no message twice, and none that is lost.
func (i *incident) toldOnce() {
	i.t.Helper()
	pinned, words, seen := 0, map[string]string{}, []string{}
	for _, m := range i.slack.messages(i.room) {
		if !m.Bot || m.Subtype != "" || m.EphemeralTo != "" {
			continue
		}
		before, twice := words[m.ThreadTS+m.Plain]
		require.False(i.t, twice, "told twice, at %s and %s: %s", before, m.TS, m.Plain)
		words[m.ThreadTS+m.Plain] = m.TS
		seen = append(seen, m.TS)
		if m.Pinned {
			pinned++
		}
	}
	require.Equal(i.t, 1, pinned, "one Summary")
	const posted = `
		select ts from snafu.messages where channel = $1 and ts <> ''
		union
		select ts from snafu.delivery_steps where channel = $1 and state = 'sent' and ts <> ''`
	conn, err := pgx.Connect(i.t.Context(), i.db.logAdmin)
	require.NoError(i.t, err)
	defer conn.Close(context.WithoutCancel(i.t.Context()))
	rows, err := conn.Query(i.t.Context(), posted, i.slack.get("channels/"+i.slack.channel(i.room)).Channel.ID)
	require.NoError(i.t, err)
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(i.t, err)
	require.ElementsMatch(i.t, known, seen, "%v", words)
}
