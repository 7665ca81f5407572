package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// evidenceSQL fixes the records of a plan that rests on evidence: every member
// of the run beside what was staged for it. No history has to say what it was.
// The %[n]s stand for:
//
//	1 type of the fields' argument   2 members of the run   3 staged values as the column holds them   4 errors of the cohorts
//	5 what the history says of each member, and the join with it (6)   7 k1, k2   8 their texts
//	9 erased   10 later   11 changed between the backup and the run   12 nothing between them is known to be hidden
//	13 mark   14 set columns as text   15 more columns of the record   16 table   17 key of the table equals the member's
//	18 19 20 initial, error, desired as lists
const evidenceSQL = `
with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%[1]s, $11::timestamptz, $12::timestamptz),
     member as materialized (select * from (%[2]s) as m),
     staged as materialized (
       select key, %[3]s as own, confidence, coalesce(candidates, 1) as candidates, coalesce(part, '') as part
         from snafu.staged_rows where freeze_id = $5::int),
     decided as materialized (
       select number, %[4]s as error, confidence, newer from unnest($6::int[], $7::text[], $8::int[], $9::boolean[]) as d (number, error, confidence, newer)),%[5]s
     seen as (
       select %[7]s, array[%[8]s] as key, s.key is not null as listed, s.own, s.candidates, coalesce(s.part, '') as part,
              t.there is not null as present, t.current, t.version, %[9]s as erased, %[10]s as later, %[11]s as outdated, %[13]s as mark,
              case when s.candidates not in (0, 1) then 1 when s.confidence = 2 and %[12]s then 3 else s.confidence end as sure
         from member left join staged s on s.key = array[%[8]s]%[6]s
         left join lateral (select true as there, %[14]s as current, t.xmin::text as version%[15]s from %[16]s t where %[17]s offset 0) as t on true),
     covered as (
       select part, count(*) filter (where listed and candidates = 1 and not outdated) * 1000 < count(*) * $13::bigint as below from seen group by part),
     matched as (
       select seen.*, covered.below, exists (select from decided d where not d.newer and d.error is not distinct from seen.current) as wrong,
              (select min(d.number) from decided d where d.newer) as over,
              coalesce((select min(d.number) from decided d where not d.newer and d.confidence = seen.sure and d.error is not distinct from seen.current),
                       (select min(d.number) from decided d where not d.newer and d.confidence = seen.sure)) as number
         from seen join covered using (part)),
     judged as (
       select matched.*, case
                when not present then 6
                when not listed or candidates = 0 then 8
                when number is null or outdated then 7
                when below then 8
                when wrong and own is not distinct from current then 2
                when own is not distinct from current then 3
                when erased then 4
                when not wrong and over is not null then 1
                when not wrong then 4
                when later then 5
                else 1 end as class
         from matched),
     cohorted as (
       select judged.*, case when class = 1 and not wrong then over when class <= 6 then number end as cohort from judged),
     fixed as (
       select cohorted.*, case when cohort = over or wrong then current else d.error end as error
         from cohorted left join decided d on d.number = cohorted.cohort),
     turned as (select fixed.*, row_number() over (partition by class, cohort order by %[7]s) as turn from fixed),
     canary as (
       select %[7]s, row_number() over (order by turn, cohort) as place
         from turned where class = 1 and turn <= $10::bigint order by turn, cohort limit $10::bigint)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, initial, error, desired, mark, version)
select $5::int, row_number() over (order by class, place, %[7]s), coalesce(cohort, 0), class, key,
       case when listed and candidates <> 0 and class <> 7 then %[18]s end, case when cohort is not null then %[19]s end,
       case when listed and candidates <> 0 and class <> 7 then %[20]s end, mark, version
  from turned left join canary using (%[7]s)`

