package executor_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
)

// listed writes a list and reads it.
func (s *shop) listed(id rollback.ID, name rollback.ListName, format rollback.ListFormat) (executor.List, []string) {
	s.t.Helper()
	list, err := s.e.List(s.t.Context(), id, rollback.ListOf{Name: name, Format: format})
	require.NoError(s.t, err)
	body, err := os.ReadFile(list.Path)
	require.NoError(s.t, err)
	sum := sha256.Sum256(body)
	require.Equal(s.t, sum[:], list.SHA256)
	return list, strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
}

// aftermath is a run of 30 records with one of each end, and one that people
// had changed before its freeze.
func aftermath(t *testing.T) (*shop, rollback.PlanView) {
	t.Helper()
	s := newShop(t, 30, batches(10))
	s.exec(`update shop.item set note = '=cmd|calc' where id in (5, 7)`)
	s.exec(`update shop.item set status = '=before', note = 'a "b"' where id = 5`)
	job := s.claimed()
	s.exec(`update shop.item set status = '@home' where id = 7`)
	s.exec(`update shop.item set status = 'good' where id = 8`)
	s.exec(`delete from shop.item where id = 9`)
	v := s.run(job)
	require.Equal(t, rollback.Outcomes{Written: 26, Conflict: 1, Already: 1, Missing: 1}, v.Progress.Counts)
	return s, v
}

func TestEachRecordOfARunStandsOnOneListOfItsOwn(t *testing.T) {
	t.Parallel()
	s, v := aftermath(t)
	id := v.Stamp.Plan

	fixed, lines := s.listed(id, rollback.ListFixed, rollback.ListCSV)
	require.EqualValues(t, 26, fixed.Rows)
	require.Equal(t, "SNAFU-1-R1r1.fixed.csv", filepath.Base(fixed.Path))
	require.Equal(t, "id,note,status_before,status_after,status_holds,at,batch,outcome,note", lines[0])
	require.Len(t, lines, 27)

	conflicts, lines := s.listed(id, rollback.ListConflicts, rollback.ListCSV)
	require.EqualValues(t, 2, conflicts.Rows, "the one of the run, and the one from before the freeze")
	require.True(t, strings.HasPrefix(lines[1], `7,'=cmd|calc,lost,good,'@home,`), lines[1])
	require.True(t, strings.HasSuffix(lines[1], `,1,conflict,`), lines[1])
	require.True(t, strings.HasPrefix(lines[2], `5,"a ""b""",lost,good,'=before,`), lines[2])
	require.True(t, strings.HasSuffix(lines[2], `,,conflict,before the freeze`), lines[2])

	pending, lines := s.listed(id, rollback.ListPending, rollback.ListCSV)
	require.EqualValues(t, 1, pending.Rows)
	require.True(t, strings.HasPrefix(lines[1], `9,,lost,good,,`), lines[1])
	require.True(t, strings.HasSuffix(lines[1], `,missing,`), lines[1])

	left, _ := s.listed(id, rollback.ListLeft, rollback.ListCSV)
	require.EqualValues(t, 3, left.Rows, "26 written and these are all that it was to write")

	for _, path := range []string{fixed.Path, conflicts.Path, pending.Path} {
		about, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), about.Mode())
	}
}

func TestAListForProgramsIsExact(t *testing.T) {
	t.Parallel()
	s, v := aftermath(t)
	list, lines := s.listed(v.Stamp.Plan, rollback.ListConflicts, rollback.ListJSONL)
	require.Equal(t, "SNAFU-1-R1r1.conflicts.jsonl", filepath.Base(list.Path))
	require.Len(t, lines, 2)
	var row map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &row))
	require.NotEmpty(t, row["at"])
	delete(row, "at")
	require.Equal(t, map[string]any{
		"key": map[string]any{"id": "7"}, "export": map[string]any{"note": "=cmd|calc"}, "before": map[string]any{"status": "lost"},
		"after": map[string]any{"status": "good"}, "holds": map[string]any{"status": "@home"}, "batch": 1.0, "outcome": "conflict", "note": "",
	}, row)

	_, lines = s.listed(v.Stamp.Plan, rollback.ListPending, rollback.ListJSONL)
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &row))
	require.Nil(t, row["holds"], "what a record holds that is gone is not known")
	require.Equal(t, map[string]any{"note": nil}, row["export"])
}

