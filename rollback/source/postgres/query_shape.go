package postgres

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/rollback"
)

// shape is what a statement answers with.
type shape struct {
	grouped  bool
	personal bool // the label is a column of personal data
	perhaps  bool // the label may be
	careful  bool // what it asks for may tell about somebody
	types    []uint32
}

// The types that hold whole numbers; numeric may, and is looked at.
var wholeOIDs = []uint32{20, 21, 23, 1700}

// shapeOf looks at the columns of a reviewed statement before it is run.
func (o Options) shapeOf(ctx context.Context, tx pgx.Tx, fields []pgconn.FieldDescription, w words) (shape, error) {
	n := len(fields)
	switch {
	case n == 0:
		return shape{}, rollback.RefuseShape("has no column")
	case n > 2:
		return shape{}, rollback.RefuseShape(fmt.Sprintf("has %d columns", n))
	case !slices.Contains(wholeOIDs, fields[n-1].DataTypeOID):
		return shape{}, rollback.RefuseShape("has no whole number in its last column")
	}
	sh := shape{grouped: n == 2}
	for _, f := range fields {
		sh.types = append(sh.types, f.DataTypeOID)
	}
	if sh.grouped {
		var record bool
		if err := tx.QueryRow(ctx, recordSQL, fields[0].DataTypeOID).Scan(&record); err != nil {
			return sh, err
		}
		if record {
			return sh, rollback.RefuseShape("has whole records for labels")
		}
		var err error
		if sh.personal, sh.perhaps, err = o.personal(ctx, tx, fields[0], w); err != nil {
			return sh, err
		}
	}
	return sh, nil
}

const recordSQL = `
	select exists (select from pg_catalog.pg_type t left join pg_catalog.pg_type e on e.oid = t.typelem
	                where t.oid = $1 and ('c' in (t.typtype, e.typtype) or 'pg_catalog.record'::regtype in (t.oid, e.oid)))`

// run runs the statement and reads its answer.
func (s statement) run(ctx context.Context, tx pgx.Tx, sh shape) (rollback.Found, error) {
	found := rollback.Found{Grouped: sh.grouped}
	result := tx.Conn().PgConn().ExecParams(ctx, s.before+s.alone+s.behind, s.args(), s.oids, nil, nil).Read()
	if result.Err != nil {
		return found, result.Err
	}
	switch {
	case !sh.grouped && len(result.Rows) != 1:
		return found, rollback.RefuseShape(fmt.Sprintf("has %s rows", rows(len(result.Rows))))
	case len(result.Rows) > rollback.MostGroups:
		return found, rollback.RefuseShape("has more lines")
	}
	for _, row := range result.Rows {
		g, err := groupOf(row, sh)
		if err != nil {
			return found, err
		}
		found.Groups = append(found.Groups, g)
	}
	return found, nil
}

// args are the values as they are sent; where a check has none, nothing is.
func (s statement) args() [][]byte {
	all := make([][]byte, len(s.oids))
	for i, a := range s.q.Args {
		all[i] = []byte(a)
	}
	return all
}

func rows(n int) string {
	if n > rollback.MostGroups {
		return fmt.Sprintf("more than %d", rollback.MostGroups)
	}
	return fmt.Sprint(n)
}

// groupOf reads one line of an answer.
func groupOf(row [][]byte, sh shape) (rollback.FoundGroup, error) {
	var g rollback.FoundGroup
	last := row[len(row)-1]
	if last == nil {
		return g, rollback.RefuseShape("has nothing where the number belongs")
	}
	n, ok := new(big.Rat).SetString(string(last))
	if !ok || !n.IsInt() || !n.Num().IsInt64() {
		return g, rollback.RefuseShape("has a number that is not whole, or too large")
	}
	g.N = n.Num().Int64()
	if sh.grouped {
		if row[0] == nil {
			g.Label = rollback.Null()
		} else {
			g.Label = rollback.Text(string(row[0]))
		}
		g.Hidden = sh.personal || sh.perhaps && g.N < rollback.Few || rollback.Personal(g.Label.Text)
		g.Label.Text = rollback.GroupLabel(g.Label.Text)
	}
	if g.Few = (g.Hidden || sh.careful) && g.N < rollback.Few; g.Few {
		g.N = 0
	}
	if g.Hidden {
		g.Label = rollback.Value{}
	}
	return g, nil
}
