package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Guests of whom a clean-up has deleted 1 to 12 at 10:00. The history keeps an
// entry of each deletion; the backup of 02:00 has what they were.
const guestsSQL = `
	create schema club;
	create table club.guest (id bigint generated always as identity primary key, email text unique, phone text, shown text generated always as (upper(email)) stored,
	                         note text not null default 'new', gone text, updated_at timestamptz not null);
	create table club.log (n bigint generated always as identity primary key, guest bigint, at timestamptz, field text, was text, became text, job text);
	create table club.erasure (subject bigint);
	create table club.unsubscribed (guest bigint);
	insert into club.guest (email, phone, updated_at) select 'g' || n || '@example.test', '+49 30 ' || n, '2026-01-04 12:00Z' from generate_series(1, 14) n;
	delete from club.guest where id <= 12;
	insert into club.log (guest, at, field, job) select n, '2026-01-05 10:00Z', 'record', 'clean-7' from generate_series(1, 12) n`

const guestsCopy = `
	create schema club;
	create table club.guest (id bigint primary key, email text, phone text, note text, updated_at timestamptz not null);
	insert into club.guest select n, 'g' || n || '@example.test', '+49 30 ' || n, 'x', '2026-01-04 12:00Z' from generate_series(1, 14) n;
	update club.guest set phone = null where id = 2;
	delete from club.guest where id = 3`

func guest() rollback.Table {
	return rollback.Table{
		Name: "guest", Relation: "club.guest", Unit: "guests", Key: []string{"id"}, Settable: []string{"note"}, Insertable: []string{"email", "phone"},
		PII: []string{"email", "phone"}, TouchedAt: rollback.TouchedAt{Column: "updated_at"}, Archive: rollback.Archive{Column: "gone", Value: "yes"},
		History:  rollback.History{Relation: "club.log", Key: []string{"guest"}, Order: "n", At: "at", Field: "field", Old: "was", New: "became", Run: "job", Deleted: "record"},
		Erasures: rollback.Erasures{Relation: "club.erasure", Key: []string{"subject"}},
		Require: rollback.Require{
			SQL: "not exists (select from club.unsubscribed u where u.guest = key.id)", Says: "unsubscribed", Reads: map[string][]string{"club.unsubscribed": {"guest"}},
		},
	}
}

// again is a plan that inserts deleted guests again, as the copy has them.
func (w *world) again() rollback.Spec { return w.againOf(guestsCopy) }

func (w *world) againOf(copied string) rollback.Spec {
	w.t.Helper()
	o := at(w.t, pgtest.Empty(w.t))
	o.exec(copied)
	o.exec(`grant usage on schema club to snafu_count; grant select on all tables in schema club to snafu_count`)
	c, err := OpenCopy(w.t.Context(), CopyOptions{Name: "nightly", URL: o.as("snafu_count"), Tables: w.opt.Tables})
	require.NoError(w.t, err)
	w.t.Cleanup(c.Close)
	set := w.opt.Tables[0].Insertable
	seen, err := c.Seen(w.t.Context(), "guest", set)
	require.NoError(w.t, err)
	w.staged = c.Records(w.t.Context(), "guest", set)
	e := rollback.Evidence{From: rollback.FromBackup, Name: "nightly", SHA256: seen.SHA256, LastSaved: savedAt, Copy: seen.Target, Records: seen.Records}
	s := spec(rollback.Scope{
		Source: "crm", Table: "guest", Set: set, Run: "clean-7",
		From: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 5, 10, 1, 0, 0, time.UTC),
	}, e.Again(len(set)))
	s.Kind, s.Evidence, s.Unit, s.Require = rollback.KindReinsert, &e, "guests", w.opt.Tables[0].Require.Required()
	return s
}

func TestWhatARunDeletedIsInsertedAgainAsTheBackupHasIt(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	w.exec(`
		insert into club.guest (id, email, phone, updated_at) overriding system value values (4, 'g4@example.test', '+49 30 4', now()), (5, 'other@example.test', null, now());
		insert into club.erasure values (6);
		insert into club.log (guest, at, field, job) values (7, '2026-01-05 11:00Z', 'record', 'by hand');
		insert into club.log (guest, at, field, was, became, job) values (8, '2026-01-05 08:00Z', 'phone', '+49 30 8', '+49 40 8', 'sync');
		insert into club.log (guest, at, field, job) values (13, '2026-01-05 10:00Z', 'record', 'sync')`)
	s := w.again()
	wr := w.writer()
	w.exec(`create function club.mail() returns trigger language plpgsql as $$ begin return null; end $$;
		create trigger welcome after insert on club.guest for each row execute function club.mail();
		create trigger changed after update on club.guest for each row execute function club.mail()`)
	sequence := w.number(`select last_value from club.guest_id_seq`)
	running, f, _ := w.running(wr, s)
	require.Equal(t, rollback.Counts{Write: 6, Already: 1, Conflict: 2, ConflictLater: 1, Ambiguous: 1, Unrecoverable: 1}, f.Classes())
	require.Equal(t, int64(1), f.Evidence.Erased)
	require.Equal(t, []string{"welcome"}, f.Inventory.Firing(), "what an insert sets off, and not what an update does")

	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true}, drift)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	_ = w.walk(wr, fence, 4)
	report, err := w.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
	require.Equal(t, rollback.Outcomes{Written: 6}, report.Outcomes)

	require.Equal(t, int64(6), w.number(`
		select count(*) from club.guest where id in (1, 2, 9, 10, 11, 12) and email = 'g' || id || '@example.test' and shown = upper(email)
		   and phone is not distinct from case when id <> 2 then '+49 30 ' || id end and note = 'new' and updated_at > '2026-01-06Z'`))
	require.Zero(t, w.number(`select count(*) from club.guest where id in (3, 6, 7, 8)`), "not in the copy, erased, deleted again by hand, changed between backup and run")
	require.Equal(t, int64(1), w.number(`select count(*) from club.guest where id = 5 and phone is null`), "whoever is there stays as they are")
	require.Equal(t, sequence, w.number(`select last_value from club.guest_id_seq`))

	_, err = w.writer().Preflight(t.Context(), running)
	require.NoError(t, err)
	held, err := w.reader().Held(t.Context(), running.Run())
	require.NoError(t, err)
	require.Equal(t, int64(6), held)
}

