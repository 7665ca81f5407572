package executor_test

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// judge holds what the run left to everything that was promised.
func (c *chronicle) judge(v rollback.PlanView) {
	c.t.Helper()
	s := c.play.sheet
	say := fmt.Sprintf("history %d, %s of %s, guard %s: %s %s %s %+v", c.play.h, s.kind.typ, s.name, s.decl.Guard, v.State, v.Why, v.Waits, v.Progress.Counts)
	require.Empty(c.t, c.harms(v), say)
	require.Empty(c.t, c.unapproved(c.play.job), say)
	require.Empty(c.t, c.untold(v), say)
	switch v.State {
	case rollback.NameDraft: // the world moved before the first record
		require.Zero(c.t, v.Progress.Batches, say)
		require.NoError(c.t, c.a.Withdraw(c.t.Context(), c.act(ana), v.Stamp.Plan, "another day"))
	case rollback.NameAborted:
	default:
		require.Contains(c.t, []rollback.StateName{rollback.NameDone, rollback.NamePartial}, v.State, say)
		settled := v.Progress.Counts.Sum()
		require.Equal(c.t, v.Writes(), settled, say)
		require.Equal(c.t, v.Progress.Counts.Clean() && v.Report != nil && v.Report.Agrees(), v.State == rollback.NameDone, say)
	}
}

// harms compares each record with the ledger, with what the source saw of our
// writes and with what people did.
func (c *chronicle) harms(v rollback.PlanView) (harms []string) {
	c.t.Helper()
	s := c.play.sheet
	if v.State == rollback.NameDraft {
		if n := c.number(`select count(*) from wild.proof where run = $1`, v.Spec.Label()); n > 0 {
			harms = append(harms, "a plan that is a draft has written")
		}
		return harms
	}
	rows, err := c.admin.Query(c.t.Context(), fmt.Sprintf(`
		select coalesce(t.i, 0), coalesce(l.outcome, 0)::bigint, t.h is not null, coalesce(t.hits, 0), coalesce(t.luck, 0),
		       coalesce(t.edits - n.edits, 0), coalesce(t.moves - n.moves, 0),
		       %[1]s is not distinct from f.error, %[1]s is not distinct from f.desired,
		       (select count(*) from wild.proof p where p.run = $2 and p.h = t.h and p.i = t.i and t.hits > 0 and t.luck = 0 and p.old is not distinct from f.error),
		       (select max(p.edits - n.edits) from wild.proof p where p.run = $2 and p.h = t.h and p.i = t.i),
		       (select max(p.moves - n.moves) from wild.proof p where p.run = $2 and p.h = t.h and p.i = t.i),
		       l.seen is not null, l.seen is not distinct from f.error, l.seen is not distinct from f.desired
		  from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
		  left join %[2]s t on f.key = %[3]s left join wild.snap n on n.run = $2 and n.h = t.h and n.i = t.i
		 where f.freeze_id = $1 and f.ord <= $3`, s.held("t"), s.name, s.keyTexts()), v.Frozen.ID, v.Spec.Label(), v.Writes())
	require.NoError(c.t, err)
	var i, hits, luck, edits, moves int
	var outcome, proofs int64
	var there, isError, isDesired, seen, seenError, seenDesired bool
	var editsThen, movesThen *int
	add := func(what string) {
		harms = append(harms, fmt.Sprintf("record %d, %s: %s (hits %d, luck %d, edits %d, moves %d)", i, rollback.Outcome(outcome), what, hits, luck, edits, moves))
	}
	n := int64(0)
	_, err = pgx.ForEachRow(rows, []any{
		&i, &outcome, &there, &hits, &luck, &edits, &moves, &isError, &isDesired, &proofs, &editsThen, &movesThen, &seen, &seenError, &seenDesired,
	}, func() error {
		n++
		o := rollback.Outcome(outcome)
		if there && (o == rollback.Written) != (hits == 1) || hits > 1 {
			add("ledger and writes disagree")
		}
		if o == rollback.Written && there {
			if proofs == 0 {
				add("what was written over was not the error")
			}
			switch s.decl.Guard {
			case rollback.GuardLaterWriter:
				if movesThen == nil || *movesThen != 0 {
					add("a later writer was written over")
				}
			case rollback.GuardTouched, rollback.GuardAnyChange:
				if editsThen == nil || *editsThen != 0 {
					add("a record that somebody had touched was written")
				}
			}
			if moves == 0 && !isDesired {
				add("it does not hold what it should")
			}
		}
		switch {
		case o == rollback.Missing && there:
			add("it is there")
		case (o == rollback.Already || o == rollback.Conflict) && (!seen || seenError && !seenDesired || (o == rollback.Already) != seenDesired):
			add("what was seen says otherwise")
		case o == rollback.ConflictLater && there && edits == 0:
			add("nobody wrote it")
		case o == rollback.Failed && there && luck == 0:
			add("nothing refused it")
		case o == rollback.Locked && there && !c.play.held[i]:
			add("nobody held it")
		case there && o != rollback.Written && moves == 0 && !isError:
			add("it was changed")
		case there && edits == 0 && luck == 0 && !c.play.held[i] && o != rollback.Written && (o != rollback.Pending || v.State != rollback.NameAborted):
			add("nothing stood in the way")
		}
		return nil
	})
	require.NoError(c.t, err)
	if n != v.Writes() {
		harms = append(harms, fmt.Sprintf("%d records frozen to be written, %d approved", n, v.Writes()))
	}
	for what, sql := range map[string]string{
		"records of others were written": fmt.Sprintf(`select count(*) from %[1]s t where h = $2 and hits > 0 and not exists (
			select from snafu.frozen_rows f where f.freeze_id = $1 and f.class = 1 and f.key = %[2]s)`, s.name, s.keyTexts()),
		"other histories were touched": `select count(*) from wild.proof p where p.h <> $2 and p.run = (select substring(ref from '(.*)r[0-9]+$') from snafu.freezes where id = $1)`,
	} {
		if n := c.number(sql, v.Frozen.ID, c.play.h); n > 0 {
			harms = append(harms, fmt.Sprintf("%d %s", n, what))
		}
	}
	slices.Sort(harms)
	return harms
}