// What the history says of a member although it does not say what the run did
// to it: who wrote last, and whether anybody did between the Last Saved State
// and the run. A record without any entry gets the first mark there is: every
// entry to come is above it.
const pastSQL = `
     past as materialized (
       select %[1]s, max(h.%[2]s) as last,
              coalesce(max(h.%[2]s) filter (where not x.ours) > max(h.%[2]s) filter (where x.ours), bool_or(not x.ours and h.%[3]s >= %[11]s)) as later,
              coalesce(bool_or(not x.ours and h.%[3]s > %[5]s and h.%[3]s < %[6]s), false) as outdated
         from %[7]s h cross join lateral (select coalesce(h.%[8]s::text = $1 and h.%[3]s < %[4]s, false) as ours) as x
        where %[9]s group by %[10]s),
     reach as materialized (
       select min(h.%[2]s)::text as first, coalesce(bool_or(h.%[3]s <= %[5]s), false) as back from %[7]s h),`

// fixEvidence writes the frozen rows of a plan that rests on evidence.
func (t table) fixEvidence(ctx context.Context, tx pgx.Tx, s rollback.Spec, id int64) error {
	members, err := t.touched(s.Scope)
	if err != nil {
		return err
	}
	number, sure, newer := make([]int32, len(s.Decisions)), make([]int32, len(s.Decisions)), make([]bool, len(s.Decisions))
	left := make([]*string, len(s.Decisions))
	for i, d := range s.Decisions {
		number[i], sure[i], newer[i] = int32(i+1), int32(d.Sure().Code()), d.Newer //nolint:gosec // a plan has at most 100 cohorts
		left[i] = t.packed(d.Error)
	}
	e := s.Evidence
	args := append(t.scopeArgs(s.Scope), id, number, left, sure, newer, s.Batch.Canary, e.LastSaved, s.Scope.From, e.Complete)
	if _, err := tx.Exec(ctx, t.evidenceSQL(s, members), args...); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}

func (t table) evidenceSQL(s rollback.Spec, members string) string {
	past, joined, later, outdated, back, mark, more := "", "", "false", "false", "false", "null::text", ""
	if h := t.hist; h.name != "" {
		zone := t.decl.History.Zone
		keys := make([]string, len(t.key))
		for i, k := range t.key {
			keys[i] = fmt.Sprintf("(h.%s)::%s as k%d", h.key[i], k.typ, i+1)
		}
		past = fmt.Sprintf(pastSQL, strings.Join(keys, ", "), h.order, h.at, local("$3", zone), local("$11", zone), local("$12", zone),
			h.name, h.run, t.ofFields("$4"), t.ks(), local("("+t.over(s.Scope)+")", zone))
		joined = fmt.Sprintf("\n         cross join reach left join past using (%s)", t.ks())
		if s.Evidence.From == rollback.FromBackup {
			outdated, back = "coalesce(past.outdated, false)", "reach.back and past.outdated is not true"
		}
		later = "coalesce(past.later, false)"
		if s.Guard == rollback.GuardLaterWriter {
			mark = "coalesce(past.last::text, reach.first)"
		}
	}
	if s.Guard == rollback.GuardTouched {
		more, mark = ", t."+column(s.TouchedAt.Column)+"::text as touched", "t.touched"
		later = "(" + later + " or t.touched::timestamptz > " + t.over(s.Scope) + ")"
	}
	return fmt.Sprintf(evidenceSQL, t.form(), members, t.held(t.stored("desired")), t.given("error"), past, joined, t.ks(), t.keyTexts(),
		t.erased(), later, outdated, back, mark, t.current(), more, t.name, t.keyIs("member"), t.list("own"), t.list("error"), t.list("own"))
}

// over is when the run was over: at the end of its window or, where that is
// open, after the last record that its membership or its own entries tell of. The
// clocks may differ by the skew. Where nothing tells it, whoever wrote after the
// run began counts as having written after it: better too much is left alone.
func (t table) over(s rollback.Scope) string {
	h, m := t.hist, t.decl.Membership
	var last string
	switch {
	case !s.To.IsZero():
		return "$3"
	case m.Relation != "" && m.At != "":
		last = fmt.Sprintf("select %s from %s m where %s", instantOf("max(m."+column(m.At)+")", m.Zone), quoted(m.Relation), t.ofRun())
	case h.name != "":
		last = fmt.Sprintf("select %s from %s h where h.%s::text = $1 and %s", instantOf("max(h."+h.at+")", t.decl.History.Zone), h.name, h.run, t.ofFields("$4"))
	default:
		return "$12"
	}
	return fmt.Sprintf("coalesce((%s) + interval '%d seconds', $12)", last, int64(rollback.Skew.Seconds()))
}

