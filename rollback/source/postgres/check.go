package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Findings are what a source lacks for its declaration, what its logins may do
// and should not, and what an admin should know. Sentences, one per finding.
type Findings struct {
	Missing []string
	Surplus []string
	Notes   []string
}

// Sound says that counting and rolling back can rely on this source.
func (f Findings) Sound() bool { return len(f.Missing) == 0 && len(f.Surplus) == 0 }

// Check asks the source itself whether each right that was promised is there,
// and whether any is there that must not be. It writes nothing. An error means
// that it could not look.
func Check(ctx context.Context, o Options) (Findings, error) {
	var f Findings
	r, err := OpenReader(ctx, o)
	if err != nil {
		return f, err
	}
	defer r.Close()
	if err := r.snapshot(ctx, "check "+o.Name, func(tx pgx.Tx) error { return r.opt.check(ctx, tx, "snafu_count", &f) }); err != nil {
		return f, err
	}
	if o.ExecURL == "" {
		f.Notes = append(f.Notes, fmt.Sprintf("Source %s is only measured: it has no exec_dsn.", o.Name))
		return f, nil
	}
	err = checkWriter(ctx, o, &f)
	return f, err
}

// CheckWriter is the part of Check that the executing login answers.
func CheckWriter(ctx context.Context, o Options) (f Findings, err error) {
	err = checkWriter(ctx, o, &f)
	return f, err
}

func checkWriter(ctx context.Context, o Options, f *Findings) error {
	w, err := OpenWriter(ctx, o)
	if err != nil {
		return err
	}
	defer w.Close()
	tx, err := begin(ctx, w.pool, pgx.RepeatableRead, pgx.ReadOnly, o.withDefaults().Counts.StatementTimeout, statementTimeout)
	if err != nil {
		return w.unanswered(err)
	}
	defer rollbackTx(ctx, tx)
	return w.unanswered(w.opt.check(ctx, tx, "snafu_exec", f))
}

func (w *Writer) unanswered(err error) error {
	err = fault("check "+w.opt.Name, err)
	if f, ok := source.AsFault(err); ok && (f.Busy() || f.Away()) {
		return errors.Join(rollback.RefuseSource(w.opt.Name, w.opt.Counts.StatementTimeout), err)
	}
	return err
}

// Caps says what the counting login may really do, asked live.
func (r *Reader) Caps(ctx context.Context) (rollback.Caps, error) {
	caps := rollback.Caps{Precondition: rollback.RowCAS, Atomic: rollback.AtomicTransaction, ExactCount: true}
	var f Findings
	err := r.snapshot(ctx, "read the rights on "+r.opt.Name, func(tx pgx.Tx) error { return r.opt.check(ctx, tx, "snafu_count", &f) })
	caps.Missing, caps.Surplus, caps.CanMeasure = f.Missing, f.Surplus, err == nil && len(f.Missing) == 0
	return caps, err
}

// check looks at one login from inside its own session.
func (o Options) check(ctx context.Context, tx pgx.Tx, login string, f *Findings) error {
	if err := power(ctx, tx, f); err != nil {
		return err
	}
	if err := version(ctx, tx, o.Name, f); err != nil {
		return err
	}
	for _, t := range o.Tables {
		before := len(f.Missing)
		for _, g := range grants(t) {
			if g.login == login {
				if err := held(ctx, tx, g, f); err != nil {
					return err
				}
			}
		}
		if len(f.Missing) > before {
			continue
		}
		if err := o.usable(ctx, tx, t, f); err != nil {
			return err
		}
	}
	return o.surplus(ctx, tx, login, f)
}

const powerSQL = `
	select current_user::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole or r.rolcreatedb or r.rolreplication,
	       exists (select from pg_catalog.pg_auth_members m where m.member = r.oid),
	       has_database_privilege(current_database(), 'temporary')
	  from pg_catalog.pg_roles r where r.rolname = current_user`

func power(ctx context.Context, tx pgx.Tx, f *Findings) error {
	var who string
	var super, bypass, creates, member, temporary bool
	if err := tx.QueryRow(ctx, powerSQL).Scan(&who, &super, &bypass, &creates, &member, &temporary); err != nil {
		return fmt.Errorf("read the login's power: %w", err)
	}
	for _, p := range []struct {
		is  bool
		say string
	}{
		{super, "%s is a superuser, so no grant holds it. Use the login that `snafu source sql` makes."},
		{bypass && !super, "%s bypasses row security. Take that away: alter role %[1]s nobypassrls."},
		{creates && !super, "%s may create roles or databases, or replicate. Take that away: alter role %[1]s nocreaterole nocreatedb noreplication."},
		{member && !super, "%s is a member of another role. Revoke it, so that its own grants are all it has."},
	} {
		if p.is {
			f.Surplus = append(f.Surplus, fmt.Sprintf(p.say, who))
		}
	}
	if temporary && !super {
		f.Notes = append(f.Notes, fmt.Sprintf("%s may make temporary tables, as everybody may here. `snafu source sql` says how to take that away.", who))
	}
	return nil
}

const versionSQL = `
	select count(*) > 0, coalesce(bool_and(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')), false)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = 'snafu' and c.relname = 'schema_version'`

