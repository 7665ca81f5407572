package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/source"
)

// A log of what was said to people on the telephone, which nobody declared as a
// history: it says of some of them what their number was.
const callsMadeSQL = peopleSQL + `;
	create schema desk;
	create table desk.call (person bigint, number text, area text, at timestamptz, secret text);
	insert into desk.call select n, '+49 30 ' || n, case when n <= 10 then 'north' else 'south' end, '2026-01-02 12:00Z' from generate_series(1, 25) n;
	insert into desk.call select n, '+49 31 ' || n, 'south', '2026-01-03 12:00Z' from generate_series(11, 12) n;
	insert into desk.call values (13, '+49 89', 'south', '2026-01-06 12:00Z')` // after the run: it tells nothing

const callsText = `-- The one number under which a person was called before :since.
select p.id, min(c.number) as phone, coalesce(min(c.area), 'nowhere') as area, count(distinct c.number) as candidates,
       'called ' || to_char(max(c.at), 'YYYY-MM-DD') as evidence
  from club.person p left join desk.call c on c.person = p.id and c.at < :since
 group by p.id;
`

func calls() rollback.Reviewed {
	return rollback.Reviewed{
		Query: rollback.Query{Source: "crm", Name: "calls", Text: callsText}, Of: "crm", Rule: "the number they were called under", Key: []string{"id"}, May: []string{"phone"},
		Group: "area", Most: 1000, Reads: []rollback.Read{{Relation: "desk.call", Columns: []string{"person", "number", "area", "at"}}},
	}
}

// desk is a source that declares them.
func desk(t *testing.T) *world {
	t.Helper()
	w := empty(t, callsMadeSQL, person())
	w.opt.Evidence = []rollback.Reviewed{calls()}
	w.exec(SetupSQL(w.opt))
	return w
}

