package approval_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// many makes n proposed plans of ana's at once, spread over incidents of
// twenty, as if all had gone their way.
func (h *house) many(n int) []rollback.Stamp {
	h.t.Helper()
	ctx := h.t.Context()
	conn := pgtest.Connect(h.t, pgtest.OwnerURL(h.t, h.db))
	_, err := conn.Exec(ctx, `set search_path = snafu`)
	require.NoError(h.t, err)
	var install []byte
	require.NoError(h.t, conn.QueryRow(ctx, `select install from house`).Scan(&install))

	rows := &pgx.Batch{}
	var stamps []rollback.Stamp
	for i := range n {
		id := incidents.ID(1000 + i/20)
		if i%20 == 0 {
			rows.Queue(`insert into incidents (id, title, phase, severity, severity_chosen, severity_why, reporter, lead, drill, opened_at, opened_by)
				overriding system value values ($1, 'race', 'restoring', 3, true, '', $2, $2, false, $3, $4)`, id, ana, noon, fmt.Sprint("race:", i))
		}
		spec := rollback.Spec{
			Install: install, Incident: id, Plan: rollback.ID(1000 + i), Ref: rollback.NewRef(int64(i%20 + 1)), Revision: 1, Kind: rollback.KindRollback,
			Requester: ana, Author: ana, Needs: 2, Scope: scope(), Decisions: decisions(), Guard: rollback.GuardValue,
			Batch: rollback.DefaultBatching(), Tolerance: rollback.DefaultTolerance(), Limits: rollback.DefaultLimits(), Unit: "leads",
		}
		d, err := rollback.NewDraft(spec)
		require.NoError(h.t, err)
		f, err := d.Freeze(freezeAt(noon))
		require.NoError(h.t, err)
		asks, err := json.Marshal(f.Spec())
		require.NoError(h.t, err)
		found, err := json.Marshal(f.Freeze())
		require.NoError(h.t, err)
		digest := f.Digest()
		rows.Queue(`insert into plans (id, incident, number, source, requester, newest, at) overriding system value
			values ($1, $2, $3, 'crm', $4, 1, $5)`, spec.Plan, id, i%20+1, ana, noon)
		rows.Queue(`insert into plan_people (plan, person, part) values ($1, $2, 'requester')`, spec.Plan, ana)
		rows.Queue(`insert into revisions (plan, number, author, author_part, state, spec, attempt, frozen, canonical, digest, writes,
			needs, requester_counts, frozen_at, freeze_expires, proposed_at, drafted_at)
			values ($1, 1, $2, 'requester', 'proposed', $3, 1, $4, $5, $6, $7, 2, false, $8, $9, $8, $8)`,
			spec.Plan, ana, asks, found, f.Canonical(), digest.Bytes(), f.Writes(), noon, f.Expires())
		stamps = append(stamps, f.Stamp())
	}
	require.NoError(h.t, conn.SendBatch(ctx, rows).Close())
	h.wait(time.Minute)
	return stamps
}

// verdict is what came of one plan, read from what everybody can read.
type verdict struct {
	state                      rollback.StateName
	approvals, approved, given int
}

// violations holds plans to the law: two people said yes, so it is approved
// exactly once, with one approval of each, all of them told.
func (h *house) violations(stamps []rollback.Stamp, voices int) []string {
	h.t.Helper()
	found := map[int64]*verdict{}
	ids := map[incidents.ID]bool{}
	for _, s := range stamps {
		v := h.get(s.Plan)
		found[int64(s.Plan)] = &verdict{state: v.State, approvals: len(v.Approvals)}
		ids[v.Spec.Incident] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		entries, err := journal.Entries(h.t.Context(), h.db, id, 0)
		require.NoError(h.t, err)
		for _, e := range entries {
			switch e.Kind {
			case "plan-approved/1":
				var fact approval.Approved
				require.NoError(h.t, e.Into(&fact))
				found[fact.Rev.Plan].approved++
			case "approval-given/1":
				var fact approval.Given
				require.NoError(h.t, e.Into(&fact))
				found[fact.Rev.Plan].given++
			}
		}
	}
	want := verdict{state: rollback.NameProposed, approvals: voices, given: voices}
	if voices >= 2 {
		want.state, want.approved = rollback.NameApproved, 1
	}
	var out []string
	for plan, v := range found {
		if *v != want {
			out = append(out, fmt.Sprintf("plan %d: %+v", plan, *v))
		}
	}
	return out
}

