package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// The tables of a source with two workflows, and a stand-in for pg_cron, which is
// not in the server of the tests. As in its versions 1.4 to 1.6 a job is seen and
// altered by who made it and by superusers, alter_job is kept from everybody, and
// writes with its owner's rights.
const automationsSQL = `
	create schema shop;
	create table shop.campaign (id bigint primary key, name text, active boolean, budget int);
	insert into shop.campaign values (7, 'weekly', true, 10), (8, 'paused', false, 20), (9, 'broken', null, 30);
	create table shop.flow (team text, no int, state text, primary key (team, no));
	insert into shop.flow values ('o''hara', 1, 'RUN'), ('o''hara', 2, 'HALF');
	create schema cron;
	create table cron.job (jobid bigint primary key, jobname text, username text default current_user, active boolean);
	alter table cron.job enable row level security;
	create policy own on cron.job using (username = current_user);
	grant usage on schema cron to public;
	grant select on cron.job to public;
	insert into cron.job values (1, 'scoring', default, true), (2, 'other', default, true);
	create function cron.altered(job bigint, owner text, to_be boolean) returns boolean language plpgsql security definer as $$ begin
	    update cron.job j set active = to_be where j.jobid = job and (j.username = owner or (select rolsuper from pg_roles where rolname = owner));
	    return found; end $$;
	create function cron.alter_job(job_id bigint, schedule text default null, command text default null, database text default null, username text default null, active boolean default null)
	  returns void language plpgsql as $$ begin
	    if not cron.altered(job_id, current_user, alter_job.active) then raise 'Job % does not exist or you don''t own it', job_id; end if; end $$;
	revoke all on function cron.alter_job from public;
	create table shop.item (id int primary key, status text)`

func automations() []rollback.Automation {
	campaign := func(name, id string) rollback.Automation {
		return rollback.Automation{Name: name, Title: name, Switch: rollback.SwitchColumn{Relation: "shop.campaign", Key: map[string]string{"id": id}, Column: "active", On: "true", Off: "false"}}
	}
	return []rollback.Automation{
		campaign("weekly", "7"), campaign("paused", "8"), campaign("broken", "9"), campaign("gone", "10"),
		{Name: "flow", Title: "flow", Switch: rollback.SwitchColumn{Relation: "shop.flow", Key: map[string]string{"team": "o'hara", "no": "1"}, Column: "state", On: "RUN", Off: "HALT"}},
		{Name: "scoring", Title: "scoring", Cron: "scoring"},
		{Name: "push", Title: "push", Manual: true, Admin: "U0TOM"},
	}
}

