package app

import (
	"maps"
	"slices"
	"time"

	"snafu/bot"
	"snafu/incidents"
	"snafu/incidents/response"
	"snafu/incidents/rota"
	"snafu/rollback/approval"
)

// Each room has its own options; here the configuration is cut up for them.

func (s SlackConfig) options() bot.SlackOptions {
	return bot.SlackOptions{BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), APIURL: s.APIURL, SecondAfter: s.SecondAfter, Listen: s.Listen, SigningSecret: s.SigningSecret.Reveal()}
}

func (l LimitsConfig) perPerson() bot.Rate    { return rate(l.ActsPerPerson) }
func (l LimitsConfig) perWorkspace() bot.Rate { return rate(l.Acts) }

func rate(perMinute int64) bot.Rate {
	if perMinute == 0 {
		return bot.Rate{}
	}
	return bot.Rate{PerMinute: int(perMinute), Burst: int(perMinute)}
}

func (c Config) rotas(person func(string) incidents.Person) ([]rota.Rota, error) {
	var all []rota.Rota
	for _, name := range slices.Sorted(maps.Keys(c.Rotas)) {
		if c.Rotas[name].kept() {
			continue
		}
		r, err := c.Rotas[name].rota(name, person)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (c Config) feeds(person func(string) incidents.Person) (all []rota.Feed, err error) {
	for _, name := range slices.Sorted(maps.Keys(c.Rotas)) {
		if !c.Rotas[name].kept() {
			continue
		}
		feed, err := c.Rotas[name].feed(name, person)
		if err != nil {
			return nil, err
		}
		all = append(all, feed)
	}
	return all, nil
}

// channels are where what happens to each rota is told.
func (c Config) channels() map[string]string {
	all := map[string]string{}
	for name, r := range c.Rotas {
		if r.Channel != "" {
			all[name] = r.Channel
		}
	}
	return all
}

// usergroups are the groups of Slack that follow rotas, by the name of the rota.
func (c Config) usergroups() map[string]string {
	all := map[string]string{}
	for name, r := range c.Rotas {
		if r.Usergroup != "" {
			all[name] = r.Usergroup
		}
	}
	return all
}

func people(users []string, person func(string) incidents.Person) []incidents.Person {
	var all []incidents.Person
	for _, u := range users {
		all = append(all, person(u))
	}
	return all
}

func (c Config) each(do func(name string, s SourceConfig)) {
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		do(name, c.Sources[name])
	}
}

func (c Config) infos(person func(string) incidents.Person) (all []response.SourceInfo) {
	c.each(func(name string, s SourceConfig) {
		info := response.SourceInfo{Name: name, Title: s.Title, Rota: s.Rota, Admins: people(s.Admins, person), Fallback: or(s.Fallback, c.Ladder.Fallback), Vendor: s.Vendor, Ladder: s.Ladder.ladder(person)}
		for _, t := range s.tables() {
			info.Tables = append(info.Tables, t.Name)
		}
		all = append(all, info)
	})
	return all
}

func (c Config) approvals() (all []approval.Source) {
	c.each(func(name string, s SourceConfig) {
		all = append(all, approval.Source{
			Name: name, Title: s.Title, Admins: s.Admins, Tables: s.tables(), Automations: s.automations(), Drill: s.Drill,
			Users: s.Approvers.Users, Usergroup: s.Approvers.Usergroup, Needed: int64(s.Approvers.Needed),
			RequesterCounts: s.Approvers.RequesterCounts, InvolvedCounts: s.Approvers.Involved == involvedAllow,
			Discussed:  s.Approvers.Discussed == discussedDemand,
			BreakGlass: approval.Glass{Enabled: s.Approvers.BreakGlass.Enabled, MaxRows: s.Approvers.BreakGlass.MaxRows},
			Limits:     s.Limits.limits(), Tolerance: s.Tolerance.tolerance(), Batch: s.Batch.batching(),
		})
	})
	return all
}

func (c Config) told() (all []bot.Source) {
	c.each(func(name string, s SourceConfig) {
		to := bot.Source{Name: name, Title: s.Title}
		for _, t := range s.tables() {
			if kept := t.History.Retention; kept > 0 && (to.History == 0 || kept < to.History) {
				to.History = kept
			}
			to.Tables = append(to.Tables, bot.Table{Name: t.Name, Unit: t.Unit, Set: t.Settable, Removable: t.Archive.Column != "", Insertable: len(t.Insertable) > 0, Lists: slices.Sorted(maps.Keys(t.Lists))})
		}
		for _, evidence := range slices.Sorted(maps.Keys(s.Evidence)) {
			to.Evidence = append(to.Evidence, bot.Evidence{Name: evidence, Table: s.Evidence[evidence].Table})
		}
		all = append(all, to)
	})
	return all
}

// longestCount is how long one count may take in the source that may take
// longest.
func (c Config) longestCount() (longest time.Duration) {
	c.each(func(_ string, s SourceConfig) { longest = max(longest, or(s.Counts.StatementTimeout, 15*time.Second)) })
	return longest
}

// zone is that of the house, UTC if it has none, and nil for one that does not
// exist.
func (c Config) zone() *time.Location {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil
	}
	return zone
}
