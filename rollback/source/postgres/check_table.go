package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// usable finds a table in the catalogue once for each column that a plan may
// set, as every count and every freeze will.
func (l *look) usable(ctx context.Context, t rollback.Table) error {
	name := "records of " + t.Relation
	var said []string
	for _, set := range t.Settable {
		_, err := l.opt.resolve(ctx, l.tx, t.Name, []string{set})
		no, ok := refusal.As(err)
		switch {
		case err != nil && !ok:
			return err
		case err == nil || slices.Contains(said, no.Say):
			continue
		}
		said = append(said, no.Say)
		var fix []string
		switch no.Code {
		case "no-key":
			if fix, err = l.keyFix(ctx, t); err != nil {
				return err
			}
		case "row-security":
			fix = l.securityFix(t)
		}
		l.found(name, source.Lacks, fix, "%s", strings.TrimSuffix(no.Say, "."))
	}
	if len(said) == 0 {
		l.found(name, source.Kept, nil, "Told apart by %s, unique and never null; %s can be set", columns(t.Key), columns(t.Settable))
	}
	return nil
}

const keySQL = `
	select c.relkind = 'p', array(select a.attname::text from pg_catalog.pg_attribute a
	                               where a.attrelid = c.oid and a.attname = any ($3) and not a.attnotnull and not a.attisdropped order by a.attnum)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`

// keyFix are the statements that make the declared key one.
func (l *look) keyFix(ctx context.Context, t rollback.Table) (fix []string, err error) {
	schema, rel, _ := split(t.Relation)
	var partitioned bool
	var nullable []string
	if err := l.tx.QueryRow(ctx, keySQL, schema, rel, t.Key).Scan(&partitioned, &nullable); err != nil {
		return nil, fmt.Errorf("read the key of %s: %w", t.Name, err)
	}
	for _, c := range nullable {
		fix = append(fix, fmt.Sprintf("alter table %s alter column %s set not null", quoted(t.Relation), column(c)))
	}
	concurrently := " concurrently"
	if partitioned {
		concurrently = ""
	}
	return append(fix, fmt.Sprintf("create unique index%s on %s (%s)", concurrently, quoted(t.Relation), columns(t.Key))), nil
}

func (l *look) securityFix(t rollback.Table) []string {
	if !t.Bypass {
		return nil // the owner decides first, in snafu.yaml
	}
	return []string{"alter role " + role(l.who) + " bypassrls"}
}

const rowSecuritySubjectSQL = `
	select coalesce(bool_or(row_security_active(c.oid)), false)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = $1 and c.relname = $2 and has_schema_privilege(n.oid, 'usage')`

// rowSecurity looks at every relation of a declaration: a policy that hides
// entries of the history or members of the run makes a count quietly wrong, so
// our sessions turn it into an error, and here it is named before.
func (l *look) rowSecurity(ctx context.Context, t rollback.Table) error {
	name := "row security of " + t.Relation
	var hidden []string
	for _, g := range grants(t) {
		schema, rel, ok := split(g.relation)
		if g.login != l.login || g.does != "select" || !ok || slices.Contains(hidden, g.relation) {
			continue
		}
		var active bool
		if err := l.tx.QueryRow(ctx, rowSecuritySubjectSQL, schema, rel).Scan(&active); err != nil {
			return err
		}
		if !active {
			continue
		}
		hidden = append(hidden, g.relation)
		say := "Row security hides records of %s from %s. Let its owner decide, then write row_security: bypass for table %s, and"
		l.found(name, source.Lacks, []string{"alter role " + role(l.who) + " bypassrls"}, say, g.relation, l.who, t.Name)
	}
	if len(hidden) == 0 {
		l.found(name, source.Kept, nil, "No record is hidden from %s", l.who)
	}
	return nil
}

// triggers names what an update of the set columns sets off.
func (l *look) triggers(ctx context.Context, t rollback.Table) error {
	for _, set := range t.Settable {
		found, err := l.opt.resolve(ctx, l.tx, t.Name, []string{set})
		if _, no := refusal.As(err); no {
			continue // told already
		}
		if err != nil {
			return err
		}
		all, err := found.triggers(ctx, l.tx)
		if err != nil {
			return err
		}
		var fires []string
		for _, g := range all {
			switch {
			case !g.Fires:
			case g.Guarded:
				fires = append(fires, g.Name+" (spares our writes)")
			default:
				fires = append(fires, fmt.Sprintf("%s (%s, %s)", g.Name, g.Timing, g.Function))
			}
		}
		if len(fires) == 0 {
			l.found("triggers of "+t.Relation, source.Kept, nil, "An update of %s sets off nothing", set)
			continue
		}
		l.found("triggers of "+t.Relation, source.Kept, nil, "An update of %s sets off %s", set, strings.Join(fires, ", "))
	}
	return nil
}
