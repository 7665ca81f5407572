package bot

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb"
)

// The message of a count is a row before it is posted, so that another process
// which takes the act over, or finds it over, edits it and posts no second one.
// While the count is at work the row remembers the entry behind which somebody
// may have cancelled it, in place of what the message shows.
const (
	countingKind = "counting:"
	atWorkFrom   = "at work from "
)

// begin notes where the count begins, or finds what another process has shown
// of it.
func (s *counting) begin(ctx context.Context) (err error) {
	if s.c.tries > 1 {
		old, there, err := findPosted(ctx, s.bot.o.DB, s.c.incident, countingKind+s.c.in.key)
		if err != nil {
			return err
		}
		if from, open := bytes.CutPrefix(old.Drawn, []byte(atWorkFrom)); there && open {
			s.at = old
			s.seq, err = strconv.ParseInt(string(from), 10, 64)
			return err
		}
	}
	s.seq, err = s.bot.o.Count.Newest(ctx, s.c.incident)
	return err
}

// drawn posts the message, or edits it where it stands.
func (s *counting) drawn(ctx context.Context, m view.Message) error {
	if s.at.Channel == "" {
		inc, err := s.bot.o.Response.Get(ctx, s.c.incident)
		if err != nil || inc.Channel == "" {
			return err
		}
		at, err := s.bot.o.DB.Now(ctx, nil)
		if err != nil {
			return err
		}
		row := posted{Channel: inc.Channel, Drawn: []byte(atWorkFrom + strconv.FormatInt(s.seq, 10)), DrawnAt: at}
		if err := savePosted(ctx, s.bot.o.DB, s.c.incident, countingKind+s.c.in.key, row); err != nil {
			return err
		}
		s.at = row
		return s.post(ctx, m)
	}
	if s.at.TS == "" { // whether it was posted is not known
		found, err := s.bot.markedCounting(ctx, s.at.Channel, s.c.in.key, s.c.received)
		if err != nil {
			return err
		}
		if found == "" {
			return s.post(ctx, m)
		}
		if err := s.stands(ctx, found); err != nil {
			return err
		}
	}
	_, _, _, err := s.bot.slack.write.UpdateMessageContext(ctx, s.at.Channel, s.at.TS, append(content(m), countingMark(s.c.in.key))...)
	return err
}

func (s *counting) post(ctx context.Context, m view.Message) error {
	_, ts, err := s.bot.slack.write.PostMessageContext(ctx, s.at.Channel, append(content(m), countingMark(s.c.in.key))...)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	return s.stands(ctx, ts)
}

func (s *counting) stands(ctx context.Context, ts string) error {
	s.at.TS = ts
	return savePosted(ctx, s.bot.o.DB, s.c.incident, countingKind+s.c.in.key, s.at)
}

func countingMark(key string) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: markType, EventPayload: map[string]any{"delivery": countingKind + key}})
}

// markedCounting looks for the message of a count by its mark; "" if there is
// none.
func (b *Bot) markedCounting(ctx context.Context, channel, key string, since time.Time) (ts string, err error) {
	messages, err := b.recent(ctx, channel, "", since.Add(-lookBack))
	if err != nil {
		return "", err
	}
	for _, m := range messages {
		if m.Metadata.EventType == markType && m.Metadata.EventPayload["delivery"] == countingKind+key {
			return m.Timestamp, nil
		}
	}
	return "", nil
}

// endCounting says in the message of a count how it ended. A message that is
// gone has nothing more to say.
func (b *Bot) endCounting(ctx context.Context, id incidents.ID, key string, at posted, card view.CountingCard) error {
	m := view.Counting(card)
	if at.TS == "" {
		found, err := b.markedCounting(ctx, at.Channel, key, at.DrawnAt)
		if err != nil {
			return err
		}
		at.TS = found
	}
	if at.TS != "" {
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, at.Channel, at.TS, append(content(m), countingMark(key))...)
		if f, _ := fateOf(err); err != nil && f != fateGone {
			return err
		}
	}
	drawn, err := drawing(m)
	if err != nil {
		return err
	}
	at.Drawn = drawn
	return savePosted(ctx, b.o.DB, id, countingKind+key, at)
}

// leftCounting are the messages of counts that say "so far" although the act is
// over: it was refused before it counted again, or Slack did not take the end.
const leftCounting = `
	select m.incident, substr(m.kind, 10) as key, m.channel, m.ts, m.drawn_at, r.person, r.outcome in ('effect', 'already') as counted,
	       r.settled_at - r.received_at as took
	  from messages m
	  join receipts r on r.key = substr(m.kind, 10)
	 where starts_with(m.kind, 'counting:') and substr(m.drawn, 1, 13) = convert_to('at work from ', 'UTF8')
	   and r.outcome is not null
	 limit 200`

type leftCount struct {
	Incident incidents.ID
	Key      string
	Channel  string
	TS       string
	DrawnAt  time.Time
	Person   string
	Counted  bool
	Took     time.Duration
}

// sweepCounts ends the messages of counts whose act is over. It returns how many
// there were.
func (b *Bot) sweepCounts(ctx context.Context) (int, error) {
	rows, err := b.o.DB.Pool().Query(ctx, leftCounting)
	if err != nil {
		return 0, fmt.Errorf("read messages of counts: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowToStructByName[leftCount])
	if err != nil {
		return 0, fmt.Errorf("read messages of counts: %w", err)
	}
	for _, l := range left {
		card := view.CountingCard{Incident: l.Incident, Took: l.Took, By: incidents.Person(l.Person), Ended: true}
		if !l.Counted {
			card.Why = "Count again: `/snafu count`."
		}
		if err := b.endCounting(ctx, l.Incident, l.Key, posted{Channel: l.Channel, TS: l.TS, DrawnAt: l.DrawnAt}, card); err != nil {
			b.log.WarnContext(ctx, "end the message of a count", "incident", l.Incident, "err", err)
		}
	}
	return len(left), nil
}

const renewClaim = `
	update receipts set claimed_until = clock_timestamp() + $2::interval
	 where key = $1 and outcome is null`

// keepClaim keeps a receipt ours while its act takes long.
func keepClaim(ctx context.Context, db *pgdb.DB, key string) error {
	if _, err := db.Pool().Exec(ctx, renewClaim, key, claimFor); err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	return nil
}
