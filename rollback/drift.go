package rollback

// Verdict is what a drift means for the plan.
type Verdict int

// The verdicts. VerdictFail means that the wrong database or altered records
// were found: the plan ends. VerdictRedraft means that the world moved: back to
// draft.
const (
	VerdictGo Verdict = iota
	VerdictRedraft
	VerdictFail
)

// Judge says what a preflight means, and refuses in words unless it may go on:
// target and rows-digest end the plan; schema, growth and shrink send it back
// to draft. Growth is never tolerated, shrink within the plan's tolerance.
func (d Drift) Judge(r Run, unit string) (Verdict, error) {
	allowed := r.Tolerance.Allows(r.Writes())
	switch {
	case d.Target != "":
		return VerdictFail, RefuseTarget(r.Ref, d.Target)
	case !d.RowsKept:
		return VerdictFail, RefuseRowsDigest()
	case len(d.Schema) > 0:
		return VerdictRedraft, RefuseSchema(r.Ref, r.Frozen.Relation.Schema+"."+r.Frozen.Relation.Name, d.Schema)
	case d.Growth > 0:
		return VerdictRedraft, RefuseGrowth(r.Ref, d.Growth, unit)
	case d.Shrink > allowed:
		return VerdictRedraft, RefuseShrink(r.Ref, d.Shrink, r.Writes(), unit, allowed)
	}
	return VerdictGo, nil
}
