package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

func crmQueries() []rollback.Query {
	of := func(name, text string, params ...rollback.Param) rollback.Query {
		return rollback.Query{Source: "crm", Name: name, Text: text, Unit: "leads", Params: params}
	}
	return []rollback.Query{
		of("addresses", "select email, count(*) from crm.lead where id < 3 group by 1"),
		of("customers", "select count(*) from crm.lead where lead_status = 'Customer'"),
		of("leads_above", "select count(*) from crm.lead where lead_status = :status and id > :above",
			rollback.Param{Name: "above", Type: rollback.ParamInteger}, rollback.Param{Name: "status", Type: rollback.ParamText}),
		of("leads_of_run", "select l.lead_status, count(distinct l.id) from crm.lead_history h join crm.lead l on l.id = h.lead_id where h.run = :run group by 1 order by 2 desc",
			rollback.Param{Name: "run", Type: rollback.ParamText}),
	}
}

func countingWorkspace(t *testing.T) (w *workspace, ch string) {
	t.Helper()
	w = workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{
		Usergroups: []slacksim.WorkspaceGroup{{ID: "S0ANALYSTS", Handle: "analysts", Members: []string{"dev"}}},
	})
	w.crm = newCRM(t)
	w.crm.asks = crmQueries()
	w.begin()
	return w, w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
}

func TestANamedCountIsAskedTypedOrPickedAndToldInTheChannel(t *testing.T) {
	t.Parallel()
	w, ch := countingWorkspace(t)
	says := slacksim.Contains

	w.slash("ana", ch, "/snafu count customers")
	w.sees("ben", ch, says("74 leads"), says("customers"))
	w.slash("ana", ch, "/snafu count leads_of_run weekly-42")
	w.sees("ben", ch, says("1 group of leads"), says("run=weekly-42"), says("2,926"))

	// What is missing is asked for in a form; the incident's run is known.
	w.slash("ana", ch, "/snafu count leads_of_run")
	w.sees("ana", ch, says("leads_of_run needs run. Write it as: /snafu count leads_of_run run=TEXT."))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926 to decide"))
	w.quiet()
	w.slash("ana", ch, "/snafu count leads_of_run")
	w.quiet()
	w.slash("ana", ch, `/snafu count leads_above status="SQL"`)
	res := w.submit(w.form("ana", "count"), slacksim.Values{"param-above": "2000", "param-status": "SQL"})
	require.Equal(t, "updated", res.Result)
	shown, err := w.sim.As("ana").Modal(w.ctx(), says("leads_above"), says("leads ("))
	require.NoError(t, err)
	require.Contains(t, shown.Plain, "926 leads (leads_above above=2000 status=SQL).")
	w.slash("ana", ch, "/snafu count more")
	w.submit(w.form("ana", "count"), slacksim.Values{"query": "crm.leads_above", "params": "status=SQL\nabove=2900"})
	_, err = w.sim.As("ana").Modal(w.ctx(), says("26 leads (leads_above above=2900 status=SQL)."))
	require.NoError(t, err)
	w.quiet()

	// Labels of personal data leave the source in no form.
	w.slash("ana", ch, "/snafu count addresses")
	w.sees("ben", ch, says("(personal data)"), says("<5"))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from counted where groups::text like '%@%' or asked::text like '%@%'`))
	require.Equal(t, 6, w.count(`select count(*) from journal where kind = 'counted/1'`))
	require.Equal(t, 6, w.count(`select count(*) from counted`))
	require.NotContains(t, w.told(), "@example")

	for line, want := range map[string]string{
		"count leads":                                        "I know no count named \"leads\". There is",
		"count customrs":                                     "Did you mean customers?",
		"count customers status=SQL":                         `customers has no parameter "status".`,
		"count leads_above status=SQL above=ten":             `leads_above cannot take "ten" as above, which is a whole number.`,
		"count leads_above status=a above=1 x":               `leads_above cannot read "x" as a parameter.`,
		"count erp.customers":                                `I know no count named "erp.customers". Did you mean customers?`,
		"count select id from crm.lead":                      "Only named counts may be asked of crm. Named ones: addresses, customers, leads_above, leads_of_run.",
		"count SNAFU-1 WITH x AS (SELECT 1) SELECT * FROM x": "Only named counts may be asked of crm.",
		"count drop":                                         "I know no count named",
	} {
		w.slash("ana", ch, "/snafu "+line)
		w.sees("ana", ch, says(want))
	}
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	w.sound()
}

func TestOnlyMembersOfTheNamedGroupTypeStatements(t *testing.T) {
	t.Parallel()
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{
		Usergroups: []slacksim.WorkspaceGroup{{ID: "S0ANALYSTS", Handle: "analysts", Members: []string{"dev"}}},
	})
	w.crm = newCRM(t)
	w.crm.typed = "S0ANALYSTS"
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	says := slacksim.Contains
	before := w.crm.number(`select count(*) from crm.lead_history`)

	w.slash("ana", ch, "/snafu count select id from crm.lead")
	w.sees("ana", ch, says("Only the user group that crm names for it may type a statement."))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select id -- all of them\n from crm.lead where lead_status = ‘Customer’ and id > 0;")
	w.sees("ana", ch, says("74 records"), says("Statement of @dev"), says("lead_status = 'Customer'"))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select id from crm.lead where email = 'lead7@example.com' and phone_like = 1")
	w.sees("dev", "#general", says(`There is a name in this that crm does not know`), says(`"phone_like = 1"`))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select id from crm.lead where email in ('lead7@example.com', '+44 20 7946 0000')")
	w.sees("ana", ch, says("<5 records"), says("(address)"), says("(number)"))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select pg_sleep(60)")
	w.sees("dev", "#general", says("the function pg_sleep does more than that. Leave it out."))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select id from crm.lead; delete from crm.lead")
	w.sees("dev", "#general", says("This is not a single SELECT."))
	w.slash("dev", "#general", "/snafu count SNAFU-1 select count(*) from crm.lead")
	w.sees("dev", "#general", says("Leave the counting to me"))
	w.quiet()

	// Taken off the group, nobody remembers that they were in it.
	require.NoError(t, w.sim.Admin().Usergroup("analysts", "chi"))
	asked := w.count(`select count(*) from journal where kind = 'counted/1'`)
	w.slash("dev", "#general", "/snafu count SNAFU-1 select id from crm.lead where id < 9")
	w.sees("dev", "#general", says("Only the user group"))
	w.fault(slacksim.Fault{Kind: "api.error", Error: "internal_error", Match: slacksim.Match{Method: "usergroups.users.list"}, Always: true})
	w.slash("chi", "#general", "/snafu count SNAFU-1 select id from crm.lead where id < 9")
	w.sees("chi", "#general", says("Slack did not confirm that you are in the group"))
	w.quiet()
	require.Equal(t, 2, asked)
	require.Equal(t, asked, w.count(`select count(*) from journal where kind = 'counted/1'`))
	require.Zero(t, w.count(`select count(*) from counted where asked::text like '%example%' or groups::text like '%example%'`))
	require.Zero(t, w.count(`select count(*) from journal where detail::text like '%example%' and kind = 'counted/1'`))
	require.Equal(t, before, w.crm.number(`select count(*) from crm.lead_history`))
	for _, line := range strings.Split(w.told(), "\n") {
		require.NotContains(t, line, "lead7@")
	}
}
