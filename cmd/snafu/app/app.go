// Package app joins the rooms into a running program.
//
// It turns a configuration into pools, use cases, a bot, its jobs and its
// schedule, and ends them in the right order. It decides nothing about
// incidents: what a row in one of its tables cannot say does not belong here.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jackc/pgx/v5"

	"snafu/bot"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/notify"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback/approval"
	"snafu/rollback/count"
	"snafu/rollback/executor"
)

// Options of an App.
type Options struct {
	Config Config
	// DB is the log database, opened by the caller, who also closes it. Nil
	// opens the one at Config.Database.URL.
	DB  *pgdb.DB
	Log *slog.Logger
	// Say is told, in whole sentences, what the person who started this should
	// know. Nil is silence.
	Say func(string)
	// Pace of the demo and the tests; zeros are the paces of a real workspace.
	EditEvery, ProgressEvery time.Duration
	WatchEvery               time.Duration // the pace of a watch for which nobody named one
	MinRead                  time.Duration
	MailRoots                *tls.Config // whom a mail server's certificate is from; nil for the roots of the machine
	TestOnly                 bool        // no random pauses at the start
	Unhurried                bool        // no pauses between calls of Slack, which a simulated one does not need

	beats []gocron.SchedulerOption // the clock of the schedule, where a test moves it
	now   func() time.Time         // and that of the jobs
}

// App is the program between its start and its end.
type App struct {
	o         Options
	log       *slog.Logger
	db        *pgdb.DB
	inbox     *pgdb.DB
	workspace bot.Workspace
	sources   *sources
	response  *response.Response
	count     *count.Count
	approval  *approval.Approval
	executor  *executor.Executor
	bot       *bot.Bot
	reach     *notify.Reach
	lease     *pgdb.Lease
	holder    string
}

// Open builds the program and checks what it stands on: database and schema,
// tokens, sources. What is wrong is said in one sentence with the next step.
// Nothing is received before Run.
func Open(ctx context.Context, o Options) (*App, error) {
	a := &App{o: o, log: o.Log, holder: holder()}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.o.Say == nil {
		a.o.Say = func(string) {}
	}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) (err error) {
	if err := a.openDatabase(ctx); err != nil {
		return err
	}
	c := a.o.Config
	if a.sources, err = openSources(ctx, c.Sources); err != nil {
		return err
	}
	for _, why := range a.sources.unfit { // the rest of the bot is needed most when something does not fit
		a.log.WarnContext(ctx, "a named count does not fit its source", "err", why)
		a.o.Say(why)
	}
	if err := os.MkdirAll(c.Exports.Dir, 0o700); err != nil {
		return fmt.Errorf("the folder for exports cannot be made:%s. Name another with exports.dir", cause(err))
	}
	if a.workspace, err = a.greet(ctx); err != nil {
		return err
	}
	if err := a.build(); err != nil {
		return err
	}
	return errors.Join(a.response.KeepRotas(ctx), a.response.SeedContacts(ctx, c.Outbound.entered(a.workspace.Person)))
}

// build joins the rooms. The order is the order of the floors.
func (a *App) build() error {
	c := a.o.Config
	allow, err := notify.Ranges(c.Outbound.Allow)
	if err != nil {
		return err
	}
	a.reach = notify.NewReach(allow)
	rotas, err := c.rotas(a.workspace.Person)
	if err != nil {
		return err
	}
	feeds, err := c.feeds(a.workspace.Person)
	if err != nil {
		return err
	}
	a.response, err = response.New(response.Options{
		DB: a.db, Rotas: rotas, Feeds: feeds, Ways: c.Outbound.ways(), Sources: c.infos(a.workspace.Person), Evidence: a.evidence,
		Ladder: c.Ladder.ladder(a.workspace.Person), RotaLadders: c.rotaLadders(a.workspace.Person),
		Vendors: c.vendors(), Security: c.security(a.workspace.Person), Admins: people(c.Admins.Users, a.workspace.Person), AdminGroup: c.Admins.Usergroup, CustomerCaseURL: c.CustomerCaseURL, Roles: c.roles(), Usergroups: c.usergroups(),
		Group: func(ctx context.Context, id string) ([]incidents.Person, string, error) { return a.bot.Group(ctx, id) },
		Zone:  func(ctx context.Context, p incidents.Person) *time.Location { return a.bot.Zone(ctx, p) },
		Home:  c.zone(), ArchiveAfter: c.archiveAfter(),
		// What is counted by itself follows an incident, and voids plans when it
		// grows; both are built below.
		Follow: func(ctx context.Context, tx pgx.Tx, act journal.Act, was, now incidents.Incident, at time.Time) error {
			return a.count.Follow(ctx, tx, act, was, now, at)
		},
	})
	if err != nil {
		return err
	}
	a.count = count.New(count.Options{
		DB: a.db, Reader: a.sources.reader, Queries: c.counts(), Typists: c.typists(),
		Every: a.o.WatchEvery, Soon: a.o.WatchEvery,
		Grown: func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, more int64, at time.Time) error {
			if err := a.approval.Grown(ctx, tx, act, inc, more, at); err != nil {
				return err
			}
			return a.response.Grown(ctx, tx, act, inc, at)
		},
		Member: func(ctx context.Context, group string, p incidents.Person) (bool, error) {
			return a.bot.Member(ctx, group, p)
		},
	})
	// The bot answers who is eligible, and the bot needs approval: the question
	// is asked through this variable, long after both exist.
	a.approval = approval.New(approval.Options{
		DB: a.db, Sources: c.approvals(), MinRead: a.o.MinRead, Look: a.sources.look,
		Eligible: func(ctx context.Context, q approval.Question) (approval.Standing, error) {
			return a.bot.Eligible(ctx, q)
		},
		Acted: a.response.Acted,
	})
	a.executor = executor.New(executor.Options{
		DB: a.db, Approval: a.approval, Readers: a.sources.reader, Writers: a.sources.writer,
		ExportDir: c.Exports.Dir, Holder: a.holder, Log: a.log, Throttles: c.throttles(), Staged: a.sources.staged(a.count.Staged),
	})
	a.bot = bot.New(bot.Options{
		Slack: c.Slack.options(), DB: a.db, Inbox: a.inbox, Response: a.response, Count: a.count, Approval: a.approval,
		Sources: c.told(), Rotas: slices.Sorted(maps.Keys(c.Rotas)), RotaChannels: c.channels(), Announce: c.Announce, Greet: true, Pictures: c.Slack.Pictures, Reactions: c.Slack.Reactions.reactions(),
		Doors:     map[string]http.Handler{"/twilio/sms": http.HandlerFunc(a.smsReply), "/pagerduty/events": http.HandlerFunc(a.pagerDutyHeard)},
		PerPerson: c.Limits.perPerson(), PerWorkspace: c.Limits.perWorkspace(),
		CountWithin: bot.CountWithin(c.longestCount()), EditEvery: a.o.EditEvery, ProgressEvery: a.o.ProgressEvery, Unhurried: a.o.Unhurried, Evidence: a.evidence, List: a.list, Keep: a.keep, Spot: a.sources.spot, SwitchState: a.sources.works, Samples: a.executor.Samples, Log: a.log, Version: Version(),
		Upload: c.Exports.Upload,
	})
	a.lease = pgdb.NewLease(a.db, "metronome", a.holder)
	return nil
}

