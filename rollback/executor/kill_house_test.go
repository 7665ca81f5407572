package executor_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

func TestMain(m *testing.M) {
	if os.Getenv("SNAFU_TEST_CHILD") != "" {
		child()
		return
	}
	pgtest.Main(m)
}

const (
	ana = incidents.Person("T1/ANA") // asks for the plan, leads the incident
	ben = incidents.Person("T1/BEN") // approver
	chi = incidents.Person("T1/CHI") // approver
)

// The source: every write by our login is counted in the record itself, and is
// refused unless a run of that label stands in the tables of snafu.
const itemsSQL = `
	create schema shop;
	create table shop.item (id bigint primary key, status text, note text not null default '', hits int not null default 0);
	create table shop.log (no bigint generated always as identity primary key, item bigint, field text, was text, now text,
	                       at timestamptz default clock_timestamp(), job text);
	create function shop.hit() returns trigger language plpgsql security definer set search_path = '' as $$ begin
	  if session_user = 'snafu_exec' or current_setting('snafu.rollback_id', true) <> '' then
	    if not exists (select from snafu.runs r join snafu.freezes f on f.id = r.run where f.ref like nullif(current_setting('snafu.rollback_id', true), '') || 'r%') then
	      raise exception 'a change without a run';
	    end if;
	    new.hits := old.hits + 1;
	  end if;
	  return new; end $$;
	create function shop.logged() returns trigger language plpgsql security definer set search_path = '' as $$ begin
	  insert into shop.log (item, field, was, now, job) values (new.id, 'status', old.status, new.status,
	    coalesce(nullif(current_setting('test.job', true), ''), nullif(current_setting('snafu.rollback_id', true), '')));
	  return null; end $$;
	create trigger hit before update on shop.item for each row execute function shop.hit();
	create trigger logged after update of status on shop.item for each row execute function shop.logged()`

