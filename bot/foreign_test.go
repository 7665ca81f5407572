package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// newVersand is a source that has nothing in common with the CRM but its name:
// quoted names in mixed case, keys of two texts, an enum with NULL as a value,
// partitions, local time, a run that is found through its campaign.
func newVersand(t *testing.T) *crm {
	t.Helper()
	at := pgtest.Empty(t)
	c := &crm{t: t, admin: pgtest.Connect(t, at), dir: t.TempDir()}
	pgtest.Login(t, "snafu_count")
	c.exec(manifests.ForeignSchema + ";" + manifests.ForeignWorld)
	// One order lost its history, and that of another contradicts itself.
	c.exec(`delete from "Versand 2.0"."Änderung" where "Mandant" = 'Nord' and "Auftrag" = 'A-0011'`)
	c.exec(`insert into "Versand 2.0"."Änderung" ("Mandant", "Auftrag", "Feld", "vorher", "nachher", "Lauf") values ('Nord', 'A-0012', 'ST', 'in Arbeit', 'storniert', 'Lauf 0815')`)
	c.opt = postgres.Options{Name: "crm", CountURL: acting(t, at, "snafu_count"), ExecURL: acting(t, at, "snafu_exec"), Tables: []rollback.Table{{
		Name: "auftrag", Relation: `"Versand 2.0"."Auftrag"`, Unit: "orders", Key: []string{"Mandant", "Nr."}, Settable: []string{"Status"},
		PII: []string{"E-Mail"}, Export: []string{"E-Mail", "Liefertermin"},
		History: rollback.History{
			Relation: `"Versand 2.0"."Änderung"`, Key: []string{"Mandant", "Auftrag"}, Order: "Folge", At: "Zeit", Zone: "Europe/Berlin", Field: "Feld",
			FieldNames: map[string]string{"Status": "ST"}, Old: "vorher", New: "nachher", Run: "Lauf", Retention: 30 * 24 * time.Hour,
		},
		Membership: rollback.Membership{
			Relation: `"Versand 2.0"."Kampagne/Auftrag"`, Key: []string{"Mandant", "Nr."}, Run: "Kampagne", At: "seit",
			Runs: rollback.Runs{Relation: `"Versand 2.0"."Lauf"`, Run: "Kennung", Member: "Kampagne"},
		},
	}}}
	c.exec(postgres.SetupSQL(c.opt))
	r, err := postgres.OpenReader(t.Context(), c.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	c.read = r
	return c
}

// labelled is the block of the input whose label contains the words.
func labelled(t *testing.T, form *slacksim.View, words string) string {
	t.Helper()
	for _, i := range form.Inputs {
		if strings.Contains(i.Label, words) {
			return i.BlockID
		}
	}
	require.Fail(t, "no input says "+words, form.Plain)
	return ""
}

func TestAForeignTableIsPickedDecidedReadAndPutBackFromSlackByItsDeclarationAlone(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), func(o *bot.Options) {
		o.Sources = []bot.Source{{Name: "crm", Title: "Versand", Tables: []bot.Table{{Name: "auftrag", Unit: "orders", Set: []string{"Status"}}}}}
	})
	w.crm = newVersand(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Orders were cancelled --on crm")
	w.slash("ana", ch, "/snafu pick Lauf 0815")
	card := w.sees("ana", ch, says("450 members, 1 without history: contain those"))
	for _, line := range []string{
		"1 without history, now storniert: contain", "1 in Arbeit → storniert: gone since",
		"1 (empty) → storniert: written again since, to the same", "1 offen → storniert, now storniert: history contradicts itself, contain",
		"history expires in 29 days", "449 to decide",
	} {
		require.Contains(t, card.Plain, line)
	}
	for _, was := range []string{"in Arbeit", "versandt", "(empty)"} {
		require.Contains(t, card.Plain, "1 "+was+" → storniert, now offen: changed since (…000", "with the end of its key")
	}

	w.slash("ana", ch, "/snafu table")
	form := w.form("ana", "table")
	w.submit(form, slacksim.Values{
		labelled(t, form, "records were (empty)"):   "initial",
		labelled(t, form, "records were offen"):     "(empty)",
		labelled(t, form, "records were in Arbeit"): "v:offen",
		labelled(t, form, "records were versandt"):  "nochange",
	})
	card = w.sees("ana", ch, says("335 wrong · 114 already right"), says("To write: 330."))
	require.Contains(t, card.Plain, "1 have a history that does not tell one value before and one after")
	require.Contains(t, card.Plain, "1 in Arbeit → storniert, now offen: corrected by people")

	w.slash("ana", ch, "/snafu example Süd/A-0003")
	shown := w.sees("ana", ch, mine, says("Süd/A-0003 · (empty) → storniert"), says("is now offen · should be (empty) · changed since"))
	require.Contains(t, shown.Plain, "broke here: expected (empty)")
	require.Contains(t, shown.Plain, "E-Mail k…@e….com")
	w.slash("ana", ch, `/snafu example key Café "Eck"/A-0009 share`)
	w.sees("ben", ch, says(`E1 · …0009 · in Arbeit → storniert`), says("gone now"))

	w.slash("ana", ch, "/snafu contain stopped the campaign (was on, now off)")
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all were cancelled")
	w.slash("ana", ch, "/snafu triage 7 workflow the campaign")
	w.propose(ch, 1)
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "330"})
	}
	w.sees("chi", ch, slacksim.Shows("Run"))
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, slacksim.Shows("Continue"))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says("330 written"))
	w.quiet()
	const of = ` from "Versand 2.0"."Auftrag" where right("Nr.", 4)::int <= 150 and `
	require.EqualValues(t, 218, w.crm.number(`select count(*)`+of+`"Status" is null`))
	require.EqualValues(t, 115, w.crm.number(`select count(*)`+of+`"Status" = 'offen'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
