package bot

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// Moved is the job of one person who has come into a channel, or left one.
type Moved struct {
	Event   string `json:"event"`
	Channel string `json:"channel"`
	User    string `json:"user"`
	Joined  bool   `json:"joined"`
}

// Kind is the stored name of the job.
func (Moved) Kind() string { return "moved" }

// Queue keeps it beside what is told, behind nothing that people wait for.
func (Moved) Queue() string { return jobs.Tell }

// memberMoved hears that somebody has come into a channel that we are in, or
// left one. It is kept as a job; without the log database Slack says it again.
func (b *Bot) memberMoved(ctx context.Context, in incoming) answer {
	us, _ := b.self.Load().(identity)
	joined := in.callback == memberJoined
	if !joined {
		b.privates.Delete(in.user) // what they were a member of is believed no longer
	}
	if in.user == "" || in.channel == "" || in.user == us.user || joined && !b.o.Greet {
		return answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, inboxBudget)
	defer cancel()
	err := b.inbox.db.InTx(ctx, func(tx pgx.Tx) error {
		return jobs.Add(ctx, tx, Moved{Event: in.key, Channel: in.channel, User: in.user, Joined: joined})
	})
	if err != nil {
		b.log.ErrorContext(ctx, "record who came and went", "err", err)
		return answer{silent: true}
	}
	return answer{}
}

const memberJoined = "member_joined_channel"

// Moved does the job of that name. Only full members are newcomers, and only of
// the lead is it news that they left.
func (b *Bot) Moved(ctx context.Context, job jobs.Job[Moved]) error {
	id, err := b.o.Response.ByChannel(ctx, job.Args.Channel)
	if _, refused := refusal.As(err); refused {
		return nil // a channel of no incident
	}
	if err != nil {
		return err
	}
	us, err := b.me(ctx)
	if err != nil {
		return err
	}
	u, err := b.who(ctx, job.Args.User)
	if err != nil {
		return err
	}
	if us.outsider(u) != "" && job.Args.Joined {
		return nil
	}
	if job.Args.Joined {
		return b.o.Response.Arrived(ctx, id, key(u))
	}
	return b.o.Response.Left(ctx, id, key(u))
}

// prepareNewcomer shows whoever has come into the channel where the incident
// stands, to them alone.
func (b *Bot) prepareNewcomer(ctx context.Context, t task, who incidents.Person) (send, error, error) {
	m, err := b.statusOf(ctx, t.inc, who)
	if err != nil {
		return nil, nil, err
	}
	m = badged(t.inc, m)
	return func(ctx context.Context) (sent, error) {
		return sent{channel: t.inc.Channel}, b.ephemeral(ctx, t.inc.Channel, "", who.User(), m)
	}, nil, nil
}

// statusOf is the Summary with the part of a person in it, for that person
// alone.
func (b *Bot) statusOf(ctx context.Context, inc incidents.Incident, who incidents.Person) (view.Message, error) {
	card, err := b.summary(ctx, inc)
	if err != nil {
		return view.Message{}, err
	}
	waits, err := b.waits(ctx, inc, who)
	if err != nil {
		return view.Message{}, err
	}
	held, err := b.o.Response.Held(ctx, inc.ID)
	if err != nil {
		return view.Message{}, err
	}
	o, open, err := b.o.Response.LeadOffer(ctx, inc.ID, 0)
	if err != nil {
		return view.Message{}, err
	}
	if open && o.Answers() == who {
		waits = append(waits, "The lead: `/snafu lead accept`, or `/snafu lead decline`.")
	}
	apart, err := b.apart(ctx, inc.ID, who)
	if err != nil {
		return view.Message{}, err
	}
	free := !inc.Phase().Ended() && slices.ContainsFunc(held, func(h incidents.Held) bool { return h.Person == "" })
	return view.Status(view.StatusCard{Incident: inc.ID, Summary: card, Role: inc.RolesOf(who, held), Held: held, Waits: append(waits, apart...), Free: free, Leads: inc.Lead == who && !inc.Phase().Ended()}), nil
}

// prepareForPeople draws what is told about who does what: to one of them alone,
// or in the channel.
func (b *Bot) prepareForPeople(ctx context.Context, t task, doing, what string) (send, error, error) {
	switch doing {
	case "role":
		return b.prepareRole(ctx, t)
	case "knock":
		return b.prepareKnock(t)
	case "brief", "briefed":
		return b.prepareBrief(t, doing)
	case "severity":
		return b.prepareSeverity(t)
	case "newcomer":
		return b.prepareNewcomer(ctx, t, incidents.Person(what))
	}
	return b.prepareLead(ctx, t, doing, what)
}