func version(ctx context.Context, tx pgx.Tx, name string, f *Findings) error {
	var there, usable bool
	if err := tx.QueryRow(ctx, versionSQL).Scan(&there, &usable); err != nil {
		return fmt.Errorf("look for schema snafu: %w", err)
	}
	switch {
	case !there:
		f.Missing = append(f.Missing, fmt.Sprintf("Source %[1]s has no schema snafu. Run what `snafu source sql %[1]s` prints.", name))
		return nil
	case !usable:
		f.Missing = append(f.Missing, fmt.Sprintf("This login may not read schema snafu of %[1]s. Run what `snafu source sql %[1]s` prints.", name))
		return nil
	}
	var found int
	if err := tx.QueryRow(ctx, `select coalesce(max(version), 0) from snafu.schema_version`).Scan(&found); err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if found != schemaVersion {
		f.Missing = append(f.Missing, fmt.Sprintf("Schema snafu of %[1]s has version %[2]d, this program needs %[3]d. Run what `snafu source sql %[1]s` prints.", name, found, schemaVersion))
	}
	return nil
}

// A relation or column that is not there counts as a missing right: its name in
// the declaration may be wrong.
const heldSQL = `
	select case
	       when $1 = 'usage' then exists (select from pg_catalog.pg_namespace where nspname = $2 and has_schema_privilege(oid, 'usage'))
	       else exists (
	         select from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	          where n.nspname || '.' || c.relname = $2 and a.attname = $3 and has_column_privilege(a.attrelid, a.attnum, $1))
	       end`

func held(ctx context.Context, tx pgx.Tx, g right, f *Findings) error {
	names := []string{""}
	if g.does != "usage" {
		names = g.columns
	}
	for _, c := range names {
		var ok bool
		if err := tx.QueryRow(ctx, heldSQL, g.does, g.relation, c).Scan(&ok); err != nil {
			return fmt.Errorf("read a right: %w", err)
		}
		if ok {
			continue
		}
		one := g
		if c != "" {
			one.columns = []string{c}
		}
		f.Missing = append(f.Missing, "Missing, or the name is wrong: "+one.sql()+".")
	}
	return nil
}

// usable resolves a table for each column that a plan may set.
func (o Options) usable(ctx context.Context, tx pgx.Tx, t rollback.Table, f *Findings) error {
	for _, set := range t.Settable {
		_, err := o.resolve(ctx, tx, t.Name, []string{set})
		if no, ok := refusal.As(err); ok {
			if !slices.Contains(f.Missing, no.Say) {
				f.Missing = append(f.Missing, no.Say)
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Rights to change anything outside schema snafu, column by column.
const surplusSQL = `
	select n.nspname || '.' || c.relname, priv, case when has_table_privilege(c.oid, priv) then null else a.attname::text end
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	  cross join unnest(array['insert', 'update', 'delete', 'truncate', 'trigger', 'references']) as priv
	  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
	        and priv in ('insert', 'update', 'references') and not has_table_privilege(c.oid, priv)
	 where c.relkind in ('r', 'p', 'v', 'f', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'snafu') and n.nspname not like 'pg\_t%'
	   and (has_table_privilege(c.oid, priv) or (a.attnum is not null and has_column_privilege(c.oid, a.attnum, priv)))
	 group by 1, 2, 3 order by 1, 2, 3`

// Schema public is left out: before PostgreSQL 15 everybody may create in it.
const madeSQL = `
	select 'may create in schema ' || nspname from pg_catalog.pg_namespace
	 where nspname not like 'pg\_%' and nspname not in ('information_schema', 'public') and has_schema_privilege(oid, 'create')
	union all select 'may create schemas in this database' where has_database_privilege(current_database(), 'create')
	 order by 1`

// definersSQL lists functions that would lend this login somebody else's rights.
const definersSQL = `
	select p.oid::regprocedure::text from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
	 where p.prosecdef and p.prorettype <> 'trigger'::regtype and n.nspname not in ('pg_catalog', 'information_schema')
	   and has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage') order by 1 limit 20`

func (o Options) surplus(ctx context.Context, tx pgx.Tx, login string, f *Findings) error {
	var super bool
	if err := tx.QueryRow(ctx, `select rolsuper from pg_catalog.pg_roles where rolname = current_user`).Scan(&super); err != nil || super {
		return err
	}
	rows, err := tx.Query(ctx, surplusSQL)
	if err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	var relation, does string
	var attribute *string
	_, err = pgx.ForEachRow(rows, []any{&relation, &does, &attribute}, func() error {
		if login != "snafu_exec" || does != "update" || attribute == nil || !o.mayWrite(relation, *attribute) {
			what := relation
			if attribute != nil {
				what += "." + *attribute
			}
			f.Surplus = append(f.Surplus, fmt.Sprintf("%s may %s %s. Revoke it.", login, does, what))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	for sql, into := range map[string]*[]string{madeSQL: &f.Surplus, definersSQL: &f.Notes} {
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return fmt.Errorf("read surplus rights: %w", err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("read surplus rights: %w", err)
		}
		for _, n := range names {
			if sql == madeSQL {
				*into = append(*into, login+" "+n+". Revoke it.")
			} else {
				*into = append(*into, login+" may run "+n+", which has its owner's rights. See that it changes nothing.")
			}
		}
	}
	return nil
}

// mayWrite says whether a declaration lets a plan set this column.
func (o Options) mayWrite(relation, attribute string) bool {
	for _, t := range o.Tables {
		for _, g := range grants(t) {
			if g.does == "update" && relation == g.relation && slices.Contains(g.columns, attribute) {
				return true
			}
		}
	}
	return false
}
