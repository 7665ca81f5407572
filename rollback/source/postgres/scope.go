package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// The scope query finds, in one pass and one snapshot, every member of a run
// with what it was before (the first old value of the run), what the run left
// (its last new value) and what it is now. Its arguments are the run, the
// widened window and the field's name in the history.
//
// Window functions see only keys with more than one entry: split like this the
// pass costs 5 times a bare count, and 8 times over every key (measured).
//
// The entries of the run chain if each of them follows an entry of the run and
// begins with what that one left. The first one never does: so two that do not
// are one too many.
//
// The %[n]s stand for:
//
//	1 key columns of the history    2 history             3 order  4 at  5 field  6 old  7 new  8 run
//	9 k1, k2                        10 members, if declared   11 key of the table equals k1, k2
//	12 table                        13 set columns        14 more columns of the record
//	15 raw equals many on the key         16 17 old and new as the set column would hold them
//	18 19 the window as the history's instants are written
//	20 where the members come from, with what the run did to them
//	21 raw, sorted by key where that is cheaper than to hash it
//	23 24 the plan of ours that an entry names, and whether its ledger has that record
//	22 the order of raw: by key where that is cheap, because records that lie
//	   beside each other are looked up in a third less time (measured: a million of ten)
const scopeSQL = `
with raw as materialized (
       select %[1]s, h.%[3]s as o, %[16]s as old, %[17]s as new,
              coalesce(h.%[8]s::text = $1 and h.%[4]s < %[19]s, false) as ours, %[23]s as label
         from %[2]s h where %[5]s and h.%[4]s >= %[18]s%[22]s),
     many as materialized (select %[9]s from %[21]s group by %[9]s having count(*) > 1),
     entry as (
       select raw.*, ours and (not lag(ours, 1, false) over w or old is distinct from lag(new) over w) as apart, %[24]s as repair
         from raw join many using (%[9]s) window w as (partition by %[9]s order by o)),
     run as (
       select %[9]s, old as initial, new as error, 0 as doubt, o as mark, o as first
         from raw where ours and not exists (select from many where %[15]s)
       union all
       select %[9]s, (array_agg(old order by o) filter (where ours))[1], (array_agg(new order by o desc) filter (where ours))[1],
              case when count(*) filter (where apart) > 1 then 4 else 0 end
              + case when max(o) filter (where not ours and not repair) > max(o) filter (where ours) then 8 else 0 end
              + case when max(o) filter (where repair) = max(o) then 16 else 0 end, max(o), min(o) filter (where ours)
         from entry group by %[9]s having bool_or(ours)),
     %[10]sseen as (
       select %[9]s, run.first is not null as known, run.initial, run.error, run.doubt & 4 > 0 is true as ambiguous,
              run.doubt & 8 > 0 is true as later, run.mark, run.first, t.there is not null as present,
              case when run.doubt >= 16 and t.current is distinct from run.error then run.doubt - 16 else coalesce(run.doubt, 1) end
              + case when t.there is null then 2 else 0 end as state, t.*
         from %[20]s
         left join lateral (select true as there, %[13]s as current%[14]s from %[12]s t where %[11]s offset 0) as t on true)`

// The bits of a member's state: what its group has to be told apart by.
const (
	stateUnknown   = 1 << iota // no entry of the run
	stateGone                  // no record
	stateAmbiguous             // the run's entries do not chain
	stateLater                 // somebody wrote after the run
	stateBack                  // a plan of ours has put back what the run left
)

// scope renders the scope query. more are further columns of the record, such
// as its version, that only a freeze reads: they cost the index-only scan.
func (t table) scope(s rollback.Scope, more string) (string, error) {
	if t.untold() {
		return t.untoldScope(s, more)
	}
	h := t.hist
	// A run that is also its own members is read once, and need not be kept for a second reading.
	member, from, of := "", "run", "run"
	if t.decl.Membership.Relation != "" || s.List != "" {
		query, err := t.member()
		if err == nil && s.List != "" {
			query, err = t.listed(query, s.List)
		}
		if err != nil {
			return "", err
		}
		member, from, of = "member as ("+query+"),\n     ", "member left join run using ("+t.ks()+")", "member"
	}
	var fromHistory, equal, matched []string
	for i, k := range t.key {
		fromHistory = append(fromHistory, fmt.Sprintf("(h.%s)::%s as k%d", h.key[i], k.typ, i+1))
		equal = append(equal, fmt.Sprintf("t.%s = %s.k%d", k.name, of, i+1))
		matched = append(matched, fmt.Sprintf("many.k%d = raw.k%d", i+1, i+1))
	}
	if t.wide() {
		return t.wideScope(strings.Join(fromHistory, ", "), strings.Join(equal, " and "), member, from, more), nil
	}
	return fmt.Sprintf(scopeSQL, strings.Join(fromHistory, ", "), h.name, h.order, h.at, t.ofFields("$4"), h.old, h.new, h.run,
		t.ks(), member, strings.Join(equal, " and "), t.name, t.current(), more, strings.Join(matched, " and "),
		t.told(h.old), t.told(h.new), local("$2", t.decl.History.Zone), local("$3", t.decl.History.Zone), from, t.byKeys("raw", "raw"), t.inOrder(),
		t.labelled(), t.repair("raw")), nil
}

// byKeys is the keys of a set, named as, in the order in which they group
// fastest. Whole numbers sort in half the time it takes to hash them (measured:
// 27 against 51 ms for 100,000); texts do not.
func (t table) byKeys(set, as string) string {
	if t.inOrder() == "" {
		return set + " as " + as
	}
	return fmt.Sprintf("(select %s from %s as keyed%s offset 0) as %s", t.ks(), set, t.inOrder(), as)
}

