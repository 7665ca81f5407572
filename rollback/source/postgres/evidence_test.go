package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// People whose phone numbers a clean-up has wiped at 10:00. Nothing keeps a
// history; the clean-up says whom it took, and the backup of 02:00 what they had.
const peopleSQL = `
	create schema club;
	create table club.person (id bigint primary key, phone text, note text not null default '', updated_at timestamptz not null);
	create table club.cleaned (job text, person bigint, at timestamptz);
	create table club.erasure (subject bigint);
	insert into club.person select n, '+49 30 ' || n, '', '2026-01-04 12:00Z' from generate_series(1, 40) n;
	create table wiped as select id, phone from club.person;
	create table truth as select * from club.person;
	update club.person set phone = null, updated_at = '2026-01-05 10:00Z' where id <= 30;
	insert into club.cleaned select 'clean-7', n, '2026-01-05 10:00Z' from generate_series(1, 30) n`

// What happened to some of them since.
const peopleSince = `
	update club.person set phone = '+49 89 1', updated_at = '2026-01-05 11:00Z' where id = 1; -- asked again on the telephone
	update club.person set phone = '+49 30 2', updated_at = '2026-01-05 11:00Z' where id = 2; -- typed in again as it was
	update club.person set note = 'wants no calls', updated_at = '2026-01-05 11:00Z' where id = 3; -- cleared again, or left empty on purpose
	insert into club.erasure values (4);
	delete from club.person where id = 5`

const copySQL = `
	create schema club;
	create table club.person (id bigint primary key, phone text, note text not null default '', updated_at timestamptz not null);
	insert into club.person select n, '+49 30 ' || n, '', '2026-01-04 12:00Z' from generate_series(1, 40) n;
	delete from club.person where id = 6; -- joined after the backup
	update club.person set phone = null where id = 7; -- had none`

func person() rollback.Table {
	return rollback.Table{
		Name: "person", Relation: "club.person", Unit: "people", Key: []string{"id"}, Settable: []string{"phone"},
		TouchedAt:  rollback.TouchedAt{Column: "updated_at"},
		Membership: rollback.Membership{Relation: "club.cleaned", Key: []string{"person"}, Run: "job", At: "at"},
		Erasures:   rollback.Erasures{Relation: "club.erasure", Key: []string{"subject"}},
	}
}

// backup is a copy in a database of its own.
func backup(t testing.TB, sql string) *Copy {
	t.Helper()
	return copied(t, at(t, pgtest.Empty(t)), sql)
}

