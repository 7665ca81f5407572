package sourcetest

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/source"
)

// spoiled makes n records that the run spoilt.
func spoiled(w World, n int) {
	for i := range n {
		w.Spoil(strconv.Itoa(i+1), first, lost)
	}
}

func secondRunFindsNothing(t *testing.T, w World) {
	spoiled(w, 60)
	w.Spoil("61", good, lost)
	p := start(t, w, decide(first, lost, good), decide(good, lost, lost))
	require.EqualValues(t, 60, p.freeze.Writes)
	w.Change("5", rollback.Text("mine"))
	w.Change("6", good)
	w.Delete("7")

	var sum rollback.Outcomes
	for lo := int64(1); lo <= 60; lo += 25 {
		b, err := p.w.Apply(t.Context(), p.fence, rollback.Span{Number: p.next, Lo: lo, Hi: min(lo+24, 60)})
		require.NoError(t, err)
		p.next++
		sum = sum.Plus(b.Counts)
	}
	require.Equal(t, rollback.Outcomes{Written: 57, Conflict: 1, Already: 1, Missing: 1}, sum)
	require.Equal(t, p.freeze.Writes, sum.Sum())
	last, err := p.w.Last(t.Context(), p.fence)
	require.NoError(t, err)
	require.Equal(t, rollback.Progress{Batches: 3, Hi: 60, Counts: sum}, last)
	report, err := p.r.Verify(t.Context(), p.running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%+v", report.Lines)
	var fixed int64
	require.NoError(t, p.r.Ledger(t.Context(), p.running.Run(), func(l rollback.LedgerRow) error {
		if l.Outcome == rollback.Written {
			fixed++
			require.Equal(t, rollback.Values{lost}, l.Before)
			require.Equal(t, rollback.Values{good}, l.After)
		}
		return nil
	}))
	require.EqualValues(t, 57, fixed)

	again, err := w.Writer().Freeze(t.Context(), draftOf(t, w, decide(first, lost, good), decide(good, lost, lost)), nil, 1, sink{new([]byte)})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Already: 58, Conflict: 1, Missing: 1, Right: 1}, again.Classes())
}

func formerOwner(t *testing.T, w World) {
	spoiled(w, 3)
	p := start(t, w, decide(first, lost, good))
	second, err := p.w.Take(t.Context(), p.running, "second")
	require.NoError(t, err)
	_, err = p.w.Apply(t.Context(), p.fence, p.span())
	require.ErrorIs(t, err, source.ErrTakenOver)
	holds(t, w, "1", lost)
	p.fence = second
	require.EqualValues(t, 3, p.walk().Counts.Written)
}

func emptyValue(t *testing.T, w World) {
	w.Spoil("1", first, rollback.Null())
	w.Spoil("2", rollback.Null(), lost)
	p := start(t, w, decide(first, rollback.Null(), good), decide(rollback.Null(), lost, rollback.Null()))
	require.EqualValues(t, 2, p.walk().Counts.Written)
	holds(t, w, "1", good)
	holds(t, w, "2", rollback.Null())
}

func swapped(t *testing.T, w World) {
	a, b := rollback.Text("a"), rollback.Text("b")
	for i := range 10 {
		w.Spoil(strconv.Itoa(i+1), b, a)
		w.Spoil(strconv.Itoa(i+11), a, b)
	}
	p := start(t, w, decide(b, a, b), decide(a, b, a))
	require.EqualValues(t, 20, p.walk().Counts.Written)
	for i := range 10 {
		holds(t, w, strconv.Itoa(i+1), b)
		holds(t, w, strconv.Itoa(i+11), a)
	}
}

func missing(t *testing.T, w World) {
	spoiled(w, 2)
	p := start(t, w, decide(first, lost, good))
	w.Delete("1")
	require.Equal(t, rollback.Outcomes{Written: 1, Missing: 1}, p.walk().Counts)
	_, there := w.Value("1")
	require.False(t, there)
}

