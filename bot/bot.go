// Package bot is Slack in and out.
//
// What comes in is durable before it is acknowledged, and done by a job; what
// goes out is drawn from rows that were committed first. The bot decides
// nothing: a handler turns words into one call of a use case and the outcome
// into words. It never writes to a customer's system and knows none.
//
// 2026-10: own decoding of payloads over slack-go's, because one malformed
// block, or a boolean written as text, made slack-go drop a whole press.
package bot

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// Options of a bot.
type Options struct {
	Slack    SlackOptions
	DB       *pgdb.DB // for work
	Inbox    *pgdb.DB // for receipts alone; DB if nil
	Response *response.Response
	Count    *count.Count
	Approval *approval.Approval
	Sources  []Source
	Rotas    []string
	// RotaChannels are where what happens to a rota is told: name to channel.
	RotaChannels map[string]string
	// Version is what snafu calls itself.
	Version  string
	Announce string // id of the central channel, or its name; "" for none
	// Pictures posts charts of the counts, which needs the scope files:write.
	Pictures bool
	// Evidence tells the numbers and plans of an incident; nil knows none.
	Evidence func(context.Context, incidents.ID) (incidents.Evidence, error)
	// Reactions say what people do by an emoji.
	Reactions Reactions
	// List writes a list of records of a run, such as exactly who was fixed; nil
	// has none.
	List func(context.Context, rollback.ID, rollback.ListOf) (List, error)
	// Keep writes an export under a name and says where it lies; nil keeps none.
	Keep func(ctx context.Context, name string, content []byte) (File, error)
	// Upload shares what Keep has written in the channel of its incident, which
	// needs the scope files:write.
	Upload bool
	// SwitchState asks a source whether one of its declared automations works now;
	// nil knows of none.
	SwitchState func(ctx context.Context, source, name string) (rollback.SwitchState, error)
	// StateWithin is how long a form waits for sources to say what works now; 3 s if
	// zero.
	StateWithin time.Duration
	// Spot reads records of a frozen plan with what its evidence says of each.
	Spot func(context.Context, rollback.PlanView) ([]rollback.Told, error)
	// Samples reads records of each cohort of a frozen plan, or of one cohort; nil
	// has none.
	Samples func(ctx context.Context, plan rollback.ID, cohort, seed int64) ([]rollback.Sampled, error)
	// Doors are who else may come by HTTP, by path, where Slack does. Each looks by
	// itself at who it is.
	Doors map[string]http.Handler
	// Greet shows whoever comes into the channel of an incident where it stands,
	// to them alone and once.
	Greet bool
	// EditEvery is the shortest pause between two edits of one card, 5 s if
	// zero; ProgressEvery that of a progress bar, 3 s if zero. Negative is none.
	EditEvery, ProgressEvery time.Duration
	// CountShown is how long a count takes before the channel sees that it goes
	// on, and the shortest pause between two edits of that; 3 s if zero.
	CountShown time.Duration
	// CountWithin is how long somebody may wait for a count; zero is for sources
	// that give one 15 s.
	CountWithin time.Duration
	// ChannelWithin is how long the reply to open waits for the channel that it
	// leads to, 6 s if zero.
	ChannelWithin time.Duration
	// RecordWithin is how long it may take to record what arrives before whoever
	// did it hears that it is not recorded; 1.5 s if zero, half of what Slack waits.
	RecordWithin time.Duration
	// Unhurried leaves out the pauses that keep us under Slack's rates: a
	// simulated Slack has none.
	Unhurried bool
	// Aside is how many calls of Slack are made beside each other for one
	// incident; 6 if zero.
	Aside int
	// PerPerson and PerWorkspace say how many acts are taken in a minute.
	PerPerson, PerWorkspace Rate
	Log                     *slog.Logger
}

// Source is what the bot tells and asks about a customer's system.
type Source struct {
	Name   string
	Title  string // as people say it; Name if empty
	Tables []Table
	Backup string // what is known of its backup; "unknown" if empty
	// History is how long the history of its records is kept, where it is kept
	// shortest; 0 where no end is declared.
	History time.Duration
	// Evidence says of single records what they were, where no history does.
	Evidence []Evidence
}

// Evidence is reviewed evidence by its name.
type Evidence struct {
	Name  string
	Table string // whose records it is about
}

// List is a file with one line a record. It stays where snafu runs: Slack gets
// its place and its checksum.
type List struct {
	Path   string
	Rows   int64
	SHA256 []byte
}

// Table is one table of a source in which an error can be counted.
type Table struct {
	Name string   // as a count's scope names it
	Unit string   // what a record is called, in the plural
	Set  []string // the columns a plan may write
	// Removable says that it declares how a record is removed.
	Removable bool
	// Insertable says that it declares what is filled in a record that is inserted
	// again.
	Insertable bool
	// Lists are the static lists that its records can stand on.
	Lists []string
}

