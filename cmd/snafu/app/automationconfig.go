package app

import (
	"maps"
	"slices"
	"strings"

	"snafu/rollback"
)

// AutomationConfig declares something that works by itself in a source: a record
// with a switch column, a job of pg_cron, or whatever only a person can stop.
type AutomationConfig struct {
	Title      string       `yaml:"title"`
	Switch     SwitchConfig `yaml:"switch"`
	CronJob    string       `yaml:"cron_job"`
	Manual     bool         `yaml:"manual"`
	Admin      string       `yaml:"admin"`      // Slack user id
	Dependents []string     `yaml:"dependents"` // what stands still with it
	Risky      bool         `yaml:"risky"`      // a second person confirms it
}

// SwitchConfig names one column of one record.
type SwitchConfig struct {
	Table  string            `yaml:"table"`
	Key    map[string]string `yaml:"key"`
	Column string            `yaml:"column"`
	On     string            `yaml:"on"`
	Off    string            `yaml:"off"`
}

func (s SwitchConfig) given() bool {
	return s.Table != "" || s.Column != "" || s.On != "" || s.Off != "" || len(s.Key) > 0
}

func (a *AutomationConfig) check(d *decoder, path, name string, s *SourceConfig, need bool) {
	if !nameRule.MatchString(name) {
		d.fault(path, "%q cannot name an automation. Write small letters, digits, - and _, at most 32.", name)
	}
	if a.Title == "" {
		a.Title = name
	}
	for other, o := range s.Automations {
		if other < name && strings.EqualFold(or(o.Title, other), a.Title) {
			d.fault(path, "Automations %s and %s are both called %q. People tell them apart by that: write two titles.", other, name, a.Title)
		}
		if other < name && a.same(o) { // released by one name, it would work while somebody relies on the other
			d.fault(path, "Automations %s and %s are the same switch. Declare it once.", other, name)
		}
	}
	ways := 0
	for _, way := range []bool{a.Switch.given(), a.CronJob != "", a.Manual} {
		if way {
			ways++
		}
	}
	if ways != 1 {
		d.fault(path, "Automation %s is stopped in one way: switch (a column of a record), cron_job (the name of a job of pg_cron), or manual: true with its admin.", name)
		return
	}
	switch {
	case a.Manual && a.Admin == "":
		d.fault(path, "Automation %s has no admin. Name who can stop it, as a Slack user id.", name)
	case !a.Manual && a.Admin != "":
		d.fault(path+".admin", "Only a manual automation has an admin. snafu switches %s itself.", name)
	case a.Manual && a.Risky:
		d.fault(path+".risky", "Only what snafu switches itself waits for a second person. Of %s its admin judges that.", name)
	case a.Manual:
		users(d, path+".admin", []string{a.Admin})
	case need && !s.ExecDSN.Given():
		d.fault(path, "Source is only measured, so nobody can switch %s for it. Give it an exec_dsn, or write manual: true and its admin.", name)
	}
	if a.Switch.given() {
		a.Switch.check(d, path+".switch", s)
	}
}

// same says that two declarations are of one switch.
func (a AutomationConfig) same(o AutomationConfig) bool {
	return a.CronJob != "" && a.CronJob == o.CronJob ||
		a.Switch.given() && a.Switch.Table == o.Switch.Table && a.Switch.Column == o.Switch.Column && maps.Equal(a.Switch.Key, o.Switch.Key)
}

func (s SwitchConfig) check(d *decoder, path string, of *SourceConfig) {
	for _, key := range []struct{ name, value string }{{"table", s.Table}, {"column", s.Column}, {"on", s.On}, {"off", s.Off}} {
		if key.value == "" {
			d.fault(path, "%s.%s is missing.", path, key.name)
		}
	}
	if len(s.Key) == 0 {
		d.fault(path, "The switch has no key. Name the columns that find its record, and their values.")
	}
	if s.On == s.Off && s.On != "" {
		d.fault(path+".off", "The switch holds %q when it is on and when it is off. Write two values.", s.On)
	}
	if _, ok := s.Key[s.Column]; ok {
		d.fault(path+".column", "%q is part of the key, so it is no switch.", s.Column)
	}
	for _, t := range of.Tables {
		if t.Table == s.Table && slices.Contains(t.Settable, s.Column) {
			d.fault(path+".column", "%q is settable in a plan, so it is no switch.", s.Column)
		}
	}
}

// automations are the declarations of a source by name.
func (s SourceConfig) automations() (all []rollback.Automation) {
	for _, name := range slices.Sorted(maps.Keys(s.Automations)) {
		a := s.Automations[name]
		all = append(all, rollback.Automation{
			Name: name, Title: or(a.Title, name), Cron: a.CronJob, Manual: a.Manual, Admin: a.Admin, Dependents: a.Dependents, Risky: a.Risky,
			Switch: rollback.SwitchColumn{Relation: a.Switch.Table, Key: a.Switch.Key, Column: a.Switch.Column, On: a.Switch.On, Off: a.Switch.Off},
		})
	}
	return all
}
