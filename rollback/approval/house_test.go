package approval_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	ana = incidents.Person("T1/ANA") // asks for the plan, leads the incident
	ben = incidents.Person("T1/BEN") // approver
	chi = incidents.Person("T1/CHI") // approver
	dev = incidents.Person("T1/DEV") // a colleague on no list
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// house is a log database with an incident, a source and its approvers, and a
// clock that the test moves.
type house struct {
	t  testing.TB
	db *pgdb.DB
	a  *approval.Approval
	id incidents.ID

	mu        sync.Mutex
	now       time.Time
	standings map[incidents.Person]approval.Standing
	silent    bool
	address   map[incidents.Person]string
	acts      atomic.Int64
}

func source(name string) approval.Source {
	return approval.Source{
		Name: name, Title: name, Admins: []string{"IRIS"}, Users: []string{"BEN", "CHI"}, Needed: 2,
		Tables: []rollback.Table{{Name: "lead", Unit: "leads", Settable: []string{"lead_status"}}},
		Limits: rollback.DefaultLimits(), Tolerance: rollback.DefaultTolerance(), Batch: rollback.DefaultBatching(),
	}
}

func newHouse(t testing.TB, change ...func(*approval.Source)) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), now: noon, standings: map[incidents.Person]approval.Standing{}}
	h.db.Clock = func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.now
	}
	for _, who := range []incidents.Person{ana, ben, chi, dev} {
		h.standings[who] = approval.Standing{Person: who, Source: "crm"}
	}
	h.list(ben, chi)
	crm := source("crm")
	for _, c := range change {
		c(&crm)
	}
	h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{crm}})
	h.id = h.incident("leads")
	return h
}

// incident opens one whose cause is contained and triaged: only plans are of
// interest here.
func (h *house) incident(title string) incidents.ID {
	h.t.Helper()
	r, err := response.New(response.Options{DB: h.db})
	require.NoError(h.t, err)
	id, err := r.Open(h.t.Context(), h.act(ana), response.OpenRequest{Title: title, Severity: incidents.SEV3, Reporter: ana})
	require.NoError(h.t, err)
	_, err = h.db.Pool().Exec(h.t.Context(), `update incidents set phase = 'restoring', contained_at = $2, restoring_at = $2 where id = $1`, id, noon)
	require.NoError(h.t, err)
	return id
}

// list makes these people the approvers, everybody a full member.
func (h *house) list(people ...incidents.Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for who, s := range h.standings {
		s.Listed, s.Pool = slices.Contains(people, who), people
		h.standings[who] = s
	}
}

func (h *house) flag(who incidents.Person, change func(*approval.Standing)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.standings[who]
	change(&s)
	h.standings[who] = s
}

// eligible is what Slack says in these tests.
func (h *house) eligible(_ context.Context, q approval.Question) (approval.Standing, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.silent {
		return approval.Standing{}, errors.New("users.info: timeout")
	}
	s, ok := h.standings[q.Person]
	if !ok {
		s = approval.Standing{Person: q.Person, Stranger: true}
	}
	for _, other := range q.Others {
		if mine := h.address[q.Person]; mine != "" && mine == h.address[other] {
			s.Same = append(s.Same, other)
		}
	}
	return s, nil
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) at() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) act(who incidents.Person) journal.Act {
	return journal.Act{By: who.Actor(), Key: fmt.Sprintf("test:%d", h.acts.Add(1))}
}

func scope() rollback.Scope {
	return rollback.Scope{
		Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42",
		From: noon.Add(-time.Hour), To: noon.Add(-10 * time.Minute),
	}
}

func decisions() []rollback.Decision {
	return []rollback.Decision{
		{Pair: rollback.Pair{Initial: rollback.One("Prospect"), Error: rollback.One("SQL")}, Desired: rollback.One("MQL")},
		{Pair: rollback.Pair{Initial: rollback.One("SQL"), Error: rollback.One("SQL")}, NoChange: true},
	}
}

func ask() approval.Ask {
	return approval.Ask{Scope: scope(), Decisions: decisions(), Effects: rollback.EffectsFire, Note: "IT asked"}
}