// The pools: one for work, one for receipts alone, so that a slow query cannot
// make Slack wait for its answer.
func (a *App) openDatabase(ctx context.Context) error {
	if a.db = a.o.DB; a.db != nil {
		return nil
	}
	c := a.o.Config.Database
	for _, p := range []struct {
		to    **pgdb.DB
		conns int
	}{{&a.db, or(c.Connections, 20)}, {&a.inbox, 4}} {
		db, err := pgdb.Open(ctx, pgdb.Options{URL: c.URL.Reveal(), MaxConns: p.conns, Log: a.log})
		if err != nil {
			return sentence("The log database at "+c.URL.place()+" cannot be used", err)
		}
		*p.to = db
	}
	return checkLog(ctx, a.db)
}

const whoami = `select current_user, rolsuper or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user`

// checkLog refuses a database that this binary must not or cannot work with.
func checkLog(ctx context.Context, db *pgdb.DB) error {
	var user string
	var mighty bool
	if err := db.Pool().QueryRow(ctx, whoami).Scan(&user, &mighty); err != nil {
		return sentence("The log database does not say who I am", err)
	}
	if mighty {
		return fmt.Errorf("the log database lets me in as %s, who may do anything. Connect as %s, which can neither change nor remove a line of the journal", user, pgdb.App)
	}
	have, need, err := db.Ladder(ctx)
	if err != nil {
		return sentence("The log database does not tell its schema", err)
	}
	if have < need {
		return fmt.Errorf("the log database has schema %d and this binary needs %d. Run snafu migrate first", have, need)
	}
	return nil
}

// greet asks Slack whose tokens these are. A token that Slack does not take
// ends the start; a Slack that does not answer is waited for.
func (a *App) greet(ctx context.Context) (bot.Workspace, error) {
	told := false
	for {
		ask, cancel := context.WithTimeout(ctx, 10*time.Second)
		w, err := bot.Hello(ask, a.o.Config.Slack.options())
		cancel()
		if err == nil || !errors.Is(err, bot.ErrNoAnswer) {
			return w, err
		}
		if !told {
			a.o.Say("Slack does not answer. I ask again every two seconds and begin when it does.")
			told = true
		}
		select {
		case <-ctx.Done():
			return w, fmt.Errorf("stopped while Slack did not answer: %w", err)
		case <-time.After(2 * time.Second):
		}
	}
}

// Workspace is where the tokens lead.
func (a *App) Workspace() bot.Workspace { return a.workspace }

// DB is the log database.
func (a *App) DB() *pgdb.DB { return a.db }

// Idle waits until no job is at work and none is due.
func (a *App) Idle(ctx context.Context) error { return jobs.Idle(ctx, a.db.Pool()) }

// Close ends the connections. It is called after Run has returned.
func (a *App) Close() {
	if a.sources != nil {
		a.sources.close()
	}
	if a.reach != nil {
		a.reach.Close()
	}
	if a.inbox != nil {
		a.inbox.Close()
	}
	if a.db != nil && a.o.DB == nil {
		a.db.Close()
	}
}

// holder names this process among all that share the log database.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d/%d", host, os.Getpid(), time.Now().UnixMicro())
}
