package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// explained asks the server how it would run the statement: what that costs,
// and what is called on the way, also behind views and names of columns.
func (s statement) explained(ctx context.Context, tx pgx.Tx, sh shape, most float64) error {
	asked := "explain (format json, verbose) " + s.before + s.alone + s.behind
	result := tx.Conn().PgConn().ExecParams(ctx, asked, s.args(), s.oids, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	if len(result.Rows) != 1 || len(result.Rows[0]) != 1 {
		return errors.New("explain a count: an answer of another shape")
	}
	var plans []struct {
		Plan json.RawMessage
	}
	if err := json.Unmarshal(result.Rows[0][0], &plans); err != nil || len(plans) != 1 {
		return fmt.Errorf("explain a count: unreadable: %w", err)
	}
	var root planNode
	if err := json.Unmarshal(plans[0].Plan, &root); err != nil {
		return fmt.Errorf("explain a count: unreadable: %w", err)
	}
	if root.Cost > most {
		return rollback.RefuseCost(root.Cost, most)
	}
	if s.q.Typed && root.countsItself() {
		return rollback.RefuseOwnCount()
	}
	var all words
	if err := root.each(func(n planNode) error {
		switch {
		case n.Type == "LockRows" || n.Type == "ModifyTable":
			return rollback.RefuseChange("locking or writing rows")
		case n.Type == "Foreign Scan" && s.q.Typed:
			return rollback.RefuseChange("reading a table of another server")
		}
		for _, text := range n.texts {
			w, err := written(text)
			if err != nil {
				return err
			}
			all = all.and(w)
		}
		return nil
	}); err != nil {
		return err
	}
	_, err := s.harmless(ctx, tx, all, sh.types...)
	return err
}

// What a plan says about a step that is no expression: words of the server's,
// and names as they are, without quotes.
var unwritten = []string{
	"Plans", "Node Type", "Strategy", "Partial Mode", "Parent Relationship", "Subplan Name", "Join Type", "Scan Direction", "Command", "Operation",
	"Relation Name", "Schema", "Alias", "Index Name", "CTE Name", "Function Name", "Table Function Name", "Tuplestore Name", "Custom Plan Provider",
	"Cache Mode", "Sampling Method",
}

// planNode is a step of a plan.
type planNode struct {
	Type     string     `json:"Node Type"`
	Strategy string     `json:"Strategy"`
	Role     string     `json:"Parent Relationship"`
	Cost     float64    `json:"Total Cost"`
	Never    string     `json:"One-Time Filter"`
	Plans    []planNode `json:"Plans"`
	texts    []string   // every expression of it
}

// UnmarshalJSON keeps the expressions, whatever they are called.
func (n *planNode) UnmarshalJSON(raw []byte) error {
	type plain planNode
	if err := json.Unmarshal(raw, (*plain)(n)); err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for key, value := range all {
		if !slices.Contains(unwritten, key) {
			n.texts = expressions(n.texts, value)
		}
	}
	return nil
}

func expressions(texts []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(texts, v)
	case []any:
		for _, one := range v {
			texts = expressions(texts, one)
		}
	case map[string]any:
		for _, one := range v {
			texts = expressions(texts, one)
		}
	}
	return texts
}

func (n planNode) each(do func(planNode) error) error {
	if err := do(n); err != nil {
		return err
	}
	for _, p := range n.Plans {
		if err := p.each(do); err != nil {
			return err
		}
	}
	return nil
}

// countsItself says that what we count is the one row of an aggregate, or a row
// of no table: the person's own count.
func (n planNode) countsItself() bool {
	for _, p := range n.Plans {
		switch {
		case p.Role == "InitPlan" || p.Role == "SubPlan":
			continue
		case p.Type == "Aggregate":
			return p.Strategy == "Plain"
		case slices.Contains([]string{"Subquery Scan", "Limit", "Sort", "Unique", "WindowAgg", "ProjectSet", "Result"}, p.Type):
			return p.countsItself()
		}
		return false
	}
	return n.Type == "Result" && n.Never == ""
}
