package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb"
)

// posted is where an edited message stands and what it shows.
type posted struct {
	Channel string
	TS      string
	Drawn   []byte
	DrawnAt time.Time
}

const selectMessage = `
	select channel, ts, drawn, drawn_at
	  from messages
	 where incident = $1 and kind = $2`

func findPosted(ctx context.Context, db *pgdb.DB, id incidents.ID, kind string) (posted, bool, error) {
	rows, err := db.Pool().Query(ctx, selectMessage, int64(id), kind)
	if err != nil {
		return posted{}, false, fmt.Errorf("read message: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[posted])
	if errors.Is(err, pgx.ErrNoRows) {
		return posted{}, false, nil
	}
	if err != nil {
		return posted{}, false, fmt.Errorf("read message: %w", err)
	}
	return p, true, nil
}

const upsertMessage = `
	insert into messages (incident, kind, channel, ts, drawn, drawn_at)
	values ($1, $2, $3, $4, $5, $6)
	on conflict (incident, kind) do update
	   set channel = excluded.channel, ts = excluded.ts, drawn = excluded.drawn, drawn_at = excluded.drawn_at`

func savePosted(ctx context.Context, db *pgdb.DB, id incidents.ID, kind string, p posted) error {
	_, err := db.Pool().Exec(ctx, upsertMessage, int64(id), kind, p.Channel, p.TS, p.Drawn, p.DrawnAt)
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	return nil
}

// drawing is the digest of what a message shows: an unchanged one sends nothing.
func drawing(m any) ([]byte, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

const selectMessagesLike = `
	select channel, ts, drawn, drawn_at
	  from messages
	 where incident = $1 and starts_with(kind, $2)
	 order by kind`

// postedLike are the messages whose kinds begin alike.
func postedLike(ctx context.Context, db *pgdb.DB, id incidents.ID, begin string) ([]posted, error) {
	rows, err := db.Pool().Query(ctx, selectMessagesLike, int64(id), begin)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[posted])
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return all, nil
}

// keepDrawn remembers a message that was posted just now.
func (b *Bot) keepDrawn(ctx context.Context, t task, kind string, where sent, m view.Message) error {
	drawn, err := drawing(m)
	if err != nil {
		return err
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return err
	}
	return savePosted(ctx, b.o.DB, t.Incident, kind, posted{Channel: where.channel, TS: where.ts, Drawn: drawn, DrawnAt: at})
}

// keepTopic remembers what the topic says, so that it is set only when changed.
func (b *Bot) keepTopic(ctx context.Context, t task, topic string) error {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return err
	}
	return savePosted(ctx, b.o.DB, t.Incident, "topic", posted{Channel: t.inc.Channel, Drawn: []byte(topic), DrawnAt: at})
}
