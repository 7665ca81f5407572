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

// harmless refuses words that call what may do more than read, by name or behind
// something else. It says which of the names that were called are neither
// functions nor grammar: new names that the statement gives to columns.
func (s statement) harmless(ctx context.Context, tx pgx.Tx, w words, types ...uint32) (given []string, err error) {
	if s.q.Typed && slices.ContainsFunc(w.called, func(c called) bool { return c.name == "operator" }) {
		return nil, rollback.RefuseChange("an operator that is named with its schema")
	}
	known, err := lookedUp(ctx, tx, w.called, s.q.Typed)
	if err != nil {
		return nil, err
	}
	for _, c := range w.called {
		if !slices.Contains(known, c.name) {
			given = append(given, c.name)
		}
	}
	behind, err := reached(ctx, tx, w, types)
	if err != nil {
		return nil, err
	}
	_, err = lookedUp(ctx, tx, behind, false)
	return given, err
}

// lookedUp refuses names of functions that may do more than read, and says which
// of the names are known.
func lookedUp(ctx context.Context, tx pgx.Tx, all []called, typed bool) (known []string, err error) {
	schemas, names := apart(all)
	for i, schema := range schemas {
		if schema == "" {
			schemas[i] = "pg_catalog"
		}
	}
	rows, err := tx.Query(ctx, callsSQL, schemas, names)
	if err != nil {
		return nil, err
	}
	var schema, name string
	var volatile, lends bool
	known = slices.Clone(grammar)
	refused := ""
	if _, err := pgx.ForEachRow(rows, []any{&schema, &name, &volatile, &lends}, func() error {
		known = append(known, name)
		own := schema != "pg_catalog"
		bad := volatile || lends || slices.Contains(reaching, name) || typed && (own || slices.Contains(swelling, name))
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
	return known, nil
}

func apart(all []called) (schemas, names []string) {
	schemas, names = make([]string, len(all)), make([]string, len(all))
	for i, c := range all {
		schemas[i], names[i] = c.schema, c.name
	}
	return schemas, names
}
