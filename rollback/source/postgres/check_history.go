package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// retention compares how far the history reaches back with what is declared.
// An old number that is missing at its beginning tells a history that was cut
// from one that is young.
func (l *look) retention(ctx context.Context, t rollback.Table) error {
	h := t.History
	if h.Relation == "" {
		return nil
	}
	name := "history kept of " + t.Relation
	var oldest *time.Time
	var now time.Time
	if err := l.tx.QueryRow(ctx, fmt.Sprintf(`select %s, transaction_timestamp() from %s`, instantOf("min("+column(h.At)+")", h.Zone), quoted(h.Relation))).Scan(&oldest, &now); err != nil {
		return err
	}
	if oldest == nil {
		l.found(name, source.Advice, nil, "%s holds no entry yet, so nothing could be put back", h.Relation)
		return nil
	}
	age := now.Sub(*oldest)
	switch {
	case h.Retention == 0:
		l.found(name, source.Advice, nil, "The oldest entry is %s old. Declare history.retention, so that people hear when evidence expires", days(age))
		return nil
	case age >= h.Retention-24*time.Hour:
		l.found(name, source.Kept, nil, "The oldest entry is %s old, %s are declared", days(age), days(h.Retention))
		return nil
	}
	cut, known, err := l.cut(ctx, h)
	switch {
	case err != nil:
		return err
	case cut:
		l.found(name, source.Broken, nil, "%s are declared, the oldest entry is %s old and those before it were deleted. Keep them longer, or declare history.retention: %dd",
			days(h.Retention), days(age), int64(age/(24*time.Hour)))
	case known:
		l.found(name, source.Kept, nil, "The oldest entry is %s old and none before it is missing", days(age))
	default:
		l.found(name, source.Advice, nil, "%s are declared and the oldest entry is %s old. If the system is older than that, entries are deleted too early", days(h.Retention), days(age))
	}
	return nil
}

// cut says whether entries were deleted from the beginning of a history that is
// numbered from 1; known is false where it is not numbered.
func (l *look) cut(ctx context.Context, h rollback.History) (cut, known bool, err error) {
	schema, rel, _ := split(h.Relation)
	var typ string
	if err := l.tx.QueryRow(ctx, typeSQL, schema, rel, h.Order).Scan(&typ); err != nil {
		return false, false, err
	}
	if typ != "bigint" && typ != "integer" {
		return false, false, nil
	}
	var first int64
	err = l.tx.QueryRow(ctx, fmt.Sprintf(`select min(%s)::bigint from %s`, column(h.Order), quoted(h.Relation))).Scan(&first)
	return first > 1, true, err
}

func days(d time.Duration) string {
	if n := int64(d / (24 * time.Hour)); n > 0 {
		return fmt.Sprintf("%d days", n)
	}
	return fmt.Sprintf("%d hours", int64(d/time.Hour))
}

// smallHistory is read whole in less time than an index saves.
const smallHistory = 8 << 20

const indexedSQL = `
	select coalesce((select sum(pg_catalog.pg_relation_size(p.relid)) from pg_catalog.pg_partition_tree(c.oid) p where p.isleaf), pg_catalog.pg_relation_size(c.oid))::bigint,
	       c.relkind = 'p',
	       array(select distinct a.attname::text from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
	              where i.indrelid = c.oid and i.indisvalid)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`

// index says how a large history is read: by the run, and by the record.
func (l *look) index(ctx context.Context, t rollback.Table) error {
	h := t.History
	if h.Relation == "" {
		return nil
	}
	name := "history read of " + t.Relation
	schema, rel, _ := split(h.Relation)
	var size int64
	var partitioned bool
	var leading []string
	if err := l.tx.QueryRow(ctx, indexedSQL, schema, rel).Scan(&size, &partitioned, &leading); err != nil {
		return err
	}
	if size < smallHistory {
		l.found(name, source.Kept, nil, "%s has %d kB and needs no index yet", h.Relation, size>>10)
		return nil
	}
	var fix []string
	for _, want := range []struct{ first, sql string }{{h.Run, byRun(h)}, {h.Key[0], byRecord(h)}} {
		has := false
		for _, c := range leading {
			has = has || c == want.first
		}
		if partitioned {
			want.sql = strings.Replace(want.sql, " concurrently", "", 1)
		}
		if !has {
			fix = append(fix, want.sql)
		}
	}
	if len(fix) > 0 {
		l.found(name, source.Broken, fix, "%s has %d MB and lacks an index, so every count and every batch reads all of it", h.Relation, size>>20)
		return nil
	}
	l.found(name, source.Kept, nil, "%s has indexes that begin with the run and with the record", h.Relation)
	return nil
}

// newest bounds how many entries are held against their records.
const newest = 500

// told holds the newest entries of each set column against the records: a
// history whose values read otherwise than the column, or whose columns are
// declared in the wrong order, would make every record a conflict.
func (l *look) told(ctx context.Context, t rollback.Table) error {
	h := t.History
	if h.Relation == "" {
		return nil
	}
	name := "history told of " + t.Relation
	for _, set := range t.Settable {
		found, err := l.opt.resolve(ctx, l.tx, t.Name, []string{set})
		if _, no := refusal.As(err); no {
			continue // told already
		}
		if err != nil {
			return err
		}
		var entries, agree int64
		if err := l.tx.QueryRow(ctx, found.toldSQL(), found.fields()).Scan(&entries, &agree); err != nil {
			return found.unreadable("compare the newest entries", err)
		}
		switch {
		case entries == 0:
			l.found(name, source.Advice, nil, "%s has no entry for %s under the name %q. See that history.field_names is right", h.Relation, set, found.hist.names[0])
		case agree*2 < entries:
			l.found(name, source.Broken, nil, "Of the %d records that %s was last written for, %d hold what their newest entry says. See that history.old, history.new and history.order are right, and that every writer leaves an entry",
				entries, set, agree)
		default:
			l.found(name, source.Kept, nil, "Of the %d records that %s was last written for, %d hold what their newest entry says", entries, set, agree)
		}
	}
	return nil
}

func (t table) toldSQL() string {
	var keys, names, same []string
	for i, k := range t.key {
		keys = append(keys, fmt.Sprintf("(h.%s)::%s as k%d", t.hist.key[i], k.typ, i+1))
		names = append(names, fmt.Sprintf("k%d", i+1))
		same = append(same, fmt.Sprintf("t.%s = last.k%d", k.name, i+1))
	}
	all := strings.Join(names, ", ")
	return fmt.Sprintf(`
		with entry as materialized (
		       select %[1]s, h.%[2]s as o, %[3]s as new from %[4]s h where h.%[5]s::text = $1 order by h.%[2]s desc limit %[6]d),
		     last as materialized (select distinct on (%[7]s) %[7]s, new from entry order by %[7]s, o desc)
		select count(*), count(*) filter (where t.current is not distinct from last.new)
		  from last cross join lateral (select %[8]s as current from %[9]s t where %[10]s offset 0) as t`,
		strings.Join(keys, ", "), t.hist.order, t.told(t.hist.new), t.hist.name, t.hist.field, newest, all, t.current(), t.name, strings.Join(same, " and "))
}
