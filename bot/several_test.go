package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// dealsAndPeople are two tables: of one a run spoils two fields, which a history
// tells; the other keeps none.
const dealsAndPeople = `
	create schema shop;
	create table shop."Deal" (id text primary key, "Stage" text, "Score" int, touched timestamptz not null default now() - interval '1 hour');
	create table shop.log (no bigint generated always as identity primary key, deal text, field text, was text, now text, at timestamptz not null default now() - interval '1 hour', job text);
	insert into shop."Deal" (id, "Stage", "Score") select 'D-' || n, 'SQL', 0 from generate_series(1, 40) n;
	insert into shop.log (deal, field, was, now, job) select 'D-' || n, 'Stage', case when n > 30 then 'Prospect' else 'MQL' end, 'SQL', 'import 7' from generate_series(1, 40) n;
	insert into shop.log (deal, field, was, now, job) select 'D-' || n, 'Score', '10', '0', 'import 7' from generate_series(1, 30) n;
	create table shop.person (mail text primary key, phase text, touched timestamptz not null default now() - interval '1 hour');
	create table shop.member (mail text, job text, at timestamptz not null default now() - interval '1 hour');
	insert into shop.person select 'p' || n || '@example.org', case when n > 40 then 'neu' else 'lost' end from generate_series(1, 45) n;
	insert into shop.member (mail, job) select mail, 'mailing 3' from shop.person`

func newShop(t *testing.T) *crm {
	t.Helper()
	at := pgtest.Empty(t)
	c := &crm{t: t, admin: pgtest.Connect(t, at), dir: t.TempDir()}
	pgtest.Login(t, "snafu_count")
	c.exec(dealsAndPeople)
	c.opt = postgres.Options{Name: "crm", CountURL: acting(t, at, "snafu_count"), ExecURL: acting(t, at, "snafu_exec"), Tables: []rollback.Table{
		{
			Name: "deal", Relation: `shop."Deal"`, Unit: "deals", Key: []string{"id"}, Settable: []string{"Stage", "Score"},
			History: rollback.History{Relation: "shop.log", Key: []string{"deal"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job"},
		},
		{
			Name: "person", Relation: "shop.person", Unit: "people", Key: []string{"mail"}, Settable: []string{"phase"}, PII: []string{"mail"},
			TouchedAt:  rollback.TouchedAt{Column: "touched"},
			Membership: rollback.Membership{Relation: "shop.member", Key: []string{"mail"}, Run: "job", At: "at"},
		},
	}}
	c.exec(postgres.SetupSQL(c.opt))
	r, err := postgres.OpenReader(t.Context(), c.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	c.read = r
	return c
}

func theShop(o *bot.Options) {
	o.Sources = []bot.Source{{Name: "crm", Title: "Shop", Tables: []bot.Table{
		{Name: "deal", Unit: "deals", Set: []string{"Stage", "Score"}}, {Name: "person", Unit: "people", Set: []string{"phase"}},
	}}}
}

// approveAndRun lets two people approve what is proposed, and writes it.
func (w *workspace) approveAndRun(ch, rows string) {
	w.t.Helper()
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": rows})
	}
	w.sees("chi", ch, slacksim.Shows("Run"))
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, slacksim.Shows("Continue"))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, slacksim.Contains(rows+" written"))
	w.quiet()
}

func (w *workspace) triaged(ch string) {
	w.t.Helper()
	w.slash("ana", ch, "/snafu contain stopped the import")
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all of them")
	w.slash("ana", ch, "/snafu triage 7 workflow the import")
}

func TestSeveralFieldsArePickedDecidedAndPutBackTogether(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), theShop)
	w.crm = newShop(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Deals were moved --on crm")
	w.slash("ana", ch, "/snafu pick")
	form := w.form("ana", "pick")
	bad := w.submit(form, slacksim.Values{"run": "crm.deal/import 7", "field": []string{"crm.deal/Stage", "crm.person/phase"}})
	require.Contains(t, bad.Errors["field"], "fields of two tables")
	w.submit(form, slacksim.Values{"run": "crm.deal/import 7", "field": []string{"crm.deal/Score", "crm.deal/Stage"}})
	card := w.sees("ana", ch, says("40 members, all with history"), says("MQL / 10"))
	require.Contains(t, card.Plain, "SQL / 0")
	require.Contains(t, card.Plain, "Prospect / 0", "a field that the run left alone stands beside the one it wrote")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from scopes where scope->'set' = '["Stage", "Score"]'`), "in the order of the declaration, whatever was chosen first")
	w.slash("ana", ch, "/snafu pick import 7 score, stage")
	w.slash("ana", ch, "/snafu pick import 7 size")
	w.sees("ana", ch, mine, says("A plan can't set size of deal. It can set Stage, Score."))

	w.slash("ana", ch, "/snafu table 1 MQL")
	w.sees("ana", ch, mine, says("Cohort 1 is about 2 fields. Write a value for each, as the table shows them: /snafu table 1 SQL / 0"))
	w.slash("ana", ch, "/snafu table 1 MQL / initial")
	w.sees("ana", ch, mine, says("Decided for cohort 1: 30 deals"))
	w.slash("ana", ch, "/snafu table")
	w.submit(w.form("ana", "table"), slacksim.Values{labelled(t, w.form("ana", "table"), "were Prospect / 0"): "MQL / 10"})
	w.sees("ana", ch, says("40 wrong · 0 already right"))
	w.slash("ana", ch, "/snafu example D-3")
	w.sees("ana", ch, mine, says("MQL / 10 → SQL / 0"), says("Score 10 → 0 · import 7"))

	w.triaged(ch)
	w.propose(ch, 1)
	w.approveAndRun(ch, "40")
	require.EqualValues(t, 40, w.crm.number(`select count(*) from shop."Deal" where "Stage" = 'MQL' and "Score" = 10`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}

func TestATableWithoutHistoryIsPutBackByWhatPeopleSay(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), theShop)
	w.crm = newShop(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 People were marked as lost --on crm")
	w.slash("ana", ch, "/snafu pick mailing 3")
	w.sees("ana", ch, says("45 members. No history is kept here, so nothing tells what they were"))
	w.slash("ana", ch, "/snafu table 1 initial")
	w.sees("ana", ch, mine, says("No history tells what cohort 1 was before. Write the value."))
	w.slash("ana", ch, "/snafu table 1 neu")
	w.sees("ana", ch, says("40 wrong · 5 already right"))

	w.triaged(ch)
	w.propose(ch, 1)
	w.sees("chi", ch, says("Derived, not exact: no history tells what 1 of 1 cohorts were; somebody says it"))
	w.approveAndRun(ch, "40")
	require.EqualValues(t, 45, w.crm.number(`select count(*) from shop.person where phase = 'neu'`))
	w.slash("ana", ch, "/snafu count")
	card := w.sees("ana", ch, says("0 wrong · 45 already right"))
	require.NotContains(t, card.Plain, "Does not match", "what a plan has put right matches what it should be")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