// freezeAt is what the executor found at an instant: 1,169 to write.
func freezeAt(at time.Time) rollback.Freeze {
	return rollback.Freeze{
		ID: 3, At: at, Target: rollback.Target{System: "postgres", Host: "db", Port: 5432, Database: "crm", SystemID: "77", Timeline: 1, OID: 16384},
		Relation: rollback.Relation{
			Schema: "crm", Name: "lead", OID: 16400, Key: []rollback.Column{{Name: "id", Type: "bigint"}},
			Set: []rollback.Column{{Name: "lead_status", Type: "text"}},
		},
		Fingerprint: []byte("fingerprint"),
		Counts: []rollback.CohortCount{
			{Cohort: 1, Class: rollback.ClassWrite, Records: 1169},
			{Cohort: 1, Class: rollback.ClassConflict, Records: 7},
			{Cohort: 2, Class: rollback.ClassRight, Records: 750},
		},
		Writes: 1169, Rows: 1926, RowsDigest: rollback.Digest{1}, Export: rollback.Export{Path: "x", SHA256: []byte("sum"), Rows: 1926},
	}
}

func (h *house) draft() rollback.Stamp {
	h.t.Helper()
	stamp, err := h.a.Draft(h.t.Context(), h.act(ana), h.id, ask())
	require.NoError(h.t, err)
	return stamp
}

// freeze asks for the freeze of a plan and answers as the executor does.
func (h *house) freeze(id rollback.ID, by incidents.Person) rollback.Stamp {
	h.t.Helper()
	require.NoError(h.t, h.a.AskFreeze(h.t.Context(), h.act(by), id))
	job := h.freezeJob(id)
	_, err := h.a.ForFreeze(h.t.Context(), job)
	require.NoError(h.t, err)
	require.NoError(h.t, h.a.Frozen(h.t.Context(), job, freezeAt(h.at())))
	return h.get(id).Stamp
}

func (h *house) freezeJob(id rollback.ID) approval.Freeze {
	h.t.Helper()
	job := approval.Freeze{Plan: id}
	err := h.db.Pool().QueryRow(h.t.Context(), `select number, attempt from revisions where plan = $1 order by number desc limit 1`, id).
		Scan(&job.Revision, &job.Attempt)
	require.NoError(h.t, err)
	return job
}

// proposed is a plan of ana's that has waited long enough to be approved.
func (h *house) proposed() rollback.Stamp {
	h.t.Helper()
	stamp := h.freeze(h.draft().Plan, ana)
	require.NoError(h.t, h.a.Propose(h.t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	return stamp
}

func (h *house) approve(stamp rollback.Stamp, who incidents.Person) error {
	return h.a.Approve(h.t.Context(), h.act(who), stamp, 1169, h.at())
}

func (h *house) approved() rollback.Stamp {
	h.t.Helper()
	stamp := h.proposed()
	require.NoError(h.t, h.approve(stamp, ben))
	require.NoError(h.t, h.approve(stamp, chi))
	return stamp
}

func (h *house) claim(stamp rollback.Stamp, who incidents.Person) error {
	return h.a.Claim(h.t.Context(), h.act(who), stamp, "R"+fmt.Sprint(h.number(stamp.Plan)))
}

func (h *house) number(id rollback.ID) int64 {
	h.t.Helper()
	var n int64
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), `select number from plans where id = $1`, id).Scan(&n))
	return n
}

func (h *house) running() (rollback.Stamp, approval.Run) {
	h.t.Helper()
	stamp := h.approved()
	require.NoError(h.t, h.claim(stamp, ben))
	return stamp, approval.Run{Plan: stamp.Plan, Revision: stamp.Revision, Digest: stamp.Digest}
}

// in runs a transition as the executor does, in a transaction of its own.
func (h *house) in(do func(ctx context.Context, tx pgx.Tx) error) error {
	return h.db.InTx(h.t.Context(), func(tx pgx.Tx) error { return do(h.t.Context(), tx) })
}

func (h *house) get(id rollback.ID) rollback.PlanView {
	h.t.Helper()
	v, err := h.a.Get(h.t.Context(), id)
	require.NoError(h.t, err)
	return v
}

func (h *house) state(id rollback.ID) rollback.StateName { return h.get(id).State }

// kinds are the facts told of the incident, in order.
func (h *house) kinds() []string {
	h.t.Helper()
	entries, err := journal.Entries(h.t.Context(), h.db, h.id, 0)
	require.NoError(h.t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Kind)
	}
	return out
}

func (h *house) told(kind string) int {
	n := 0
	for _, k := range h.kinds() {
		if k == kind {
			n++
		}
	}
	return n
}

func code(t testing.TB, err error) string {
	t.Helper()
	require.Error(t, err)
	no, ok := refusal.As(err)
	require.True(t, ok, "not a refusal: %v", err)
	return no.Code
}