// unapproved says what is wrong with the right of a run to write, by the rows of
// the log database alone.
func (c *chronicle) unapproved(job approval.Run) (out []string) {
	c.t.Helper()
	for what, sql := range map[string]string{
		"executions of the digest": `select 1 - count(*) from executions where plan = $1 and digest = $2`,
		"voices that are not two people who took no part": `
			select count(*) from executions e where plan = $1 and digest = $2 and not (e.voice1 <> e.voice2 and 2 = (
			  select count(*) from approvals a join revisions r on r.plan = a.plan and r.digest = a.digest
			   where a.plan = e.plan and a.digest = e.digest and a.person in (e.voice1, e.voice2) and a.counts and a.typed = r.writes
			     and a.at between r.frozen_at and r.freeze_expires and e.claimed_at < r.start_before
			     and not exists (select from plan_people p where p.plan = a.plan and p.person = a.person and p.part <> 'approver')))`,
	} {
		var n int64
		require.NoError(c.t, c.db.Pool().QueryRow(c.t.Context(), sql, job.Plan, job.Digest.Bytes()).Scan(&n))
		if n != 0 {
			out = append(out, fmt.Sprintf("%d %s", n, what))
		}
	}
	slices.Sort(out)
	return out
}

// untold compares the journal and the log with the source: each batch once and
// in order, with the digest that the source keeps, and the same sums.
func (c *chronicle) untold(v rollback.PlanView) (out []string) {
	c.t.Helper()
	if v.State == rollback.NameDraft {
		return nil
	}
	entries, err := journal.Entries(c.t.Context(), c.db, c.id, 0)
	require.NoError(c.t, err)
	told := int64(0)
	for _, e := range entries {
		var b approval.BatchDone
		if e.Kind != "batch/1" {
			continue
		}
		require.NoError(c.t, e.Into(&b))
		if b.Rev.Plan != int64(v.Stamp.Plan) {
			continue
		}
		told++
		if b.Number != told || c.number(`select count(*) from snafu.batches where run = $1 and number = $2 and digest = $3`, v.Frozen.ID, b.Number, b.Ledger) != 1 {
			out = append(out, fmt.Sprintf("batch %d was told as %d", told, b.Number))
		}
	}
	if there := c.number(`select count(*) from snafu.batches where run = $1`, v.Frozen.ID); there != told {
		out = append(out, fmt.Sprintf("%d batches were written, %d told", there, told))
	}
	for o, want := range map[rollback.Outcome]int64{
		rollback.Written: v.Progress.Counts.Written, rollback.Conflict: v.Progress.Counts.Conflict, rollback.ConflictLater: v.Progress.Counts.ConflictLater,
		rollback.Already: v.Progress.Counts.Already, rollback.Missing: v.Progress.Counts.Missing, rollback.Locked: v.Progress.Counts.Locked,
		rollback.Failed: v.Progress.Counts.Failed, rollback.Unknown: v.Progress.Counts.Unknown,
	} {
		if n := c.number(`select count(*) from snafu.ledger where run = $1 and outcome = $2`, v.Frozen.ID, int(o)); n != want {
			out = append(out, fmt.Sprintf("%d are %s, the log says %d", n, o, want))
		}
	}
	slices.Sort(out)
	return out
}
