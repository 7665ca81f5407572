package sourcetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// Random lives of records: the run writes once or twice, people write before,
// between and after, some records go, some members have no history. What the
// connector finds must be what the rules say about each life.
func classesAgree(t *testing.T, w World) {
	rnd := rand.New(rand.NewPCG(7, 42)) //nolint:gosec // the same lives in every run
	values := []rollback.Value{first, lost, good, rollback.Null(), rollback.Text("it's \"odd\"\\ \t\u00e8 e\u0300")}
	decisions := []rollback.Decision{
		decide(values[0], values[1], values[2]), decide(values[3], values[1], values[0]), decide(values[2], values[1], values[1]),
		decide(values[1], values[3], values[4]), decide(values[4], values[2], values[0]), decide(values[0], values[4], values[3]),
	}
	model := map[rollback.Class]int64{}
	for n := range 120 {
		model[live(w, rnd, strconv.Itoa(n+1), values, decisions)]++
	}
	table, err := w.Reader().StateTable(t.Context(), w.Scope())
	require.NoError(t, err)
	members, at, err := w.Reader().Members(t.Context(), w.Scope())
	require.NoError(t, err)
	require.Equal(t, table.Members, members, "the cheap count and the whole measurement find the same members")
	require.True(t, at.After(table.At))
	found, err := table.Classify(decisions)
	require.NoError(t, err)
	for _, class := range rollback.Classes {
		require.Equal(t, model[class], found.Classes().Of(class), "counted as %s", class)
	}
	var export []byte
	freeze, err := w.Writer().Freeze(t.Context(), draftOf(t, w, decisions...), nil, 1, sink{&export})
	require.NoError(t, err)
	require.Equal(t, found.Classes(), freeze.Classes())
	for i, d := range decisions {
		for _, c := range found.Cohorts {
			if c.Pair.Equal(d.Pair) {
				require.Equal(t, c.Counts, freeze.OfCohort(int64(i+1)), "cohort %s", c.Label)
			}
		}
	}
}

// live plays one record's life and says which class it must be in.
func live(w World, rnd *rand.Rand, key string, values []rollback.Value, decisions []rollback.Decision) rollback.Class {
	pick := func() rollback.Value { return values[rnd.IntN(len(values))] }
	if rnd.IntN(20) == 0 {
		w.Join(key, pick())
		return rollback.ClassUnrecoverable
	}
	initial, left := pick(), pick()
	if rnd.IntN(3) > 0 { // most lives belong to a decided cohort
		d := decisions[rnd.IntN(len(decisions))]
		initial, left = d.Initial[0], d.Error[0]
	}
	w.Spoil(key, initial, left)
	current, later, ambiguous := left, false, false
	if rnd.IntN(6) == 0 { // somebody writes between two writes of the run
		current = pick()
		w.Change(key, current)
		later = true
		if rnd.IntN(2) == 0 {
			left = pick()
			w.Again(key, left)
			current, later, ambiguous = left, false, true
		}
	} else if rnd.IntN(8) == 0 { // the run writes twice, unbroken
		if rnd.IntN(2) == 0 { // unless the history missed something in between
			slipped := pick()
			w.Slip(key, slipped)
			ambiguous = slipped != left
		}
		left = pick()
		w.Again(key, left)
		current = left
	}
	switch rnd.IntN(8) {
	case 0:
		current = pick()
		w.Change(key, current)
		later = true
	case 1:
		w.Delete(key)
		return rollback.ClassMissing
	}
	return classOf(decisions, initial, left, current, later, ambiguous)
}

func classOf(decisions []rollback.Decision, initial, left, current rollback.Value, later, ambiguous bool) rollback.Class {
	if ambiguous {
		return rollback.ClassAmbiguous
	}
	for _, d := range decisions {
		if d.Initial[0] != initial || d.Error[0] != left {
			continue
		}
		desired := d.Desired[0]
		switch {
		case desired == left && current == left:
			return rollback.ClassRight
		case desired != left && current == desired:
			return rollback.ClassAlready
		case current != left:
			return rollback.ClassConflict
		case later:
			return rollback.ClassConflictLater
		}
		return rollback.ClassWrite
	}
	return rollback.ClassUndecided
}

// exportGivesDigest recomputes the rows digest from nothing but the export.
func exportGivesDigest(t *testing.T, w World) {
	odd := []string{"plain", "", " trailing  ", "two\nlines\r\n", "\x01\x02", `"quoted" \back\`, "e\u0300", "\u00e8", "<!channel>", "=1+1"}
	for i, v := range odd {
		w.Spoil(strconv.Itoa(i+1), rollback.Text(v), rollback.Text("x"+v))
	}
	var decisions []rollback.Decision
	for _, v := range odd {
		decisions = append(decisions, decide(rollback.Text(v), rollback.Text("x"+v), rollback.Text(v)))
	}
	p := start(t, w, decisions...)
	require.EqualValues(t, len(odd), p.freeze.Writes)
	digest := rollback.NewRowsDigest()
	for _, line := range linesOf(p.export) {
		row, err := frozenRow(line)
		require.NoError(t, err)
		require.NoError(t, digest.Add(row))
	}
	require.Equal(t, p.freeze.RowsDigest, digest.Sum())
	drift, err := p.w.Preflight(t.Context(), p.running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true}, drift)
	require.EqualValues(t, len(odd), p.walk().Counts.Written)
	for i, v := range odd {
		holds(t, w, strconv.Itoa(i+1), rollback.Text(v))
	}
}

func linesOf(b []byte) []string {
	var out []string
	for begin, i := 0, 0; i < len(b); i++ {
		if b[i] == '\n' {
			out = append(out, string(b[begin:i]))
			begin = i + 1
		}
	}
	return out
}

func frozenRow(line string) (rollback.FrozenRow, error) {
	var row rollback.FrozenRow
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(line), &parts); err != nil || len(parts) != 12 {
		return row, fmt.Errorf("not one of ours (%d parts): %s", len(parts), line)
	}
	var ord, cohort, class string
	for i, into := range []any{&ord, &cohort, &class, &row.Key, &row.Initial, &row.Error, &row.Desired, &row.Mark, &row.Version} {
		if err := json.Unmarshal(parts[i], into); err != nil {
			return row, fmt.Errorf("part %d of %s: %w", i, line, err)
		}
	}
	var err error
	if row.Ord, err = strconv.ParseInt(ord, 10, 64); err != nil {
		return row, fmt.Errorf("ord: %w", err)
	}
	if row.Cohort, err = strconv.ParseInt(cohort, 10, 64); err != nil {
		return row, fmt.Errorf("cohort: %w", err)
	}
	n, err := strconv.Atoi(class)
	if err != nil {
		return row, fmt.Errorf("class: %w", err)
	}
	row.Class = rollback.Class(n)
	return row, nil
}