// Bot hears and speaks.
type Bot struct {
	o        Options
	slack    clients
	inbox    inbox
	throttle *throttle
	limit    *limiter
	health   *health
	people   people
	log      *slog.Logger
	http     *http.Client
	dms      sync.Map      // user id to channel id
	privates sync.Map      // user id to the private channels they are in
	self     atomic.Value  // identity
	announce atomic.Value  // id of the central channel
	patience chan struct{} // counts that people wait for
	rooms    sync.Map      // name of a rota's channel to its id
	groups   sync.Map      // id of a user group to its members a moment ago
	turns    sync.Map      // user id to when they last chose something that draws their form anew
}

// identity is who we are, as Slack says.
type identity struct{ team, enterprise, user, bot string }

// New makes a bot. It connects to nothing.
func New(o Options) *Bot {
	if o.Inbox == nil {
		o.Inbox = o.DB
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.EditEvery = orElse(o.EditEvery, 5*time.Second)
	o.ProgressEvery = orElse(o.ProgressEvery, 3*time.Second)
	o.CountShown = orElse(o.CountShown, 3*time.Second)
	o.CountWithin = orElse(o.CountWithin, CountWithin(15*time.Second))
	o.ChannelWithin = orElse(o.ChannelWithin, 6*time.Second)
	o.StateWithin = orElse(o.StateWithin, 3*time.Second)
	if o.Aside == 0 {
		o.Aside = deliverAside
	}
	if len(o.Reactions.Timeline) == 0 {
		o.Reactions.Timeline = []string{"pushpin"}
	}
	if len(o.Reactions.FollowUp) == 0 {
		o.Reactions.FollowUp = []string{"clipboard"}
	}
	if o.PerPerson == (Rate{}) {
		o.PerPerson = Rate{PerMinute: 10, Burst: 20}
	}
	if o.PerWorkspace == (Rate{}) {
		o.PerWorkspace = Rate{PerMinute: 60, Burst: 60}
	}
	b := &Bot{
		o: o, slack: newClients(o.Slack), inbox: inbox{db: o.Inbox, within: orElse(o.RecordWithin, inboxBudget)},
		throttle: newThrottle(time.Now, o.PerPerson, o.PerWorkspace),
		limit:    newLimiter(time.Now),
		health:   &health{now: time.Now, since: time.Now()},
		people:   people{now: time.Now, known: map[string]person{}},
		log:      o.Log,
		patience: make(chan struct{}, countsAtOnce),
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
	if o.Unhurried {
		b.limit = nil
	}
	return b
}

func orElse(d, usual time.Duration) time.Duration {
	if d == 0 {
		return usual
	}
	return d
}

// Run hears until ctx ends, then waits for what it is doing. Jobs are run by
// whoever runs jobs.
func (b *Bot) Run(ctx context.Context) error {
	if err := CheckAPIURL(b.o.Slack.APIURL); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var listening sync.WaitGroup
	var fault error
	sockets := receivers
	if b.o.Slack.Listen != "" {
		sockets = 0
		listening.Add(1)
		go func() {
			defer listening.Done()
			defer stop()
			fault = b.takeSigned(ctx)
		}()
	}
	for n := range sockets {
		listening.Add(1)
		go func() {
			defer listening.Done()
			b.listen(ctx, n)
		}()
	}
	listening.Add(1)
	go func() {
		defer listening.Done()
		b.introduce(ctx)
	}()
	listening.Wait()
	return fault
}

// introduce asks Slack who we are until it says so.
func (b *Bot) introduce(ctx context.Context) {
	for {
		if _, err := b.me(ctx); err == nil || !pause(ctx, 5*time.Second) {
			return
		}
	}
}

// me returns who we are; Slack is asked once.
func (b *Bot) me(ctx context.Context) (identity, error) {
	if known, ok := b.self.Load().(identity); ok {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, slackTimeout)
	defer cancel()
	res, err := b.slack.read.AuthTestContext(ctx)
	if err != nil {
		if f, _ := fateOf(err); f == fateMend {
			b.health.mend(err)
		}
		return identity{}, fmt.Errorf("ask Slack who we are: %w", err)
	}
	known := identity{team: res.TeamID, enterprise: res.EnterpriseID, user: res.UserID, bot: res.BotID}
	b.self.Store(known)
	return known, nil
}

// source finds a source by name.
func (b *Bot) source(name string) (Source, error) {
	for _, s := range b.o.Sources {
		if s.Name == name {
			return s, nil
		}
	}
	return Source{}, refusal.NotFound("I know no system %q. Its admin can add it to my configuration.", short(name))
}
