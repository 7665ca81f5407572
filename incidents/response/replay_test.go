package response_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// Whatever people decide in whatever order: what the tables hold in the end is what
// the journal alone tells, a decision that was refused has left no trace in any
// table, and one that was taken is one act.
func TestTheJournalReplaysToWhatTheTablesHold(t *testing.T) {
	t.Parallel()
	require.NoError(t, flag.Set("rapid.checks", "6")) // each is a hundred transactions
	h := newHouse(t, func(o *response.Options) {
		o.Vendors = []response.Vendor{{Name: "acme", Within: time.Hour}}
		o.Security = response.Target{Rota: "crm-data"}
	})
	before := h.open(response.OpenRequest{Title: "What taught us", System: "crm"})
	_, err := h.AddFollowUp(t.Context(), h.by(ana), before, incidents.FollowUp{Text: "ask first", Safeguard: "the import asks for the stage", Checklist: true})
	require.NoError(t, err)
	item := before.String() + ".T1"
	watch := newWatch(t, h.db)
	var runs int
	rapid.Check(t, func(r *rapid.T) {
		runs++
		s := &history{house: h, r: r, item: item}
		for n, req := range []response.OpenRequest{
			{Severity: draw(s, "opened", incidents.SEV1, incidents.SEV2, incidents.SEV3), Still: draw(s, "still", "", incidents.Yes, incidents.DontKnow), System: draw(s, "system", "", "crm")},
			{Private: true, Still: incidents.No},
			{Light: true, In: "CHOME", Drill: true},
		} {
			req.Title = fmt.Sprintf("History %d of run %d", n, runs)
			s.all = append(s.all, h.open(req))
		}
		s.id = s.all[0]
		s.reach(rapid.SampledFrom(incidents.Phases).Draw(r, "phase"))
		s.prepare()
		before := watch.tables(r)
		for n := range rapid.IntRange(20, 35).Draw(r, "steps") {
			s.id = rapid.SampledFrom(append([]incidents.ID{s.all[0], s.all[0], s.all[0]}, s.all...)).Draw(r, "incident")
			h.pass(draw(s, "passes", time.Microsecond, time.Second, time.Minute, 11*time.Minute))
			if draw(s, "tick", false, false, false, true) {
				s.tick()
				before = watch.tables(r)
			}
			// Small numbers are drawn most often, so the list turns.
			step := steps[(rapid.IntRange(0, len(steps)-1).Draw(r, "step")+17*n)%len(steps)]
			err := step.do(t.Context(), s)
			after := watch.tables(r)
			if _, no := refusal.As(err); no {
				require.Equal(r, before, after, "%s was refused (%v)", step.name, err)
				continue
			}
			require.NoError(r, err, step.name)
			require.Equal(r, before["snafu.acts"][0]+1, after["snafu.acts"][0], step.name)
			before = after
		}
		for _, id := range s.all {
			s.agrees(id)
		}
	})
}

// prepare lets there be something that later decisions can change.
func (h *history) prepare() {
	ctx := h.t.Context()
	for _, do := range []func() error{
		func() error {
			_, _, err := h.AddWhy(ctx, h.by(ana), h.id, "", incidents.Why{Text: "the list was copied"})
			return err
		},
		func() error {
			_, _, err := h.AddWhy(ctx, h.by(ana), h.id, "W1", incidents.Why{Text: "the import has no limit", Mark: incidents.WhyRoot})
			return err
		},
		func() error {
			return h.AddStep(ctx, h.by(ana), h.id, 0, incidents.WalkStep{Step: "the list feeds the sync"})
		},
		func() error { return h.Try(ctx, h.by(ana), h.id, "restore the list", ben, 30*time.Minute) },
		func() error {
			_, err := h.AddFollowUp(ctx, h.by(ana), h.id, incidents.FollowUp{Text: "a guard", Owner: ben, Safeguard: "the import asks"})
			return err
		},
		func() error {
			return h.LinkCase(ctx, h.by(ana), h.id, response.CaseRequest{Whom: incidents.CaseVendor, Ref: "4711"})
		},
		func() error { return h.Answer(ctx, h.by(ana), h.id, 1, incidents.Answer{Text: "crm.lead"}) },
		func() error { return h.Tick(ctx, h.by(ana), h.id, h.item, true) },
		func() error { return h.Follow(ctx, h.by(ana), h.id, ana) },
		func() error { return h.OfferLead(ctx, h.by(ana), h.id, ben, "") },
		func() error { return h.AskLead(ctx, h.by(chi), h.id, "they left", "") },
		func() error { return h.Call(ctx, h.by(ana), h.id, response.Target{Person: dev}, "") },
		func() error { return h.ChannelReady(ctx, h.by(ana), h.id, fmt.Sprintf("C%d", h.id), "snafu") },
	} {
		h.pass(time.Second)
		if err := do(); err != nil {
			_, refused := refusal.As(err) // not in this phase
			require.True(h.r, refused, err)
		}
	}
}

