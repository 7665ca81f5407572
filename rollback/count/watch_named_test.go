package count_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
)

var (
	leadsOfRun = namedQuery("crm", "leads_of_run", `select count(*) from crm.campaign_member where run = :run`, rollback.Param{Name: "run", Type: rollback.ParamText})
	byStatus   = namedQuery("crm", "by_status", `select lead_status, count(*) from crm.lead group by 1 order by 1`)
)

// Count answers at the instant of the test's clock.
func (e *eye) Count(ctx context.Context, q rollback.Question) (rollback.Found, error) {
	found, err := e.from().Count(ctx, q)
	found.At = e.clock()
	return found, err
}

// asksAgain is a house with a clock that stands, whose counts have names.
func asksAgain(t *testing.T, queries ...rollback.Query) *watched {
	t.Helper()
	w := newWatched(t)
	w.count = w.knowing(queries...)
	return w
}

func (w *watched) knowing(queries ...rollback.Query) *count.Count {
	return count.New(count.Options{DB: w.db, Queries: queries, Reader: func(string) (source.Reader, error) { return w.eye, nil }})
}

func (w *watched) watchNamed(q rollback.Query, given map[string]string, s count.Schedule) {
	w.t.Helper()
	_, err := w.count.WatchNamed(w.t.Context(), w.act(), w.id, q, given, s)
	require.NoError(w.t, err)
}

// namedRow is the newest watch of a named count.
type namedRow struct {
	ID    int64
	Next  time.Time
	Until time.Time
	Ended string
	Ticks int
}

func (w *watched) namedRow() (r namedRow) {
	w.t.Helper()
	require.NoError(w.t, w.db.Pool().QueryRow(w.t.Context(), `
		select id, next_at, until, ended_why, ticks from named_watches where incident = $1 order by id desc limit 1`, w.id).
		Scan(&r.ID, &r.Next, &r.Until, &r.Ended, &r.Ticks))
	r.Next, r.Until = r.Next.UTC(), r.Until.UTC()
	return r
}

func again(r namedRow) jobs.Job[count.AskAgain] {
	return jobs.Job[count.AskAgain]{Args: count.AskAgain{Watch: r.ID, Due: r.Next}}
}

// asks moves the clock to the next count of the newest named watch, and counts.
func (w *watched) asks() {
	w.t.Helper()
	r := w.namedRow()
	w.eye.pass(max(r.Next.Sub(w.eye.clock()), 0))
	require.NoError(w.t, w.count.TickNamed(w.t.Context(), again(r)))
}

func TestAWatchedNamedCountSpeaksOnlyWhenItsNumberChanges(t *testing.T) {
	t.Parallel()
	w := asksAgain(t, leadsOfRun)
	w.watchNamed(leadsOfRun, nil, count.Schedule{}) // the run is known
	watches, err := w.count.NamedWatches(t.Context(), w.id)
	require.NoError(t, err)
	require.Len(t, watches, 1)
	require.Equal(t, "leads_of_run run=weekly-42 every 15 min until "+w.namedRow().Until.Format("2006-01-02 15:04 UTC"), watches[0].Words().String())
	began := w.eye.clock()
	require.Equal(t, began, w.namedRow().Next, "at once")
	w.asks()
	require.Equal(t, []int64{2500}, last[count.Counted](w).Numbers, "the first is told as any count")
	w.asks()
	w.asks()
	require.Equal(t, 1, w.kinds()["counted/1"])
	require.Equal(t, 2, w.kinds()["named-watched/1"])
	require.Zero(t, w.kinds()["named-changed/1"])

	w.goes()
	w.asks()
	require.Equal(t, "leads_of_run run=weekly-42: 2,500 -> 2,926 leads (+426) since "+began.Format("15:04")+" UTC", last[count.NamedChanged](w).Words().String())
	w.asks()
	w.exec(`delete from crm.campaign_member where run = 'weekly-42' and lead_id > 2900`)
	w.asks()
	require.Contains(t, last[count.NamedChanged](w).Words().String(), "2,926 -> 2,900 leads (-26) since ")
	require.Equal(t, 2, w.kinds()["named-changed/1"])
	require.Equal(t, 3, w.kinds()["counted/1"])
	require.Equal(t, 1, w.kinds()["measured/1"], "nothing of the run's own watch")
}

func TestAWatchedCountOfGroupsTellsNoLabelInTheJournal(t *testing.T) {
	t.Parallel()
	w := asksAgain(t, byStatus)
	w.watchNamed(byStatus, nil, count.Schedule{Every: time.Minute})
	w.asks()
	w.asks()
	require.Zero(t, w.kinds()["named-changed/1"])
	w.exec(`update crm.lead set lead_status = 'Disqualified' where id in (2990, 2991, 2992, 2993, 2994, 2995)`)
	w.asks()
	require.Regexp(t, `^by_status: 2 of \d groups changed, 3,000 leads in all as since `, last[count.NamedChanged](w).Words().String())
	var told int
	require.NoError(t, w.db.Pool().QueryRow(t.Context(), `select count(*) from journal where chain = $1 and detail::text like '%Disqualified%'`, w.id).Scan(&told))
	require.Zero(t, told, "labels are values of records")
}

