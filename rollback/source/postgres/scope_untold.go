package postgres

import (
	"fmt"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// untoldSQL is the scope query of a table without history. A membership or a
// list says which records the run took; what they hold counts as what the run
// left, and nothing tells what they were. Where the record says when it was last
// written, one that was written after the run has been written by somebody else.
//
// It uses every argument of the scope, whether it needs it or not, because the
// server must know the type of each. The %[n]s stand for:
//
//	1 form of what is compared   2 members   3 when a record was last written, against the end of the run
//	4 k1, k2   5 the record   6 more columns of it   7 table   8 key of the table equals k1, k2
const untoldSQL = `
with given as (select $1::text as run, $2::timestamptz as since, $3::timestamptz as until, $4::%[1]s as fields),
     member as (%[2]s),
     seen as (
       select %[4]s, t.there is not null as known, null::%[1]s as initial, t.current as error, false as ambiguous,
              t.since is true as later, null::bigint as mark, null::bigint as first, t.there is not null as present,
              case when t.there is null then 3 else 0 end + case when t.since then 8 else 0 end as state, t.*
         from given cross join member
         left join lateral (select true as there, %[5]s as current, %[3]s as since%[6]s from %[7]s t where %[8]s offset 0) as t on true)`

func (t table) untold() bool { return t.hist.name == "" }

// sameEvidence refuses decisions that were made when the declaration of the
// table said something else about its history: a pair that is known by what its
// records were and became is not one that is known by what they hold.
func (t table) sameEvidence(decisions []rollback.Decision) error {
	for _, d := range decisions {
		if d.Error == nil || d.Untold() == t.untold() {
			continue
		}
		return refusal.Conflict("What was decided about %s was decided when snafu.yaml said something else about its history. Count again with `/snafu count`, decide, and plan anew.", t.decl.Relation).Coded("schema")
	}
	return nil
}

// untoldScope renders the scope query of a table without history.
func (t table) untoldScope(s rollback.Scope, more string) (string, error) {
	member, err := t.touched(s)
	if err != nil {
		return "", err
	}
	var equal []string
	for i, k := range t.key {
		equal = append(equal, fmt.Sprintf("t.%s = member.k%d", k.name, i+1))
	}
	return fmt.Sprintf(untoldSQL, t.form(), member, t.writtenSince(s), t.ks(), t.current(), more, t.name, strings.Join(equal, " and ")), nil
}

// writtenSince holds for a record that was written after the run: after the end
// of its window or, where that is open, after the last record that the run took.
// The clocks may differ by the skew.
func (t table) writtenSince(s rollback.Scope) string {
	at, m := t.decl.TouchedAt.Column, t.decl.Membership
	switch {
	case at == "" || t.decl.EffectiveGuard() == rollback.GuardValue:
	case !s.To.IsZero():
		return fmt.Sprintf("t.%s::timestamptz >= given.until", column(at))
	case m.Relation != "" && m.At != "":
		last := instantOf("max(m."+column(m.At)+")", m.Zone)
		return fmt.Sprintf("t.%s::timestamptz > (select %s + interval '%d seconds' from %s m where %s)",
			column(at), last, int64(rollback.Skew.Seconds()), quoted(m.Relation), t.ofRun())
	}
	return "false"
}

// ofList is the query of the records on a static list under the run's name: what
// says which records the run took where neither a history nor a membership does.
func (t table) ofList(name string) (string, error) {
	l, ok := t.decl.Lists[name]
	switch {
	case name == "":
		return "", refusal.Invalid("%s declares no history and no membership, so nothing says which records a run touched. Add one of them to the source, or pick a list that holds them.", t.decl.Relation)
	case !ok:
		return "", refuseNoList(t.decl, name)
	case len(l.Key) != len(t.key):
		return "", refuseListKey(t, name, l)
	}
	keys := make([]string, len(t.key))
	for i, k := range t.key {
		keys[i] = fmt.Sprintf("(l.%s)::%s as k%d", column(l.Key[i]), k.typ, i+1)
	}
	return fmt.Sprintf("select distinct %s from %s l where l.%s::text = $1", strings.Join(keys, ", "), quoted(l.Relation), column(l.Name)), nil
}

func refuseNoList(decl rollback.Table, name string) error {
	return refusal.NotFound("Table %s declares no list %q.", decl.Name, name)
}

func refuseListKey(t table, name string, l rollback.List) error {
	return refusal.Invalid("List %s of %s names %d key columns, the table has %d.", name, t.decl.Relation, len(l.Key), len(t.key))
}

// untoldDesiredSQL is every member with what it was and should be, as the
// decisions say. A record that holds what a cohort should become, and that
// nobody decided about otherwise, belongs to that cohort: it is right already.
// The %[n]s stand for:
//
//	1 columns that stay   2 error as one text   3 key as texts   4 what files say
const untoldDesiredSQL = `
         select %[1]s, number, case when number is null then holds else left_so end as error, wanted as initial, wanted as desired, number is not null and (file is null or named) as said
           from (select seen.*, seen.error as holds, s.key is not null as named, coalesce(d.number, e.number) as number, coalesce(d.file, e.file) as file,
                        case when d.number is null then e.error else d.error end as left_so,
                        case when coalesce(d.file, e.file) is not null then s.own when d.number is null then e.desired else d.desired end as wanted
                   from seen
                   left join decided d on known and d.left_by = coalesce('=' || %[2]s, '-')
                   left join (%[4]s) as s on s.key = array[%[3]s]
                   left join lateral (
                     select number, error, desired, file from decided
                      where known and d.number is null
                        and (file is null and desired is not distinct from current or file = s.evidence and s.own is not distinct from current)
                      order by number limit 1) as e on true) as seen`

// untoldDesired renders it. The error of a record that belongs to no cohort is
// what it holds.
func (t table) untoldDesired(touched, files bool) string {
	stays := t.ks() + ", known, present, ambiguous, later, current, mark, version"
	if touched {
		stays += ", touched"
	}
	staged := fmt.Sprintf("select null::text[] as key, null::text as evidence, null::%s as own where false", t.form())
	if files {
		staged = fmt.Sprintf("select key, evidence, %s as own from snafu.staged_rows where freeze_id = $5::int", t.held(t.stored("desired")))
	}
	return fmt.Sprintf(untoldDesiredSQL, stays, t.plain("seen.error"), t.keyTexts(), staged)
}
