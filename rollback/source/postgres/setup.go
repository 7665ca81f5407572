package postgres

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snafu/rollback"
)

// schemaVersion is the version of schema.sql that this program works with.
const schemaVersion = 1

//go:embed schema.sql
var schemaSQL string

// Each role has a block of its own: one that somebody makes at the same moment,
// the owner of the log database for example, may not keep the others from being made.
const rolesSQL = `-- Roles, made once per server. Passwords are yours to set.
do $$
begin
  if not exists (select from pg_roles where rolname = 'snafu_owner') then
    create role snafu_owner nologin;
  end if;
exception when duplicate_object or unique_violation then null; -- made just now, beside us
end $$;
do $$
begin
  if not exists (select from pg_roles where rolname = 'snafu_count') then
    -- One more than counts may run at once, so that a check finds room beside them.
    create role snafu_count login noinherit connection limit %d;
    alter role snafu_count set default_transaction_read_only = on;
    alter role snafu_count set statement_timeout = '%s';
    alter role snafu_count set lock_timeout = '%s';
  end if;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not exists (select from pg_roles where rolname = 'snafu_exec') then
    create role snafu_exec login noinherit;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;

`

// SetupSQL is what an admin of the source runs once, as a superuser and in one
// transaction: roles, schema snafu, and exactly the rights that the declared
// tables need. It can be run again after a change of the declaration; it never
// takes a right away. The advised indexes stand in it as comments, because an
// index on somebody else's table is not ours to make.
func SetupSQL(o Options) string {
	o = o.withDefaults()
	var b strings.Builder
	fmt.Fprintf(&b, "-- Source %s of snafu. Run as a superuser: psql --single-transaction -f THIS_FILE\n"+
		"-- It can be run again. What it gave once and nobody declares any more, `snafu source check %[1]s` tells to revoke.\n\n", o.Name)
	fmt.Fprintf(&b, rolesSQL, o.Counts.Connections+1, patience(o.Counts.StatementTimeout), patience(o.Counts.LockTimeout))
	b.WriteString("-- The tables of snafu in this source.\n" + schemaSQL + "\n")
	for _, t := range o.Tables {
		fmt.Fprintf(&b, "-- Table %s: %s.\n", t.Name, oneLine(t.Relation))
		for _, g := range grants(t) {
			b.WriteString(g.sql() + ";\n")
		}
		if t.Bypass {
			b.WriteString("-- Its row security would hide records from both logins, and snafu.yaml says that they are to see past it.\n" +
				"alter role snafu_count bypassrls;\nalter role snafu_exec bypassrls;\n")
		}
		b.WriteString(advice(t) + "\n")
	}
	b.WriteString(automationSetup(o.Automations))
	for _, e := range o.Evidence {
		if len(e.Reads) == 0 {
			continue
		}
		fmt.Fprintf(&b, "-- What evidence %s reads.\n", e.Name)
		for _, g := range reads(e) {
			b.WriteString(g.sql() + ";\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(`-- PUBLIC may make temporary tables in this database. Taking that away also takes
-- it from your applications, so do it only when they do not need it:
--   revoke temporary on database NAME from public;

-- Closed runs can be deleted when nobody needs their lists any more:
--   delete from snafu.ledger where run = N; delete from snafu.batches where run = N; delete from snafu.runs where run = N;
--   delete from snafu.frozen_rows where freeze_id = N; delete from snafu.freezes where id = N;
`)
	return b.String()
}

// patience is a time-out as the server reads it, which knows no "1m30s".
func patience(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return ms(d) + "ms"
}

// oneLine keeps a name from ending the comment that it stands in.
func oneLine(name string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(name) }

// right is one grant: of a relation, or of columns of it.
type right struct {
	login, does, relation string   // usage names a schema, all else schema.table
	columns               []string // empty means the whole relation
}

func (g right) sql() string { return g.words("grant", "to") }

func (g right) revoke() string { return g.words("revoke", "from") }

func (g right) words(verb, to string) string {
	login := role(g.login)
	switch {
	case g.does == "usage":
		return fmt.Sprintf("%s usage on schema %s %s %s", verb, column(g.relation), to, login)
	case len(g.columns) == 0:
		return fmt.Sprintf("%s %s on %s %s %s", verb, g.does, quoted(g.relation), to, login)
	}
	return fmt.Sprintf("%s %s (%s) on %s %s %s", verb, g.does, columns(g.columns), quoted(g.relation), to, login)
}

// role quotes a login only where it must be, so that ours read as people write
// them. PUBLIC, in small letters, stays what it is.
func role(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return name
	}
	return column(name)
}

func columns(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = column(n)
	}
	return strings.Join(all, ", ")
}

// grants are the least rights that both logins need on what a table declares.
func grants(t rollback.Table) []right {
	write := unique(t.Settable, filled(t.Archive.Column))
	read := unique(t.Key, write, t.Insertable, t.Export, filled(t.TouchedAt.Column))
	if t.TouchedAt.Column != "" && !t.TouchedAt.Keep {
		write = unique(write, []string{t.TouchedAt.Column})
	}
	// Row versions are read by the freeze and compared by the run.
	out := []right{
		{"snafu_count", "select", t.Relation, read},
		{"snafu_exec", "select", t.Relation, append(slices.Clone(read), "xmin")},
	}
	if len(write) > 0 {
		out = append(out, right{"snafu_exec", "update", t.Relation, write})
	}
	if len(t.Insertable) > 0 {
		fills := unique(t.Key, t.Insertable)
		if !t.TouchedAt.Keep {
			fills = unique(fills, filled(t.TouchedAt.Column))
		}
		out = append(out, right{"snafu_exec", "insert", t.Relation, fills})
	}
	if h := t.History; h.Relation != "" {
		out = append(out, both(h.Relation, unique(h.Key, filled(h.Order, h.At, h.Field, h.Old, h.New, h.Run)))...)
		if h.Actor != "" { // who wrote an entry is for people who look at examples; a run has no use for it
			out = append(out, right{"snafu_count", "select", h.Relation, []string{h.Actor}})
		}
	}
	if m := t.Membership; m.Relation != "" {
		out = append(out, both(m.Relation, unique(m.Key, filled(m.Run, m.At)))...)
		if m.Runs.Relation != "" {
			out = append(out, both(m.Runs.Relation, unique(filled(m.Runs.Run, m.Runs.Member)))...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Lists)) {
		l := t.Lists[name]
		out = append(out, both(l.Relation, unique(l.Key, filled(l.Name)))...)
	}
	if e := t.Erasures; e.Relation != "" {
		out = append(out, both(e.Relation, e.Key)...)
	}
	for _, relation := range slices.Sorted(maps.Keys(t.Require.Reads)) {
		out = append(out, right{"snafu_exec", "select", relation, t.Require.Reads[relation]})
	}
	var schemas []string
	for _, g := range out {
		if schema, _, ok := split(g.relation); ok {
			schemas = append(schemas, schema)
		}
	}
	slices.Sort(schemas)
	var usage []right
	for _, s := range slices.Compact(schemas) {
		usage = append(usage, right{"snafu_count", "usage", s, nil}, right{"snafu_exec", "usage", s, nil})
	}
	return append(usage, out...)
}

// reads are the rights that evidence needs beside those of the declared tables.
func reads(e rollback.Reviewed) (all []right) {
	for _, r := range e.Reads {
		if schema, _, ok := split(r.Relation); ok {
			all = append(all, right{"snafu_count", "usage", schema, nil})
		}
		all = append(all, right{"snafu_count", "select", r.Relation, r.Columns})
	}
	return all
}

var ownNames = []string{"schema_version", "freezes", "staged_rows", "frozen_rows", "runs", "batches", "ledger", "fixed"}

// ownTables are the rights on the tables of schema snafu, as schema.sql gives
// them. Reading them all is both logins' right.
var ownTables = []right{
	{"snafu_exec", "insert", "snafu.freezes", nil},
	{"snafu_exec", "insert", "snafu.staged_rows", nil},
	{"snafu_exec", "insert", "snafu.frozen_rows", nil},
	{"snafu_exec", "insert", "snafu.runs", nil},
	{"snafu_exec", "insert", "snafu.batches", nil},
	{"snafu_exec", "insert", "snafu.ledger", nil},
	{"snafu_exec", "update", "snafu.runs", []string{"epoch", "holder"}},
}

func both(relation string, columns []string) []right {
	return []right{{"snafu_count", "select", relation, columns}, {"snafu_exec", "select", relation, columns}}
}

func filled(names ...string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

func unique(lists ...[]string) []string {
	var out []string
	for _, names := range lists {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// advice are the indexes with which counting costs what was touched, not what
// the table holds.
func advice(t rollback.Table) string {
	h := t.History
	if h.Relation == "" || len(t.Key) == 0 {
		return ""
	}
	return fmt.Sprintf(`-- Advised, not needed: with these a count costs what the run touched, not what the table holds.
--   %s;
--   %s;
--   %s;
-- Advised, not needed: with this a run settles changed records without reading the history from their marks on.
--   %s;
-- A partitioned table takes no index concurrently: leave the word out, or index its partitions first.
`, oneLine(byRun(h)), oneLine(byTime(h)), oneLine(fmt.Sprintf("create index concurrently on %s (%s) include (%s)", quoted(t.Relation), columns(t.Key), columns(t.Settable))),
		oneLine(byRecord(h)))
}

// byRun is the index that finds the entries of a run.
func byRun(h rollback.History) string {
	return fmt.Sprintf("create index concurrently on %[1]s (%[2]s, %[3]s, %[4]s) include (%[5]s, %[6]s, %[7]s) where %[2]s is not null",
		quoted(h.Relation), column(h.Run), column(h.Field), column(h.At), columns(h.Key), column(h.Old), column(h.New))
}

// byTime is the index that reads a window without the table.
func byTime(h rollback.History) string {
	return fmt.Sprintf("create index concurrently on %s (%s) include (%s, %s, %s, %s, %s, %s)", quoted(h.Relation), column(h.At),
		column(h.Field), column(h.Run), columns(h.Key), column(h.Order), column(h.Old), column(h.New))
}

// byRecord is the index that finds what was written to a record since.
func byRecord(h rollback.History) string {
	return fmt.Sprintf("create index concurrently on %s (%s, %s)", quoted(h.Relation), columns(h.Key), column(h.Order))
}
