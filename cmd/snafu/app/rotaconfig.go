package app

import (
	"time"

	"snafu/incidents"
	"snafu/incidents/notify"
	"snafu/incidents/refusal"
	"snafu/incidents/rota"
)

// RotaConfig declares who is on call: members take turns and hand over at a
// civil time of the zone, or a calendar says it.
type RotaConfig struct {
	Zone      string            `yaml:"zone"`
	Anchor    string            `yaml:"anchor"`   // first day of the first turn: 2026-01-05
	Handover  string            `yaml:"handover"` // "09:00"
	Unit      string            `yaml:"unit"`     // hour, day, week or month
	Length    int               `yaml:"length"`   // units of a turn
	Members   []string          `yaml:"members"`  // Slack user ids, in the order of their turns
	Days      []string          `yaml:"days"`     // mon, tue, ...
	From      string            `yaml:"from"`     // "08:00"
	To        string            `yaml:"to"`       // "18:00"
	Overrides []OverrideConfig  `yaml:"overrides"`
	ICalURL   string            `yaml:"ical_url"`
	ICalEnv   string            `yaml:"ical_url_env"`
	ICalFile  string            `yaml:"ical_url_file"`
	Names     map[string]string `yaml:"names"`   // e-mail address or title in the calendar to Slack user id
	Channel   string            `yaml:"channel"` // where what happens to the rota is told
	Usergroup string            `yaml:"usergroup"`
	Ladder    OwnLadderConfig   `yaml:"ladder"` // of its own

	Calendar Secret // the address; it often lets in whoever knows it
}

// OverrideConfig puts somebody else on call for a while; without a person it is
// a gap that everybody knows of.
type OverrideConfig struct {
	Kind   string `yaml:"kind"` // replace, add or remove
	Person string `yaml:"person"`
	From   string `yaml:"from"` // 2026-03-28 09:00, in the zone of the rota
	To     string `yaml:"to"`
}

const overrideForm = "2006-01-02 15:04"

// kept says whether the rota is kept in a calendar.
func (r RotaConfig) kept() bool { return r.ICalURL != "" || r.ICalEnv != "" || r.ICalFile != "" }

func (r *RotaConfig) check(d *decoder, secret secrets, name string, need wish) {
	path := "rotas." + name
	users(d, path+".members", r.Members)
	for _, o := range r.Overrides {
		if o.Person != "" {
			users(d, path+".overrides", []string{o.Person})
		}
	}
	for _, user := range r.Names {
		users(d, path+".names", []string{user})
	}
	if r.Channel != "" && !channelRule.MatchString(r.Channel) {
		d.fault(path+".channel", "%q is not a channel. Write its id, such as C0123ABCD, or \"#its-name\" in quotes.", r.Channel)
	}
	if r.Usergroup != "" && !groupRule.MatchString(r.Usergroup) {
		d.fault(path+".usergroup", "%q is not the id of a user group. Write it as S0123ABCD.", r.Usergroup)
	}
	r.checkCalendar(d, secret, path, need)
	r.Ladder.check(d, path+".ladder")
	person := func(user string) incidents.Person { return incidents.Person("T/" + user) }
	var err error
	if r.kept() {
		var feed rota.Feed
		if feed, err = r.feed(name, person); err == nil {
			err = feed.Check()
		}
	} else {
		_, err = r.rota(name, person)
	}
	if err != nil {
		say := err.Error()
		if r, ok := refusal.As(err); ok {
			say = r.Say
		}
		d.fault(path, "%s", say)
	}
}

func (r *RotaConfig) checkCalendar(d *decoder, secret secrets, path string, need wish) {
	if !r.kept() {
		if len(r.Names) > 0 {
			d.fault(path+".names", "These are names of a calendar. Say where it is with ical_url or ical_url_env.")
		}
		return
	}
	if r.Anchor != "" || len(r.Members) > 0 {
		d.fault(path, "A rota has members, or a calendar. Leave out anchor and members, or ical_url.")
	}
	r.Calendar = NewSecret(r.ICalURL)
	if r.ICalEnv != "" || r.ICalFile != "" {
		if r.ICalURL != "" {
			d.fault(path+".ical_url", "Name the calendar once: by ical_url, ical_url_env or ical_url_file.")
		}
		r.Calendar = secret.read(path+".ical_url", r.ICalEnv, r.ICalFile, need)
	}
	if r.Calendar.Given() {
		if err := notify.CheckURL(r.Calendar.Reveal()); err != nil {
			d.fault(path, "The address of the calendar is not possible: %s", err)
		}
	}
}

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

// rota is the rule with its people.
func (r RotaConfig) rota(name string, person func(user string) incidents.Person) (rota.Rota, error) {
	rule := rota.Rule{
		Name: name, Zone: r.Zone, Anchor: r.Anchor, Handover: or(r.Handover, "09:00"),
		Unit: rota.Unit(or(r.Unit, "week")), Length: or(r.Length, 1), From: r.From, To: r.To,
	}
	for _, m := range r.Members {
		rule.Members = append(rule.Members, person(m))
	}
	for _, day := range r.Days {
		d, ok := weekdays[day]
		if !ok {
			return rota.Rota{}, refusal.Invalid("Rota %s: %q is not a day. Write mon, tue, wed, thu, fri, sat or sun.", name, day)
		}
		rule.Days = append(rule.Days, d)
	}
	var err error
	if rule.Overrides, err = r.overrides(name, person); err != nil {
		return rota.Rota{}, err
	}
	return rota.New(rule)
}

// feed is how the rota's calendar is read.
func (r RotaConfig) feed(name string, person func(user string) incidents.Person) (rota.Feed, error) {
	feed := rota.Feed{Name: name, Zone: r.Zone, People: map[string]incidents.Person{}}
	for known, user := range r.Names {
		feed.People[known] = person(user)
	}
	var err error
	feed.Overrides, err = r.overrides(name, person)
	return feed, err
}

func (r RotaConfig) overrides(name string, person func(user string) incidents.Person) (all []rota.Override, err error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return nil, nil //nolint:nilerr // whoever makes the rota says what is wrong with its zone
	}
	for _, o := range r.Overrides {
		from, err1 := time.ParseInLocation(overrideForm, o.From, zone)
		to, err2 := time.ParseInLocation(overrideForm, o.To, zone)
		if err1 != nil || err2 != nil {
			return nil, refusal.Invalid("Rota %s: write from and to of an override as 2026-03-28 09:00.", name)
		}
		over := rota.Override{Kind: rota.OverrideKind(o.Kind), From: from, To: to}
		if o.Kind == "replace" {
			over.Kind = rota.Replace
		}
		if o.Person != "" {
			over.Person = person(o.Person)
		}
		all = append(all, over)
	}
	return all, nil
}
