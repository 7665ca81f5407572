package executor_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source/postgres"
)

// switchboard is a shop with two campaigns that spoil items, one of them off,
// and a push that only ben can stop.
func switchboard(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, 5, batches(10))
	s.exec(`create table shop.campaign (id int primary key, active boolean);
		insert into shop.campaign values (7, true), (8, false)`)
	campaign := func(name, title, id string) rollback.Automation {
		return rollback.Automation{Name: name, Title: title, Switch: rollback.SwitchColumn{Relation: "shop.campaign", Key: map[string]string{"id": id}, Column: "active", On: "true", Off: "false"}}
	}
	s.opt.Automations = []rollback.Automation{
		campaign("weekly", "Weekly sync", "7"), campaign("asleep", "Sleeping sync", "8"), campaign("gone", "Lost sync", "9"),
		{Name: "push", Title: "MAP push", Manual: true, Admin: "BEN"},
	}
	s.exec(postgres.SetupSQL(s.opt))
	s.restarts(s.opt.Automations...)
	return s
}

// restarts is the next process, with these automations declared.
func (s *shop) restarts(declared ...rollback.Automation) {
	s.t.Helper()
	t, sources := s.t, approvals(batches(10))
	s.opt.Automations, sources[0].Automations = declared, declared
	resp, err := response.New(response.Options{DB: s.db})
	require.NoError(t, err)
	s.a = approval.New(approval.Options{
		DB: s.db, Eligible: s.everybodyLeft, Sources: sources, MinRead: time.Nanosecond,
		Acted: func(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, c incidents.Containment, at time.Time) error {
			return resp.Acted(ctx, tx, act, id, c, at)
		},
	})
	r, err := postgres.OpenReader(context.WithoutCancel(t.Context()), s.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	s.e = newExecutor(s.db, s.a, s.opt, r, s.dir, "test")
}

// switches does the one job that waits, as the runner would.
func (s *shop) switches() {
	s.t.Helper()
	require.NoError(s.t, s.e.Switch(s.t.Context(), jobs.Job[approval.Switch]{Args: s.switchJob(), Attempt: 1}))
}

func (s *shop) switchJob() (job approval.Switch) {
	s.t.Helper()
	require.NoError(s.t, s.db.Pool().QueryRow(s.t.Context(), `select id, coalesce(free_at, asked_at) from automations where stage in ('switching', 'releasing') and not manual`).
		Scan(&job.Automation, &job.At))
	job.Act = fmt.Sprintf("test:%d", s.acts.Load()) // the last that was done
	return job
}

func (s *shop) off(who incidents.Person, name string) error {
	return s.a.SwitchOff(s.t.Context(), s.act(who), s.id, "crm", name)
}

func (s *shop) active(id int) bool {
	s.t.Helper()
	return s.number(`select count(*) from shop.campaign where id = $1 and active`, id) == 1
}

func (s *shop) incidentNow(id incidents.ID) incidents.Incident {
	s.t.Helper()
	r, err := response.New(response.Options{DB: s.db})
	require.NoError(s.t, err)
	inc, err := r.Get(s.t.Context(), id)
	require.NoError(s.t, err)
	return inc
}

// another incident, led by whoever reports it.
func (s *shop) another(lead incidents.Person, drill bool) incidents.ID {
	s.t.Helper()
	r, err := response.New(response.Options{DB: s.db})
	require.NoError(s.t, err)
	id, err := r.Open(s.t.Context(), s.act(lead), response.OpenRequest{Title: "others", Severity: incidents.SEV3, Reporter: lead, Drill: drill})
	require.NoError(s.t, err)
	return id
}

func (s *shop) happened(kind string) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.db.Pool().QueryRow(s.t.Context(), `select count(*) from journal where chain = $2 and kind = $1`, kind, int64(s.id)).Scan(&n))
	return n
}

func said(t *testing.T, err error) string {
	t.Helper()
	no, ok := refusal.As(err)
	require.True(t, ok, "%v", err)
	return no.Say
}