func switches(t *testing.T, all ...rollback.Automation) (*world, *Reader, *Writer) {
	t.Helper()
	w := empty(t, automationsSQL)
	w.opt.Automations = all
	w.opt.Tables = []rollback.Table{{Name: "item", Relation: "shop.item", Unit: "items", Key: []string{"id"}, Settable: []string{"status"}}}
	w.exec(SetupSQL(w.opt))
	r, err := OpenReader(t.Context(), w.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	exec, err := OpenWriter(t.Context(), w.opt)
	require.NoError(t, err)
	t.Cleanup(exec.Close)
	return w, r, exec
}

func TestAnAutomationIsSwitchedAndSaysWhatItWasBefore(t *testing.T) {
	t.Parallel()
	w, r, exec := switches(t, automations()...)
	ctx := t.Context()
	for _, one := range []struct {
		name   string
		is     rollback.SwitchState
		active string
	}{
		{"weekly", rollback.SwitchOn, `select count(*) from shop.campaign where id = 7 and active and budget = 10`},
		{"paused", rollback.SwitchOff, `select count(*) from shop.campaign where id = 8 and active and budget = 20`},
		{"flow", rollback.SwitchOn, `select count(*) from shop.flow where no = 1 and state = 'RUN'`},
		{"scoring", rollback.SwitchOn, `select count(*) from cron.job where jobname = 'scoring' and active`},
	} {
		for who, ask := range map[string]func(context.Context, string) (rollback.Switch, error){"reader": r.Automation, "writer": exec.Automation} {
			s, err := ask(ctx, one.name)
			require.NoError(t, err, "%s of %s", who, one.name)
			require.Equal(t, rollback.Switch{Name: one.name, Before: one.is, After: one.is}, s)
		}
		s, err := exec.Switch(ctx, one.name, rollback.SwitchOff)
		require.NoError(t, err, one.name)
		require.Equal(t, rollback.Switch{Name: one.name, Before: one.is, After: rollback.SwitchOff}, s)
		require.Zero(t, w.number(one.active), one.name)
		s, err = exec.Switch(ctx, one.name, rollback.SwitchOff)
		require.NoError(t, err)
		require.Equal(t, rollback.SwitchOff, s.Before, "a second time nothing is left to do")
		s, err = exec.Switch(ctx, one.name, rollback.SwitchOn)
		require.NoError(t, err)
		require.Equal(t, rollback.SwitchOff, s.Before)
		require.EqualValues(t, 1, w.number(one.active), one.name)
	}
	require.EqualValues(t, 1, w.number(`select count(*) from cron.job where jobname = 'other' and active`))
	require.EqualValues(t, 1, w.number(`select count(*) from shop.flow where no = 2 and state = 'HALF'`), "the other records stay as they are")
}

func TestASwitchThatCannotBeReadIsLeftAlone(t *testing.T) {
	t.Parallel()
	w, r, exec := switches(t, automations()...)
	w.exec(`create function shop.back() returns trigger language plpgsql as $$ begin new.active := true; return new; end $$;
		create trigger back before update on shop.campaign for each row when (old.id = 7) execute function shop.back()`)
	w.exec(`delete from cron.job where jobname = 'scoring'`)
	for name, say := range map[string]string{
		"broken":  "broken is neither on nor off: its switch shop.campaign.active holds none of the two values that snafu.yaml declares",
		"gone":    "The switch of gone is not there: shop.campaign",
		"scoring": "The switch of scoring is not there: the job scoring of pg_cron",
		"weekly":  "weekly did not stay as it was switched",
		"push":    `"push" is none of the declared automations`,
	} {
		_, err := exec.Switch(t.Context(), name, rollback.SwitchOff)
		no, refused := refusal.As(err)
		require.True(t, refused, "%s: %v", name, err)
		require.Contains(t, no.Say, say)
		require.Equal(t, "automation", no.Code)
		if name != "weekly" {
			_, err = r.Automation(t.Context(), name)
			require.ErrorContains(t, err, say)
		}
	}
	require.EqualValues(t, 1, w.number(`select count(*) from shop.campaign where id = 7 and active`))
	require.EqualValues(t, 1, w.number(`select count(*) from shop.campaign where id = 9 and active is null`))
	_, err := exec.pool.Exec(t.Context(), `select snafu.automation_switch('other', false)`)
	require.NoError(t, err)
	require.EqualValues(t, 1, w.number(`select count(*) from cron.job where active`), "a job that nobody declared stays as it is")
	_, err = exec.pool.Exec(t.Context(), `update shop.campaign set budget = 0`)
	require.ErrorContains(t, err, "permission denied", "the switch alone is written")
	_, err = r.pool.Exec(t.Context(), `select snafu.automation_switch('scoring', false)`)
	require.ErrorContains(t, err, "permission denied")
}

func TestASwitchInUseIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	w, _, exec := switches(t, automations()...)
	w.exec(`begin; update shop.campaign set budget = 11 where id = 7`)
	_, err := exec.Switch(t.Context(), "weekly", rollback.SwitchOff)
	f, ok := source.AsFault(err)
	require.True(t, ok && f.Busy(), "%v", err)
	w.exec(`commit`)
	_, err = exec.Switch(t.Context(), "weekly", rollback.SwitchOff)
	require.NoError(t, err)
	require.EqualValues(t, 11, w.number(`select budget from shop.campaign where id = 7 and not active`))
}

func TestTheCheckSaysWhetherAutomationsCanBeSwitched(t *testing.T) {
	t.Parallel()
	all := automations()
	w, _, _ := switches(t, all[0], all[1], all[4], all[5], all[6])
	findings := func() map[string]source.Promise {
		f, err := Check(t.Context(), w.opt)
		require.NoError(t, err)
		by := map[string]source.Promise{}
		for _, p := range f.Promises {
			by[p.Login+": "+p.Name] = p
		}
		require.Empty(t, f.Surplus())
		return by
	}
	by := findings()
	for name, say := range map[string]string{"weekly": "It is on now", "paused": "It is off now", "flow": "It is on now", "scoring": "It is on now"} {
		for _, login := range []string{"snafu_count", "snafu_exec"} {
			require.Equal(t, source.Promise{Login: login, Name: "automation " + name, Verdict: source.Kept, Found: say}, by[login+": automation "+name])
		}
	}
	require.Equal(t, source.Kept, by["snafu_exec: no right too many"].Verdict)
	require.Equal(t, source.Kept, by["snafu_exec: writes nothing else"].Verdict)

	w.exec(`revoke update (active) on shop.campaign from snafu_exec; revoke execute on function snafu.automation_active(text) from snafu_count; delete from shop.flow`)
	by = findings()
	require.Equal(t, source.Broken, by["snafu_exec: automation weekly"].Verdict)
	require.Equal(t, []string{`grant update ("active") on "shop"."campaign" to snafu_exec`}, by["snafu_exec: automation weekly"].Fix)
	require.Equal(t, source.Kept, by["snafu_count: automation weekly"].Verdict)
	require.Equal(t, source.Broken, by["snafu_count: automation scoring"].Verdict)
	require.Equal(t, source.Broken, by["snafu_count: automation flow"].Verdict)
	require.Contains(t, by["snafu_count: automation flow"].Found, "The switch of flow is not there")

	w.exec(`grant select (budget) on shop.campaign to snafu_count`)
	f, err := Check(t.Context(), w.opt)
	require.NoError(t, err)
	require.Len(t, f.Surplus(), 1, "a column that nobody declared")
}

