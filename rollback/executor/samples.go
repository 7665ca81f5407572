package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// enoughLines is how much of a before-image is read for samples when each cohort
// has given its own by then.
const enoughLines = 200_000

// errEnough ends the reading of a file early.
var errEnough = errors.New("enough samples")

// Samples reads some records of each cohort of a frozen plan, or of the one of
// that number, from its before-image: what was approved, or will be. The same
// seed finds the same records. It refuses a plan that is not frozen (state), a
// cohort that there is not (no-cohort), and a file that is gone (export).
func (e *Executor) Samples(ctx context.Context, id rollback.ID, cohort, seed int64) ([]rollback.Sampled, error) {
	view, err := e.approval.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if view.Frozen == nil {
		return nil, rollback.RefuseState(view.Spec.Ref, view.State, "looked at", fmt.Sprintf("`plan freeze %s` fixes its records first.", view.Spec.Ref))
	}
	if cohort != 0 && !slices.ContainsFunc(view.Cohorts, func(k rollback.Cohort) bool { return k.Number == cohort }) {
		return nil, refusal.NotFound("%s has %d cohorts. `/snafu example %s 1` shows records of the first.", view.Spec.Ref, len(view.Cohorts), view.Spec.Ref).Coded("no-cohort")
	}
	t, err := e.approval.Table(view.Spec.Scope)
	if err != nil {
		return nil, err
	}
	p := picked{seed: seed, wanted: map[int64]int{}, best: map[int64][]drawn{}}
	for _, k := range view.Cohorts {
		if n := k.Counts.Total(); n > 0 && (k.Number == cohort || cohort == 0 && len(p.wanted) < rollback.SampledCohorts) {
			p.wanted[k.Number] = int(min(n, rollback.SamplesEach))
		}
	}
	err = lines(view.Frozen.Export.Path, func(line []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := parseLine(line)
		if err != nil {
			return err
		}
		return p.see(r)
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil && !errors.Is(err, errEnough) {
		return nil, refusal.Unavailable("The before-image file of %s is missing or altered, or was deleted after its time, so its records cannot be shown. Freeze it again, or ask whoever runs snafu.", view.Spec.Ref).Coded("export")
	}
	var out []rollback.Sampled
	for _, r := range p.all() {
		out = append(out, t.Sampled(view.Spec.Scope.Set, r.FrozenRow, r.Current, view.Frozen.Export.Columns, r.Export))
	}
	return out, nil
}

// picked are the records of each cohort whose hash with the seed is smallest.
type picked struct {
	seed   int64
	wanted map[int64]int
	best   map[int64][]drawn
	seen   int
}

type drawn struct {
	hash uint64
	record
}

func (p *picked) see(r record) error {
	p.seen++
	if n := p.wanted[r.Cohort]; n > 0 {
		sum := fnv.New64a()
		fmt.Fprintf(sum, "%d %q", p.seed, r.Key)
		all := append(p.best[r.Cohort], drawn{sum.Sum64(), r})
		slices.SortFunc(all, func(a, b drawn) int { return cmp.Compare(a.hash, b.hash) })
		p.best[r.Cohort] = all[:min(n, len(all))]
	}
	if p.seen < enoughLines {
		return nil
	}
	for k, n := range p.wanted {
		if len(p.best[k]) < n {
			return nil
		}
	}
	return errEnough
}

// all is what was picked, by cohort and in the order of the freeze.
func (p *picked) all() []record {
	var out []record
	for _, k := range p.best {
		for _, d := range k {
			out = append(out, d.record)
		}
	}
	slices.SortFunc(out, func(a, b record) int { return cmp.Or(cmp.Compare(a.Cohort, b.Cohort), cmp.Compare(a.Ord, b.Ord)) })
	return out
}