func TestAnAutomationGetsBackTheStateItHadBefore(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	dev := incidents.Person("T1/DEV")
	require.Equal(t, "Only the lead or an approver of crm can switch Weekly sync. The lead is <@ANA>.", said(t, s.off(dev, "weekly")))
	require.Contains(t, said(t, s.off(ana, "nothing")), `"nothing" is none of the declared automations. Those are: crm/weekly`)

	require.NoError(t, s.off(ana, "Weekly sync"))
	require.Contains(t, said(t, s.off(ben, "crm/weekly")), "Weekly sync is being switched off for this incident already")
	require.Contains(t, said(t, s.a.Release(ctx, s.act(ana), s.id, "weekly", "fixed")), "is being switched off just now")
	s.switches()
	require.False(t, s.active(7))
	inc := s.incidentNow(s.id)
	require.Equal(t, []string{"Weekly sync (crm)"}, inc.SwitchedOff())
	require.Equal(t, "Stopped by <@ANA>: Weekly sync (was on, now off)", inc.Acts[0].Words().String())
	require.Equal(t, "what was stopped runs again", unmet(inc))

	require.NoError(t, s.off(ben, "asleep"))
	s.switches()
	require.Len(t, s.incidentNow(s.id).Acts, 1, "what was off already is no act on the cause")

	require.Contains(t, said(t, s.a.Release(ctx, s.act(dev), s.id, "weekly", "why not")), "Only the lead or an approver")
	require.Contains(t, said(t, s.a.Release(ctx, s.act(ana), s.id, "weekly", " ")), "Say why")
	require.NoError(t, s.a.Release(ctx, s.act(ben), s.id, "weekly", "the filter is right again"))
	s.switches()
	require.True(t, s.active(7))
	require.NoError(t, s.a.Release(ctx, s.act(ben), s.id, "asleep", "the filter is right again"))
	require.False(t, s.active(8), "what was off is never turned on")
	require.Empty(t, s.incidentNow(s.id).SwitchedOff())
	require.Equal(t, 2, s.happened("automation-switched/1"))
	require.Equal(t, 2, s.happened("automation-released/1"))
	all, err := s.a.Automations(ctx, s.id)
	require.NoError(t, err)
	require.Empty(t, all)
}

// unmet is the item of the close gate about what is off, if that is open.
func unmet(inc incidents.Incident) string {
	for _, g := range inc.CloseGate(incidents.Evidence{}, "", time.Time{}) {
		if !g.Met && g.Name == "what was stopped runs again" {
			return g.Name
		}
	}
	return ""
}

func TestACrashBetweenSourceAndLogLosesNoStateBefore(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	require.NoError(t, s.off(ana, "weekly"))
	job := s.switchJob()
	before, err := s.a.KeepBefore(ctx, job, rollback.SwitchOn)
	require.NoError(t, err)
	require.Equal(t, rollback.SwitchOn, before)
	w, err := postgres.OpenWriter(ctx, s.opt)
	require.NoError(t, err)
	defer w.Close()
	_, err = w.Switch(ctx, "weekly", rollback.SwitchOff)
	require.NoError(t, err)
	s.switches() // the next process finds it off
	all, err := s.a.Automations(ctx, s.id)
	require.NoError(t, err)
	require.Equal(t, rollback.SwitchOn, all[0].Before)
	require.Equal(t, rollback.StageOff, all[0].Stage)
	require.NoError(t, s.e.Switch(ctx, jobs.Job[approval.Switch]{Args: job, Attempt: 2}), "the same job again changes nothing")
	require.Equal(t, 1, s.happened("automation-switched/1"))
	require.NoError(t, s.a.Release(ctx, s.act(ana), s.id, "weekly", "fixed"))
	s.switches()
	require.True(t, s.active(7))
}

func TestASwitchThatFailsIsToldAndMayBeAskedForAgain(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	require.NoError(t, s.off(ana, "gone"))
	s.switches()
	require.Equal(t, 1, s.happened("automation-refused/1"))
	s.exec(`insert into shop.campaign values (9, true); revoke update on shop.campaign from snafu_exec`)
	require.NoError(t, s.off(ana, "gone"))
	s.switches()
	require.Equal(t, 2, s.happened("automation-refused/1"))
	require.True(t, s.active(9))
	s.exec(`grant update (active) on shop.campaign to snafu_exec`)
	require.NoError(t, s.off(ana, "gone"))
	s.switches()
	require.False(t, s.active(9))
	s.exec(`revoke update on shop.campaign from snafu_exec`)
	require.NoError(t, s.a.Release(t.Context(), s.act(ana), s.id, "gone", "fixed"))
	s.switches()
	require.Equal(t, []string{"Lost sync (crm)"}, s.incidentNow(s.id).SwitchedOff(), "it stays off and is not forgotten")
}