func TestAWatchOfANamedCountRefusesInWordsAndEnds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mails := namedQuery("crm", "mails", `select count(*) from crm.lead where email = :mail`, rollback.Param{Name: "mail", Type: rollback.ParamText})
	w := asksAgain(t, leadsOfRun, byStatus, mails)
	refuses := func(q rollback.Query, given map[string]string, s count.Schedule, kind refusal.Kind, words string) {
		t.Helper()
		_, err := w.count.WatchNamed(ctx, w.act(), w.id, q, given, s)
		says(t, err, kind, words)
	}
	refuses(leadsOfRun, nil, count.Schedule{Every: time.Second}, refusal.KindInvalid, "A watch counts every minute at most")
	refuses(leadsOfRun, map[string]string{"ran": "x"}, count.Schedule{}, refusal.KindInvalid, "has no parameter")
	refuses(mails, map[string]string{"mail": "lead0007@example.test"}, count.Schedule{}, refusal.KindInvalid, "mail looks like it belongs to one person")
	require.Zero(t, w.kinds()["named-watch-started/1"])

	for _, run := range []string{"weekly-40", "weekly-41", "weekly-42", "weekly-43", "a b"} {
		w.watchNamed(leadsOfRun, map[string]string{"run": run}, count.Schedule{})
	}
	w.watchNamed(leadsOfRun, map[string]string{"run": "a b"}, count.Schedule{Every: time.Hour})
	refuses(byStatus, nil, count.Schedule{}, refusal.KindConflict, "5 counts are watched here, and that is the most. End one first: /snafu unwatch leads_of_run run=weekly-40.")
	unwatch := func(label string) (bool, error) { return w.count.UnwatchNamed(ctx, w.act(), w.id, label) }
	known, err := unwatch("weekly-42")
	require.NoError(t, err)
	require.False(t, known, "that is a run")
	_, err = unwatch("leads_of_run")
	says(t, err, refusal.KindConflict, "leads_of_run is watched 5 times. Say which: /snafu unwatch leads_of_run run=weekly-40.")
	for _, label := range []string{"leads_of_run run=weekly-40", `Leads_of_run run="a b"`} {
		known, err = unwatch(label)
		require.NoError(t, err)
		require.True(t, known)
	}
	require.Contains(t, last[count.NamedWatchEnded](w).Words().String(), `The watch of leads_of_run run="a b" was ended by `)

	w.watchNamed(byStatus, nil, count.Schedule{Every: 20 * time.Minute, For: 50 * time.Minute})
	end := w.namedRow().Until
	for range 4 {
		require.Empty(t, w.namedRow().Ended)
		w.asks()
	}
	require.Equal(t, end, w.eye.clock(), "the last is asked at the end")
	require.Equal(t, "time", w.namedRow().Ended)

	w.watchNamed(byStatus, nil, count.Schedule{})
	other := byStatus
	other.Text += " desc"
	w.count = w.knowing(leadsOfRun, other)
	w.asks()
	require.Equal(t, "changed", w.namedRow().Ended, "nobody has reviewed that text for this")
	require.Contains(t, last[count.NamedWatchEnded](w).Words().String(), "its file is gone or holds another text now")

	people := w.people
	require.NoError(t, people.Contain(ctx, w.act(), w.id, incidents.Containment{How: incidents.Over}))
	require.NoError(t, people.Answer(ctx, w.act(), w.id, 3, incidents.Answer{Choices: []string{incidents.No}}))
	require.NoError(t, people.Resolve(ctx, w.act(), w.id, "weekly-42 was right all along"))
	w.told()
	require.NoError(t, people.Close(ctx, w.act(), w.id, "nothing was wrong here at all"))
	watches, err := w.count.NamedWatches(ctx, w.id)
	require.NoError(t, err)
	require.Empty(t, watches, "they end with the incident")
	refuses(leadsOfRun, nil, count.Schedule{}, refusal.KindConflict, "SNAFU-1 is Closed")
}

func TestAWatchedNamedCountIsAskedOnceAndSaysOnceThatItsSourceIsAway(t *testing.T) {
	t.Parallel()
	w := asksAgain(t, leadsOfRun)
	w.watchNamed(leadsOfRun, nil, count.Schedule{})
	asked, err := w.count.Beat(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, asked)
	asked, err = w.knowing(leadsOfRun).Beat(t.Context())
	require.NoError(t, err)
	require.Zero(t, asked, "whoever asks")
	r := w.namedRow()
	for _, c := range []*count.Count{w.count, w.knowing(leadsOfRun)} {
		require.NoError(t, c.TickNamed(t.Context(), again(r)))
	}
	require.Equal(t, 1, w.namedRow().Ticks)

	w.eye.leave(t, w.opt)
	w.asks()
	w.asks()
	require.Equal(t, 1, w.kinds()["named-blind/1"])
	require.Contains(t, last[count.NamedBlind](w).Words().String(), "crm cannot be reached")
	require.Contains(t, last[count.NamedBlind](w).Words().String(), "leads_of_run run=weekly-42 is asked again at ")
	w.eye.back()
	w.eye.pass(3 * time.Hour) // and nobody was there to count
	w.asks()
	require.Equal(t, 1, w.kinds()["named-sees/1"])
	require.Equal(t, 1, w.kinds()["counted/1"], "the number is what it was")
	require.True(t, w.namedRow().Next.After(w.eye.clock()), "what was missed is not made up for")
}
