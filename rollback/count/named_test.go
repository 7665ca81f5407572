package count_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
)

func namedQuery(of, name, text string, params ...rollback.Param) rollback.Query {
	return rollback.Query{Source: of, Name: name, Text: text, Unit: "leads", Params: params}
}

// asking is a house whose counts have names, and whose typists are a group.
func asking(t *testing.T, queries ...rollback.Query) *house {
	t.Helper()
	h := picked(t)
	h.count = count.New(count.Options{
		DB: h.db, Queries: queries, Typists: map[string]string{"crm": "S0ANALYSTS"},
		Reader: func(name string) (source.Reader, error) {
			if name != "crm" && name != "erp" {
				return nil, refusal.NotFound("There is no source %q.", name)
			}
			return h.read, nil
		},
		Member: func(_ context.Context, group string, p incidents.Person) (bool, error) {
			require.Equal(t, "S0ANALYSTS", group)
			return p == ana, nil
		},
	})
	return h
}

func (h *house) named(name string, given map[string]string) (count.Counting, error) {
	h.t.Helper()
	q, err := h.count.Lookup(name, "crm")
	require.NoError(h.t, err)
	return h.count.Named(h.t.Context(), h.act(), h.id, q, given)
}

func (h *house) stored() (n int) {
	h.t.Helper()
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), `select count(*) from counted where incident = $1`, int64(h.id)).Scan(&n))
	return n
}

func TestANamedCountTakesEachTypeExactlyAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	v := func(kind rollback.ParamType) rollback.Param { return rollback.Param{Name: "v", Type: kind} }
	h := asking(t,
		namedQuery("crm", "by_text", "select count(*) from crm.lead where lead_status = :v", v(rollback.ParamText)),
		namedQuery("crm", "by_integer", "select count(*) from crm.lead where id <= :v", v(rollback.ParamInteger)),
		namedQuery("crm", "by_number", "select count(*) from crm.lead where id < :v", v(rollback.ParamNumber)),
		namedQuery("crm", "by_day", "select count(*) from crm.lead where updated_at < :v", v(rollback.ParamDate)),
		namedQuery("crm", "by_instant", "select count(*) from crm.lead where updated_at < :v", v(rollback.ParamInstant)),
		namedQuery("crm", "by_truth", "select count(*) from crm.lead where (id = 1) = :v", v(rollback.ParamTruth)),
		namedQuery("crm", "by_two", "select count(*) from crm.lead where id between :low and :high", rollback.Param{Name: "low", Type: rollback.ParamInteger}, rollback.Param{Name: "high", Type: rollback.ParamInteger}),
	)
	for _, c := range []struct {
		name, value string
		want        int64
	}{
		{"by_text", "Customer", 74},
		{"by_text", "' or true; delete from crm.lead --", 0},
		{"by_text", "", 0},
		{"by_integer", " 12 ", 12},
		{"by_integer", "-1", 0},
		{"by_number", "12.5", 12},
		{"by_day", "2000-01-01", 0},
		{"by_instant", "2000-01-01T10:00:00+02:00", 0},
		{"by_truth", "Yes", 1},
		{"by_truth", "no", 2999},
	} {
		n, err := h.named(c.name, map[string]string{"v": c.value})
		require.NoError(t, err, "%s %q", c.name, c.value)
		require.Equal(t, []rollback.FoundGroup{{N: c.want}}, n.Found.Groups, "%s %q", c.name, c.value)
	}
	good := h.stored()
	for _, c := range []struct {
		name  string
		given map[string]string
		say   string
	}{
		{"by_text", map[string]string{"v": "a\x00"}, "which is text of at most 1,000 characters"},
		{"by_text", map[string]string{"v": strings.Repeat("x", 1001)}, "which is text of at most 1,000 characters"},
		{"by_integer", map[string]string{"v": "ten"}, `by_integer cannot take "ten" as v, which is a whole number. Write it as: /snafu count by_integer v=NUMBER.`},
		{"by_integer", map[string]string{"v": "9223372036854775808"}, "which is a whole number"},
		{"by_number", map[string]string{"v": "NaN"}, "which is a number"},
		{"by_day", map[string]string{"v": "28.3.2026"}, "which is a day such as 2026-03-28"},
		{"by_instant", map[string]string{"v": "yesterday"}, "which is an instant such as"},
		{"by_truth", map[string]string{"v": "1"}, "which is true or false"},
		{"by_two", map[string]string{"low": "1"}, "by_two needs high. Write it as: /snafu count by_two low=NUMBER high=NUMBER."},
		{"by_two", nil, "by_two needs low."},
		{"by_two", map[string]string{"low": "1", "high": "2", "hihg": "3"}, `by_two has no parameter "hihg".`},
	} {
		_, err := h.named(c.name, c.given)
		says(t, err, refusal.KindInvalid, c.say)
	}
	require.Equal(t, good, h.stored(), "what was refused is not stored")
	require.Equal(t, good, h.kinds()["counted/1"])
}

