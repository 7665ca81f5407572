package postgres

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestAGroupBelowItsDemandAndARecordWithSeveralValuesAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := empty(t, peopleSQL, person())
	says := func(id int, candidates int64, group string) rollback.Staged {
		return rollback.Staged{
			Key: rollback.Key{strconv.Itoa(id)}, Desired: rollback.One("+49 30 " + strconv.Itoa(id)), Confidence: rollback.ConfidenceDerived,
			Evidence: "the last mail", Group: group, Candidates: candidates,
		}
	}
	w.staged = func(yield func(rollback.Staged, error) bool) {
		for id := 1; id <= 28; id++ { // 29 and 30 were never written to
			s := says(id, 1, "first")
			switch {
			case id > 20:
				s.Group = "second"
			case id == 20:
				s.Group = ""
			}
			if id == 28 { // one of the second group may have been in several places
				s.Candidates = 2
			}
			if !yield(s, nil) {
				return
			}
		}
	}
	e := rollback.Evidence{From: rollback.FromQuery, Name: "last-mail", SHA256: "aa", Newer: rollback.KeepNewer, Complete: 1000}
	s := spec(cleaning, e.Whence([]rollback.Values{{rollback.Null()}}))
	s.Kind, s.Evidence, s.Guard, s.Unit = rollback.KindReconstruct, &e, rollback.GuardTouched, "people"
	draft, err := rollback.NewDraft(s)
	require.NoError(t, err)
	f, err := w.writer().Freeze(t.Context(), draft, w.staged, 1, &writeCounter{})
	require.NoError(t, err)

	require.Equal(t, []rollback.Coverage{
		{Group: "second", Affected: 8, Restorable: 7, Held: true},
		{Group: "", Affected: 3, Restorable: 1, Held: true},
		{Group: "first", Affected: 19, Restorable: 19},
	}, f.Evidence.Coverage, "no evidence is never inferred from absence")
	require.Equal(t, int64(19), f.Writes)
	require.Equal(t, int64(2), f.Evidence.Absent)
	frozen, err := draft.Freeze(f)
	require.NoError(t, err)
	_, err = frozen.Propose(f.At)
	require.ErrorContains(t, err, "Nobody has compared R1 by hand yet")
}

func TestTheHistoryTellsWhatABackupCannotKnow(t *testing.T) {
	t.Parallel()
	table := person()
	table.History = rollback.History{Relation: "club.log", Key: []string{"person"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job"}
	w := empty(t, peopleSQL+`;
		create table club.log (no bigint generated always as identity, person bigint, at timestamptz, field text, was text, now text, job text);
		insert into club.log (person, at, field, was, now) values (40, '2026-01-01 12:00Z', 'phone', null, '+49 30 40'); -- it reaches back
		insert into club.log (person, at, field, was, now) values (8, '2026-01-05 09:00Z', 'phone', '+49 30 8', '+49 30 88'); -- after the backup
		insert into club.log (person, at, field, was, now, job) select n, '2026-01-05 10:00Z', 'phone', '+49 30 ' || n, null, 'clean-7' from generate_series(1, 30) n;
		insert into club.log (person, at, field, was, now) values (9, '2026-01-05 11:00Z', 'phone', null, 'x'), (9, '2026-01-05 11:01Z', 'phone', 'x', null)`, table)
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	s := restore(t, c, rollback.KeepNewer)
	s.Guard = rollback.GuardLaterWriter
	f, run, report := w.done(s)

	require.Equal(t, rollback.Counts{Write: 26, Right: 1, ConflictLater: 1}, f.OfCohort(1), "strong: nothing changed between the backup and the run")
	require.Equal(t, rollback.Counts{}, f.OfCohort(2))
	require.Equal(t, int64(1), f.Evidence.Outdated, "the backup is from before what person 8 had")
	require.Equal(t, rollback.ConfidenceStrong, s.Cohorts()[0].Confidence)

	// What the backup brought back can be taken back: each record to no number.
	w.staged = nil
	_, _, undone := w.done(w.undo(s, f, run, report.Cohorts))
	require.Equal(t, int64(26), undone.Outcomes.Written)
	require.Equal(t, int64(30), w.number(`select count(*) from club.person where phone is null`))
}

func TestACopyThatWasExchangedIsNotTheOneThatWasPlannedOn(t *testing.T) {
	t.Parallel()
	seen := rollback.CopySeen{Records: 39, LastSaved: savedAt, SHA256: "aa", Target: rollback.Target{Host: "scratch", Database: "nightly"}}
	e := rollback.Evidence{From: rollback.FromBackup, Name: "nightly", SHA256: "aa", LastSaved: savedAt, Copy: seen.Target, Records: 39}
	require.NoError(t, e.Same(seen, "people"))
	for _, change := range []func(*rollback.CopySeen){
		func(s *rollback.CopySeen) { s.Records = 38 },
		func(s *rollback.CopySeen) { s.Target.Database = "weekly" },
		func(s *rollback.CopySeen) { s.SHA256 = "bb" },
		func(s *rollback.CopySeen) { s.Newest = savedAt.Add(time.Second) },
	} {
		other := seen
		change(&other)
		require.Error(t, e.Same(other, "people"))
	}
}