// keyIs holds for the record of t that a row of keys names.
func (t table) keyIs(alias string) string {
	equal := make([]string, len(t.key))
	for i, k := range t.key {
		equal[i] = fmt.Sprintf("t.%s = %s.k%d", k.name, alias, i+1)
	}
	return strings.Join(equal, " and ")
}

// erasedSince holds for a row of alias to which a run must bring nothing back
// any more: who was erased after the freeze is known at the write alone, because
// a value that is cleared again looks like what the run left.
func (t table) erasedSince(run rollback.Run, alias string) string {
	if u := run.Undoes; run.Evidence == nil && (u == nil || !u.Evidence || u.Inserted) {
		return "false"
	}
	return t.erasedKey(alias)
}

// erased holds for a member whose values must never come back.
func (t table) erased() string {
	e := t.decl.Erasures
	if e.Relation == "" {
		return "false"
	}
	equal := make([]string, len(t.key))
	for i, k := range t.key {
		equal[i] = fmt.Sprintf("(e.%s)::%s = member.k%d", column(e.Key[i]), k.typ, i+1)
	}
	return fmt.Sprintf("exists (select from %s e where %s)", quoted(e.Relation), strings.Join(equal, " and "))
}

// found says what the evidence of a freeze came to.
func (t table) found(ctx context.Context, tx pgx.Tx, s rollback.Spec, f *rollback.Freeze) error {
	var out rollback.EvidenceFound
	var err error
	if out.SHA256, err = t.stagedDigest(ctx, tx, f.ID); err != nil {
		return err
	}
	erased := "false"
	if e := t.decl.Erasures; e.Relation != "" {
		equal := make([]string, len(t.key))
		for i, k := range t.key {
			equal[i] = fmt.Sprintf("(e.%s)::%s = (f.key[%d])::%s", column(e.Key[i]), k.typ, i+1, k.typ)
		}
		erased = fmt.Sprintf("exists (select from %s e where %s)", quoted(e.Relation), strings.Join(equal, " and "))
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
		select (select count(*) from snafu.staged_rows where freeze_id = $1),
		       count(*) filter (where f.class = 8 and (s.key is null or s.candidates = 0)),
		       count(*) filter (where f.class = 4 and %s),
		       count(*) filter (where f.class = 7 and coalesce(s.candidates, 1) = 1),
		       count(*) filter (where f.class = 7 and s.candidates > 1 and s.initial is null),
		       count(*) filter (where s.initial is not null)
		  from snafu.frozen_rows f left join snafu.staged_rows s on s.freeze_id = f.freeze_id and s.key = f.key where f.freeze_id = $1`, erased), f.ID).
		Scan(&out.Records, &out.Absent, &out.Erased, &out.Outdated, &out.Guesses, &out.Disagree)
	if err != nil {
		return fmt.Errorf("count what the evidence says: %w", err)
	}
	if out.Coverage, err = coverage(ctx, tx, f.ID); err != nil {
		return err
	}
	if s.Evidence.Newer == rollback.ByHand {
		out.ByHand = f.Classes().Conflict - out.Erased
	}
	for i, d := range s.Decisions {
		if d.Newer {
			out.Newer += f.OfCohort(int64(i + 1)).Write
		}
	}
	// What people set since is theirs: each value is of one record, and stands on
	// no card.
	f.Conflicts = nil
	if n := f.Classes().Conflicts(); n > 0 {
		f.Conflicts = []rollback.ValueCount{{Value: rollback.One(rollback.ItsOwn), Records: n}}
	}
	f.Evidence = &out
	return nil
}

// mostGroups bounds what is listed of groups; those below their demand first.
const mostGroups = 100

func coverage(ctx context.Context, tx pgx.Tx, id int64) ([]rollback.Coverage, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select coalesce(s.part, ''), count(*), count(*) filter (where f.desired is not null),
		       coalesce(bool_or(f.class = 8 and f.desired is not null), false)
		  from snafu.frozen_rows f left join snafu.staged_rows s on s.freeze_id = f.freeze_id and s.key = f.key
		 where f.freeze_id = $1 group by 1 order by 4 desc, 2 desc, 1 limit %d`, mostGroups), id)
	if err != nil {
		return nil, fmt.Errorf("count the coverage: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rollback.Coverage])
	if err != nil {
		return nil, fmt.Errorf("count the coverage: %w", err)
	}
	return all, nil
}

// stagedDigest is over all that came from outside: the same records with the
// same values have the same digest, whatever order they came in.
func (t table) stagedDigest(ctx context.Context, tx pgx.Tx, id int64) (string, error) {
	var sum string
	err := tx.QueryRow(ctx, fmt.Sprintf(`
		select encode(sha256(coalesce(string_agg(sha256(%s || %s || %s || %s || %s || %s), ''::bytea order by key collate "C"), ''::bytea)), 'hex')
		  from snafu.staged_rows where freeze_id = $1`,
		listBytes("key", len(t.key)), listBytes("initial", len(t.set)), listBytes("desired", len(t.set)), textBytes("evidence"), textBytes("part"),
		`'\x02'::bytea || int8send(confidence::bigint) || '\x02' || int8send(coalesce(candidates, 1)::bigint)`), id).Scan(&sum)
	if err != nil {
		return "", fmt.Errorf("digest what was staged: %w", err)
	}
	return sum, nil
}

// movedEvidence counts the members that were not frozen, and the frozen writes
// that do not hold any more.
func (t table) movedEvidence(ctx context.Context, tx pgx.Tx, run rollback.Run, d *rollback.Drift) error {
	members, err := t.touched(run.Scope)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
		with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%s),
		     member as materialized (select * from (%s) as m)
		select count(*) from member where not exists (select from snafu.frozen_rows f where f.freeze_id = $5 and f.key = array[%s])`,
		t.form(), members, t.keyTexts()), append(t.scopeArgs(run.Scope), run.FreezeID)...).Scan(&d.Growth)
	if err != nil {
		return t.unreadable("count what moved", err)
	}
	return t.movedUndo(ctx, tx, run, d)
}

// measureEvidence counts the members of a run that rests on evidence. What they
// hold is told by what it is not: values of single records stand on no card.
func (t table) measureEvidence(ctx context.Context, tx pgx.Tx, run rollback.Run) (rollback.StateTable, error) {
	if run.Inserts() || run.Undoes != nil && run.Undoes.Inserted {
		t = t.gone()
	}
	out := rollback.StateTable{Scope: run.Scope, KeyParts: len(t.key), Files: rollback.FilesOf(run.Decisions)}
	members, err := t.touched(run.Scope)
	if err != nil {
		return out, err
	}
	if out.At, err = instant(ctx, tx); err != nil {
		return out, err
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
		with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%s)
		select count(*) from (%s) as m`, t.form(), members), t.scopeArgs(run.Scope)...).Scan(&out.Members)
	if err != nil {
		return out, t.unreadable("count members", err)
	}
	var left []rollback.Values
	for _, d := range run.Decisions {
		if !d.Newer {
			left = append(left, d.Error)
		}
	}
	return out, t.heldErrors(ctx, tx, left, &out)
}

// heldErrors counts the records of the whole table that hold what the run left,
// and the others as one.
func (t table) heldErrors(ctx context.Context, tx pgx.Tx, left []rollback.Values, out *rollback.StateTable) error {
	packed := make([]*string, len(left))
	for i, l := range left {
		packed[i] = t.packed(l)
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select current, wrong, n, sum(n) over ()::bigint from (
		  select case when wrong then current end as current, wrong, count(*) as n from (
		    select t.current, exists (select from unnest($1::text[]) as d (error) where %s is not distinct from t.current) as wrong
		      from (select %s as current from %s t) as t) as t group by 1, 2) as g order by wrong desc, n desc, current`,
		t.given("d.error"), t.current(), t.name), packed)
	if err != nil {
		return fmt.Errorf("count values: %w", err)
	}
	out.Values, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.ValueCount, error) {
		var c rollback.ValueCount
		var v any
		var wrong bool
		err := row.Scan(&v, &wrong, &c.Records, &out.Total)
		if c.Value = values(v); !wrong {
			c.Value = rollback.One(rollback.ItsOwn)
		}
		return c, err
	})
	if err != nil {
		return fmt.Errorf("count values: %w", err)
	}
	return nil
}
