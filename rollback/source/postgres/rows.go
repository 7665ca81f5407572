package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// rowsDigestSQL computes the digest of the frozen rows where they are, equal to
// rollback.RowsDigest: 02 int64, 04 string, 06 list, 00 null, big endian. The
// lists are written out, because a function called per row costs more than
// the hash.
func (t table) rowsDigestSQL() string {
	return fmt.Sprintf(`
	select sha256(coalesce(string_agg(sha256(
	         '\x0600000009'::bytea || '\x02' || int8send(ord) || '\x02' || int8send(cohort::bigint) || '\x02' || int8send(class::bigint)
	         || %s || %s || %s || %s || %s || %s), ''::bytea order by ord), ''::bytea))
	  from snafu.frozen_rows where freeze_id = $1`,
		listBytes("key", len(t.key)), listBytes("initial", len(t.set)), listBytes("error", len(t.set)), listBytes("desired", len(t.set)),
		textBytes("mark"), textBytes("version"))
}

func textBytes(v string) string {
	return fmt.Sprintf(`coalesce('\x04'::bytea || int4send(octet_length(convert_to(%[1]s, 'UTF8'))) || convert_to(%[1]s, 'UTF8'), '\x00'::bytea)`, v)
}

func listBytes(array string, n int) string {
	sql := fmt.Sprintf(`coalesce('\x06'::bytea || int4send(cardinality(%s))`, array)
	for i := range n {
		sql += " || " + textBytes(fmt.Sprintf("%s[%d]", array, i+1))
	}
	return sql + `, '\x00'::bytea)`
}

// manyBytes is listBytes of a list whose length the statement does not know.
func manyBytes(array string) string {
	return fmt.Sprintf(`'\x06'::bytea || int4send(cardinality(%[1]s)) ||
	  (select string_agg(%[2]s, ''::bytea order by n) from unnest(%[1]s) with ordinality as each (v, n))`, array, textBytes("v"))
}

func (t table) rowsDigest(ctx context.Context, tx pgx.Tx, id int64) (rollback.Digest, error) {
	var sum []byte
	if err := tx.QueryRow(ctx, t.rowsDigestSQL(), id).Scan(&sum); err != nil {
		return rollback.Digest{}, fmt.Errorf("digest the frozen records: %w", err)
	}
	return rollback.DigestOf(sum)
}

// One JSON array per record: what enters the rows digest, then the current
// value, the evidence and the export columns. to_json escapes every control
// character, so no line needs a quote and COPY adds nothing to it.
const exportSQL = `
	copy (
	  select '["' || f.ord || '","' || f.cohort || '","' || f.class || '",' || to_json(f.key) || ',' || coalesce(to_json(f.initial)::text, 'null')
	         || ',' || coalesce(to_json(f.error)::text, 'null') || ',' || coalesce(to_json(f.desired)::text, 'null')
	         || ',' || coalesce(to_json(f.mark)::text, 'null') || ',' || coalesce(to_json(f.version)::text, 'null')
	         || ',' || coalesce(to_json(t.current)::text, 'null') || ',' || %[6]s || ',' || coalesce(to_json(t.export)::text, 'null') || ']'
	    from snafu.frozen_rows f
	    left join lateral (select %[1]s as current, array[%[2]s]::text[] as export from %[3]s t where %[4]s offset 0) as t on true%[7]s
	   where f.freeze_id = %[5]d order by f.ord)
	to stdout (format csv, quote e'\x01', delimiter e'\x02')`

// export streams the frozen records. staged says that something was brought in
// from outside, which is the evidence then.
func (t table) export(ctx context.Context, tx pgx.Tx, id int64, staged bool, to io.Writer) (int64, error) {
	tag, err := tx.Conn().PgConn().CopyTo(ctx, to, t.exportSQL(id, staged))
	if err != nil {
		return 0, fmt.Errorf("export the frozen records: %w", err)
	}
	return tag.RowsAffected(), nil
}

// ExportSQL is the statement that streams the records of a freeze as its export
// holds them: a COPY to the client.
func (w *Writer) ExportSQL(ctx context.Context, run rollback.Run) (string, error) {
	t, err := w.table(ctx, run)
	if err != nil {
		return "", fault("name the export", err)
	}
	return t.exportSQL(run.FreezeID, false), nil
}

func (t table) exportSQL(id int64, staged bool) string {
	evidence, from := "'null'", ""
	if staged {
		evidence = "coalesce(to_json(s.evidence)::text, 'null')"
		from = "\n	    left join snafu.staged_rows s on s.freeze_id = f.freeze_id and s.key = f.key"
	}
	more := ""
	for i, name := range t.decl.Export {
		if i > 0 {
			more += ", "
		}
		more += "t." + column(name) + "::text"
	}
	return fmt.Sprintf(exportSQL, t.list(t.current()), more, t.name, t.byKey("f"), id, evidence, from)
}
