package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Timeline is what people put on the timeline of an incident, with its
// corrections, as the journal has it.
func (r *Response) Timeline(ctx context.Context, id incidents.ID) (incidents.Timeline, error) {
	return timeline(ctx, r.db.Pool(), id)
}

func timeline(ctx context.Context, q journal.Asker, id incidents.ID) (incidents.Timeline, error) {
	entries, err := journal.OfKinds(ctx, q, id, incidents.TimelineKinds...)
	if err != nil {
		return nil, err
	}
	var t incidents.Timeline
	for _, e := range entries {
		if e.Value.Null() {
			continue // it was erased
		}
		fact, err := timelineFact(e)
		if err != nil {
			return nil, err
		}
		t = t.With(e.Seq, e.Actor, e.At, fact)
	}
	return t, nil
}

func timelineFact(e journal.Entry) (incidents.Fact, error) {
	switch e.Kind {
	case incidents.Answered{}.Kind():
		return read[incidents.Answered](e)
	case incidents.Noted{}.Kind():
		return read[incidents.Noted](e)
	case incidents.Pinned{}.Kind():
		return read[incidents.Pinned](e)
	case incidents.EntryCorrected{}.Kind():
		return read[incidents.EntryCorrected](e)
	case incidents.EntryWithdrawn{}.Kind():
		return read[incidents.EntryWithdrawn](e)
	}
	return nil, fmt.Errorf("%s is no entry of a timeline", e.Kind)
}

func read[F incidents.Fact](e journal.Entry) (incidents.Fact, error) {
	var f F
	err := e.Into(&f)
	return f, err
}

// Correct supersedes the words or the time of an entry of the timeline; "" and the
// zero time leave them. It refuses as Timeline.Correct.
func (r *Response) Correct(ctx context.Context, act journal.Act, id incidents.ID, entry int64, text string, when time.Time) error {
	return r.timeline(ctx, act, id, func(t incidents.Timeline, at time.Time) ([]incidents.Fact, error) {
		f, err := t.Correct(entry, text, when, at)
		return []incidents.Fact{f}, err
	})
}

// Withdraw takes an entry off the timeline; the journal keeps it. It refuses as
// Timeline.Withdraw.
func (r *Response) Withdraw(ctx context.Context, act journal.Act, id incidents.ID, entry int64, why string) error {
	return r.timeline(ctx, act, id, func(t incidents.Timeline, _ time.Time) ([]incidents.Fact, error) {
		f, err := t.Withdraw(entry, why)
		return []incidents.Fact{f}, err
	})
}

// Pin puts a message on the timeline, once.
func (r *Response) Pin(ctx context.Context, act journal.Act, id incidents.ID, p incidents.Pinned) error {
	return r.timeline(ctx, act, id, func(t incidents.Timeline, at time.Time) ([]incidents.Fact, error) {
		f, news, err := t.Pin(p, at)
		if err != nil || !news {
			return nil, err
		}
		return []incidents.Fact{f}, nil
	})
}

// Unpin takes a message off the timeline. One that is not on it is left alone.
func (r *Response) Unpin(ctx context.Context, act journal.Act, id incidents.ID, channel, ts string) error {
	return r.timeline(ctx, act, id, func(t incidents.Timeline, _ time.Time) ([]incidents.Fact, error) {
		pin, there := t.PinOf(channel, ts)
		if !there {
			return nil, nil
		}
		f, err := t.Withdraw(pin.Entry, "")
		return []incidents.Fact{f}, err
	})
}

// timeline is one change of a timeline. An incident that is over takes it too:
// what is learned later belongs to it.
func (r *Response) timeline(ctx context.Context, act journal.Act, id incidents.ID, change func(incidents.Timeline, time.Time) ([]incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		t, err := timeline(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		facts, err := change(t, at)
		return inc, facts, err
	})
}
