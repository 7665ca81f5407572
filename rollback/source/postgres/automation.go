package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// automation finds a declaration by its name, which snafu itself can switch.
func (o Options) automation(name string) (rollback.Automation, error) {
	var known []string
	for _, a := range o.Automations {
		if a.Name == name && !a.Manual {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return rollback.Automation{}, rollback.RefuseNoAutomation(name, known)
}

// Automation says whether an automation works now. It refuses one that is not
// declared, is no longer where it was, or is neither on nor off (automation).
func (r *Reader) Automation(ctx context.Context, name string) (rollback.Switch, error) {
	a, err := r.opt.automation(name)
	if err != nil {
		return rollback.Switch{}, err
	}
	var state rollback.SwitchState
	err = r.snapshot(ctx, "read the switch of "+name, func(tx pgx.Tx) error {
		state, err = automationState(ctx, tx, a, "")
		return err
	})
	return rollback.Switch{Name: name, Before: state, After: state}, err
}

// Automation is the same question, asked where it is switched: a standby may not
// know yet.
func (w *Writer) Automation(ctx context.Context, name string) (rollback.Switch, error) {
	a, err := w.opt.automation(name)
	if err != nil {
		return rollback.Switch{}, err
	}
	doing := "read the switch of " + name
	tx, err := begin(ctx, w.pool, pgx.ReadCommitted, pgx.ReadOnly, w.opt.Counts.StatementTimeout, w.opt.Counts.LockTimeout)
	if err != nil {
		return rollback.Switch{}, fault(doing, err)
	}
	defer rollbackTx(ctx, tx)
	state, err := automationState(ctx, tx, a, "")
	return rollback.Switch{Name: name, Before: state, After: state}, fault(doing, err)
}

// Switch switches an automation, compared and written under the lock of its
// record. One that is as wanted already is left alone. It refuses as Automation
// does, and what the source did not keep; nothing is changed then.
func (w *Writer) Switch(ctx context.Context, name string, to rollback.SwitchState) (rollback.Switch, error) {
	a, err := w.opt.automation(name)
	if err != nil {
		return rollback.Switch{}, err
	}
	doing := "switch " + name + " " + string(to)
	tx, err := begin(ctx, w.pool, pgx.ReadCommitted, pgx.ReadWrite, w.opt.Counts.StatementTimeout, w.opt.Counts.LockTimeout)
	if err != nil {
		return rollback.Switch{}, fault(doing, err)
	}
	defer rollbackTx(ctx, tx)
	before, err := automationState(ctx, tx, a, " for no key update")
	if err != nil {
		return rollback.Switch{}, fault(doing, err)
	}
	done := rollback.Switch{Name: name, Before: before, After: to}
	if before == to {
		return done, nil
	}
	if err := setAutomation(ctx, tx, a, to); err != nil {
		return rollback.Switch{}, fault(doing, err)
	}
	now, err := automationState(ctx, tx, a, "")
	switch {
	case err != nil:
		return rollback.Switch{}, fault(doing, err)
	case now != to:
		return rollback.Switch{}, rollback.RefuseAutomationKept(a)
	}
	return done, fault(doing, tx.Commit(ctx))
}

// The jobs of pg_cron belong to whoever made them, and row security hides them
// from everybody else. Two functions in schema snafu, made for the declared jobs
// alone, are all that the logins get. Inside them row security is as usual, not
// an error: an owner that is no superuser sees its own jobs.
//
// cron.alter_job returns in silence where pg_cron is not loaded, or on a standby
// (citusdata/pg_cron, src/job_metadata.c), so what it did is read back.
const (
	cronState = `select snafu.automation_active($1)`
	cronSet   = `select snafu.automation_switch($1, $2)`
)

func automationState(ctx context.Context, tx pgx.Tx, a rollback.Automation, lock string) (rollback.SwitchState, error) {
	if a.Cron != "" {
		rows, err := tx.Query(ctx, cronState, a.Cron)
		if err != nil {
			return "", err
		}
		active, err := pgx.CollectRows(rows, pgx.RowTo[bool])
		switch {
		case err != nil:
			return "", err
		case len(active) != 1:
			return "", rollback.RefuseAutomationGone(a, "the job "+a.Cron+" of pg_cron", int64(len(active)))
		case active[0]:
			return rollback.SwitchOn, nil
		}
		return rollback.SwitchOff, nil
	}
	where, args := switchRecord(a.Switch, 1)
	rows, err := tx.Query(ctx, fmt.Sprintf(`select %s::text from %s where %s%s`, column(a.Switch.Column), quoted(a.Switch.Relation), where, lock), args...)
	if err != nil {
		return "", err
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	switch {
	case err != nil:
		return "", err
	case len(values) != 1:
		return "", rollback.RefuseAutomationGone(a, a.Switch.Relation, int64(len(values)))
	}
	value := rollback.Null()
	if values[0] != nil {
		value = rollback.Text(*values[0])
	}
	state, known := a.Switch.State(value)
	if !known {
		return "", rollback.RefuseAutomationState(a, a.Switch.Relation+"."+a.Switch.Column)
	}
	return state, nil
}

func setAutomation(ctx context.Context, tx pgx.Tx, a rollback.Automation, to rollback.SwitchState) error {
	if a.Cron != "" {
		_, err := tx.Exec(ctx, cronSet, a.Cron, to == rollback.SwitchOn)
		return err
	}
	where, args := switchRecord(a.Switch, 2)
	_, err := tx.Exec(ctx, fmt.Sprintf(`update %s set %s = $1 where %s`, quoted(a.Switch.Relation), column(a.Switch.Column), where),
		append([]any{a.Switch.Value(to)}, args...)...)
	return err
}

// switchRecord names the record of a switch, with parameters from a number on. A
// parameter takes the type of its column, so that an index finds the record.
func switchRecord(s rollback.SwitchColumn, from int) (where string, args []any) {
	var parts []string
	for i, name := range s.Columns() {
		parts = append(parts, column(name)+" = $"+strconv.Itoa(from+i))
		args = append(args, s.Key[name])
	}
	return strings.Join(parts, " and "), args
}

// automationGrants are the rights that both logins need on switch columns.
func automationGrants(all []rollback.Automation) (out []right) {
	var schemas []string
	for _, a := range all {
		s := a.Switch
		if s.Relation == "" {
			continue
		}
		if schema, _, ok := split(s.Relation); ok && !slices.Contains(schemas, schema) {
			schemas = append(schemas, schema)
			out = append(out, right{"snafu_count", "usage", schema, nil}, right{"snafu_exec", "usage", schema, nil})
		}
		out = append(out, both(s.Relation, unique(s.Columns(), []string{s.Column}))...)
		out = append(out, right{"snafu_exec", "update", s.Relation, []string{s.Column}})
	}
	return out
}

// crons are the declared jobs of pg_cron.
func crons(all []rollback.Automation) (names []string) {
	for _, a := range all {
		if a.Cron != "" && !slices.Contains(names, a.Cron) {
			names = append(names, a.Cron)
		}
	}
	return names
}

const cronSQL = `-- Jobs of pg_cron belong to who made them. These two functions lend the logins
-- that right for the declared jobs, and for nothing else.
-- %[2]s
-- Whoever owns the functions has to own the jobs and may run cron.alter_job, or
-- be a superuser (and cron.enable_superuser_jobs on). pg_cron 1.4 or later.
create or replace function snafu.automation_active(job text) returns setof boolean
  language sql stable security definer set search_path = '' set row_security = on as
  $snafu$ select j.active from cron.job j where j.jobname = $1 and $1 in (%[1]s) $snafu$;
create or replace function snafu.automation_switch(job text, active boolean) returns void
  language sql volatile security definer set search_path = '' set row_security = on as
  $snafu$ select cron.alter_job(job_id := j.jobid, active := $2) from cron.job j where j.jobname = $1 and $1 in (%[1]s) $snafu$;
revoke all on function snafu.automation_active(text), snafu.automation_switch(text, boolean) from public;
grant execute on function snafu.automation_active(text) to snafu_count, snafu_exec;
grant execute on function snafu.automation_switch(text, boolean) to snafu_exec;

`

// automationSetup is what an admin runs for the declared automations.
func automationSetup(all []rollback.Automation) string {
	var b strings.Builder
	if grants := automationGrants(all); len(grants) > 0 {
		b.WriteString("-- Automations with a switch column: its state is read, and it alone is written.\n")
		for _, g := range grants {
			b.WriteString(g.sql() + ";\n")
		}
		b.WriteString("\n")
	}
	if jobs := crons(all); len(jobs) > 0 {
		named := make([]string, len(jobs))
		for i, j := range jobs {
			named[i], jobs[i] = strconv.Quote(j), literal(j)
		}
		fmt.Fprintf(&b, cronSQL, strings.Join(jobs, ", "), strings.Join(named, ", "))
	}
	return b.String()
}