func copied(t testing.TB, w *world, sql string) *Copy {
	t.Helper()
	w.exec(sql)
	w.exec(`grant usage on schema club to snafu_count; grant select on all tables in schema club to snafu_count`)
	c, err := OpenCopy(t.Context(), CopyOptions{Name: "nightly", URL: w.as("snafu_count"), Tables: []rollback.Table{person()}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

var (
	savedAt  = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)
	cleaning = rollback.Scope{
		Source: "club", Table: "person", Set: []string{"phone"}, Run: "clean-7",
		From: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 5, 10, 1, 0, 0, time.UTC),
	}
)

// restore is a plan that takes a backup's word for what a run has wiped.
func restore(t testing.TB, c *Copy, newer rollback.Newer) rollback.Spec {
	t.Helper()
	seen, err := c.Seen(t.Context(), "person", []string{"phone"})
	require.NoError(t, err)
	e := rollback.Evidence{From: rollback.FromBackup, Name: "nightly", SHA256: seen.SHA256, LastSaved: savedAt, Copy: seen.Target, Records: seen.Records, Newer: newer}
	s := spec(cleaning, e.Whence([]rollback.Values{{rollback.Null()}}))
	s.Kind, s.Evidence, s.Guard, s.Unit = rollback.KindRestore, &e, rollback.GuardTouched, "people"
	return s
}

func TestAdversarial46WhatWasWipedComesBackAndWhatPeopleSetOrErasedSinceStays(t *testing.T) {
	t.Parallel()
	w := empty(t, peopleSQL, person())
	w.exec(peopleSince)
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	f, _, report := w.done(restore(t, c, rollback.KeepNewer))

	require.Equal(t, rollback.Counts{Write: 23, Right: 1, Already: 1, Conflict: 2, ConflictLater: 1, Missing: 1, Unrecoverable: 1}, f.Classes())
	require.Equal(t, int64(23), report.Outcomes.Written)
	require.Empty(t, report.Contested, "nor on that of the result")
	require.Equal(t, &rollback.EvidenceFound{
		SHA256: f.Evidence.SHA256, Records: 39, Absent: 1, Erased: 1, Coverage: []rollback.Coverage{{Affected: 30, Restorable: 29}},
	}, f.Evidence)
	require.Equal(t, []rollback.ValueCount{{Value: rollback.One(rollback.ItsOwn), Records: 3}}, f.Conflicts, "nobody's number stands on a card")

	require.Zero(t, w.number(`select count(*) from club.person p join truth using (id) where p.phone is distinct from truth.phone and id not in (1, 3, 4, 6, 7)`))
	require.Equal(t, int64(1), w.number(`select count(*) from club.person where id = 1 and phone = '+49 89 1'`), "the number that was asked for again")
	require.Equal(t, int64(4), w.number(`select count(*) from club.person where id in (3, 4, 6, 7) and phone is null`), "cleared again, erased, not in the backup, never had one")
	require.Zero(t, w.number(`select count(*) from club.person where id = 5`), "gone is gone")
}

func TestTakingTheBackupOverwritesWhatPeopleEnteredButNoErasedValue(t *testing.T) {
	t.Parallel()
	w := empty(t, peopleSQL, person())
	w.exec(peopleSince + `; update club.person set phone = '+49 40 4' where id = 4`)
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	s := restore(t, c, rollback.TakeBackup)
	f, run, report := w.done(s)

	over := int64(len(s.Decisions))
	require.Equal(t, rollback.Counts{Write: 1}, f.OfCohort(over), "counted apart")
	require.Equal(t, int64(1), f.Evidence.Newer)
	require.Equal(t, int64(1), w.number(`select count(*) from club.person where id = 1 and phone = '+49 30 1'`))
	require.Equal(t, int64(1), w.number(`select count(*) from club.person where id = 4 and phone = '+49 40 4'`), "erased: the backup's word is not taken")

	// An undo gives back what people had entered, and clears what the run had wiped.
	back := w.undo(s, f, run, report.Cohorts)
	back.Evidence = nil // the ledger says what stood there
	_, _, report = w.done(back)
	require.Equal(t, rollback.Outcomes{Written: f.Writes}, report.Outcomes)
	require.Equal(t, int64(1), w.number(`select count(*) from club.person where id = 1 and phone = '+49 89 1'`))
	require.Equal(t, int64(26), w.number(`select count(*) from club.person where id <= 30 and phone is null`))
}

func TestAdversarial44ABackupThatMayHoldWhatTheRunLeftIsRefused(t *testing.T) {
	t.Parallel()
	e := rollback.Evidence{From: rollback.FromBackup, Name: "nightly", SHA256: "aa", LastSaved: cleaning.From.Add(time.Microsecond)}
	s := spec(cleaning, e.Whence([]rollback.Values{{rollback.Null()}}))
	s.Kind, s.Evidence = rollback.KindRestore, &e
	refuses := func(want string) {
		t.Helper()
		_, err := rollback.NewDraft(s)
		no, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, want, no.Code)
	}
	refuses("backup-late")
	e.LastSaved = time.Time{}
	refuses("backup-state")
	e.LastSaved = cleaning.From
	_, err := rollback.NewDraft(s)
	require.NoError(t, err)
	s.Scope.From = time.Time{}
	refuses("backup-state")
}

