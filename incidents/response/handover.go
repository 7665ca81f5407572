package response

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
)

// TellHandover asks for a hand-over to be told in the channel of the rota.
type TellHandover struct {
	Rota string             `json:"rota"`
	Ends []incidents.Person `json:"ends"`
	At   time.Time          `json:"at"`
}

// Kind names the job.
func (TellHandover) Kind() string { return "tell-handover" }

// Queue keeps it beside what else is told.
func (TellHandover) Queue() string { return jobs.Tell }

// SetGroup asks for a user group of Slack to hold who is on call.
type SetGroup struct {
	Group string    `json:"group"`
	At    time.Time `json:"at"`
}

// Kind names the job.
func (SetGroup) Kind() string { return "set-group" }

// Queue keeps it beside what else is told.
func (SetGroup) Queue() string { return jobs.Tell }

const (
	dutiesThen = `
	select people, at
	from rota_duties
	where rota = $1
	for update`

	keepDuty = `
	insert into rota_duties (rota, people, at)
	values ($1, $2, $3)
	on conflict (rota) do update
	set people = excluded.people, at = excluded.at`
)

// Handovers looks who is on call in each rota now, and asks for every hand-over
// since it last looked to be told, each once. Hours in which nobody answers are
// no hand-over: whoever comes after them takes over from who went before. It
// also asks for the user groups that follow the rotas.
func (r *Response) Handovers(ctx context.Context) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		list, err := r.rotas(ctx, tx, at)
		if err != nil {
			return err
		}
		for _, known := range list {
			if err := handOver(ctx, tx, known.Name(), known.OnCall(at).People, at); err != nil {
				return err
			}
		}
		for _, group := range r.groups() {
			if err := r.followGroup(ctx, tx, list, group, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func handOver(ctx context.Context, tx pgx.Tx, name string, people []incidents.Person, at time.Time) error {
	var was []string
	var then time.Time
	err := tx.QueryRow(ctx, dutiesThen, name).Scan(&was, &then)
	first := errors.Is(err, pgx.ErrNoRows)
	switch {
	case err != nil && !first:
		return fmt.Errorf("read who was on call: %w", err)
	case len(people) == 0 || !first && slices.Equal(was, texts(people)):
		return nil
	case !first && at.Before(then):
		return nil // the clock was set back a little: that hand-over was told
	}
	if _, err := tx.Exec(ctx, keepDuty, name, texts(people), at); err != nil {
		return fmt.Errorf("keep who is on call: %w", err)
	}
	if first {
		return nil // nobody knows who went before
	}
	return jobs.Add(ctx, tx, TellHandover{Rota: name, Ends: persons(was), At: at})
}

// Handover is what a rota's channel is told when somebody else is on call.
type Handover struct {
	Rota      string
	Ends      []incidents.Person // who is on call no more
	Begins    []incidents.Person // who is now, and was not
	Until     time.Time          // zero if no change is in sight
	Inherited []incidents.Incident
}

// Handover returns what is to be told of one, with the incidents that the rota
// helps with and that go on. A private one is not among them.
func (r *Response) Handover(ctx context.Context, t TellHandover) (Handover, error) {
	list, err := r.rotas(ctx, r.db.Pool(), t.At)
	if err != nil {
		return Handover{}, err
	}
	h := Handover{Rota: t.Rota}
	known, ok := list.named(t.Rota)
	if !ok {
		return h, nil // of an older configuration
	}
	duty := known.OnCall(t.At)
	h.Ends, h.Begins, h.Until = untried(t.Ends, duty.People), untried(duty.People, t.Ends), duty.Until
	open, err := r.List(ctx, Filter{Which: ListOpen, Limit: 100})
	if err != nil {
		return h, err
	}
	for _, inc := range open {
		if inc.Phase().Live() && !inc.Private && strings.EqualFold(r.rotaOf(inc), t.Rota) {
			h.Inherited = append(h.Inherited, inc)
		}
	}
	return h, nil
}

const (
	tryRota = `
	insert into rota_said (key, tried_at)
	values ($1, $2)
	on conflict (key) do nothing`

	forgetRota = `
	delete from rota_said
	where tried_at < $1`
)

// rotaSaidFor is how long it is known what the channel of a rota was told.
const rotaSaidFor = 30 * 24 * time.Hour

// RotaTried keeps that the channel of a rota is about to be told something, and says
// whether that was so before.
func (r *Response) RotaTried(ctx context.Context, key string) (before bool, err error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return false, err
	}
	tag, err := r.db.Pool().Exec(ctx, tryRota, key, at)
	if err != nil {
		return false, fmt.Errorf("keep what a rota is told: %w", err)
	}
	if _, err := r.db.Pool().Exec(ctx, forgetRota, at.Add(-rotaSaidFor)); err != nil {
		return false, fmt.Errorf("forget what a rota was told: %w", err)
	}
	return tag.RowsAffected() == 0, nil
}

// groups are the user groups that follow rotas, in order.
func (r *Response) groups() []string {
	var all []string
	for _, group := range r.o.Usergroups {
		if !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	slices.Sort(all)
	return all
}

const (
	groupThen = `
	select people, gap
	from usergroup_duties
	where usergroup = $1
	for update`

	keepGroup = `
	insert into usergroup_duties (usergroup, people, at, gap)
	values ($1, $2, $3, $4)
	on conflict (usergroup) do update
	set people = excluded.people, at = excluded.at, gap = excluded.gap`
)

// followGroup asks for a user group to be set when other people are on call, or
// for its gap to be told: Slack takes no empty group, and half of the people of
// several rotas would be a wrong one, so it stays as it is then.
func (r *Response) followGroup(ctx context.Context, tx pgx.Tx, list turns, group string, at time.Time) error {
	var people []incidents.Person
	gap := ""
	for _, known := range list {
		if r.o.Usergroups[known.Name()] != group {
			continue
		}
		on := known.OnCall(at).People
		if len(on) == 0 && gap == "" {
			gap = "Nobody is on call in " + known.Name() + " now."
		}
		people = append(people, untried(on, people)...)
	}
	var was []string
	var before string
	err := tx.QueryRow(ctx, groupThen, group).Scan(&was, &before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read user group: %w", err)
	}
	if gap != "" {
		people = persons(was)
	}
	slices.Sort(people)
	if err == nil && slices.Equal(was, texts(people)) && gap == before {
		return nil
	}
	if _, err := tx.Exec(ctx, keepGroup, group, texts(people), at, gap); err != nil {
		return fmt.Errorf("keep user group: %w", err)
	}
	return jobs.Add(ctx, tx, SetGroup{Group: group, At: at})
}

// GroupDuty is what a user group is to hold.
type GroupDuty struct {
	Group  string
	Rotas  []string
	People []incidents.Person
	Gap    string    // why it stays as it is; "" if it is set
	At     time.Time // since when that holds
}

const groupNow = `
	select people, gap, at
	from usergroup_duties
	where usergroup = $1`

// GroupDuty returns what a user group is to hold now.
func (r *Response) GroupDuty(ctx context.Context, group string) (GroupDuty, error) {
	d := GroupDuty{Group: group}
	for _, name := range r.rotaNames() {
		if r.o.Usergroups[name] == group {
			d.Rotas = append(d.Rotas, name)
		}
	}
	var people []string
	if err := r.db.Pool().QueryRow(ctx, groupNow, group).Scan(&people, &d.Gap, &d.At); err != nil {
		return d, fmt.Errorf("read user group: %w", err)
	}
	d.People, d.At = persons(people), d.At.UTC()
	return d, nil
}
