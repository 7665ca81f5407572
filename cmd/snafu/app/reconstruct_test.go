package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

// Workflows whose copying has taken every enrolment out of its step. Neither a
// history nor a backup knows where people stood; another system has a log of the
// mails that were sent.
const queueConfig = `
sources:
  flow:
    system: postgres
    title: Workflows
    count_dsn_env: FLOW_COUNT
    exec_dsn_env: FLOW_EXEC
    approvers: {users: [%s, %s], discussed: free}
    tables:
      queue:
        table: flow.queue
        unit: enrolments
        key: [id]
        settable: [step]
        touched_at: {column: updated_at}
        membership: {table: flow.copied, key: [enrolment], run: run, at: at}
    evidence:
      last-mail:
        table: queue
        source: mails
        file: last_mail.sql
        rule: one wait step after the last mail sent
        group: workflow
        complete: 90%%
        author: %s
        reads: {mail.sent: [enrolment, workflow, template, outcome, at], mail.follows: [template, step]}
        beside: state
      state:
        {table: queue, file: state.sql, rule: the step that support has seen, author: %s, reads: {flow.seen: [id, step]}}
  mails:
    system: postgres
    title: Mail log
    count_dsn_env: MAIL_COUNT
    approvers: {users: [%s, %s], discussed: free}
    tables:
      sent: {table: mail.sent, unit: mails, key: [id]}
`

const lastMail = `-- The wait step that follows the last mail which went out in a workflow.
with last as (
  select distinct on (m.enrolment) m.enrolment, m.template, m.at
    from mail.sent m
   where m.outcome = 'sent' and m.at < :since
   order by m.enrolment, m.at desc)
select k.enrolment as id, k.workflow, min(f.step) as step, count(f.step) as candidates, 'mail ' || l.template || ' was the last' as evidence
  from (select distinct enrolment, workflow from mail.sent) k
  left join last l on l.enrolment = k.enrolment
  left join mail.follows f on f.template = l.template
 group by k.enrolment, k.workflow, l.template
`

const queueSQL = `
	create schema flow;
	create table flow.seen (id bigint, step text); -- by people who looked: of one they say something else, of another more
	insert into flow.seen values (1, 'wait 1'), (11, 'wait 1'), (50, 'wait 4');
	create table flow.queue (id bigint primary key, step text, updated_at timestamptz not null);
	create table flow.copied (run text, enrolment bigint, at timestamptz);
	insert into flow.queue select n, null, now() - interval '2 hours' from generate_series(1, 50) n;
	insert into flow.copied select 'copy-9', n, now() - interval '2 hours' from generate_series(1, 50) n`

// Welcome has 30 enrolments, of which one may stand in two places; of the 20 of
// nurture, 5 had nothing but a mail that failed.
const mailSQL = `
	create schema mail;
	create table mail.sent (id bigint generated always as identity primary key, enrolment bigint, workflow text, template text, outcome text, at timestamptz);
	create table mail.follows (template text, step text);
	insert into mail.follows values ('hello', 'wait 1'), ('tips', 'wait 2'), ('fork', 'wait 2'), ('fork', 'wait 3'), ('news', 'wait 4');
	insert into mail.sent (enrolment, workflow, template, outcome, at) select n, 'welcome', 'hello', 'sent', now() - interval '9 days' from generate_series(1, 30) n;
	insert into mail.sent (enrolment, workflow, template, outcome, at) select n, 'welcome', 'tips', 'sent', now() - interval '5 days' from generate_series(11, 29) n;
	insert into mail.sent (enrolment, workflow, template, outcome, at) select n, 'welcome', 'tips', 'failed', now() - interval '5 days' from generate_series(1, 10) n;
	insert into mail.sent (enrolment, workflow, template, outcome, at) values (30, 'welcome', 'fork', 'sent', now() - interval '4 days');
	insert into mail.sent (enrolment, workflow, template, outcome, at) select n, 'nurture', 'news', case when n > 45 then 'failed' else 'sent' end, now() - interval '3 days' from generate_series(31, 50) n`

// queue declares both systems and returns the admin of the workflows.
func queue(t *testing.T, s *stand, approvers []string, author string) (live *pgx.Conn, file string) {
	t.Helper()
	flow, mails := pgtest.Empty(t), pgtest.Empty(t)
	env := logsIn(t, map[string][2]string{
		"FLOW_COUNT": {"snafu_count", flow}, "FLOW_EXEC": {"snafu_exec", flow}, "MAIL_COUNT": {"snafu_count", mails},
	})
	folder := t.TempDir()
	file = filepath.Join(folder, "last_mail.sql")
	require.NoError(t, os.WriteFile(file, []byte(lastMail), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "state.sql"), []byte("select id, step from flow.seen"), 0o600))
	text := fmt.Appendf(nil, queueConfig, approvers[0], approvers[1], author, author, approvers[0], approvers[1])
	config, err := parse(filepath.Join(folder, "snafu.yaml"), text, lookup(env), Need{Sources: true})
	require.NoError(t, err)
	s.config.Sources = config.Sources
	setup := func(name string) string {
		sql, err := SourceSQL(config, name)
		require.NoError(t, err)
		return sql
	}
	holds(t, mails, mailSQL, setup("mails"))
	return holds(t, flow, queueSQL, setup("flow")), file
}