// clickAtOnce sends the clicks of every plan at the same instant, a few plans at
// a time.
func clickAtOnce(stamps []rollback.Stamp, clicks func(int) []incidents.Person, click func(rollback.Stamp, incidents.Person) error) []error {
	var mu sync.Mutex
	var errs []error
	slots := make(chan struct{}, 4)
	var plans sync.WaitGroup
	for i, stamp := range stamps {
		slots <- struct{}{}
		plans.Go(func() {
			defer func() { <-slots }()
			start := make(chan struct{})
			var group sync.WaitGroup
			for _, who := range clicks(i) {
				group.Go(func() {
					<-start
					if err := click(stamp, who); err != nil {
						mu.Lock()
						errs = append(errs, err)
						mu.Unlock()
					}
				})
			}
			close(start)
			group.Wait()
		})
	}
	plans.Wait()
	return errs
}

func TestAdversarial05TwoClicksAtOnceApproveAPlanOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamps := h.many(1000)
	errs := clickAtOnce(stamps, func(int) []incidents.Person { return []incidents.Person{ben, chi} }, h.approve)
	require.Empty(t, errs)
	require.Empty(t, h.violations(stamps, 2))
}

func TestAdversarial05ManyClicksAtOnceAreTwoVoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamps := h.many(120)
	errs := clickAtOnce(stamps, func(int) []incidents.Person {
		clicks := []incidents.Person{ben, chi, ben, chi, ana}
		rand.Shuffle(len(clicks), func(i, j int) { clicks[i], clicks[j] = clicks[j], clicks[i] })
		return clicks
	}, h.approve)
	require.Len(t, errs, 3*len(stamps))
	for _, err := range errs {
		no, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		require.Contains(t, []string{"voted", "self", "state"}, no.Code)
	}
	require.Empty(t, h.violations(stamps, 2))
}

func TestAdversarial05OnePersonClickingTwoToFiveTimesIsOneVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamps := h.many(120)
	errs := clickAtOnce(stamps, func(i int) []incidents.Person { return slices.Repeat([]incidents.Person{ben}, 2+i%4) }, h.approve)
	for _, err := range errs {
		require.Equal(t, "voted", code(t, err))
	}
	require.Empty(t, h.violations(stamps, 1))
}

// The checker has teeth: approving without the lock of the plan, it finds plans
// that two people approved and that wait for ever.
func TestTheRaceCheckerFindsApprovalsWithoutALock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamps := h.many(40)
	var meet sync.Map
	for _, s := range stamps {
		meet.Store(s.Plan, &barrier{})
	}
	unlocked := func(stamp rollback.Stamp, who incidents.Person) error {
		return h.db.InTx(t.Context(), func(tx pgx.Tx) error {
			var before int64
			err := tx.QueryRow(t.Context(), `select count(*) from approvals where plan = $1`, stamp.Plan).Scan(&before)
			if err != nil {
				return err
			}
			b, _ := meet.Load(stamp.Plan)
			b.(*barrier).wait() // both have read before either writes
			if _, err := tx.Exec(t.Context(), addPart, stamp.Plan, who, "approver"); err != nil {
				return err
			}
			act := h.act(who)
			_, err = tx.Exec(t.Context(), addApproval, stamp.Plan, stamp.Digest.Bytes(), who, "approver", false, 1169, act.Key, h.at())
			if err != nil || before < 1 {
				return err
			}
			_, err = tx.Exec(t.Context(), `update revisions set state = 'approved' where plan = $1`, stamp.Plan)
			return err
		})
	}
	errs := clickAtOnce(stamps, func(int) []incidents.Person { return []incidents.Person{ben, chi} }, unlocked)
	require.Empty(t, errs)
	require.Len(t, h.violations(stamps, 2), len(stamps))
	stuck := 0
	for _, s := range stamps {
		if v := h.get(s.Plan); v.State == rollback.NameProposed && len(v.Approvals) == 2 {
			stuck++
		}
	}
	require.Equal(t, len(stamps), stuck)
}

// barrier lets two go on together; whoever comes later passes.
type barrier struct {
	once sync.Once
	mu   sync.Mutex
	n    int
	both chan struct{}
}

func (b *barrier) wait() {
	b.once.Do(func() { b.both = make(chan struct{}) })
	b.mu.Lock()
	b.n++
	if b.n == 2 {
		close(b.both)
	}
	b.mu.Unlock()
	<-b.both
}