func heard(t *testing.T, staged source.Staged) (all []rollback.Staged, err error) {
	t.Helper()
	for one, err := range staged {
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

func TestReviewedEvidenceSaysOfEachRecordWhatItWasAndWhy(t *testing.T) {
	t.Parallel()
	w := desk(t)
	r := w.reader()
	session := r.sessions(t)
	all, err := heard(t, r.Evidence(t.Context(), calls(), cleaning))
	require.NoError(t, err)
	require.Len(t, all, 40)
	require.Equal(t, rollback.Staged{
		Key: rollback.Key{"1"}, Desired: rollback.One("+49 30 1"), Confidence: rollback.ConfidenceDerived, Evidence: "called 2026-01-02", Group: "north", Candidates: 1,
	}, all[0])
	var several, none []string
	for _, one := range all {
		switch one.Candidates {
		case 2:
			several = append(several, one.Key[0])
		case 0:
			none = append(none, one.Key[0])
		}
	}
	require.Equal(t, []string{"11", "12"}, several)
	require.Len(t, none, 15, "who was never called tells nothing")
	require.Equal(t, session, r.sessions(t), "the session is left as it was")

	// A plan that rests on it: only what is known for sure is written.
	e := rollback.Evidence{From: rollback.FromQuery, Name: "calls", SHA256: calls().Digest().String(), Newer: rollback.KeepNewer, Complete: 800}
	s := spec(cleaning, e.Whence([]rollback.Values{{rollback.Null()}}))
	s.Kind, s.Evidence, s.Guard, s.Unit = rollback.KindReconstruct, &e, rollback.GuardTouched, "people"
	w.staged = r.Evidence(t.Context(), calls(), cleaning)
	draft, err := rollback.NewDraft(s)
	require.NoError(t, err)
	f, err := w.writer().Freeze(t.Context(), draft, w.staged, 1, &writeCounter{})
	require.NoError(t, err)
	require.Equal(t, []rollback.Coverage{
		{Group: "south", Affected: 15, Restorable: 13}, {Group: "north", Affected: 10, Restorable: 10}, {Group: "nowhere", Affected: 5},
	}, f.Evidence.Coverage, "a group of which nothing is known has nothing to hold back")
	require.Equal(t, int64(23), f.Writes)
	require.Equal(t, int64(2), f.Evidence.Guesses)
	require.Equal(t, int64(5), f.Evidence.Absent)
}

func TestEvidenceThatIsNotAsDeclaredIsRefused(t *testing.T) {
	t.Parallel()
	w := desk(t)
	r := w.reader()
	for name, c := range map[string]struct{ text, code, says string }{
		"no key":              {"select phone from club.person", "evidence-unfit", "has no column id, which tells records apart"},
		"no value":            {"select id, 'north' as area from club.person", "evidence-unfit", "does not say what phone was"},
		"no group":            {"select id, phone from club.person", "evidence-unfit", "has no column area"},
		"a strange column":    {"select id, phone, '' as area, 1 as weight from club.person", "evidence-unfit", "has a column weight, which means nothing here"},
		"twice the same":      {"select id, phone, phone, '' as area from club.person", "evidence-unfit", "has two columns phone"},
		"a line of nobody":    {"select null::bigint as id, phone, '' as area from club.person", "evidence-unfit", "has a line without id"},
		"half a candidate":    {"select id, phone, '' as area, 0.5 as candidates from club.person", "evidence-unfit", `has "0.5" for a number of candidates`},
		"fewer than none":     {"select id, phone, '' as area, -1 as candidates from club.person", "evidence-unfit", `has "-1" for a number of candidates`},
		"another confidence":  {"select id, phone, '' as area, 'exact' as confidence from club.person", "evidence-unfit", `has "exact" for a confidence`},
		"too many":            {"select g as id, '' as phone, '' as area from generate_series(1, 1001) g", "evidence-unfit", "knows more than 1,000 records"},
		"a write":             {"delete from club.person returning id, phone, '' as area", "evidence-unfit", "This is not a single SELECT."},
		"a volatile function": {"select id, pg_sleep(0)::text as phone, '' as area from club.person", "evidence-unfit", "the function pg_sleep does more than that"},
		"what nobody reads":   {"select person as id, secret as phone, area from desk.call", "evidence-unfit", "may not read part of this"},
		"a way out":           {"select id, phone, '' as area from club.person) q; drop table club.person; --", "evidence-unfit", "This is not a single SELECT."},
		"a strange parameter": {"select id, phone, '' as area from club.person where id = :id", "evidence-unfit", `from ":id" on`},
		"dear":                {"select a.id, '' as phone, '' as area from club.person a, club.person b, club.person c, club.person d, club.person e", "count-cost", "Too expensive"},
	} {
		e := calls()
		e.Text = c.text
		_, err := heard(t, r.Evidence(t.Context(), e, cleaning))
		require.Equal(t, c.code, code(t, err), "%s: %v", name, err)
		require.ErrorContains(t, err, c.says, name)
	}
	scope := rollback.Scope{Source: "crm", Table: "person", Set: []string{"phone"}, Run: "clean-7"}
	_, err := heard(t, r.Evidence(t.Context(), calls(), scope))
	require.ErrorContains(t, err, "Evidence calls needs to know :since.")
	require.Equal(t, int64(40), w.number(`select count(*) from club.person`))
}

func TestEvidenceIsCheckedBeforeAnybodyNeedsIt(t *testing.T) {
	t.Parallel()
	w := desk(t)
	require.NoError(t, w.reader().Fits(t.Context(), calls(), cleaning))
	find := func(name string) source.Promise {
		f, err := Check(t.Context(), w.opt)
		require.NoError(t, err)
		for _, p := range f.Promises {
			if p.Name == name {
				return p
			}
		}
		require.Fail(t, "no promise "+name)
		return source.Promise{}
	}
	require.Equal(t, source.Kept, find("evidence calls").Verdict)
	require.Equal(t, "Nothing beyond the declared columns and schema snafu", find("no right too many").Found)
	w.exec(`revoke select (number) on desk.call from snafu_count`)
	require.Equal(t, source.Broken, find("evidence calls").Verdict)
	require.Equal(t, []string{`grant select ("number") on "desk"."call" to snafu_count`}, find("may select desk.call").Fix)
	caps, err := w.reader().Caps(t.Context())
	require.NoError(t, err)
	require.Len(t, caps.Unfit, 1)
	require.Contains(t, caps.Unfit[0], "evidence calls: ")
}
