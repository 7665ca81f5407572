package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// ArchiveNever leaves the channels of closed incidents as they are.
const ArchiveNever time.Duration = -1

// When the channel of a closed incident goes where nobody says otherwise, and how
// long before that is said.
const (
	archiveAfter = 14 * 24 * time.Hour
	announcedFor = 24 * time.Hour
	// A channel that is archived may be brought back by a person; after this an
	// incident that goes on gets another one.
	channelBack = 10 * time.Minute
)

// The channel of an incident is left alone while something is owed after the
// worst kind of incident. A row of before the last close counts for nothing.
const (
	dueToAnnounce = `
	select i.id
	from incidents i
	left join archives a on a.incident = i.id and a.channel = i.channel and a.announced_at > i.closed_at
	where i.phase = 'closed' and i.channel <> '' and i.closed_at <= $1 and a.incident is null and not $2
		and not (i.severity = 1 and exists (select 1 from follow_ups f where f.incident = i.id and f.state = 'open'))
	order by i.id
	limit 100`

	dueToArchive = `
	select i.id
	from archives a
	join incidents i on i.id = a.incident
	where a.archived_at is null and a.archive_at <= $1 and not $2
		and i.phase = 'closed' and a.channel = i.channel and a.announced_at > i.closed_at
		and not (i.severity = 1 and exists (select 1 from follow_ups f where f.incident = i.id and f.state = 'open'))
	order by i.id
	limit 100`

	dueToMove = `
	select incident
	from channels_lost
	where settled_at is null and at <= $1
	order by incident
	limit 100`

	saveAnnounced = `
	insert into archives (incident, channel, announced_at, archive_at)
	values ($1, $2, $3, $4)
	on conflict (incident) do update
	set channel = excluded.channel, announced_at = excluded.announced_at, archive_at = excluded.archive_at, archived_at = null`

	saveArchived = `
	update archives
	set archived_at = clock_timestamp()
	where incident = $1 and channel = $2 and archived_at is null`

	isArchived = `
	select exists (
		select 1
		from archives a
		join incidents i on i.id = a.incident
		where a.incident = $1 and a.channel = i.channel and a.archived_at is not null and a.announced_at > i.closed_at)`

	saveLost = `
	insert into channels_lost (incident, channel, at)
	values ($1, $2, $3)
	on conflict (incident) do update
	set channel = excluded.channel, at = excluded.at, settled_at = null`

	settleLost = `
	update channels_lost
	set settled_at = clock_timestamp()
	where incident = $1 and settled_at is null`
)