func TestStepsComeBackFromTheLastMailSentAndWhatNobodyKnowsStaysAway(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.read = -1
	live, _ := queue(t, s, []string{s.id(t, "chi"), s.id(t, "dev")}, s.id(t, "chi"))
	x, says := s.opens(t, "sev3 Enrolments lost their step --on flow"), slacksim.Contains
	for _, who := range []string{"chi", "dev"} {
		_, err := s.sim.As(who).Joins(x.ctx, x.room)
		require.NoError(t, err)
	}

	x.types("reconstruct first-mail")
	x.sees("ana", slacksim.OnlyForMe(), says(`flow declares no evidence "first-mail". There is last-mail, state.`))
	x.types("reconstruct last-mail --run copy-9")
	x.sees("ana", slacksim.OnlyForMe(), says("Evidence last-mail needs to know :since."))
	x.types("reconstruct last-mail --run copy-9 --since " + ago(2*time.Hour+time.Minute) + " --until " + ago(2*time.Hour-5*time.Minute))
	x.sees("ana", says("Reconstruction R1 from last-mail"), says("asked in mails"), says("one wait step after the last mail sent"),
		says("Coverage: 28 of 50 (56.0 %) can be restored"), says("nurture 15 of 20 (75.0 %), stays contained"), says("welcome 28 of 30 (93.3 %)"),
		says("the step that support has seen."), says("They disagree about 1: nobody has decided which counts"),
		says("1 have several possible values, and are left out"), says("5 are not known to it, and stay as they are"))
	x.types("contain stopped the copying (was on, now off)", "triage 2 copy-9", "triage 3 no", "triage 4 steps lost", "triage 7 workflow the copying")

	// Nobody is asked for an approval before somebody has decided between the two.
	x.types("plan propose R1")
	x.sees("ana", slacksim.OnlyForMe(), says("last-mail and state disagree about 1 records of R1."))
	x.types("trust R1 luck because")
	x.sees("ana", slacksim.OnlyForMe(), says(`"luck" is neither of them`))
	x.presses("ana", "Decide which counts", "trust", slacksim.Values{"take": "last-mail", "why": "support looked later"})
	x.sees("ana", says("decided for R1 where state disagrees: last-mail counts"))
	x.sees("ana", says("Reconstruction R1 from last-mail"), says("Coverage: 29 of 50 (58.0 %) can be restored"), says("They disagree about 1: last-mail counts"))

	// And not before somebody else has compared.
	x.types("plan propose R1")
	x.sees("ana", slacksim.OnlyForMe(), says("Nobody has compared R1 by hand yet."))
	x.types("spotcheck R1 agrees")
	x.sees("ana", slacksim.OnlyForMe(), says("You asked for R1, so somebody else has to compare R1 by hand."))
	x.says("chi", "spotcheck R1 agrees")
	x.sees("chi", slacksim.OnlyForMe(), says("You wrote the file of last-mail, so somebody else has to compare R1 by hand."))
	x.presses("dev", "Compare by hand", "spotcheck", slacksim.Values{"found": "agrees"})
	x.sees("ana", says("compared 20 records of R1 r2 by hand, and all of them agree"))
	require.NoError(t, x.a.Idle(x.ctx))
	require.Equal(t, rollback.NameFrozen, x.plan().State)
	require.Equal(t, int64(3), x.plan().Spec.Revision)

	x.types("plan propose R1")
	x.sees("ana", says("29 to write"), says("20 of 20 agree"))
	v := x.plan()
	require.Equal(t, rollback.KindReconstruct, v.Spec.Kind)
	require.Equal(t, rollback.Counts{Write: 29, Ambiguous: 1, Unrecoverable: 20}, v.Classes())
	x.starts("R1", "r3", "29")
	x.sees("ana", says("20 written, 20 read back"))
	x.presses("chi", "Continue", "", nil)
	x.sees("ana", says("R1 done: 29 written"))

	var first, second, none int
	require.NoError(t, live.QueryRow(x.ctx, `select count(*) filter (where step = 'wait 1' and id <= 10), count(*) filter (where step = 'wait 2' and id between 11 and 29),
		count(*) filter (where step is null and id >= 30) from flow.queue`).Scan(&first, &second, &none))
	require.Equal(t, []int{10, 19, 21}, []int{first, second, none}, "a failed mail is no evidence, several steps are none, and a group that is not complete enough waits as a whole")
	list, err := x.a.list(x.ctx, v.Stamp.Plan, rollback.ListOf{Name: rollback.ListFixed, Format: rollback.ListCSV})
	require.NoError(t, err)
	require.Equal(t, int64(29), list.Rows)
}
