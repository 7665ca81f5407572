package app

import (
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/rota"
)

// RotaConfig declares who is on call: members take turns and hand over at a
// civil time of the zone.
type RotaConfig struct {
	Zone      string           `yaml:"zone"`
	Anchor    string           `yaml:"anchor"`   // first day of the first turn: 2026-01-05
	Handover  string           `yaml:"handover"` // "09:00"
	Unit      string           `yaml:"unit"`     // hour, day or week
	Length    int              `yaml:"length"`   // units of a turn
	Members   []string         `yaml:"members"`  // Slack user ids, in the order of their turns
	Overrides []OverrideConfig `yaml:"overrides"`
}

// OverrideConfig puts somebody else on call for a while; without a person it is
// a gap that everybody knows of.
type OverrideConfig struct {
	Person string `yaml:"person"`
	From   string `yaml:"from"` // 2026-03-28 09:00, in the zone of the rota
	To     string `yaml:"to"`
}

// LadderConfig says how long a page waits before the next person is called.
type LadderConfig struct {
	Sev1     time.Duration `yaml:"sev1"`
	Sev2     time.Duration `yaml:"sev2"`
	Sev3     time.Duration `yaml:"sev3"`
	Fallback string        `yaml:"fallback"` // told to people when nobody answered
}

func defaultLadder() LadderConfig {
	return LadderConfig{Sev1: 5 * time.Minute, Sev2: 10 * time.Minute, Sev3: 20 * time.Minute}
}

func (l LadderConfig) check(d *decoder) {
	for key, window := range map[string]time.Duration{"sev1": l.Sev1, "sev2": l.Sev2, "sev3": l.Sev3} {
		if window < time.Minute || window > 24*time.Hour {
			d.fault("ladder."+key, "A page cannot wait %s for an answer. Write 1m to 24h.", window)
		}
	}
}

const overrideForm = "2006-01-02 15:04"

func (r RotaConfig) check(d *decoder, name string) {
	path := "rotas." + name
	users(d, path+".members", r.Members)
	for _, o := range r.Overrides {
		if o.Person != "" {
			users(d, path+".overrides", []string{o.Person})
		}
	}
	if _, err := r.rota(name, func(user string) incidents.Person { return incidents.Person("T/" + user) }); err != nil {
		say := err.Error()
		if r, ok := refusal.As(err); ok {
			say = r.Say
		}
		d.fault(path, "%s", say)
	}
}

// rota is the rule with its people.
func (r RotaConfig) rota(name string, person func(user string) incidents.Person) (rota.Rota, error) {
	rule := rota.Rule{
		Name: name, Zone: r.Zone, Anchor: r.Anchor, Handover: or(r.Handover, "09:00"),
		Unit: rota.Unit(or(r.Unit, "week")), Length: or(r.Length, 1),
	}
	for _, m := range r.Members {
		rule.Members = append(rule.Members, person(m))
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return rota.New(rule) // says what is wrong with the zone
	}
	for _, o := range r.Overrides {
		from, err1 := time.ParseInLocation(overrideForm, o.From, zone)
		to, err2 := time.ParseInLocation(overrideForm, o.To, zone)
		if err1 != nil || err2 != nil {
			return rota.Rota{}, refusal.Invalid("Rota %s: write from and to of an override as 2026-03-28 09:00.", name)
		}
		over := rota.Override{From: from, To: to}
		if o.Person != "" {
			over.Person = person(o.Person)
		}
		rule.Overrides = append(rule.Overrides, over)
	}
	return rota.New(rule)
}