// agrees says where the journal of an incident tells another state than its tables.
func (h *history) agrees(id incidents.ID) {
	told, held, err := h.Replayed(h.t.Context(), id)
	require.NoError(h.r, err)
	if parts := told.Differs(held); parts != nil {
		require.Equal(h.r, held, told, "%s: the journal tells other %v", id, parts)
	}
}

// reach brings the first incident to a phase in the usual way.
func (h *history) reach(phase incidents.Phase) {
	ctx, by := h.t.Context(), func() journal.Act {
		h.pass(time.Second)
		return h.by(ana)
	}
	way := []func() error{
		func() error {
			if err := h.Answer(ctx, by(), h.id, int(incidents.QuestionError), incidents.Answer{Text: "lead_status is SQL"}); err != nil {
				return err
			}
			if err := h.Answer(ctx, by(), h.id, int(incidents.QuestionCause), incidents.Answer{Choices: []string{"workflow"}}); err != nil {
				return err
			}
			return h.Answer(ctx, by(), h.id, int(incidents.QuestionStill), incidents.Answer{Choices: []string{incidents.No}})
		},
		func() error { return h.Contain(ctx, by(), h.id, incidents.Containment{How: incidents.Over}) },
		func() error {
			return h.in(by(), h.id, func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
				return response.Restoring(ctx, tx, act, inc.ID, at)
			})
		},
		func() error { return h.Resolve(ctx, by(), h.id, "there is no source to count in") },
		func() error { return h.Close(ctx, by(), h.id, "it was decided in the round of Monday") },
	}
	long := map[incidents.Phase]int{
		incidents.PhaseContained: 2, incidents.PhaseRestoring: 3, incidents.PhaseResolved: 4, incidents.PhaseClosed: 5,
	}[phase]
	for _, do := range way[:long] {
		require.NoError(h.r, do())
	}
	if phase == incidents.PhaseCancelled {
		require.NoError(h.r, h.Cancel(ctx, by(), h.id, "a false alarm"))
	}
	require.Equal(h.r, phase, h.get(h.id).Phase())
}

// tick is what time does: what is due is done.
func (h *history) tick() {
	ctx := h.t.Context()
	for _, duty := range []func(context.Context) (int, error){h.Missed, h.Nags, h.Stalled, h.Housekeep} {
		_, err := duty(ctx)
		require.NoError(h.r, err)
	}
	for _, id := range h.all {
		if o, open, err := h.LeadOffer(ctx, id, 0); err == nil && open {
			h.leadDue(id, o.ID)
		}
		pages, err := h.Pages(ctx, id)
		require.NoError(h.r, err)
		for _, p := range pages {
			_ = h.Escalate(ctx, jobs.Job[response.Escalate]{Args: response.Escalate{Incident: id, Page: p.ID, Step: int64(len(p.Steps)) + 1}})
			_ = h.StillOnIt(ctx, jobs.Job[response.StillOnIt]{Args: response.StillOnIt{Incident: id, Page: p.ID, Answer: p.AnsweredAt.UnixMicro()}})
		}
	}
}

// watch looks at every table of the log database.
type watch struct {
	conn *pgx.Conn
	sql  string
}

const everyTable = `
	select string_agg(format('select ''%1$s.%2$s'', count(*), coalesce(max(xmin::text::bigint), 0) from %1$I.%2$I', schemaname, tablename), ' union all ')
	from pg_tables
	where schemaname in ('snafu', 'river')`

func newWatch(t *testing.T, db *pgdb.DB) (w watch) {
	t.Helper()
	w.conn = pgtest.Connect(t, pgtest.AdminURL(t, db))
	require.NoError(t, w.conn.QueryRow(t.Context(), everyTable).Scan(&w.sql))
	return w
}

// tables says of each table how many rows it holds, and which transaction wrote the
// newest of them: whatever is written, changed or deleted shows.
func (w watch) tables(r *rapid.T) map[string][2]int64 {
	rows, err := w.conn.Query(context.Background(), w.sql)
	require.NoError(r, err)
	held := map[string][2]int64{}
	var name string
	var count, newest int64
	_, err = pgx.ForEachRow(rows, []any{&name, &count, &newest}, func() error {
		held[name] = [2]int64{count, newest}
		return nil
	})
	require.NoError(r, err)
	return held
}
