package postgres

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

func query(name, text string, params ...rollback.Param) rollback.Query {
	return rollback.Query{Source: "crm", Name: name, Text: text, Unit: "leads", Params: params}
}

func param(name string, kind rollback.ParamType) rollback.Param {
	return rollback.Param{Name: name, Type: kind}
}

const leadsOfRun = `-- Leads that :run touched, by what they are now.
select l.lead_status, count(*)
  from crm.lead_history h
  join crm.lead l on l.id = h.lead_id
 where h.run = :run and h.field = 'lead_status' and ':run' <> h.new
 group by 1
 order by 2 desc; `

// count asks a reviewed query.
func (r *Reader) named(t *testing.T, q rollback.Query, given map[string]string) (rollback.Found, error) {
	t.Helper()
	asked, err := q.Ask(given)
	require.NoError(t, err)
	return r.Count(t.Context(), asked)
}

func TestANamedCountAnswersWithANumberOrWithGroups(t *testing.T) {
	t.Parallel()
	w := story(t)
	r := w.reader()
	session := r.sessions(t)
	found, err := r.named(t, query("of_run", leadsOfRun, param("run", rollback.ParamText)), map[string]string{"run": "weekly-42"})
	require.NoError(t, err)
	require.True(t, found.Grouped)
	require.Equal(t, []rollback.FoundGroup{{Label: rollback.Text("SQL"), N: 2926}}, found.Groups)
	require.False(t, found.At.IsZero())

	for name, c := range map[string]struct {
		text  string
		param rollback.Param
		value string
		want  int64
	}{
		"a text":             {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "Customer", 74},
		"a text in a cast":   {"select count(*) from crm.lead where lead_status = :v::text", param("v", rollback.ParamText), "Customer", 74},
		"a whole number":     {"select count(*) from crm.lead where id <= :v", param("v", rollback.ParamInteger), "12", 12},
		"a number":           {"select count(*) from crm.lead where id < :v", param("v", rollback.ParamNumber), "12.5", 12},
		"a day":              {"select count(*) from crm.lead where updated_at >= :v", param("v", rollback.ParamDate), "2036-01-01", 0},
		"an instant":         {"select count(*) from crm.lead where updated_at >= :v", param("v", rollback.ParamInstant), "2036-01-01 10:00", 0},
		"true":               {"select count(*) from crm.lead where (id = 1) = :v", param("v", rollback.ParamTruth), "yes", 1},
		"a sum":              {"select sum(id) from crm.lead where id <= :v", param("v", rollback.ParamInteger), "4", 10},
		"twice the same":     {"select count(*) from crm.lead where id between :v and :v", param("v", rollback.ParamInteger), "4", 1},
		"in a slice":         {"select count(*) from crm.lead where id = any ((array[4, 5, 6])[1 : :v])", param("v", rollback.ParamInteger), "2", 2},
		"a quote":            {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "' or true --", 0},
		"two statements":     {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "'; delete from crm.lead; --", 0},
		"a dollar":           {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "$1 $$ :v", 0},
		"a bidirectional":    {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "\u202eLQS", 0},
		"a pattern is none":  {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "%", 0},
		"the word for empty": {"select count(*) from crm.lead where lead_status = :v", param("v", rollback.ParamText), "NULL", 0},
	} {
		found, err := r.named(t, query("x", c.text, c.param), map[string]string{"v": c.value})
		require.NoError(t, err, name)
		require.Equal(t, []rollback.FoundGroup{{N: c.want}}, found.Groups, name)
		require.False(t, found.Grouped, name)
	}
	require.Equal(t, session, r.sessions(t))
	require.EqualValues(t, 3000, w.number(`select count(*) from crm.lead`))
}