func TestWhoWasLeftAloneIsNotReadFromAFileThatWasAltered(t *testing.T) {
	t.Parallel()
	s, v := aftermath(t)
	body, err := os.ReadFile(v.Frozen.Export.Path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(v.Frozen.Export.Path, bytes.ToUpper(body), 0o600))
	_, err = s.e.List(t.Context(), v.Stamp.Plan, rollback.ListOf{Name: rollback.ListConflicts})
	no, refused := refusal.As(err)
	require.True(t, refused, "%v", err)
	require.Equal(t, "export", no.Code)
	found, err := filepath.Glob(filepath.Join(s.dir, "*.conflicts.csv"))
	require.NoError(t, err)
	require.Empty(t, found, "half a list is none")
	s.listed(v.Stamp.Plan, rollback.ListFixed, rollback.ListCSV)
}

func TestExportsGoWhenTheirSnafuWasClosedLongEnough(t *testing.T) {
	t.Parallel()
	s, v := aftermath(t)
	list, _ := s.listed(v.Stamp.Plan, rollback.ListFixed, rollback.ListCSV)
	mine := filepath.Join(s.dir, "SNAFU-1-notes.csv")
	other := filepath.Join(s.dir, "SNAFU-77-R1r1.csv")
	for _, path := range []string{mine, other} {
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	}
	forgets := func(want int) {
		t.Helper()
		n, err := s.e.Forget(t.Context(), 24*time.Hour)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	set := func(sql string) {
		t.Helper()
		_, err := s.db.Pool().Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	forgets(0) // open
	set(`update incidents set phase = 'resolved', resolved_at = now() - interval '40 days'`)
	forgets(0) // still open
	set(`update incidents set phase = 'closed', closed_at = now() - interval '23 hours'`)
	forgets(0) // not yet
	require.FileExists(t, v.Frozen.Export.Path)
	require.NotContains(t, s.kinds(), "exports-deleted/1")

	set(`update incidents set closed_at = now() - interval '25 hours'`)
	forgets(4) // before-image, manifest, copy, list
	require.NoFileExists(t, v.Frozen.Export.Path)
	require.NoFileExists(t, list.Path)
	require.FileExists(t, mine)
	require.FileExists(t, other, "of a snafu that is not known here")
	entries, err := journal.Entries(t.Context(), s.db, s.id, 0)
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, "exports-deleted/1", last.Kind)
	var fact approval.ExportsDeleted
	require.NoError(t, last.Into(&fact))
	require.Len(t, fact.Files, 4)
	at := slices.IndexFunc(fact.Files, func(f approval.ExportFile) bool { return f.Name == filepath.Base(v.Frozen.Export.Path) })
	require.Equal(t, v.Frozen.Export.SHA256, fact.Files[at].SHA256, "the checksum that its freeze journalled")
	forgets(0)
}

func TestSamplesAreOfTheFrozenRecordsAndTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	s := newShop(t, 60, batches(10))
	s.exec(`update shop.item set status = 'mine' where id = 4`)
	v := s.frozen()
	s.exec(`update shop.item set status = 'later'`) // a sample is of what was frozen
	sample := func(cohort, seed int64) []rollback.Sampled {
		t.Helper()
		found, err := s.e.Samples(t.Context(), v.Stamp.Plan, cohort, seed)
		require.NoError(t, err)
		return found
	}
	first := sample(0, 0)
	require.Len(t, first, 5)
	require.Equal(t, first, sample(1, 0))
	require.NotEqual(t, first, sample(0, 1))
	for _, r := range first {
		require.Equal(t, rollback.One("first"), r.Was)
		require.Equal(t, rollback.One("lost"), r.Is)
		require.False(t, r.Current.Equal(rollback.One("later")))
	}
	_, err := s.e.Samples(t.Context(), v.Stamp.Plan, 2, 0)
	no, refused := refusal.As(err)
	require.True(t, refused)
	require.Equal(t, "no-cohort", no.Code)
}
