package story

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
	"snafu/manifests"
)

// world is the hand of everything outside snafu: the campaign, the salespeople.
// It writes with a login of its own. referee looks, as the superuser of the
// sample's server, and writes nothing.
type world struct {
	hand    *pgx.Conn
	referee *pgx.Conn
	t0      time.Time
}

// worldLogin is made by the sample's schema.
const worldLogin = "crm_world"

// makeWorld fills an empty database with the sample and with what its admin
// grants to snafu.
func makeWorld(ctx context.Context, admin, grants string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connect to the sample: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its work is done or has failed
	for _, sql := range []string{manifests.LeadStatusSchema + manifests.LeadStatusWorld, grants} {
		if _, err := conn.Exec(ctx, "begin;\n"+sql+"\n;commit"); err != nil {
			return fmt.Errorf("make the sample: %w", err)
		}
	}
	return nil
}

func openWorld(ctx context.Context, admin string) (*world, error) {
	login, err := pgdb.As(worldLogin, admin)
	if err != nil {
		return nil, err
	}
	w := &world{}
	if w.hand, err = pgx.Connect(ctx, login); err != nil {
		return nil, fmt.Errorf("connect as %s: %w", worldLogin, err)
	}
	if w.referee, err = pgx.Connect(ctx, admin); err != nil {
		w.close()
		return nil, fmt.Errorf("connect to the sample: %w", err)
	}
	if _, err := w.referee.Exec(ctx, `set default_transaction_read_only = on`); err != nil {
		w.close()
		return nil, fmt.Errorf("make the referee read only: %w", err)
	}
	return w, nil
}

// What the world does while the story is told. Each says how many records it
// wrote.
const (
	slice2      = `select world.weekly_42(2, now())`
	slice3      = `select world.weekly_42(3, now())`
	rosa        = `select world.rosa()`
	phone       = `select count(*) from (select world.phone()) as done`
	weekly43    = `select world.weekly_43()`
	campaignOff = `with switched as (update crm.campaign set active = false where id = 7 returning id) select count(*) from switched`
	campaignOn  = `with switched as (update crm.campaign set active = true where id = 7 returning id) select count(*) from switched`
)

// history writes what happened before the story begins at t0.
func (w *world) history(ctx context.Context, t0 time.Time) error {
	w.t0 = t0
	for _, sql := range []string{`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`} {
		if _, err := w.hand.Exec(ctx, sql, t0); err != nil {
			return fmt.Errorf("write the history of the sample: %w", err)
		}
	}
	return nil
}

// writes runs one of the world's functions and returns how many leads it wrote.
func (w *world) writes(ctx context.Context, sql string) (n int64, err error) {
	if err := w.hand.QueryRow(ctx, sql).Scan(&n); err != nil {
		return 0, fmt.Errorf("the world writes: %w", err)
	}
	return n, nil
}

// sees asks the referee for one value, as text.
func (w *world) sees(ctx context.Context, sql string, args ...any) (string, error) {
	var text string
	if err := w.referee.QueryRow(ctx, sql, args...).Scan(&text); err != nil {
		return "", fmt.Errorf("look at the sample: %w", err)
	}
	return text, nil
}

func (w *world) close() {
	for _, c := range []*pgx.Conn{w.hand, w.referee} {
		if c != nil {
			_ = c.Close(context.Background())
		}
	}
}