func TestAResultThatIsNoCountIsRefused(t *testing.T) {
	t.Parallel()
	r := sample(t).reader()
	for name, c := range map[string]struct{ text, code string }{
		"three columns":       {"select lead_status, id, 1 from crm.lead", "count-shape"},
		"no column":           {"select from crm.lead", "count-shape"},
		"a text":              {"select lead_status from crm.lead where id = 1", "count-shape"},
		"two labels":          {"select lead_status, crm_id from crm.lead where id = 1", "count-shape"},
		"several rows":        {"select id from crm.lead", "count-shape"},
		"no row":              {"select id from crm.lead where id < 0", "count-shape"},
		"nothing":             {"select sum(id) from crm.lead where id < 0", "count-shape"},
		"a fraction":          {"select avg(id) from crm.lead where id < 3", "count-shape"},
		"too large":           {"select 1e30::numeric from crm.lead where id = 1", "count-shape"},
		"more than 50 lines":  {"select crm_id, id from crm.lead", "count-shape"},
		"a float":             {"select id::float8 from crm.lead where id = 1", "count-shape"},
		"what it may not see": {"select count(phone) from crm.lead", "count-unfit"},
		"a column gone":       {"select count(stage) from crm.lead", "count-unfit"},
		"a write":             {"delete from crm.lead returning id", "count-unfit"},
		"a volatile function": {"select count(random()) from crm.lead", "count-unfit"},
		"dear":                {"select count(*) from crm.lead a, crm.lead b, crm.lead c, crm.lead d", "count-cost"},
	} {
		_, err := r.named(t, query("x", c.text), nil)
		require.Equal(t, c.code, code(t, err), "%s: %v", name, err)
	}
}

func TestAdversarial81AGroupOfOneAddressIsMasked(t *testing.T) {
	t.Parallel()
	w := sample(t)
	r := w.reader()
	w.exec(`update crm.lead_history set old = 'eve@example.com' where id in (select id from crm.lead_history order by id limit 7)`)
	w.exec(`create view crm.seen as select id, email from crm.lead; grant select on crm.seen to snafu_count`)
	for name, text := range map[string]string{
		"a declared column":            "select email, count(*) from crm.lead where id = 7 group by 1",
		"a column that became another": "select lower(email), count(*) from crm.lead where id = 7 group by 1",
		"a part of it":                 "select split_part(email, '@', 1), count(*) from crm.lead where id = 7 group by 1",
		"the key of a history":         "select lead_id::text, count(*) filter (where email <> '') from crm.lead_history join crm.lead l on l.id = lead_id where lead_id = 7 group by 1",
		"a value of a history":         "select new, count(*) from crm.lead_history where id = (select min(id) from crm.lead_history) group by 1",
		"a view":                       "select email, count(*) from crm.seen where id = 7 group by 1",
		"a column that nobody declared to be personal": "select old, count(*) from crm.lead_history where old like '%@%' and id < 0 or id = (select min(id) from crm.lead_history) group by 1",
	} {
		found, err := r.named(t, query("x", text), nil)
		require.NoError(t, err, name)
		require.Equal(t, []rollback.FoundGroup{{Hidden: true, Few: true}}, found.Groups, name)
		require.Equal(t, "<5", found.Groups[0].Number(), name)
	}
	// Nothing that a person types tells about one other person either.
	for name, c := range map[string]struct {
		text string
		few  bool
		n    int64
	}{
		"somebody's address":        {"select id from crm.lead where email = 'lead7@example.com'", true, 0},
		"nobody's address":          {"select id from crm.lead where email = 'nobody@example.com'", true, 0},
		"under another name":        {"select a from crm.lead as l (a, b) where b like 'lead7%'", true, 0},
		"every address":             {"select id from crm.lead where email like '%'", false, 3000},
		"what is not personal":      {"select id from crm.lead where id = 7", false, 1},
		"a group":                   {"select lead_status from crm.lead group by 1 having count(*) > 1000000", false, 0},
		"a semicolon and a comment": {"select id -- all\n from crm.lead /* of ) them */ where id in (1, 2, 3) ; ", false, 3},
	} {
		found, err := r.Count(t.Context(), rollback.TypedQuestion("crm", c.text))
		require.NoError(t, err, name)
		require.Equal(t, []rollback.FoundGroup{{Few: c.few, N: c.n}}, found.Groups, name)
	}
}