func TestANameIsFoundInTheIncidentsSystemFirstAndOneNearItIsOffered(t *testing.T) {
	t.Parallel()
	const all = "select count(*) from crm.lead"
	h := asking(t, namedQuery("crm", "customers", all), namedQuery("crm", "leads_above", all), namedQuery("crm", "leads_of_run", all), namedQuery("erp", "customers", all), namedQuery("erp", "orders", all))
	for typed, want := range map[string]string{"customers": "crm", "Customers": "crm", "erp.customers": "erp", "orders": "erp", "crm.leads_above": "crm"} {
		q, err := h.count.Lookup(typed, "crm")
		require.NoError(t, err, typed)
		require.Equal(t, want, q.Source, typed)
	}
	_, err := h.count.Lookup("customers", "")
	says(t, err, refusal.KindInvalid, "More than one system has a count named customers. Write crm.customers or erp.customers.")
	for typed, say := range map[string]string{
		"customrs":      `I know no count named "customrs". Did you mean customers?`,
		"laeds_of_run":  "Did you mean leads_of_run?",
		"leads_abvoe":   "Did you mean leads_above?",
		"oders":         "Did you mean orders?",
		"leads":         `I know no count named "leads". There is customers, leads_above, leads_of_run, orders.`,
		"x":             "There is customers, leads_above, leads_of_run, orders.",
		"crm.orders":    `I know no count named "crm.orders". Did you mean orders?`,
		"drop table x;": "There is customers,",
	} {
		_, err := h.count.Lookup(typed, "crm")
		says(t, err, refusal.KindNotFound, say)
	}
	none := count.New(count.Options{DB: h.db})
	_, err = none.Lookup("customers", "crm")
	says(t, err, refusal.KindNotFound, "None is declared: an admin adds reviewed files under queries in snafu.yaml.")
}

func TestTheIncidentsRunIsTakenUnlessAnotherIsGiven(t *testing.T) {
	t.Parallel()
	h := asking(t, namedQuery("crm", "leads_of_run", "select count(distinct lead_id) from crm.lead_history where run = :run", rollback.Param{Name: "run", Type: rollback.ParamText}))
	n, err := h.named("leads_of_run", nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{N: 2500}}, n.Found.Groups)
	require.Equal(t, []count.AskedParam{{Name: "run", Value: "weekly-42"}}, n.Asked.Params)
	n, err = h.named("leads_of_run", map[string]string{"run": "nobody's"})
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{}}, n.Found.Groups)
	require.Equal(t, 2, n.Number)
}

func TestGroupsAreToldWithoutAnybodysAddressAndAtMostFifty(t *testing.T) {
	t.Parallel()
	h := asking(t,
		namedQuery("crm", "by_status", "select lead_status, count(*) from crm.lead group by 1 order by 2 desc, 1"),
		namedQuery("crm", "by_address", "select email, count(*) from crm.lead where id < 4 group by 1 order by 1"),
		namedQuery("crm", "by_host", "select split_part(email, '@', 2), count(*) from crm.lead group by 1"),
		namedQuery("crm", "one_address", "select lower(email), count(*) from crm.lead where id = 7 group by 1"),
		namedQuery("crm", "fifty", "select 'g' || id % 50, count(*) from crm.lead group by 1"),
		namedQuery("crm", "more", "select 'g' || id % 51, count(*) from crm.lead group by 1"),
		namedQuery("crm", "long", "select repeat('ä', 61) as label, count(*) from crm.lead union all select repeat('ö', 60), 1 union all select null, 2 order by 1"),
		namedQuery("crm", "long_address", "select repeat('x', 100) || ' lead7@example.com', count(*) from crm.lead"),
	)
	n, err := h.named("by_status", nil)
	require.NoError(t, err)
	require.True(t, n.Found.Grouped)
	require.Contains(t, n.Found.Groups, rollback.FoundGroup{Label: rollback.Text("Customer"), N: 74})

	n, err = h.named("by_address", nil)
	require.NoError(t, err)
	few := rollback.FoundGroup{Hidden: true, Few: true}
	require.Equal(t, []rollback.FoundGroup{few, few, few}, n.Found.Groups)
	require.Equal(t, "<5", n.Found.Groups[0].Number())
	n, err = h.named("one_address", nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{few}, n.Found.Groups)
	n, err = h.named("long_address", nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{Hidden: true, N: 3000}}, n.Found.Groups, "looked at before it is cut")
	n, err = h.named("by_host", nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{Label: rollback.Text("example.test"), N: 3000}}, n.Found.Groups)

	n, err = h.named("fifty", nil)
	require.NoError(t, err)
	require.Len(t, n.Found.Groups, 50)
	_, err = h.named("more", nil)
	says(t, err, refusal.KindInvalid, "at most 50 lines of a label and a number; this has more lines.")

	n, err = h.named("long", nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{
		{Label: rollback.Text(strings.Repeat("ä", 59) + "…"), N: 3000}, {Label: rollback.Text(strings.Repeat("ö", 60)), N: 1}, {Label: rollback.Null(), N: 2},
	}, n.Found.Groups)

	// What is kept is what may be told, and reads back the same.
	back, there, err := h.count.Counting(t.Context(), h.id, n.Number)
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, n.Found.Groups, back.Found.Groups)
	require.True(t, n.Found.At.Equal(back.Found.At))
	_, there, err = h.count.Counting(t.Context(), h.id, 99)
	require.NoError(t, err)
	require.False(t, there)
	for _, table := range []string{"counted", "journal"} {
		var kept string
		require.NoError(t, h.db.Pool().QueryRow(t.Context(), `select string_agg(t::text, ' ') from (select * from `+table+` order by 1) t`).Scan(&kept))
		require.NotContains(t, kept, "@example", table)
	}
}

