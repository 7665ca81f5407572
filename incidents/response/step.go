package response

import (
	"context"
	"slices"
	"time"

	"snafu/incidents"
)

// StepKind says whom a step of a ladder calls.
type StepKind string

// The kinds of steps.
const (
	StepOnCall StepKind = "oncall" // who is on call: in the rota that is called, or in Rota
	StepNext   StepKind = "next"   // the next of that rota
	StepAdmins StepKind = "admins" // who looks after the system
	StepPeople StepKind = "people" // these people together
	StepGroup  StepKind = "group"  // the members of a user group of Slack
)

// Step is one step of a ladder.
type Step struct {
	Kind   StepKind
	Rota   string
	People []incidents.Person
	Group  string // id
}

// usualSteps is the ladder where none is configured.
var usualSteps = []Step{{Kind: StepOnCall}, {Kind: StepNext}, {Kind: StepAdmins}}

// ladderOf is the ladder of a call: that of the incident's system, that of the
// rota that is called, or the usual one. What one leaves open it takes from the
// next.
func (r *Response) ladderOf(p incidents.Page, inc incidents.Incident) Ladder {
	l := r.o.Ladder
	if own, ok := r.o.RotaLadders[p.Target]; ok {
		l = own.over(l)
	}
	if s, ok := r.Source(inc.System); ok && s.Ladder != nil {
		l = s.Ladder.over(l)
	}
	return l
}

// over fills what a ladder leaves open from another.
func (l Ladder) over(usual Ladder) Ladder {
	for _, w := range []struct{ own, usual *time.Duration }{{&l.SEV1, &usual.SEV1}, {&l.SEV2, &usual.SEV2}, {&l.SEV3, &usual.SEV3}} {
		if *w.own == 0 {
			*w.own = *w.usual
		}
	}
	if l.Steps == nil {
		l.Steps, l.Repeat = usual.Steps, max(l.Repeat, usual.Repeat)
	}
	return l
}

// finders are the steps of a ladder as they look up their people. name is the rota
// that is called.
func (r *Response) finders(ctx context.Context, now turns, name string, inc incidents.Incident, steps []Step) []finder {
	var list []finder
	for _, s := range steps {
		of := name
		if s.Rota != "" {
			of = s.Rota
		}
		known, there := now.named(of)
		switch {
		case s.Kind == StepPeople:
			list = append(list, func(_ time.Time, tried []incidents.Person) incidents.Rung {
				return incidents.Rung{People: untried(s.People, tried)}
			})
		case s.Kind == StepGroup:
			list = append(list, r.inGroup(ctx, s.Group))
		case s.Kind == StepAdmins:
			if source, ok := r.Source(inc.System); ok && len(source.Admins) > 0 {
				list = append(list, func(_ time.Time, tried []incidents.Person) incidents.Rung {
					return incidents.Rung{Name: "admins of " + source.Name, People: untried(source.Admins, tried)}
				})
			}
		case !there: // the call names a person, and the system has no rota
		case s.Kind == StepNext:
			list = append(list, func(at time.Time, tried []incidents.Person) incidents.Rung {
				return incidents.Rung{Name: known.Name(), People: known.After(at, tried...)}
			})
		default:
			list = append(list, func(at time.Time, tried []incidents.Person) incidents.Rung {
				duty := known.OnCall(at)
				if len(duty.People) == 0 {
					return incidents.Rung{Name: known.Name(), Why: "Nobody is on call in " + known.Name() + " now."}
				}
				return incidents.Rung{Name: known.Name(), People: untried(duty.People, tried)}
			})
		}
	}
	return list
}

// inGroup calls the members of a user group of Slack. A group that Slack does not
// tell is a gap, which is said, and the next step follows at once.
func (r *Response) inGroup(ctx context.Context, group string) finder {
	return func(_ time.Time, tried []incidents.Person) incidents.Rung {
		if r.o.Group == nil {
			return incidents.Rung{}
		}
		members, name, err := r.o.Group(ctx, group)
		if name == "" {
			name = group
		}
		switch {
		case err != nil:
			return incidents.Rung{Name: name, Why: "Slack does not say who is in the group " + name + " now."}
		case len(members) == 0:
			return incidents.Rung{Name: name, Why: "Nobody is in the group " + name + "."}
		}
		return incidents.Rung{Name: name, People: untried(members, tried)}
	}
}

// triedIn are those who were called in one round of a ladder with so many rungs:
// each round calls everybody again.
func triedIn(p incidents.Page, round, rungs int) []incidents.Person {
	var tried []incidents.Person
	for _, s := range p.Steps {
		if int(s.N-1)/rungs == round {
			tried = append(tried, s.People...)
		}
	}
	return slices.Clip(tried)
}