func TestAnInsertLooksAgainAtEachRecordAsItIsWritten(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	w.exec(`alter table club.guest alter id drop identity`) // a key that people give
	s := w.again()
	wr := w.writer()
	running, f, _ := w.running(wr, s)
	require.Equal(t, int64(11), f.Writes)
	w.exec(`
		insert into club.guest (id, email, phone, updated_at) overriding system value values (1, 'g1@example.test', '+49 30 1', now()), (2, 'g2@example.test', 'new', now());
		insert into club.erasure values (4);
		insert into club.unsubscribed values (5);
		insert into club.log (guest, at, field, job) values (6, now(), 'record', 'by hand')`)
	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true, Shrink: 2}, drift)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 11})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Written: 6, Already: 1, Conflict: 3, ConflictLater: 1}, b.Counts)
	require.Equal(t, int64(1), w.number(`select count(*) from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord where f.key = '{5}' and note = 'unsubscribed'`))
	require.Equal(t, int64(1), w.number(`select count(*) from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord where f.key = '{4}' and note = 'erased for good'`))
	require.Equal(t, int64(1), w.number(`select count(*) from snafu.ledger where seen = '{g2@example.test,new}'`))
	report, err := w.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
}

// Somebody inserts the same record at the same moment, and is not seen before
// they commit: what they wrote stays, and the next look says so.
func TestARecordThatSomebodyInsertsMeanwhileStaysTheirs(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	s := w.again()
	s.Batch.LockTimeout = 5 * time.Minute // the span waits for them, however slow the machine is
	wr := w.writer()
	running, _, _ := w.running(wr, s)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	tx, err := w.admin.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `insert into club.guest (id, email, phone, updated_at) overriding system value values (1, 'g1@example.test', 'mine', now())`)
	require.NoError(t, err)
	type answer struct {
		b   rollback.Batch
		err error
	}
	came := make(chan answer, 1)
	go func() {
		b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 11})
		came <- answer{b, err}
	}()
	waits := pgtest.Connect(t, w.url)
	require.Eventually(t, func() bool {
		var n int
		return waits.QueryRow(t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&n) == nil && n > 0
	}, time.Minute, time.Millisecond)
	require.NoError(t, tx.Commit(t.Context()))
	got := <-came
	require.NoError(t, got.err)
	require.Equal(t, int64(1), got.b.Deferred)
	require.Equal(t, rollback.Outcomes{Written: 10}, got.b.Counts)
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 2, Lo: 1, Hi: 11, Last: true})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Conflict: 1}, b.Counts)
	require.Equal(t, int64(1), w.number(`select count(*) from club.guest where id = 1 and phone = 'mine'`))
}

func TestWhatKeepsARecordOutIsNotTakenForSuccess(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	wr := w.writer()
	running, _, _ := w.running(wr, w.again())
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)

	// The address is somebody else's by now: the server refuses, and names why.
	w.exec(`insert into club.guest (email, updated_at) values ('g1@example.test', now())`)
	_, err = wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 1})
	require.ErrorContains(t, err, "23505")
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 1, Failed: "guest_email_key"})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Failed: 1}, b.Counts)
	require.Equal(t, int64(1), w.number(`select count(*) from snafu.ledger where note = 'guest_email_key'`))
}

func TestARecordThatATriggerSwallowsOrRewritesIsNotWritten(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	w.exec(`create function club.meddle() returns trigger language plpgsql as $$ begin
			if new.id = 1 then return null; end if;
			if new.id = 2 then new.phone := 'meddled'; end if;
			return new; end $$;
		create trigger meddle before insert on club.guest for each row execute function club.meddle()`)
	wr := w.writer()
	running, _, _ := w.running(wr, w.again())
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 1})
	require.NoError(t, err)
	require.Equal(t, int64(1), b.Deferred, "somebody may be about to insert it")
	for _, span := range []rollback.Span{{Number: 2, Lo: 1, Hi: 1, Last: true}, {Number: 2, Lo: 2, Hi: 2}} {
		_, err = wr.Apply(t.Context(), fence, span)
		var rewritten *source.Rewritten
		require.ErrorAs(t, err, &rewritten)
	}
	require.Zero(t, w.number(`select count(*) from club.guest where id <= 2`))
	require.Zero(t, w.number(`select count(*) from snafu.ledger`))
}