func TestACountIsKeptOnceAndJournalledWithoutItsLabels(t *testing.T) {
	t.Parallel()
	h := asking(t, namedQuery("crm", "by_status", "select lead_status, count(*) from crm.lead where lead_status = :v or id = 7 group by 1 order by 2 desc", rollback.Param{Name: "v", Type: rollback.ParamText}))
	q, err := h.count.Lookup("by_status", "crm")
	require.NoError(t, err)
	act := h.act()
	given := map[string]string{"v": "ana@example.com or +44 20 7946 0000"}
	n, err := h.count.Named(t.Context(), act, h.id, q, given)
	require.NoError(t, err)
	_, err = h.count.Named(t.Context(), act, h.id, q, given)
	require.ErrorIs(t, err, journal.ErrAlready)
	require.Equal(t, 1, h.stored())
	require.Equal(t, "(address) or (number)", n.Asked.Params[0].Value)

	entries, err := journal.Entries(t.Context(), h.db, h.id, 0)
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, "counted/1", last.Kind)
	var fact count.Counted
	require.NoError(t, last.Into(&fact))
	require.Equal(t, []int64{1}, fact.Numbers)
	require.Equal(t, q.Digest().String(), fact.Digest)
	raw, err := json.Marshal(fact)
	require.NoError(t, err)
	for _, value := range []string{"SQL", "ana@", "7946"} {
		require.NotContains(t, string(raw), value)
	}
	for _, sql := range []string{`update counted set groups = '{}'`, `delete from counted`} {
		_, err := h.db.Pool().Exec(t.Context(), sql)
		require.ErrorContains(t, err, "42501", sql)
	}
}

func TestAStatementIsTypedByMembersOfTheGroupAlone(t *testing.T) {
	t.Parallel()
	h := asking(t, namedQuery("crm", "customers", "select count(*) from crm.lead"))
	typed := func(by incidents.Actor, source, text string) (count.Counting, error) {
		act := h.act()
		act.By = by
		return h.count.Typed(t.Context(), act, h.id, source, text)
	}
	n, err := typed(ana.Actor(), "crm", "select id from crm.lead where email = 'lead7@example.com'")
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{Few: true}}, n.Found.Groups, "nobody learns whether one address is there")
	require.Equal(t, "select id from crm.lead where email = '(address)'", n.Asked.Text)
	_, err = typed("T0ACME00001/U0BEN000001", "crm", "select id from crm.lead")
	says(t, err, refusal.KindForbidden, "Only the user group that crm names for it may type a statement. Ask one of its members. Named ones: customers.")
	_, err = typed("system:watch", "crm", "select id from crm.lead")
	says(t, err, refusal.KindForbidden, "Only named counts may be asked of crm. Named ones: customers.")
	_, err = typed(ana.Actor(), "erp", "select id from crm.lead")
	says(t, err, refusal.KindForbidden, "Only named counts may be asked of erp. None is declared yet")
	_, err = typed(ana.Actor(), "nowhere", "select id from crm.lead")
	says(t, err, refusal.KindNotFound, "There is no source")
	_, err = typed(ana.Actor(), "crm", "delete from crm.lead")
	says(t, err, refusal.KindInvalid, "This is not a single SELECT.")
	require.Equal(t, 1, h.stored())

	unsure := count.New(count.Options{
		DB: h.db, Typists: map[string]string{"crm": "S0ANALYSTS"}, Reader: func(string) (source.Reader, error) { return h.read, nil },
		Member: func(context.Context, string, incidents.Person) (bool, error) {
			return true, errors.New("Slack is away")
		},
	})
	_, err = unsure.Typed(t.Context(), h.act(), h.id, "crm", "select id from crm.lead")
	require.ErrorContains(t, err, "Slack is away")
	require.Equal(t, 1, h.stored(), "nobody knows is no")
}
