package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Whatever has a name that is called is looked up. Under an empty search path a
// bare name is the catalogue's, so what is found is what the server would call.
const callsSQL = `
	select n.nspname::text, p.proname::text, bool_or(p.provolatile = 'v' or p.prokind = 'p'), bool_or(p.prosecdef)
	  from unnest($1::text[], $2::text[]) as w (schema, name)
	  join pg_catalog.pg_namespace n on n.nspname = w.schema
	  join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
	 group by 1, 2 order by 1, 2`

// reaching do more than read though the catalogue calls them stable: they take
// a number for a transaction, or run statements of their own.
var reaching = []string{
	"txid_current", "pg_current_xact_id", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
	"table_to_xml", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xml_and_xmlschema",
	"cursor_to_xml", "ts_stat", "ts_rewrite",
}

// swelling make much out of little, faster than any limit on time ends it. A
// reviewed statement knows why it does; a typed one has no need of them.
var swelling = []string{
	"repeat", "lpad", "rpad", "array_fill", "generate_series", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg",
	"xmlagg", "xmlconcat",
}

// grammar are the words that a bracket follows and that call nothing.
var grammar = []string{
	"all", "and", "any", "array", "as", "between", "by", "case", "cast", "coalesce", "cube", "distinct", "else", "except", "exists", "extract", "filter",
	"from", "greatest", "group", "grouping", "having", "ilike", "in", "intersect", "is", "join", "lateral", "least", "like", "limit", "materialized", "not",
	"nullif", "offset", "on", "or", "over", "overlay", "position", "rollup", "row", "select", "sets", "some", "substring", "then", "trim", "union", "using",
	"values", "when", "where", "with",
}

// harmless refuses a statement that calls what may do more than read. It says
// which of the names that were called are neither functions nor grammar: new
// names that the statement gives to columns.
func (s statement) harmless(ctx context.Context, tx pgx.Tx, all []called) (given []string, err error) {
	schemas, names := make([]string, len(all)), make([]string, len(all))
	for i, c := range all {
		if s.q.Typed && c.name == "operator" {
			return nil, rollback.RefuseChange("an operator that is named with its schema")
		}
		schemas[i], names[i] = c.schema, c.name
		if c.schema == "" {
			schemas[i] = "pg_catalog"
		}
	}
	rows, err := tx.Query(ctx, callsSQL, schemas, names)
	if err != nil {
		return nil, err
	}
	var schema, name string
	var volatile, lends bool
	known := slices.Clone(grammar)
	refused := ""
	if _, err := pgx.ForEachRow(rows, []any{&schema, &name, &volatile, &lends}, func() error {
		known = append(known, name)
		own := schema != "pg_catalog"
		bad := volatile || lends || slices.Contains(reaching, name) || s.q.Typed && (own || slices.Contains(swelling, name))
		if bad && refused == "" {
			if refused = name; own {
				refused = schema + "." + name
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if refused != "" {
		return nil, rollback.RefuseChange("the function " + refused)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			given = append(given, n)
		}
	}
	return given, nil
}
