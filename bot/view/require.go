package view

import (
	"fmt"
)

// required says which records a run leaves alone although they are wrong.
func required(p PlanCard) []string {
	r := p.Spec.Require
	if r == nil {
		return nil
	}
	return []string{fmt.Sprintf("Each record is asked about as it is written, and left alone if: %s (predicate `%.12s`).", Escape(r.Says), r.SHA256)}
}
