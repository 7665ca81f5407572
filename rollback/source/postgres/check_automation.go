package postgres

import (
	"context"
	"fmt"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// The functions through which the logins reach the declared jobs of pg_cron.
const (
	activeFunction = "snafu.automation_active(text)"
	switchFunction = "snafu.automation_switch(text,boolean)"
)

// lent are the functions that lend this login rights it is meant to have.
func (l *look) lent() []string {
	if len(crons(l.opt.Automations)) == 0 {
		return nil
	}
	if l.login == "snafu_count" {
		return []string{activeFunction}
	}
	return []string{activeFunction, switchFunction}
}

func automationPromise(a rollback.Automation) string { return "automation " + a.Name }

// automation sees that the login may read the switch, that the executing one may
// turn it, and that it is on or off now. Without it the rest works, so a source
// that lacks it is not as it was declared, and no more.
func (l *look) automation(ctx context.Context, a rollback.Automation) error {
	name := automationPromise(a)
	if a.Cron != "" {
		if ok, err := l.mayRun(ctx, name); err != nil || !ok {
			return err
		}
	}
	of := *l
	of.f = &source.Findings{}
	for _, g := range automationGrants([]rollback.Automation{a}) {
		if err := of.held(ctx, g); err != nil {
			return err
		}
	}
	for _, p := range of.f.Promises {
		if p.Verdict != source.Kept {
			l.found(name, source.Broken, p.Fix, "%s: %s", p.Name, p.Found)
			return nil
		}
	}
	state, err := automationState(ctx, l.tx, a, "")
	if no, refused := refusal.As(err); refused {
		l.found(name, source.Broken, nil, "%s", strings.TrimSuffix(no.Say, "."))
		return nil
	}
	if err == nil {
		l.found(name, source.Kept, nil, "It is %s now", state)
	}
	return err
}

const mayRunSQL = `select to_regprocedure($1) is not null, coalesce(has_function_privilege(to_regprocedure($1), 'execute'), false)`

func (l *look) mayRun(ctx context.Context, name string) (bool, error) {
	for _, f := range l.lent() {
		var there, may bool
		if err := l.tx.QueryRow(ctx, mayRunSQL, f).Scan(&there, &may); err != nil {
			return false, fmt.Errorf("read a right: %w", err)
		}
		switch {
		case !there:
			l.found(name, source.Broken, nil, "There is no function %s. Run what snafu source sql %s prints", f, l.opt.Name)
			return false, nil
		case !may:
			l.found(name, source.Broken, []string{fmt.Sprintf("grant execute on function %s to %s", f, role(l.who))}, "%s may not run %s", l.who, f)
			return false, nil
		}
	}
	return l.reachesCron(ctx, name)
}

// Who owns the function that switches jobs runs cron.alter_job, which pg_cron 1.4
// brought and keeps from everybody.
const reachesCronSQL = `
	select pg_get_userbyid(s.proowner), f.oid is not null,
	       coalesce(has_schema_privilege(s.proowner, f.pronamespace, 'usage') and has_function_privilege(s.proowner, f.oid, 'execute'), false)
	  from pg_catalog.pg_proc s
	  left join pg_catalog.pg_proc f on f.proname = 'alter_job' and f.pronamespace = (select oid from pg_catalog.pg_namespace where nspname = 'cron')
	 where s.oid = to_regprocedure($1)`

func (l *look) reachesCron(ctx context.Context, name string) (bool, error) {
	if l.login == "snafu_count" {
		return true, nil
	}
	var owner string
	var there, may bool
	if err := l.tx.QueryRow(ctx, reachesCronSQL, switchFunction).Scan(&owner, &there, &may); err != nil {
		return false, fmt.Errorf("read a right: %w", err)
	}
	switch {
	case !there:
		l.found(name, source.Broken, nil, "There is no function cron.alter_job in this database. It takes pg_cron 1.4 or later")
	case !may:
		l.found(name, source.Broken, []string{"grant usage on schema cron to " + role(owner), "grant execute on function cron.alter_job(bigint, text, text, text, text, boolean) to " + role(owner)},
			"%s, who owns %s, may not run cron.alter_job", owner, switchFunction)
	default:
		return true, nil
	}
	return false, nil
}
