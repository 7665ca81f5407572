package postgres

import (
	"fmt"
	"strings"
)

// wideSQL is the scope query of several set columns. Its members are the records
// with an entry of the run in any of the columns, and what it finds of a record
// is what scopeSQL finds: the entries of each column have to chain by
// themselves, and whoever wrote one of the columns after the run did has written
// the record.
//
// A column that the run left alone in a record was before the run and after it
// what it was when the run came by: what the next entry of the column says it
// replaced, else what the entry before says it became, else, as nobody has
// written it since the window opened, what it is now. So such a record belongs
// to a cohort like any other, and a person who wrote that column since has
// changed the record.
//
// The %[n]s stand for:
//
//	1 key columns of the history   2 history   3 order   4 column of the entry   5 6 old and new   7 run   8 at
//	9 end of the window   10 entries of the set columns   11 start of the window   12 k1, k2
//	13 what the run did to each column   14 doubts   15 members, if declared
//	23 24 the plan of ours that an entry names, and whether its ledger has that record
//	16 17 initial and error   18 where the members come from   19 the record   20 more columns of it   21 table   22 key of the table equals k1, k2
const wideSQL = `
with raw as materialized (
       select %[1]s, h.%[3]s as o, %[4]s as place, %[5]s as old, %[6]s as new,
              coalesce(h.%[7]s::text = $1 and h.%[8]s < %[9]s, false) as ours, %[23]s as label
         from %[2]s h where %[10]s and h.%[8]s >= %[11]s),
     trace as materialized (
       select %[12]s, min(o) filter (where ours) as first, max(o) filter (where ours) as last, max(o) as mark from raw group by %[12]s having bool_or(ours)),
     entry as (
       select raw.*, first, last, mark, ours and (not lag(ours, 1, false) over w or old is distinct from lag(new) over w) as apart, %[24]s as repair
         from raw join trace using (%[12]s) window w as (partition by %[12]s, place order by o)),
     run as (
       select %[12]s, first, mark%[13]s,
              case when %[14]s
         from entry group by %[12]s, first, last, mark),
     %[15]sseen as (
       select %[12]s, run.first is not null as known,
              case when run.first is not null then array[%[16]s] end as initial,
              case when run.first is not null then array[%[17]s] end as error,
              run.doubt & 4 > 0 is true as ambiguous, run.doubt & 8 > 0 is true as later, run.mark, run.first, t.there is not null as present,
              case when run.doubt >= 16 and t.current is distinct from array[%[17]s] then run.doubt - 16 else coalesce(run.doubt, 1) end
              + case when t.there is null then 2 else 0 end as state, t.*
         from %[18]s
         left join lateral (select true as there, %[19]s as current%[20]s from %[21]s t where %[22]s offset 0) as t on true)`

// wideScope renders the scope query of several columns. equal joins the table
// with the members.
func (t table) wideScope(fromHistory, equal, member, from, more string) string {
	h := t.hist
	var did, initial, left string
	var apart, later []string
	for i := range t.set {
		n := i + 1
		if i > 0 {
			initial, left = initial+", ", left+", "
		}
		did += fmt.Sprintf(`,
              bool_or(place = %[1]d) as told%[1]d,
              case when bool_or(ours and place = %[1]d) then (array_agg(old order by o) filter (where ours and place = %[1]d))[1]
                   when bool_or(o > last and place = %[1]d) then (array_agg(old order by o) filter (where o > last and place = %[1]d))[1]
                   else (array_agg(new order by o desc) filter (where place = %[1]d))[1] end as initial%[1]d,
              case when bool_or(ours and place = %[1]d) then (array_agg(new order by o desc) filter (where ours and place = %[1]d))[1]
                   when bool_or(o > last and place = %[1]d) then (array_agg(old order by o) filter (where o > last and place = %[1]d))[1]
                   else (array_agg(new order by o desc) filter (where place = %[1]d))[1] end as error%[1]d`, n)
		apart = append(apart, fmt.Sprintf("count(*) filter (where apart and place = %d) > 1", n))
		later = append(later, fmt.Sprintf(
			"max(o) filter (where not ours and not repair and place = %[1]d) > coalesce(max(o) filter (where ours and place = %[1]d), last) is true", n))
		initial += fmt.Sprintf("case when run.told%[1]d then run.initial%[1]d else t.current[%[1]d] end", n)
		left += fmt.Sprintf("case when run.told%[1]d then run.error%[1]d else t.current[%[1]d] end", n)
	}
	doubt := fmt.Sprintf("%s then 4 else 0 end + case when %s then 8 else 0 end + case when max(o) filter (where repair) = max(o) then 16 else 0 end as doubt", strings.Join(apart, " or "), strings.Join(later, " or "))
	zone := t.decl.History.Zone
	return fmt.Sprintf(wideSQL, fromHistory, h.name, h.order, t.column("$4"), t.told(h.old), t.told(h.new), h.run, h.at,
		local("$3", zone), t.ofFields("$4"), local("$2", zone), t.ks(), did, doubt, member, initial, left, from, t.current(), more, t.name, equal,
		t.labelled(), t.repair("raw"))
}