func TestWhatTwoIncidentsKeepOffWorksAgainWhenBothLetGo(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	one, two := s.id, s.another(ben, false)
	require.NoError(t, s.off(ana, "weekly"))
	s.id = two
	require.Contains(t, said(t, s.off(ben, "weekly")), "is being switched just now, for SNAFU-1. Try again when that is done.")
	s.switches()
	require.NoError(t, s.off(ben, "weekly"))
	s.switches()
	require.NoError(t, s.a.Release(ctx, s.act(ana), one, "weekly", "fixed"))
	all, err := s.a.Automations(ctx, one)
	require.NoError(t, err)
	require.Empty(t, all, "it is let go at once, and nothing is switched")
	require.False(t, s.active(7), "the other incident relies on it")
	require.NoError(t, s.a.Release(ctx, s.act(ben), two, "weekly", "fixed too"))
	s.switches()
	require.True(t, s.active(7))
}

func TestARunWaitsWhileWhatContainsTheIncidentWorksAgain(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	require.NoError(t, s.off(ana, "weekly"))
	s.switches()
	require.NoError(t, s.off(ana, "push"))
	require.NoError(t, s.a.Confirm(ctx, s.act(ben), s.id, "push", rollback.SwitchOn))
	job := s.starts(s.frozen())
	s.exec(`update shop.campaign set active = true where id = 7`)
	v := s.run(job)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Equal(t, "Weekly sync (crm) is on again, and contains this incident; switch it off, or release it with /snafu release weekly WHY, then resume", v.Waits)
	require.Zero(t, s.number(`select count(*) from snafu.ledger`))
	require.Contains(t, said(t, s.a.Release(ctx, s.act(ana), s.id, "push", "fixed")), "MAP push has to stay off while R1 runs")
	s.exec(`delete from shop.campaign where id = 7`)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Contains(t, v.Waits, "nobody can tell whether Weekly sync (crm) is off: The switch of Weekly sync is not there")
	s.exec(`insert into shop.campaign values (7, false)`)
	require.Equal(t, rollback.NameDone, s.run(s.order(job, rollback.OrderResume)).State)
}

func TestWhatOnlyAPersonCanStopIsConfirmedByThatPerson(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	confirm := func(who incidents.Person) error {
		return s.a.Confirm(ctx, s.act(who), s.id, "push", rollback.SwitchOn)
	}
	require.Contains(t, said(t, confirm(ben)), "Nothing was switched off for this incident")
	require.NoError(t, s.off("T1/DEV", "push"), "anybody may ask that person")
	require.Equal(t, "Only who looks after MAP push can say that. That is <@BEN>.", said(t, confirm(ana)))
	require.Empty(t, s.incidentNow(s.id).SwitchedOff(), "asking is not stopping")
	require.NoError(t, confirm(ben))
	require.Equal(t, []string{"MAP push (crm)"}, s.incidentNow(s.id).SwitchedOff())
	require.Contains(t, said(t, confirm(ben)), "is off, which is confirmed")
	require.NoError(t, s.a.Release(ctx, s.act(ana), s.id, "push", "fixed"))
	require.Len(t, s.incidentNow(s.id).SwitchedOff(), 1, "until it is confirmed")
	require.NoError(t, confirm(ben))
	require.Empty(t, s.incidentNow(s.id).SwitchedOff())

	require.NoError(t, s.off(ana, "push"))
	require.NoError(t, s.a.Release(ctx, s.act(ana), s.id, "push", "not the cause"), "what nobody has stopped yet is asked for no more")
	require.Equal(t, 1, s.happened("automation-refused/1"))
	require.NoError(t, s.off(ana, "push"))
	require.NoError(t, s.a.Confirm(ctx, s.act(ben), s.id, "push", rollback.SwitchOff))
	require.NoError(t, s.a.Release(ctx, s.act(ana), s.id, "push", "fixed"))
	require.Empty(t, s.incidentNow(s.id).SwitchedOff(), "what was off before stays off, and nobody is asked")
}