// Housekeep does what is due in the channels of incidents: it says that one is
// archived tomorrow, archives it, finds another for an incident whose channel did
// not come back, and says when one that is resolved may be closed. It returns how many it has dealt with.
func (r *Response) Housekeep(ctx context.Context) (int, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	done, err := r.ripe(ctx)
	if err != nil {
		return done, err
	}
	after, never := r.o.ArchiveAfter, r.o.ArchiveAfter < 0
	if after <= 0 {
		after = archiveAfter
	}
	q := r.db.Pool()
	for _, duty := range []struct {
		find func() (pgx.Rows, error)
		do   func(context.Context, pgx.Tx, incidents.Incident, time.Time) (string, incidents.Fact, error)
	}{
		{func() (pgx.Rows, error) { return q.Query(ctx, dueToAnnounce, at.Add(announcedFor-after), never) }, announce},
		{func() (pgx.Rows, error) { return q.Query(ctx, dueToArchive, at, never) }, archiving},
		{func() (pgx.Rows, error) { return q.Query(ctx, dueToMove, at.Add(-channelBack)) }, wanted},
	} {
		rows, err := duty.find()
		if err != nil {
			return done, fmt.Errorf("find what is due in channels: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return done, fmt.Errorf("find what is due in channels: %w", err)
		}
		for _, id := range ids {
			err := r.db.InTx(ctx, func(tx pgx.Tx) error {
				inc, at, err := relock(ctx, tx, r.db, incidents.ID(id))
				if err != nil {
					return err
				}
				key, fact, err := duty.do(ctx, tx, inc, at)
				if err != nil {
					return err
				}
				if fact == nil {
					return errNothing
				}
				act := journal.Act{By: incidents.System("response"), Key: key}
				if err := journal.Take(ctx, tx, act); err != nil {
					return err
				}
				return r.record(ctx, tx, act, inc.ID, at, []incidents.Fact{fact})
			})
			switch {
			case errors.Is(err, journal.ErrAlready), errors.Is(err, errNothing):
			case err != nil:
				return done, err
			default:
				done++
			}
		}
	}
	return done, nil
}

func announce(ctx context.Context, tx pgx.Tx, inc incidents.Incident, at time.Time) (string, incidents.Fact, error) {
	if inc.Phase() != incidents.PhaseClosed {
		return "", nil, nil // reopened a moment ago
	}
	when := at.Add(announcedFor)
	if _, err := tx.Exec(ctx, saveAnnounced, int64(inc.ID), inc.Channel, at, when); err != nil {
		return "", nil, fmt.Errorf("announce that a channel is archived: %w", err)
	}
	return fmt.Sprintf("archive-announced:%s:%d", inc.ID, inc.ClosedAt.UnixMicro()), incidents.ArchiveAnnounced{Channel: inc.Channel, When: when}, nil
}

func archiving(_ context.Context, _ pgx.Tx, inc incidents.Incident, _ time.Time) (string, incidents.Fact, error) {
	if inc.Phase() != incidents.PhaseClosed {
		return "", nil, nil
	}
	return fmt.Sprintf("archiving:%s:%d", inc.ID, inc.ClosedAt.UnixMicro()), incidents.Archiving{Channel: inc.Channel}, nil
}

func wanted(_ context.Context, _ pgx.Tx, inc incidents.Incident, _ time.Time) (string, incidents.Fact, error) {
	return fmt.Sprintf("channel-wanted:%s:%s", inc.ID, inc.Channel), incidents.ChannelWanted{Channel: inc.Channel}, nil
}

// Archived records that the channel of an incident is archived in Slack.
func (r *Response) Archived(ctx context.Context, id incidents.ID, channel string) error {
	if _, err := r.db.Pool().Exec(ctx, saveArchived, int64(id), channel); err != nil {
		return fmt.Errorf("record that a channel is archived: %w", err)
	}
	return nil
}

// IsArchived says whether the channel of a closed incident was archived by us, so
// that nothing more is said in it.
func (r *Response) IsArchived(ctx context.Context, id incidents.ID) (archived bool, err error) {
	if err := r.db.Pool().QueryRow(ctx, isArchived, int64(id)).Scan(&archived); err != nil {
		return false, fmt.Errorf("read whether a channel is archived: %w", err)
	}
	return archived, nil
}

// LostChannel records that the channel of an incident which goes on is archived.
// Unless a person brings it back, Housekeep finds another one.
func (r *Response) LostChannel(ctx context.Context, id incidents.ID) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := relock(ctx, tx, r.db, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, saveLost, int64(id), inc.Channel, at); err != nil {
			return fmt.Errorf("record that a channel is lost: %w", err)
		}
		return nil
	})
}

// WantChannel asks for another channel now. It refuses with Conflict an incident
// that is over.
func (r *Response) WantChannel(ctx context.Context, act journal.Act, id incidents.ID) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		if inc.Phase().Ended() {
			return inc, nil, refusal.Conflict("%s is %s, so it needs no other channel. /snafu reopen WHY starts it again.", inc.ID, inc.Phase())
		}
		return inc, []incidents.Fact{incidents.ChannelWanted{Channel: inc.Channel, Now: true}}, nil
	})
}

// ChannelBack says that nobody needs another channel any more.
func (r *Response) ChannelBack(ctx context.Context, id incidents.ID) error {
	if _, err := r.db.Pool().Exec(ctx, settleLost, int64(id)); err != nil {
		return fmt.Errorf("record that a channel is back: %w", err)
	}
	return nil
}

// MoveChannel records the channel in which an incident goes on.
func (r *Response) MoveChannel(ctx context.Context, act journal.Act, id incidents.ID, channel, name string) error {
	helped, err := r.Helped(ctx, id)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Move(channel, name, helped[:min(len(helped), 30)])
		if err != nil {
			return inc, nil, err
		}
		if _, err := tx.Exec(ctx, settleLost, int64(id)); err != nil {
			return inc, nil, fmt.Errorf("settle a lost channel: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}