// Seats are known by two columns, and one column of theirs is filled.
func TestARecordWithAKeyOfTwoPartsIsInsertedAgain(t *testing.T) {
	t.Parallel()
	const seats = `
		create schema club;
		create table club.seat (line text, place int, holder text, primary key (line, place));
		insert into club.seat select 'a b', n, case when n <> 3 then 'h' || n end from generate_series(1, 5) n`
	w := empty(t, seats+`;
		delete from club.seat where place <= 3;
		create table club.log (n int generated always as identity primary key, line text, place text, at timestamptz, field text, was text, became text, job text);
		insert into club.log (line, place, at, field, job) select 'a b', n, '2026-01-05 10:00Z', 'row', 'clean-7' from generate_series(1, 3) n`,
		rollback.Table{
			Name: "guest", Relation: "club.seat", Unit: "seats", Key: []string{"line", "place"}, Insertable: []string{"holder"},
			History: rollback.History{Relation: "club.log", Key: []string{"line", "place"}, Order: "n", At: "at", Field: "field", Old: "was", New: "became", Run: "job", Deleted: "row"},
		})
	s := w.againOf(seats)
	s.TouchedAt = rollback.TouchedAt{}
	f, _, report := w.done(s)
	require.Equal(t, rollback.Counts{Write: 3}, f.Classes())
	require.Equal(t, rollback.Outcomes{Written: 3}, report.Outcomes)
	require.Equal(t, int64(3), w.number(`select count(*) from club.seat where line = 'a b' and place <= 3 and holder is not distinct from case when place <> 3 then 'h' || place end`))
}

func TestWhatWasInsertedAgainIsTakenBackByMarkingItAsRemoved(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	s := w.again()
	f, run, report := w.done(s)
	require.Equal(t, rollback.Outcomes{Written: 11}, report.Outcomes)
	w.exec(`update club.guest set phone = 'new' where id = 1; update club.guest set note = 'called back' where id = 4`)

	v := rollback.PlanView{Spec: s, State: rollback.NameDone, Frozen: &f, Cohorted: report.Cohorts}
	v.Stamp.Digest = run.Digest
	u, back, set, of, err := v.UndoOf(w.opt.Tables[0])
	require.NoError(t, err)
	undo := s
	undo.Plan, undo.Ref, undo.Kind, undo.Decisions, undo.Undoes, undo.Evidence, undo.Require = s.Plan+1, "R2", rollback.KindUndo, back, &u, nil, nil
	undo.Scope.Set, undo.Of, undo.Guard = set, of, rollback.GuardAnyChange
	w.staged = nil
	taken, _, report := w.done(undo)
	require.Equal(t, rollback.Counts{Write: 9, Conflict: 2}, taken.Classes(), "a guest that people work with is theirs, whatever they wrote")
	require.Equal(t, rollback.Outcomes{Written: 9}, report.Outcomes)
	require.Equal(t, int64(9), w.number(`select count(*) from club.guest where gone = 'yes' and id between 2 and 12 and id <> 4`))

	without := w.opt.Tables[0]
	without.Archive = rollback.Archive{}
	_, _, _, _, err = v.UndoOf(without)
	no, ok := refusal.As(err)
	require.True(t, ok)
	require.Equal(t, "R1 inserted 11 guests, and club.guest declares no archive column that marks them as removed; nothing is ever deleted. `/snafu fixed R1` lists them for its admin.", no.Say)
}

func TestNothingIsInsertedThatNobodyDeclared(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	found, err := Check(t.Context(), w.opt)
	require.NoError(t, err)
	require.Empty(t, found.Missing())
	require.Empty(t, found.Surplus())
	require.Equal(t, int64(4), w.number(`
		select count(*) from information_schema.column_privileges where grantee = 'snafu_exec' and privilege_type = 'INSERT' and table_schema = 'club'`), "key, declared columns, and the one of the last change")

	s := w.again()
	draft, err := rollback.NewDraft(s)
	require.NoError(t, err)
	w.opt.Tables[0].History.Deleted = ""
	_, err = w.writer().Freeze(t.Context(), draft, w.staged, 1, &writeCounter{})
	require.Equal(t, "no-evidence", code(t, err))
	w.opt.Tables[0].Insertable = nil
	_, err = w.writer().Freeze(t.Context(), draft, w.staged, 1, &writeCounter{})
	require.Equal(t, "column", code(t, err))
	found, err = Check(t.Context(), w.opt)
	require.NoError(t, err)
	require.NotEmpty(t, found.Surplus(), "a right that nobody declares any more is told")
}
