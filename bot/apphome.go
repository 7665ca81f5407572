package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// Homes is the job that draws the Home tabs which are not up to date.
type Homes struct{}

// Kind is the stored name of the job.
func (Homes) Kind() string { return "homes" }

// Queue keeps it beside what else is told, behind nothing that people wait for.
func (Homes) Queue() string { return jobs.Tell }

const (
	homesFor    = 40 * time.Second // below the deadline of the job
	homesOnView = 20               // open incidents that a tab shows
	endedOnView = 5                // and of those that were closed last
	// A tab that was not opened for so long is drawn when it is opened again.
	homeKept = 24 * time.Hour
)

// homeOpened hears that somebody looks at the Home tab. What it shows is drawn
// by a job; without the log database the tab says so.
func (b *Bot) homeOpened(ctx context.Context, in incoming) answer {
	if in.tab != "home" || in.user == "" {
		return answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, inboxBudget)
	defer cancel()
	if err := openedHome(ctx, b.inbox.db, in.team+"/"+in.user, in.view == ""); err != nil {
		b.log.ErrorContext(ctx, "record that a Home tab was opened", "err", err)
		return answer{then: func(ctx context.Context) {
			err := b.publish(ctx, in.user, view.HomeTold("My database is away, so I can't show where things stand. Nothing is lost; open this tab again in a minute."))
			if err != nil {
				b.log.WarnContext(ctx, "draw a Home tab", "err", err)
			}
		}}
	}
	return answer{}
}

// Homes draws every Home tab that is out of date, each at most once in the time
// in which a card may be edited. The newest drawing wins.
func (b *Bot) Homes(ctx context.Context, job jobs.Job[Homes]) error {
	ctx, cancel := context.WithTimeout(ctx, homesFor)
	defer cancel()
	for {
		wait, err := b.drawHomes(ctx)
		if err != nil {
			b.log.ErrorContext(ctx, "draw the Home tabs", "err", err)
			return jobs.Snooze(2 * time.Second)
		}
		if wait > 0 {
			return jobs.Snooze(min(max(wait, shortestNap), mendPause))
		}
		done, err := finishHomes(ctx, b.o.DB, job)
		if err != nil {
			b.log.ErrorContext(ctx, "draw the Home tabs", "err", err)
			return jobs.Snooze(2 * time.Second)
		}
		if done {
			return nil
		}
	}
}

// SweepHomes asks for the drawing of tabs that nobody is about to draw, and
// returns 1 if that was needed.
func (b *Bot) SweepHomes(ctx context.Context) (int, error) { return sweepHomes(ctx, b.o.DB) }

// drawHomes draws what may be drawn now, and says how long to wait for the rest:
// 0 if there is none.
func (b *Bot) drawHomes(ctx context.Context) (time.Duration, error) {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	stale, err := staleHomes(ctx, b.o.DB, at)
	if err != nil || len(stale) == 0 {
		return 0, err
	}
	var wait time.Duration
	later := func(d time.Duration) {
		if wait == 0 || d < wait {
			wait = d
		}
	}
	var board *view.HomeCard
	for _, h := range stale {
		if free := h.DrawnAt.Add(b.o.EditEvery); at.Before(free) {
			later(free.Sub(at))
			continue
		}
		if board == nil {
			if board, err = b.board(ctx); err != nil {
				return 0, err
			}
		}
		again, err := b.drawHome(ctx, h, *board)
		if err != nil {
			return 0, err
		}
		if again > 0 {
			later(again)
		}
	}
	return wait, nil
}

// board is what everybody may know: the open incidents that are not private, with
// what waits in them.
func (b *Bot) board(ctx context.Context) (*view.HomeCard, error) {
	open, err := b.o.Response.List(ctx, response.Filter{Which: response.ListOpen, Limit: homesOnView + 1})
	if err != nil {
		return nil, err
	}
	card := &view.HomeCard{More: len(open) > homesOnView}
	if card.OnCall, err = b.onCallNow(ctx); err != nil {
		return nil, err
	}
	if card.Open, err = b.homeRows(ctx, open[:min(len(open), homesOnView)]); err != nil {
		return nil, err
	}
	if card.Ended, err = b.o.Response.List(ctx, response.Filter{Which: response.ListEnded, Limit: endedOnView}); err != nil {
		return nil, err
	}
	for _, s := range b.o.Sources {
		card.Backups = append(card.Backups, view.HomeBackup{System: first(s.Title, s.Name), Said: first(s.Backup, "unknown")})
	}
	card.Version = b.o.Version
	card.Late, err = lateActs(ctx, b.o.DB)
	return card, err
}

