package response

import (
	"context"
	"slices"
	"time"

	"snafu/incidents"
)

// finder looks who is on one rung of a ladder at an instant. Who was tried
// before is not called twice in one round; a rung that has only those is passed over in
// silence (Rung without a Why), a rung with a gap is said.
type finder func(at time.Time, tried []incidents.Person) incidents.Rung

// rungs returns one round of the ladder of a call: the person asked for, then its
// steps. It is made anew at each step, so that a changed rota counts from the
// next step on.
func (r *Response) rungs(ctx context.Context, now turns, p incidents.Page, inc incidents.Incident) []finder {
	var list []finder
	name := p.Target
	if p.Person != "" {
		list = append(list, func(_ time.Time, tried []incidents.Person) incidents.Rung {
			return incidents.Rung{People: untried([]incidents.Person{p.Person}, tried)}
		})
		name = r.rotaOf(inc)
	}
	steps := r.ladderOf(p, inc).Steps
	if len(steps) == 0 {
		steps = usualSteps
	}
	return append(list, r.finders(ctx, now, name, inc, steps)...)
}

func untried(people, tried []incidents.Person) []incidents.Person {
	var left []incidents.Person
	for _, p := range people {
		if !slices.Contains(tried, p) && !slices.Contains(left, p) {
			left = append(left, p)
		}
	}
	return left
}

// rotaOf returns the rota that helps with an incident's system, or "".
func (r *Response) rotaOf(inc incidents.Incident) string {
	if s, ok := r.Source(inc.System); ok && s.Rota != "" {
		return s.Rota
	}
	return r.o.DefaultRota
}

// fallbackOf returns the contact outside Slack for an incident's system.
func (r *Response) fallbackOf(inc incidents.Incident) string {
	if s, ok := r.Source(inc.System); ok && s.Fallback != "" {
		return s.Fallback
	}
	return r.o.Ladder.Fallback
}

// climb calls the next rung that has somebody, says each gap on the way, and
// gives up at the end of the ladder.
func (r *Response) climb(ctx context.Context, q asker, p incidents.Page, inc incidents.Incident, at time.Time) (incidents.Page, []incidents.Fact, error) {
	now, err := r.rotas(ctx, q, at)
	if err != nil {
		return p, nil, err
	}
	var facts []incidents.Fact
	round := r.rungs(ctx, now, p, inc)
	rounds := 1 + r.ladderOf(p, inc).Repeat
	for int(p.Rung) < len(round)*rounds {
		rung := r.find(round, rounds, int(p.Rung), p, inc, at)
		if len(rung.People) == 0 && (rung.Why == "" || saidJustNow(p, rung, at)) {
			p.Rung = rung.N
			continue
		}
		next, fact, err := p.Try(rung, at)
		if err != nil {
			return p, nil, err
		}
		p, facts = next, append(facts, fact)
		if len(rung.People) > 0 {
			return p, facts, nil
		}
	}
	p, fact, err := p.GiveUp(inc.Lead, at)
	return p, append(facts, fact), err
}

// saidJustNow is true of a gap that the round before this one has met at the same
// instant: with nobody between them to be called, it is said once.
func saidJustNow(p incidents.Page, gap incidents.Rung, at time.Time) bool {
	return slices.ContainsFunc(p.Steps, func(s incidents.PageStep) bool {
		return s.Outcome == incidents.StepNobody && s.Why == gap.Why && s.At.Equal(at)
	})
}

// find looks up rung n of all rounds, and who would be called after it.
func (r *Response) find(round []finder, rounds, n int, p incidents.Page, inc incidents.Incident, at time.Time) incidents.Rung {
	tried := triedIn(p, n/len(round), len(round))
	rung := round[n%len(round)](at, tried)
	rung.N, rung.Window = int64(n+1), r.ladderOf(p, inc).window(inc.Severity)
	tried = append(tried, rung.People...)
	for later := n + 1; later < len(round)*rounds; later++ {
		if later%len(round) == 0 {
			tried = nil // all are called again
		}
		if after := round[later%len(round)](at.Add(rung.Window), tried); len(after.People) > 0 {
			rung.Next, rung.NextName = after.People, after.Name
			break
		}
	}
	return rung
}