// inOrder sorts by keys that sort fast.
func (t table) inOrder() string {
	for _, k := range t.key {
		if !slices.Contains([]string{"bigint", "integer", "smallint"}, k.typ) {
			return ""
		}
	}
	return " order by " + t.ks()
}

// told is a value of the history as the set column of its entry would hold it. Whoever wrote
// the history may have had another time zone, or no trailing zeros: 15 and
// 15.00, 11:00+01 and 10:00+00 are one value. Types whose values have one text
// form only are compared as they stand.
//
// A date whose day and month could be exchanged, or an instant without its
// zone, would be read as another value without a word; those are made one that
// no date is, so that the server refuses it.
func (t table) told(name string) string {
	if !t.wide() {
		return toldIn(t.set[0], name)
	}
	var whens string
	for i, c := range t.set {
		whens += fmt.Sprintf(" when %s then %s", literal(t.hist.names[i]), toldIn(c, name))
	}
	return fmt.Sprintf("case h.%s::text%s end", t.hist.field, whens)
}

func toldIn(c col, name string) string {
	text, form := fmt.Sprintf(`h.%s::text`, name), c.form
	var plain string
	switch {
	case form == "":
		return text + ` collate "C"`
	case strings.HasPrefix(form, "timestamp") && strings.HasSuffix(form, "with time zone"):
		plain = `^[0-9]{4,}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+([+-][0-9:]+|Z)( BC)?$`
	case strings.HasPrefix(form, "timestamp"), form == "date":
		plain = `^[0-9]{4,}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?( BC)?$`
	default:
		return fmt.Sprintf(`(%s)::%s::text collate "C"`, text, form)
	}
	return fmt.Sprintf(`(case when %[1]s ~ '%[2]s' or %[1]s in ('infinity', '-infinity') or %[1]s is null then %[1]s else 'unclear' end)::%[3]s::text collate "C"`, text, plain, form)
}

// member is the query of the run's members: those of the run, of its campaign or
// of the static list it works on, else the keys of the run's own entries.
func (t table) member() (string, error) {
	m := t.decl.Membership
	if m.Relation == "" {
		return "select " + t.ks() + " from run", nil
	}
	if len(m.Key) != len(t.key) {
		return "", refusal.Invalid("Membership of %s names %d key columns, the table has %d.", t.decl.Relation, len(m.Key), len(t.key))
	}
	var keys []string
	for i, k := range t.key {
		keys = append(keys, fmt.Sprintf("(m.%s)::%s as k%d", column(m.Key[i]), k.typ, i+1))
	}
	return fmt.Sprintf("select distinct %s from %s m where %s", strings.Join(keys, ", "), quoted(m.Relation), t.ofRun()), nil
}

// ofRun holds for the memberships m of the run.
func (t table) ofRun() (sql string) {
	m := t.decl.Membership
	switch run := "m." + column(m.Run) + "::text"; {
	case m.Name != "":
		sql = run + " = " + literal(m.Name)
	case m.Runs.Relation != "":
		sql = fmt.Sprintf("%s in (select r.%s::text from %s r where r.%s::text = $1)", run, column(m.Runs.Member), quoted(m.Runs.Relation), column(m.Runs.Run))
	default:
		sql = run + " = $1"
	}
	if m.At != "" {
		sql += fmt.Sprintf(" and m.%[1]s >= %[2]s and m.%[1]s < %[3]s", column(m.At), local("$2", m.Zone), local("$3", m.Zone))
	}
	return sql
}

// listed keeps the members that still stand on a static list under the run's
// name.
func (t table) listed(member, name string) (string, error) {
	l, ok := t.decl.Lists[name]
	if !ok {
		return "", refuseNoList(t.decl, name)
	}
	if len(l.Key) != len(t.key) {
		return "", refuseListKey(t, name, l)
	}
	equal := fmt.Sprintf("l.%s::text = $1", column(l.Name))
	for i, k := range t.key {
		equal += fmt.Sprintf(" and (l.%s)::%s = m.k%d", column(l.Key[i]), k.typ, i+1)
	}
	return fmt.Sprintf("select %s from (%s) as m where exists (select from %s l where %s)", t.ks(), member, quoted(l.Relation), equal), nil
}

// ks are the key columns inside our queries: k1, k2.
func (t table) ks() string {
	names := make([]string, len(t.key))
	for i := range t.key {
		names[i] = fmt.Sprintf("k%d", i+1)
	}
	return strings.Join(names, ", ")
}

// window is the scope's window, widened by the skew. A zero bound is open.
func window(s rollback.Scope) (from, to time.Time) {
	from, to = s.From.Add(-rollback.Skew), s.To.Add(rollback.Skew)
	if s.From.IsZero() {
		from = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if s.To.IsZero() {
		to = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return from, to
}

func (t table) scopeArgs(s rollback.Scope) []any {
	from, to := window(s)
	return []any{s.Run, from, to, t.fields()}
}

// unreadable tells a person that the history or the membership holds a value
// which the table's own types cannot, so that nothing can be compared with it.
// The server's words would show the value.
func (t table) unreadable(doing string, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && strings.HasPrefix(pg.Code, "22") {
		return refusal.Invalid("Its history or membership holds a value that %s cannot: %s. Correct key, field_names, old or new in the declaration of %s.",
			t.decl.Relation, t.types(), t.decl.Name)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
