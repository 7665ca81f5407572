package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// A function need not be called by its name. It stands behind a view, an
// operator, an aggregate, a cast that nobody wrote, the check of a domain, a
// type's text, or an index that the planner looks at. The catalogue knows which
// function stands behind what, so it is asked, from each name that is written:
// before the server reads the statement, because reading a text as a value of a
// type runs that type's functions already.
//
// Of what came with the server the catalogue keeps no such list. None of it is
// behind anything but a name that is called, so of views and checks the text is
// read as well.
const reachSQL = `
	with recursive reach (class, obj, via) as (
	  select k.class, k.obj, ''
	    from (select 'pg_catalog.pg_class'::regclass::oid as class, c.oid as obj
	            from unnest($1::text[], $2::text[]) as w (schema, name) join pg_catalog.pg_namespace n on n.nspname = w.schema
	            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
	          union all
	          select 'pg_catalog.pg_type'::regclass, t.oid
	            from unnest($1::text[], $2::text[]) as w (schema, name) join pg_catalog.pg_namespace n on n.nspname = w.schema
	            join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name
	          union all
	          select 'pg_catalog.pg_type'::regclass, o from unnest($3::oid[]) as o
	          union all
	          select 'pg_catalog.pg_proc'::regclass, p.oid
	            from unnest($4::text[], $5::text[]) as w (schema, name) join pg_catalog.pg_namespace n on n.nspname = w.schema
	            join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
	          union all
	          select 'pg_catalog.pg_operator'::regclass, o.oid
	            from unnest($6::text[], $7::text[]) as w (schema, name) join pg_catalog.pg_namespace n on n.nspname = w.schema
	            join pg_catalog.pg_operator o on o.oprnamespace = n.oid and o.oprname = w.name
	          union all
	          select 'pg_catalog.pg_proc'::regclass, c.castfunc from pg_catalog.pg_cast c where c.castfunc >= 16384 and c.castsource < 16384 and c.casttarget < 16384) as k
	  union
	  select s.class, s.obj, s.via
	    from reach r cross join lateral (
	      select d.refclassid as class, d.refobjid as obj, 'the view ' || v.oid::regclass as via
	        from pg_catalog.pg_class v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
	        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
	       where r.class = 'pg_catalog.pg_class'::regclass and v.oid = r.obj and v.relkind = 'v' and d.refobjid <> v.oid
	      union all
	      select 'pg_catalog.pg_type'::regclass, a.atttypid, ''
	        from pg_catalog.pg_attribute a
	       where r.class = 'pg_catalog.pg_class'::regclass and a.attrelid = r.obj and a.attnum > 0 and not a.attisdropped and a.attname = any ($8::text[])
	      union all
	      select d.refclassid, d.refobjid, 'an index of ' || i.indrelid::regclass
	        from pg_catalog.pg_index i join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = i.indexrelid
	       where r.class = 'pg_catalog.pg_class'::regclass and i.indrelid = r.obj and d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
	      union all
	      select d.refclassid, d.refobjid, 'the statistics of ' || x.stxrelid::regclass
	        from pg_catalog.pg_statistic_ext x join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_statistic_ext'::regclass and d.objid = x.oid
	       where r.class = 'pg_catalog.pg_class'::regclass and x.stxrelid = r.obj and d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
	      union all
	      select d.refclassid, d.refobjid, 'a column of ' || f.adrelid::regclass
	        from pg_catalog.pg_attrdef f join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum and a.attgenerated = 'v'
	        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = f.oid
	       where r.class = 'pg_catalog.pg_class'::regclass and f.adrelid = r.obj and d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
	      union all
	      select d.refclassid, d.refobjid, 'the partitions of ' || d.objid::regclass
	        from pg_catalog.pg_depend d
	       where r.class = 'pg_catalog.pg_class'::regclass and d.classid = 'pg_catalog.pg_class'::regclass and d.objid = r.obj and d.objsubid = 0
	         and d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
	      union all
	      select r.class, i.inhrelid, '' from pg_catalog.pg_inherits i where r.class = 'pg_catalog.pg_class'::regclass and i.inhparent = r.obj
	      union all
	      select 'pg_catalog.pg_proc'::regclass, o.oprcode, coalesce(nullif(r.via, ''), 'the operator ' || o.oid::regoperator)
	        from pg_catalog.pg_operator o where r.class = 'pg_catalog.pg_operator'::regclass and o.oid = r.obj
	      union all
	      select 'pg_catalog.pg_proc'::regclass, f, coalesce(nullif(r.via, ''), 'the aggregate ' || a.aggfnoid::regproc)
	        from pg_catalog.pg_aggregate a
	       cross join unnest(array[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn]::oid[]) as f
	       where r.class = 'pg_catalog.pg_proc'::regclass and a.aggfnoid = r.obj and f <> 0
	      union all
	      select 'pg_catalog.pg_type'::regclass, t, r.via
	        from pg_catalog.pg_proc p cross join unnest(p.proargtypes::oid[] || p.prorettype) as t
	       where r.class = 'pg_catalog.pg_proc'::regclass and p.oid = r.obj and p.oid >= 16384
	      union all
	      select 'pg_catalog.pg_type'::regclass, t, r.via
	        from pg_catalog.pg_type y left join pg_catalog.pg_range g on g.rngtypid = y.oid cross join unnest(array[y.typbasetype, y.typelem, g.rngsubtype]) as t
	       where r.class = 'pg_catalog.pg_type'::regclass and y.oid = r.obj and t >= 16384
	      union all
	      select 'pg_catalog.pg_proc'::regclass, f, 'the type ' || y.oid::regtype
	        from pg_catalog.pg_type y left join pg_catalog.pg_range g on g.rngtypid = y.oid cross join unnest(array[y.typinput, y.typoutput, g.rngcanonical, g.rngsubdiff]::oid[]) as f
	       where r.class = 'pg_catalog.pg_type'::regclass and y.oid = r.obj and f >= 16384
	      union all
	      select 'pg_catalog.pg_proc'::regclass, p.amproc, 'the order of ' || c.opcintype::regtype
	        from pg_catalog.pg_opclass c join pg_catalog.pg_amproc p on p.amprocfamily = c.opcfamily and p.amproclefttype = c.opcintype
	       where r.class = 'pg_catalog.pg_type'::regclass and c.opcintype = r.obj and r.obj >= 16384 and p.amproc >= 16384
	      union all
	      select 'pg_catalog.pg_operator'::regclass, p.amopopr, 'the order of ' || c.opcintype::regtype
	        from pg_catalog.pg_opclass c join pg_catalog.pg_amop p on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype
	       where r.class = 'pg_catalog.pg_type'::regclass and c.opcintype = r.obj and r.obj >= 16384 and p.amopopr >= 16384
	      union all
	      select 'pg_catalog.pg_proc'::regclass, c.castfunc, 'a cast from ' || c.castsource::regtype || ' to ' || c.casttarget::regtype
	        from pg_catalog.pg_cast c
	       where r.class = 'pg_catalog.pg_type'::regclass and r.obj >= 16384 and (c.castsource = r.obj or c.casttarget = r.obj) and c.castfunc >= 16384
	      union all
	      select 'pg_catalog.pg_constraint'::regclass, c.oid, 'a check of ' || c.contypid::regtype
	        from pg_catalog.pg_constraint c where r.class = 'pg_catalog.pg_type'::regclass and r.obj >= 16384 and c.contypid = r.obj
	      union all
	      select d.refclassid, d.refobjid, r.via
	        from pg_catalog.pg_depend d where r.class = 'pg_catalog.pg_constraint'::regclass and d.classid = r.class and d.objid = r.obj
	    ) as s)
	select p.oid::regproc::text, r.via, null
	  from reach r join pg_catalog.pg_proc p on r.class = 'pg_catalog.pg_proc'::regclass and p.oid = r.obj
	 where r.via <> '' and (p.provolatile = 'v' or p.prokind = 'p' or p.prosecdef)
	 union
	select '', '', pg_catalog.pg_get_viewdef(c.oid)
	  from reach r join pg_catalog.pg_class c on r.class = 'pg_catalog.pg_class'::regclass and c.oid = r.obj and c.relkind = 'v'
	 union
	select '', '', pg_catalog.pg_get_expr(c.conbin, 0)
	  from reach r join pg_catalog.pg_constraint c on r.class = 'pg_catalog.pg_constraint'::regclass and c.oid = r.obj and c.contype = 'c'
	 order by 1 desc`

// reached refuses words behind which a function stands that may do more than
// read. It returns what views and checks behind them call by name.
func reached(ctx context.Context, tx pgx.Tx, w words, types []uint32) (behind []called, err error) {
	schemas, names := apart(w.pairs)
	of, functions := apart(w.called)
	at, operators := apart(w.operators)
	rows, err := tx.Query(ctx, reachSQL, schemas, names, types, of, functions, at, operators, w.names)
	if err != nil {
		return nil, err
	}
	var function, via string
	var text *string
	refused := ""
	if _, err := pgx.ForEachRow(rows, []any{&function, &via, &text}, func() error {
		if text == nil {
			refused = fmt.Sprintf("the function %s (behind %s)", function, via)
			return nil
		}
		within, err := written(*text)
		behind = append(behind, within.called...)
		return err
	}); err != nil {
		return nil, err
	}
	if refused != "" {
		return nil, rollback.RefuseChange(refused)
	}
	return behind, nil
}
