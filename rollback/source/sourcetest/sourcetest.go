// Package sourcetest is what every connector has to pass before a plan may be
// written through it.
//
// A connector's test makes a World around one table of its system and hands it
// to Run. The suite plays the erroneous run and the people who go on working,
// and holds counts, freeze, digest and outcomes to the pure rules of rollback.
package sourcetest

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/source"
)

// World is one table of a system, made for one test and used by nobody else.
// Its records have a key, the column that plans write and another column.
// Every write but Slip leaves a history entry in the writer's name.
type World interface {
	Reader() source.Reader
	Writer() source.Writer
	// Scope names the table, the column and the erroneous run.
	Scope() rollback.Scope
	// Spoil makes a record and lets the run write it, from initial to left.
	Spoil(key string, initial, left rollback.Value)
	// Again lets the run write a record once more.
	Again(key string, value rollback.Value)
	// Join makes the record a member of the run without any history.
	Join(key string, value rollback.Value)
	// Change is a person writing the column.
	Change(key string, value rollback.Value)
	// Slip writes the column behind the history's back.
	Slip(key string, value rollback.Value)
	// Note is a person writing the other column.
	Note(key, note string)
	Delete(key string)
	// Hold locks a record until release.
	Hold(key string) (release func())
	// Meddle makes the system swallow every write of a plan to this record, or
	// write another value instead.
	Meddle(key string, swallow bool)
	// Forbid makes a constraint refuse a value of the column.
	Forbid(value string)
	// Parts are the parts of a record's key, as a file names it.
	Parts(key string) []string
	// Value is what a record holds now; false when it is gone.
	Value(key string) (rollback.Value, bool)
	NoteOf(key string) string
	// Automate makes and declares one automation that snafu can switch: Sync,
	// which is on.
	Automate()
	// Turn is a person switching it; "" leaves it neither on nor off.
	Turn(state rollback.SwitchState)
	// HoldSwitch locks it until release.
	HoldSwitch() (release func())
}

// Run holds a connector to the rules. Each case gets a world of its own.
func Run(t *testing.T, world func(testing.TB) World) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, world(t))
		})
	}
}

type testCase struct {
	name string
	run  func(*testing.T, World)
}

var cases = []testCase{
	{"counts and classes are those of the pure rules", classesAgree},
	{"an example is a member with all that happened to it", examples},
	{"a file is laid over the members, each once", matches},
	{"the export alone gives the rows digest", exportGivesDigest},
	{"outcomes sum to the plan and a second run finds nothing", secondRunFindsNothing},
	{"a former owner writes nothing", formerOwner},
	{"an empty value is a value: Adversarial30", emptyValue},
	{"cohorts that swap values move each record once: Adversarial31", swapped},
	{"a record that is gone stays gone: Adversarial34", missing},
	{"a record that holds the desired value is not written: Adversarial35", already},
	{"a colleague's other column stays: Adversarial36", otherColumn},
	{"a changed value is never overwritten: Adversarial28", changed},
	{"a value that came back is somebody's decision: Adversarial29", cameBack},
	{"a swallowed write undoes its batch: Adversarial39", swallowed},
	{"a rewritten value undoes its batch: Adversarial40", rewritten},
	{"a held record waits, then counts as locked: Adversarial43", locked},
	{"a refused value fails alone", refused},
	{"each record gets the value that a file names for it", eachItsOwn},
	{"a record that no file names stays undecided", unsaid},
	{"an automation is switched off and gets its state back", switched},
	{"an automation that is neither on nor off is left alone", notUnderstood},
	{"an automation that is in use is tried again later", inUse},
}

var (
	lost  = rollback.Text("lost")  // what the run left
	first = rollback.Text("first") // what records were
	good  = rollback.Text("good")  // what they should be
)

func decide(initial, left, desired rollback.Value) rollback.Decision {
	return rollback.Decision{
		Pair: rollback.Pair{Initial: rollback.Values{initial}, Error: rollback.Values{left}}, Desired: rollback.Values{desired},
	}
}

// plan is a running plan and everything that was found while it was frozen.
type plan struct {
	t       *testing.T
	w       source.Writer
	r       source.Reader
	freeze  rollback.Freeze
	running rollback.Running
	fence   rollback.Fence
	export  []byte
	next    int64
}

func draftOf(t *testing.T, w World, decisions ...rollback.Decision) rollback.Draft {
	t.Helper()
	d, err := rollback.NewDraft(rollback.Spec{
		Install: []byte("0123456789abcdef"), Incident: 1, Plan: 1, Ref: "R1", Revision: 1, Kind: rollback.KindRollback,
		Requester: "T1/ANA", Author: "T1/ANA", Needs: 2, Scope: w.Scope(), Decisions: decisions, Guard: rollback.GuardLaterWriter,
		Effects: rollback.EffectsFire, Batch: rollback.DefaultBatching(), Tolerance: rollback.DefaultTolerance(),
		Limits: rollback.DefaultLimits(), Unit: "records",
	})
	require.NoError(t, err)
	return d
}

type sink struct{ to *[]byte }

func (s sink) Write(b []byte) (int, error) {
	*s.to = append(*s.to, b...)
	return len(b), nil
}

var _ io.Writer = sink{}

// start freezes, lets two people approve, claims and takes the run.
func start(t *testing.T, w World, decisions ...rollback.Decision) *plan {
	t.Helper()
	return startStaged(t, w, nil, decisions...)
}

func startStaged(t *testing.T, w World, staged source.Staged, decisions ...rollback.Decision) *plan {
	t.Helper()
	p := &plan{t: t, w: w.Writer(), r: w.Reader(), next: 1}
	draft := draftOf(t, w, decisions...)
	var err error
	p.freeze, err = p.w.Freeze(t.Context(), draft, staged, 1, sink{&p.export})
	require.NoError(t, err)
	frozen, err := draft.Freeze(p.freeze)
	require.NoError(t, err)
	state, err := frozen.Propose(p.freeze.At)
	require.NoError(t, err)
	p.running = approve(t, state)
	p.fence, err = p.w.Take(t.Context(), p.running, "first")
	require.NoError(t, err)
	return p
}

func approve(t *testing.T, p rollback.Proposed) rollback.Running {
	t.Helper()
	at := p.Freeze().At.Add(time.Minute)
	var state rollback.State = p
	for _, by := range []incidents.Person{"T1/BEN", "T1/CHI"} {
		open, ok := state.(rollback.Proposed)
		require.True(t, ok)
		next, err := open.Approve(rollback.Click{By: by, Read: open.Digest(), Typed: open.Writes(), Opened: at}, nil, at)
		require.NoError(t, err)
		state = next
	}
	approved, ok := state.(rollback.Approved)
	require.True(t, ok)
	running, err := approved.Start("T1/BEN", at)
	require.NoError(t, err)
	return running
}

// span is the whole plan as one batch.
func (p *plan) span() rollback.Span {
	s := rollback.Span{Number: p.next, Lo: 1, Hi: p.freeze.Writes}
	p.next++
	return s
}

// walk writes the whole plan in one batch.
func (p *plan) walk() rollback.Batch {
	p.t.Helper()
	b, err := p.w.Apply(p.t.Context(), p.fence, p.span())
	require.NoError(p.t, err)
	return b
}

func holds(t *testing.T, w World, key string, want rollback.Value) {
	t.Helper()
	got, there := w.Value(key)
	require.True(t, there, "record %s is gone", key)
	require.Equal(t, want, got, "record %s", key)
}