func TestACheckReadsEachNamedCount(t *testing.T) {
	t.Parallel()
	w := sample(t)
	run := param("run", rollback.ParamText)
	w.opt.Queries = []rollback.Query{
		query("of_run", leadsOfRun, run),
		query("one", "select count(*) from crm.lead"),
		query("addresses", "select email, count(*) from crm.lead group by 1"),
		query("gone", "select count(*) from crm.customer where run = :run", run),
		query("typed", "select count(*) from crm.lead where id = :run", run),
		query("unused", "select count(*) from crm.lead", run),
		query("undeclared", "select count(*) from crm.lead where lead_status = :status"),
		query("secret", "select count(*) from crm.lead where phone = :run", run),
		query("writes", "update crm.lead set lead_status = :run returning id", run),
		query("shape", "select crm_id from crm.lead"),
		query("two", "select 1; select 2"),
	}
	f, err := Check(t.Context(), w.opt)
	require.NoError(t, err)
	said := map[string]source.Promise{}
	for _, p := range f.Promises {
		if name, ok := strings.CutPrefix(p.Name, "count "); ok {
			said[name] = p
		}
	}
	for name, c := range map[string]struct {
		verdict source.Verdict
		say     string
	}{
		"of_run":     {source.Kept, "Takes run (text), answers with a label and a number"},
		"one":        {source.Kept, "Takes nothing, answers with one number"},
		"addresses":  {source.Advice, "labels that are personal data"},
		"gone":       {source.Broken, `Look at "crm.customer where run"`},
		"typed":      {source.Broken, `types that do not go together. Look at "= $1"`},
		"unused":     {source.Broken, `from ":run" on`},
		"undeclared": {source.Broken, `from ":status" on`},
		"secret":     {source.Broken, "may not read part of this"},
		"writes":     {source.Broken, "This is not a single SELECT"},
		"shape":      {source.Broken, "has no whole number"},
		"two":        {source.Broken, "This is not a single SELECT"},
	} {
		require.Equal(t, c.verdict, said[name].Verdict, "%s: %s", name, said[name].Found)
		require.Contains(t, said[name].Found, c.say, name)
	}
	caps, err := w.reader().Caps(t.Context())
	require.NoError(t, err)
	require.True(t, caps.CanMeasure, "a count that does not fit keeps nothing else from working")
	require.Len(t, caps.Unfit, 8)
}

func TestParametersAreTakenExactlyOrNotAtAll(t *testing.T) {
	t.Parallel()
	q := query("x", "", param("a", rollback.ParamText), param("n", rollback.ParamInteger))
	for name, c := range map[string]struct {
		given map[string]string
		say   string
	}{
		"one too few":   {map[string]string{"a": "1"}, "x needs n. Write it as: /snafu count x a=TEXT n=NUMBER."},
		"one too many":  {map[string]string{"a": "1", "n": "1", "b": "1"}, `x has no parameter "b".`},
		"no number":     {map[string]string{"a": "1", "n": "1; drop table x"}, `x cannot take "1; drop table x" as n, which is a whole number.`},
		"a fraction":    {map[string]string{"a": "1", "n": "1.0"}, "which is a whole number"},
		"beyond 2^63":   {map[string]string{"a": "1", "n": "9223372036854775808"}, "which is a whole number"},
		"a NUL":         {map[string]string{"a": "a\x00b", "n": "1"}, "which is text"},
		"no UTF-8":      {map[string]string{"a": "\xff", "n": "1"}, "which is text"},
		"a long text":   {map[string]string{"a": strings.Repeat("ä", 1001), "n": "1"}, "which is text"},
		"not a number":  {map[string]string{"a": "1", "n": "NaN"}, "which is a whole number"},
		"nothing at it": {map[string]string{"a": "1", "n": ""}, "which is a whole number"},
	} {
		_, err := q.Ask(c.given)
		no, ok := refusal.As(err)
		require.True(t, ok, name)
		require.Equal(t, "count-param", no.Code, name)
		require.Contains(t, no.Say, c.say, name)
	}
	for kind, c := range map[rollback.ParamType]struct{ good, bad []string }{
		rollback.ParamNumber:  {[]string{"1", "-1.50"}, []string{"NaN", "infinity", "1e400", "1,5", "+1", "0x10"}},
		rollback.ParamDate:    {[]string{"2028-02-29"}, []string{"2027-02-29", "28.3.2026", "today", "2026-3-28"}},
		rollback.ParamInstant: {[]string{"2026-03-28T10:42:00Z", "2026-03-28 10:42"}, []string{"10:42", "now", "2026-03-28T25:00:00Z"}},
		rollback.ParamTruth:   {[]string{"true", "No"}, []string{"1", "maybe", ""}},
	} {
		for _, v := range c.good {
			_, err := query("x", "", param("v", kind)).Ask(map[string]string{"v": v})
			require.NoError(t, err, v)
		}
		for _, v := range c.bad {
			_, err := query("x", "", param("v", kind)).Ask(map[string]string{"v": v})
			require.Error(t, err, v)
		}
	}
	asked, err := query("x", "", param("v", rollback.ParamInstant)).Ask(map[string]string{"v": "2026-03-28T10:42:00+02:00"})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-03-28T08:42:00Z"}, asked.Args)
}
