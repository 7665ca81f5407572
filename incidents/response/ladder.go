package response

import (
	"context"
	"slices"
	"time"

	"snafu/incidents"
)

// finder looks who is on one rung of a ladder at an instant. Who was tried
// before is not called twice; a rung that has only those is passed over in
// silence (Rung without a Why), a rung with a gap is said.
type finder func(at time.Time, tried []incidents.Person) incidents.Rung

// rungs returns the ladder of a call: the person asked for, who is on call, the
// next of the rota, the admins of the system. It is made anew at each step, so
// that a changed rota counts from the next step on.
func (r *Response) rungs(now turns, p incidents.Page, inc incidents.Incident) []finder {
	var list []finder
	name := p.Target
	if p.Person != "" {
		list = append(list, func(time.Time, []incidents.Person) incidents.Rung {
			return incidents.Rung{People: []incidents.Person{p.Person}}
		})
		name = r.rotaOf(inc)
	}
	if known, ok := now.named(name); ok {
		list = append(list,
			func(at time.Time, tried []incidents.Person) incidents.Rung {
				duty := known.OnCall(at)
				if len(duty.People) == 0 {
					return incidents.Rung{Name: known.Name(), Why: "Nobody is on call in " + known.Name() + " now."}
				}
				return incidents.Rung{Name: known.Name(), People: untried(duty.People, tried)}
			},
			func(at time.Time, tried []incidents.Person) incidents.Rung {
				return incidents.Rung{Name: known.Name(), People: known.After(at, tried...)}
			})
	}
	if s, ok := r.Source(inc.System); ok && len(s.Admins) > 0 {
		list = append(list, func(_ time.Time, tried []incidents.Person) incidents.Rung {
			return incidents.Rung{Name: "admins of " + s.Name, People: untried(s.Admins, tried)}
		})
	}
	return list
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
	ladder := r.rungs(now, p, inc)
	for int(p.Rung) < len(ladder) {
		rung := r.find(ladder, int(p.Rung), p, inc, at)
		if len(rung.People) == 0 && rung.Why == "" {
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

// find looks up rung n, and who would be called after it.
func (r *Response) find(ladder []finder, n int, p incidents.Page, inc incidents.Incident, at time.Time) incidents.Rung {
	tried := triedBy(p)
	rung := ladder[n](at, tried)
	rung.N, rung.Window = int64(n+1), r.o.Ladder.window(inc.Severity)
	tried = append(tried, rung.People...)
	for _, later := range ladder[n+1:] {
		if after := later(at.Add(rung.Window), tried); len(after.People) > 0 {
			rung.Next, rung.NextName = after.People, after.Name
			break
		}
	}
	return rung
}

func triedBy(p incidents.Page) []incidents.Person {
	var tried []incidents.Person
	for _, s := range p.Steps {
		tried = append(tried, s.People...)
	}
	return tried
}
