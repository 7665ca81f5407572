package app

import (
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/response"
)

// LadderConfig says who is called one after the other, and how long a page waits
// before the next.
type LadderConfig struct {
	Sev1     time.Duration `yaml:"sev1"`
	Sev2     time.Duration `yaml:"sev2"`
	Sev3     time.Duration `yaml:"sev3"`
	Steps    []string      `yaml:"steps"`
	Repeat   int           `yaml:"repeat"`
	Fallback string        `yaml:"fallback"` // told to people when nobody answered
}

// OwnLadderConfig is the ladder of one rota or one source, as far as it differs
// from the usual one.
type OwnLadderConfig struct {
	Sev1   time.Duration `yaml:"sev1"`
	Sev2   time.Duration `yaml:"sev2"`
	Sev3   time.Duration `yaml:"sev3"`
	Steps  []string      `yaml:"steps"`
	Repeat int           `yaml:"repeat"`
}

func defaultLadder() LadderConfig {
	return LadderConfig{Sev1: 5 * time.Minute, Sev2: 10 * time.Minute, Sev3: 20 * time.Minute}
}

const maxRepeat = 5

func (l LadderConfig) check(d *decoder) {
	OwnLadderConfig{Sev1: l.Sev1, Sev2: l.Sev2, Sev3: l.Sev3, Steps: l.Steps, Repeat: l.Repeat}.check(d, "ladder")
}

func (l OwnLadderConfig) check(d *decoder, path string) {
	for key, window := range map[string]time.Duration{"sev1": l.Sev1, "sev2": l.Sev2, "sev3": l.Sev3} {
		if given := window != 0 || d.has(path+"."+key); given && (window < time.Minute || window > 24*time.Hour) {
			d.fault(path+"."+key, "A page cannot wait %s for an answer. Write 1m to 24h.", window)
		}
	}
	if l.Repeat < 0 || l.Repeat > maxRepeat {
		d.fault(path+".repeat", "A ladder is climbed again %d times. Write 0 to %d.", l.Repeat, maxRepeat)
	}
	for _, step := range l.Steps {
		for _, word := range strings.Fields(step) {
			if !userRule.MatchString(word) && (!groupRule.MatchString(word) && !nameRule.MatchString(word) || len(strings.Fields(step)) > 1) {
				d.fault(path+".steps", "%q is no step. Write oncall, next, admins, the name of a rota, the id of a user group, or the ids of people with blanks between.", step)
				break
			}
		}
		if strings.TrimSpace(step) == "" {
			d.fault(path+".steps", "A step is empty. Write oncall, next, admins, the name of a rota, the id of a user group, or the ids of people.")
		}
	}
}

// checkSteps looks for rotas that nobody declared, once all are known.
func (c Config) checkSteps(d *decoder) {
	check := func(path string, steps []string) {
		for _, step := range steps {
			if s := stepOf(step, func(user string) incidents.Person { return incidents.Person(user) }); s.Rota != "" {
				if _, ok := c.Rotas[s.Rota]; !ok {
					d.fault(path+".steps", "There is no rota %q. Declare it under rotas, or write oncall, next or admins.", s.Rota)
				}
			}
		}
	}
	check("ladder", c.Ladder.Steps)
	for name, r := range c.Rotas {
		check("rotas."+name+".ladder", r.Ladder.Steps)
	}
	for name, s := range c.Sources {
		s.Ladder.check(d, "sources."+name+".ladder")
		check("sources."+name+".ladder", s.Ladder.Steps)
	}
}

func stepOf(step string, person func(string) incidents.Person) response.Step {
	words := strings.Fields(step)
	switch {
	case len(words) == 0:
		return response.Step{}
	case userRule.MatchString(words[0]):
		return response.Step{Kind: response.StepPeople, People: people(words, person)}
	case groupRule.MatchString(words[0]):
		return response.Step{Kind: response.StepGroup, Group: words[0]}
	case words[0] == "oncall" || words[0] == "next" || words[0] == "admins":
		return response.Step{Kind: response.StepKind(words[0])}
	}
	return response.Step{Kind: response.StepOnCall, Rota: words[0]}
}

func stepsOf(words []string, person func(string) incidents.Person) (all []response.Step) {
	for _, step := range words {
		all = append(all, stepOf(step, person))
	}
	return all
}

func (l LadderConfig) ladder(person func(string) incidents.Person) response.Ladder {
	return response.Ladder{SEV1: l.Sev1, SEV2: l.Sev2, SEV3: l.Sev3, Fallback: l.Fallback, Steps: stepsOf(l.Steps, person), Repeat: l.Repeat}
}

// ladder is nil where nothing of it is configured.
func (l OwnLadderConfig) ladder(person func(string) incidents.Person) *response.Ladder {
	if l.Sev1 == 0 && l.Sev2 == 0 && l.Sev3 == 0 && l.Repeat == 0 && len(l.Steps) == 0 {
		return nil
	}
	return &response.Ladder{SEV1: l.Sev1, SEV2: l.Sev2, SEV3: l.Sev3, Steps: stepsOf(l.Steps, person), Repeat: l.Repeat}
}

func (c Config) rotaLadders(person func(string) incidents.Person) map[string]response.Ladder {
	all := map[string]response.Ladder{}
	for name, r := range c.Rotas {
		if l := r.Ladder.ladder(person); l != nil {
			all[name] = *l
		}
	}
	return all
}