func already(t *testing.T, w World) {
	spoiled(w, 2)
	p := start(t, w, decide(first, lost, good))
	w.Change("1", good)
	require.Equal(t, rollback.Outcomes{Written: 1, Already: 1}, p.walk().Counts)
}

func otherColumn(t *testing.T, w World) {
	spoiled(w, 2)
	p := start(t, w, decide(first, lost, good))
	w.Note("1", "call back on Monday")
	require.Equal(t, rollback.Outcomes{Written: 2}, p.walk().Counts)
	holds(t, w, "1", good)
	require.Equal(t, "call back on Monday", w.NoteOf("1"))
}

func changed(t *testing.T, w World) {
	spoiled(w, 2)
	p := start(t, w, decide(first, lost, good))
	w.Change("1", rollback.Text("mine"))
	require.Equal(t, rollback.Outcomes{Written: 1, Conflict: 1}, p.walk().Counts)
	holds(t, w, "1", rollback.Text("mine"))
}

func cameBack(t *testing.T, w World) {
	spoiled(w, 2)
	p := start(t, w, decide(first, lost, good))
	w.Change("1", rollback.Text("mine"))
	w.Change("1", lost)
	require.Equal(t, rollback.Outcomes{Written: 1, ConflictLater: 1}, p.walk().Counts)
	holds(t, w, "1", lost)
}

func swallowed(t *testing.T, w World) { meddled(t, w, true) }
func rewritten(t *testing.T, w World) { meddled(t, w, false) }

func meddled(t *testing.T, w World, swallow bool) {
	spoiled(w, 3)
	p := start(t, w, decide(first, lost, good))
	w.Meddle("2", swallow)
	_, err := p.w.Apply(t.Context(), p.fence, p.span())
	meddled, ok := source.AsRewritten(err)
	require.True(t, ok, "%v", err)
	require.EqualValues(t, 1, meddled.Records)
	for _, key := range []string{"1", "2", "3"} {
		holds(t, w, key, lost)
	}
	last, err := p.w.Last(t.Context(), p.fence)
	require.NoError(t, err)
	require.Zero(t, last)
}

func locked(t *testing.T, w World) {
	spoiled(w, 3)
	p := start(t, w, decide(first, lost, good))
	release := w.Hold("2")
	b := p.walk()
	require.Equal(t, rollback.Outcomes{Written: 2}, b.Counts)
	require.EqualValues(t, 1, b.Deferred)
	rest, err := p.w.Pending(t.Context(), p.fence, 0, 100)
	require.NoError(t, err)
	require.Equal(t, rest.Lo, rest.Hi)
	rest.Number, rest.Careful, rest.Last = p.next, true, true
	b, err = p.w.Apply(t.Context(), p.fence, rest)
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Locked: 1}, b.Counts)
	release()
	holds(t, w, "2", lost)
	rest, err = p.w.Pending(t.Context(), p.fence, 0, 100)
	require.NoError(t, err)
	require.Zero(t, rest.Hi)
}

func refused(t *testing.T, w World) {
	spoiled(w, 2)
	w.Spoil("3", rollback.Text("other"), lost)
	bad := rollback.Text("bad")
	p := start(t, w, decide(first, lost, good), decide(rollback.Text("other"), lost, bad))
	w.Forbid(bad.Text)
	_, err := p.w.Apply(t.Context(), p.fence, p.span())
	fault, ok := source.AsFault(err)
	require.True(t, ok, "%v", err)
	require.True(t, fault.Refused())
	require.NotContains(t, fault.Error(), bad.Text)
	var written, failed int64
	for ord := int64(1); ord <= 3; ord++ {
		s := rollback.Span{Number: p.next, Lo: ord, Hi: ord}
		b, err := p.w.Apply(t.Context(), p.fence, s)
		if _, no := source.AsFault(err); no {
			s.Failed = fault.Constraint
			b, err = p.w.Apply(t.Context(), p.fence, s)
		}
		require.NoError(t, err)
		written, failed = written+b.Counts.Written, failed+b.Counts.Failed
		p.next++
	}
	require.EqualValues(t, 2, written)
	require.EqualValues(t, 1, failed)
	holds(t, w, "3", lost)
}