func itemTable() rollback.Table {
	return rollback.Table{
		Name: "item", Relation: "shop.item", Unit: "items", Key: []string{"id"}, Settable: []string{"status"}, Export: []string{"note"},
		History: rollback.History{Relation: "shop.log", Key: []string{"item"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job"},
	}
}

// shop is a log database, a source, an incident, and an executor between them.
type shop struct {
	t     testing.TB
	db    *pgdb.DB
	a     *approval.Approval
	e     *executor.Executor
	r     source.Reader
	opt   postgres.Options
	admin *pgx.Conn
	url   string
	dir   string
	id    incidents.ID
	acts  atomic.Int64
	job   approval.Run     // of begun
	left  incidents.Person // the list
	mute  bool             // Slack says nothing
}

func quick() executor.Pace {
	return executor.Pace{
		Term: 300 * time.Millisecond, Heartbeat: 100 * time.Millisecond, Deferred: time.Millisecond,
		Away: 2 * time.Second, Retry: time.Millisecond,
	}
}

func approvals(batch rollback.Batching) []approval.Source {
	return []approval.Source{{
		Name: "crm", Title: "crm", Users: []string{"BEN", "CHI"}, Needed: 2, Tables: []rollback.Table{itemTable()},
		Limits: rollback.DefaultLimits(), Tolerance: rollback.DefaultTolerance(), Batch: batch,
	}}
}

// newShop has n items that the run "bad" made "lost".
func newShop(t testing.TB, n int, batch rollback.Batching) *shop {
	t.Helper()
	s := &shop{t: t, db: pgtest.New(t), url: pgtest.Empty(t), dir: t.TempDir()}
	s.admin = pgtest.Connect(t, s.url)
	pgtest.Login(t, "snafu_count")
	s.exec(itemsSQL)
	s.opt = postgres.Options{Name: "crm", CountURL: s.as("snafu_count"), ExecURL: s.as("snafu_exec"), Tables: []rollback.Table{itemTable()}}
	s.exec(postgres.SetupSQL(s.opt))
	s.exec(`insert into shop.item (id, status) select i, 'first' from generate_series(1, $1::int) i`, n)
	s.exec(`set test.job = 'bad'`)
	s.exec(`update shop.item set status = 'lost'`)
	s.exec(`reset test.job`)
	r, err := postgres.OpenReader(context.WithoutCancel(t.Context()), s.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	s.r = r
	s.a = approval.New(approval.Options{DB: s.db, Eligible: s.everybodyLeft, Sources: approvals(batch), MinRead: time.Nanosecond})
	s.e = newExecutor(s.db, s.a, s.opt, r, s.dir, "test")
	s.id = s.incident()
	return s
}

func newExecutor(db *pgdb.DB, a *approval.Approval, opt postgres.Options, r source.Reader, dir, holder string) *executor.Executor {
	return executor.New(executor.Options{
		DB: db, Approval: a, ExportDir: dir, Holder: holder, Pace: quick(),
		Readers: func(string) (source.Reader, error) { return r, nil },
		Writers: func(string) (source.Writer, error) { return postgres.OpenWriter(context.Background(), opt) },
	})
}

// everybody is a full member of the workspace, and ben and chi are on the list.
func everybody(_ context.Context, q approval.Question) (approval.Standing, error) {
	return approval.Standing{
		Person: q.Person, Source: q.Source, Listed: q.Person == ben || q.Person == chi, Pool: []incidents.Person{ben, chi},
	}, nil
}

func (s *shop) everybodyLeft(ctx context.Context, q approval.Question) (approval.Standing, error) {
	standing, err := everybody(ctx, q)
	standing.Listed, standing.Unsure = standing.Listed && q.Person != s.left, s.mute
	return standing, err
}

func (s *shop) incident() incidents.ID {
	s.t.Helper()
	r, err := response.New(response.Options{DB: s.db})
	require.NoError(s.t, err)
	id, err := r.Open(s.t.Context(), s.act(ana), response.OpenRequest{Title: "items", Severity: incidents.SEV3, Reporter: ana})
	require.NoError(s.t, err)
	_, err = s.db.Pool().Exec(s.t.Context(), `update incidents set phase = 'restoring', contained_at = now(), restoring_at = now() where id = $1`, id)
	require.NoError(s.t, err)
	return id
}

// as is the URL of the source for another login; on a server of the user's the
// superuser takes the role.
func (s *shop) as(login string) string {
	u, err := url.Parse(s.url)
	require.NoError(s.t, err)
	if os.Getenv("SNAFU_TEST_DATABASE_URL") == "" {
		u.User = url.User(login)
		return u.String()
	}
	q := u.Query()
	q.Set("options", "-crole="+login)
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.admin.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}

func (s *shop) number(sql string, args ...any) int64 {
	s.t.Helper()
	var n int64
	require.NoError(s.t, s.admin.QueryRow(s.t.Context(), sql, args...).Scan(&n))
	return n
}

func (s *shop) act(who incidents.Person) journal.Act {
	return journal.Act{By: who.Actor(), Key: fmt.Sprintf("test:%d", s.acts.Add(1))}
}

func (s *shop) get(id rollback.ID) rollback.PlanView {
	s.t.Helper()
	v, err := s.a.Get(s.t.Context(), id)
	require.NoError(s.t, err)
	return v
}

// frozen drafts and freezes the plan that puts every lost item back.
func (s *shop) frozen() rollback.PlanView {
	s.t.Helper()
	ctx := s.t.Context()
	stamp, err := s.a.Draft(ctx, s.act(ana), s.id, approval.Ask{
		Scope: rollback.Scope{Source: "crm", Table: "item", Set: []string{"status"}, Run: "bad", From: time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)},
		Decisions: []rollback.Decision{{
			Pair: rollback.Pair{Initial: rollback.One("first"), Error: rollback.One("lost")}, Desired: rollback.One("good"),
		}},
		Effects: rollback.EffectsFire, Note: "IT asked",
	})
	require.NoError(s.t, err)
	return s.freezes(stamp.Plan)
}

// freezes does the job of a freeze as the runner would.
func (s *shop) freezes(id rollback.ID) rollback.PlanView {
	s.t.Helper()
	require.NoError(s.t, s.a.AskFreeze(s.t.Context(), s.act(ana), id))
	require.NoError(s.t, s.e.Freeze(s.t.Context(), jobs.Job[approval.Freeze]{Args: s.freezeJob(id), Attempt: 1}))
	return s.get(id)
}

func (s *shop) freezeJob(id rollback.ID) approval.Freeze {
	s.t.Helper()
	job := approval.Freeze{Plan: id}
	err := s.db.Pool().QueryRow(s.t.Context(), `select number, attempt from revisions where plan = $1 order by number desc limit 1`, id).
		Scan(&job.Revision, &job.Attempt)
	require.NoError(s.t, err)
	return job
}

// claimed is the plan approved by two people and started by one of them.
func (s *shop) claimed() approval.Run {
	s.t.Helper()
	v := s.frozen()
	require.Empty(s.t, v.FreezeError)
	return s.starts(v)
}

// starts lets two people approve a frozen plan, and one of them start it.
func (s *shop) starts(v rollback.PlanView) approval.Run {
	s.t.Helper()
	ctx := s.t.Context()
	require.NoError(s.t, s.a.Propose(ctx, s.act(ana), v.Stamp))
	for _, who := range []incidents.Person{ben, chi} {
		require.NoError(s.t, s.a.Approve(ctx, s.act(who), v.Stamp, v.Writes(), time.Now()))
	}
	require.NoError(s.t, s.a.Claim(ctx, s.act(ben), v.Stamp, string(v.Spec.Ref)))
	return approval.Run{Plan: v.Stamp.Plan, Revision: v.Stamp.Revision, Digest: v.Stamp.Digest}
}

// run does the job as the runner would.
func (s *shop) run(job approval.Run) rollback.PlanView {
	s.t.Helper()
	require.NoError(s.t, s.e.Run(s.t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	return s.get(job.Plan)
}

// order gives an order and names the job that it asks for.
func (s *shop) order(job approval.Run, word rollback.OrderWord) approval.Run {
	s.t.Helper()
	stamp := rollback.Stamp{Plan: job.Plan, Revision: job.Revision, Digest: job.Digest}
	require.NoError(s.t, s.a.Order(s.t.Context(), s.act(ben), stamp, word, "because"))
	require.NoError(s.t, s.db.Pool().QueryRow(s.t.Context(), `select count(*) from orders`).Scan(&job.Turn))
	return job
}

func batches(size int64) rollback.Batching {
	b := rollback.DefaultBatching()
	b.Start, b.Min, b.Max, b.Canary = size, size, size, 0
	return b
}
