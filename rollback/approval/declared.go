package approval

import "snafu/rollback"

// Table is what the configuration declares about the table of a scope. It
// refuses a source, table or column that is not declared.
func (a *Approval) Table(scope rollback.Scope) (rollback.Table, error) {
	s, err := a.source(scope.Source)
	if err != nil {
		return rollback.Table{}, err
	}
	return s.planned(scope)
}