func TestAdversarial45ACopyThatIsEmptyOrCutIsRefused(t *testing.T) {
	t.Parallel()
	set := []string{"phone"}
	code := func(err error) string {
		t.Helper()
		no, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		return no.Code
	}
	w := at(t, pgtest.Empty(t))
	c := copied(t, w, copySQL)
	seen, err := c.Seen(t.Context(), "person", set)
	require.NoError(t, err)
	require.Equal(t, int64(39), seen.Records)
	seen.LastSaved = savedAt
	require.NoError(t, seen.Holds("nightly", "people"))
	seen.LastSaved = seen.Newest.Add(-time.Microsecond)
	require.Equal(t, "backup-empty", code(seen.Holds("nightly", "people")), "a copy that somebody wrote into, or another one")

	w.exec(`truncate club.person`)
	seen, err = c.Seen(t.Context(), "person", set)
	require.NoError(t, err)
	seen.LastSaved = savedAt
	require.Equal(t, "backup-empty", code(seen.Holds("nightly", "people")))

	w.exec(`drop table club.person`)
	_, err = c.Seen(t.Context(), "person", set)
	require.Equal(t, "backup-empty", code(err))
}

// A run is picked by when it began; nobody has to know when it ended. Who wrote
// after it is then told by the last record that it took.
func TestARestoreLeavesWhatPeopleClearedAgainAlsoWhereNobodySaysWhenTheRunEnded(t *testing.T) {
	t.Parallel()
	w := empty(t, peopleSQL, person())
	w.exec(peopleSince)
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	s := restore(t, c, rollback.KeepNewer)
	s.Scope.To = time.Time{}
	f, _, _ := w.done(s)
	require.Equal(t, int64(1), f.Classes().ConflictLater, "%v", f.Classes())
	require.Equal(t, int64(1), w.number(`select count(*) from club.person where id = 3 and phone is null`), "cleared again")
}

// A history that does not know the run still knows who wrote before and after it.
func TestARestoreHeedsAHistoryThatDoesNotKnowTheRun(t *testing.T) {
	t.Parallel()
	table := person()
	table.Membership.At = ""
	table.History = rollback.History{Relation: "club.log", Key: []string{"person"}, Order: "no", At: "at", Field: "field", Old: "was", New: "became", Run: "job"}
	w := empty(t, peopleSQL+`;
		create table club.log (no bigint generated always as identity primary key, person bigint, field text, was text, became text, at timestamptz, job text);
		insert into club.log (person, field, was, became, at) values
		  (9, 'phone', null, '+49 30 9', '2026-01-03 12:00Z'),        -- long before the backup
		  (8, 'phone', '+49 30 8', '+49 30 88', '2026-01-05 05:00Z'), -- between the backup and the run
		  (3, 'phone', null, '+49 30 3', '2026-01-05 11:00Z'), (3, 'phone', '+49 30 3', null, '2026-01-05 11:05Z')`, table)
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	s := restore(t, c, rollback.KeepNewer)
	s.Guard, s.Scope.To = rollback.GuardLaterWriter, time.Time{}
	wr := w.writer()
	running, f, _ := w.running(wr, s)
	require.Equal(t, rollback.Counts{Write: 26, Right: 1, ConflictLater: 1, Ambiguous: 1, Unrecoverable: 1}, f.Classes())
	require.EqualValues(t, 1, f.Evidence.Outdated)

	// Typed in and cleared again after the freeze: the value is back, and theirs.
	w.exec(`update club.person set phone = 'x' where id = 10; update club.person set phone = null where id = 10;
		insert into club.log (person, field, was, became, at) values (10, 'phone', null, 'x', now()), (10, 'phone', 'x', null, now())`)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	var sum rollback.Outcomes
	for _, b := range w.walk(wr, fence, 500) {
		sum = sum.Plus(b.Counts)
	}
	require.Equal(t, rollback.Outcomes{Written: 25, ConflictLater: 1}, sum)
	require.Equal(t, int64(2), w.number(`select count(*) from club.person where id in (3, 10) and phone is null`))
}
