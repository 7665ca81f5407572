package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// The tables of a source with two workflows, and of pg_cron as its version 1.4
// makes them: a job is seen and altered by who made it, and by nobody else.
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
	create function cron.alter_job(job_id bigint, schedule text default null, command text default null, database text default null, username text default null, active boolean default null)
	  returns void language plpgsql as $$ begin
	    update cron.job j set active = alter_job.active where j.jobid = job_id and (j.username = current_user or (select rolsuper from pg_roles where rolname = current_user));
	    if not found then raise 'Job % does not exist or you don''t own it', job_id; end if; end $$;
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