// Where nobody is a superuser, whoever made the jobs owns the functions: row
// security shows them those, and a login of ours nothing beside.
func TestWhoOwnsTheJobsNeedNotBeASuperuser(t *testing.T) {
	t.Parallel()
	all := automations()
	w, r, exec := switches(t, all[5])
	pgtest.Login(t, "snafu_test_scheduler")
	w.exec(`alter function snafu.automation_active(text) owner to snafu_test_scheduler; alter function snafu.automation_switch(text, boolean) owner to snafu_test_scheduler`)
	_, err := exec.Switch(t.Context(), "scoring", rollback.SwitchOff)
	require.ErrorContains(t, err, "The switch of scoring is not there", "it is somebody else's job")
	w.exec(`update cron.job set username = 'snafu_test_scheduler' where jobname = 'scoring'`)
	find := func() source.Promise {
		f, err := Check(t.Context(), w.opt)
		require.NoError(t, err)
		for _, p := range f.Promises {
			if p.Login == "snafu_exec" && p.Name == "automation scoring" {
				return p
			}
		}
		return source.Promise{}
	}
	require.Equal(t, source.Promise{
		Login: "snafu_exec", Name: "automation scoring", Verdict: source.Broken,
		Found: "snafu_test_scheduler, who owns snafu.automation_switch(text,boolean), may not run cron.alter_job",
		Fix:   []string{"grant usage on schema cron to snafu_test_scheduler", "grant execute on function cron.alter_job(bigint, text, text, text, text, boolean) to snafu_test_scheduler"},
	}, find())
	_, err = exec.Switch(t.Context(), "scoring", rollback.SwitchOff)
	_, broke := source.AsFault(err)
	require.True(t, broke, "%v", err)
	for _, sql := range find().Fix {
		w.exec(sql)
	}
	require.Equal(t, source.Kept, find().Verdict)
	s, err := exec.Switch(t.Context(), "scoring", rollback.SwitchOff)
	require.NoError(t, err)
	require.Equal(t, rollback.SwitchOn, s.Before)
	now, err := r.Automation(t.Context(), "scoring")
	require.NoError(t, err)
	require.Equal(t, rollback.SwitchOff, now.After)

	// Where pg_cron was never loaded, alter_job says nothing and does nothing.
	w.exec(`create or replace function cron.altered(job bigint, owner text, to_be boolean) returns boolean language sql security definer as 'select true'`)
	_, err = exec.Switch(t.Context(), "scoring", rollback.SwitchOn)
	require.ErrorContains(t, err, "scoring did not stay as it was switched")
	w.exec(`insert into cron.job values (3, 'scoring', 'snafu_test_scheduler', true)`)
	_, err = exec.Switch(t.Context(), "scoring", rollback.SwitchOn)
	require.ErrorContains(t, err, "The switch of scoring is there more than once")
}

func TestALoginThatIsNotOursSwitchesNothing(t *testing.T) {
	t.Parallel()
	all := automations()
	w, _, _ := switches(t, all[0], all[5])
	pgtest.Login(t, "snafu_test_stranger")
	stranger := w.opt
	stranger.ExecURL, stranger.CountURL = w.as("snafu_test_stranger"), w.as("snafu_test_stranger")
	exec, err := OpenWriter(t.Context(), stranger)
	require.NoError(t, err)
	defer exec.Close()
	counts, err := OpenReader(t.Context(), stranger)
	require.NoError(t, err)
	defer counts.Close()
	for _, name := range []string{"weekly", "scoring"} {
		_, err = exec.Switch(t.Context(), name, rollback.SwitchOff)
		f, ok := source.AsFault(err)
		require.True(t, ok && f.State == "42501", "%s: %v", name, err)
		_, err = counts.Automation(t.Context(), name)
		require.Error(t, err, name)
	}
	require.EqualValues(t, 2, w.number(`select (select count(*) from shop.campaign where id = 7 and active) + (select count(*) from cron.job where jobname = 'scoring' and active)`))
}

// What an admin runs holds the names of jobs as data, however they are written.
func TestNamesOfJobsAreNoSQL(t *testing.T) {
	t.Parallel()
	name := "a'b $snafu$; drop table shop.item; --\nselect\\ \u202e"
	w, _, exec := switches(t, rollback.Automation{Name: "odd", Title: "odd", Cron: name})
	w.exec(`insert into cron.job values (4, $1, default, true)`, name)
	_, err := exec.Switch(t.Context(), "odd", rollback.SwitchOff)
	require.NoError(t, err)
	require.EqualValues(t, 1, w.number(`select count(*) from cron.job where not active and jobid = 4`))
	require.EqualValues(t, 0, w.number(`select count(*) from shop.item`))
}