func (b *Bot) homeRows(ctx context.Context, open []incidents.Incident) ([]view.HomeRow, error) {
	rows := make([]view.HomeRow, len(open))
	for n, inc := range open {
		row, err := b.homeRow(ctx, inc)
		if err != nil {
			return nil, err
		}
		rows[n] = row
	}
	return rows, nil
}

// ownRows are the open private incidents that one person may know of.
func (b *Bot) ownRows(ctx context.Context, p incidents.Person) ([]view.HomeRow, error) {
	sees, err := b.sees(ctx, p.User())
	if err != nil {
		return nil, err
	}
	open, err := b.o.Response.List(ctx, response.Filter{Which: response.ListOpen, Of: p, Sees: sees, OnlyPrivate: true, Limit: homesOnView})
	if err != nil {
		return nil, err
	}
	return b.homeRows(ctx, open)
}

func (b *Bot) homeRow(ctx context.Context, inc incidents.Incident) (view.HomeRow, error) {
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return view.HomeRow{}, err
	}
	row := view.HomeRow{Incident: inc, Numbers: incidents.Summarize(inc, moment).Numbers, Pages: moment.Pages}
	if moment.Watch != nil {
		row.Watch = moment.Watch.Words()
	}
	plans, err := b.o.Approval.OfIncident(ctx, inc.ID)
	if err != nil {
		return row, err
	}
	for _, v := range plans {
		if len(v.Can) == 0 {
			continue
		}
		c, err := b.planCard(ctx, v)
		if err != nil {
			return row, err
		}
		row.Plans = append(row.Plans, c)
	}
	return row, nil
}

// drawHome draws the tab of one person and publishes it, unless it shows that
// already. It returns how long to wait before the next try, 0 for none.
func (b *Bot) drawHome(ctx context.Context, h home, board view.HomeCard) (time.Duration, error) {
	user := incidents.Person(h.Member).User()
	drawn, err := b.homeOf(ctx, user, board)
	if err != nil {
		b.log.WarnContext(ctx, "ask whose Home tab it is", "err", err)
		return mendPause, nil
	}
	digest, err := drawing(drawn)
	if err != nil {
		return 0, err
	}
	if slices.Equal(digest, h.Drawn) {
		return 0, shownHome(ctx, b.o.DB, h, h.DrawnAt)
	}
	if wait := b.limit.take("views.publish", ""); wait > 0 {
		return wait, nil
	}
	err = b.publish(ctx, user, drawn)
	b.shutOn("views.publish", err)
	switch f, wait := fateOf(err); {
	case err == nil:
	case f == fateWait:
		return wait, nil
	case f == fateMend:
		b.health.mend(err)
		return mendPause, nil
	case f == fateUnknown:
		return unknownPause, nil // to publish the same twice does no harm
	default:
		b.log.WarnContext(ctx, "Slack does not take a Home tab", "err", err)
		digest = nil // the next change is a new try
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	h.Drawn = digest
	return 0, shownHome(ctx, b.o.DB, h, at)
}

// homeOf is the tab of one person. Who is no full member sees no snafu there.
func (b *Bot) homeOf(ctx context.Context, user string, board view.HomeCard) (slack.HomeTabViewRequest, error) {
	us, err := b.me(ctx)
	if err != nil {
		return slack.HomeTabViewRequest{}, err
	}
	u, err := b.who(ctx, user)
	if err != nil {
		return slack.HomeTabViewRequest{}, err
	}
	if us.outsider(u) != "" {
		return view.HomeTold("Snafus are shown to full members of this workspace. Ask a colleague to open one or to look one up."), nil
	}
	board.For = key(u)
	own, err := b.ownRows(ctx, board.For)
	if err != nil {
		return slack.HomeTabViewRequest{}, err
	}
	board.Open = slices.Concat(own, board.Open)
	follows, err := b.o.Response.Follows(ctx, board.For)
	if err != nil {
		return slack.HomeTabViewRequest{}, err
	}
	for n := range board.Open {
		board.Open[n].Following = slices.Contains(follows, board.Open[n].Incident.ID)
	}
	return view.Home(board), nil
}

func (b *Bot) publish(ctx context.Context, user string, v slack.HomeTabViewRequest) error {
	_, err := b.slack.write.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: v})
	return err
}

// homesStale says that tabs may show something old. It is called before what is
// new is told, so that a crash in between leaves one drawing too many and not
// one too few.
func (b *Bot) homesStale(ctx context.Context, at time.Time) error {
	err := b.o.DB.InTx(ctx, func(tx pgx.Tx) error { return wantHomes(ctx, tx, at) })
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("ask for the Home tabs: %w", err)
	}
	return err
}
