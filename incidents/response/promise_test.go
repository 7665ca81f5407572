package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// miss lets the duty come round that looks for promises, and returns what it told.
func (h *house) miss() int {
	h.t.Helper()
	n, err := h.Missed(h.t.Context())
	require.NoError(h.t, err)
	return n
}

func (h *house) due(id incidents.ID) time.Time {
	h.t.Helper()
	p, err := h.Promised(h.t.Context(), id)
	require.NoError(h.t, err)
	return p.Due
}

func (h *house) tell(id incidents.ID, text string, due time.Time) {
	h.t.Helper()
	require.NoError(h.t, h.Update(h.t.Context(), h.by(ana), id, incidents.Update{Changed: text}, due))
}

func TestAnUpdateIsPromisedFromTheFirstSecondUntilItIsResolved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for sev, after := range map[incidents.Severity]time.Duration{incidents.SEV1: 30 * time.Minute, incidents.SEV2: time.Hour, incidents.SEV3: 4 * time.Hour} {
		id := h.open(response.OpenRequest{Title: "Leads moved, " + sev.String(), Severity: sev})
		require.Equal(t, start.Add(after), h.due(id), sev.String())
	}
	id := h.open(response.OpenRequest{Title: "Another", Severity: incidents.SEV2})
	h.pass(30 * time.Minute)
	h.tell(id, "the sync is off", time.Time{})
	require.Equal(t, start.Add(time.Hour), h.due(id), "a line keeps the promise that lies ahead")
	require.Zero(t, last[incidents.Updated](h, id).Overdue)
	h.pass(31 * time.Minute)
	h.tell(id, "2,926 leads are counted", time.Time{})
	require.Equal(t, start.Add(2*time.Hour+time.Minute), h.due(id), "one that passed is made anew")
	require.Equal(t, int64(60), last[incidents.Updated](h, id).Overdue)

	promise := func(due time.Time) error { return h.Promise(t.Context(), h.by(ben), id, due) }
	refused(t, promise(start), refusal.KindInvalid, "has passed")
	refused(t, promise(start.Add(10*24*time.Hour)), refusal.KindInvalid, "more than a week")
	require.NoError(t, promise(start.Add(90*time.Minute)))
	require.Equal(t, start.Add(90*time.Minute), h.due(id))
	refused(t, h.Update(t.Context(), h.by(ana), id, incidents.Update{}, time.Time{}), refusal.KindInvalid, "What changed?")

	gone := left(t, h)
	require.Zero(t, h.due(gone), "what is resolved promises nothing")
	refused(t, h.Promise(t.Context(), h.by(ana), gone, start.Add(5*time.Hour)), refusal.KindConflict, "is Resolved, so no update is promised")
	h.tell(gone, "all is well", time.Time{})
	require.Zero(t, h.due(gone))
	require.NoError(t, h.Reopen(t.Context(), h.by(ana), gone, incidents.AgainOccurs, "it was switched on"))
	require.NotZero(t, h.due(gone), "what is taken up again promises anew")
}

func TestAMissedPromiseIsToldOnceAndAtSEV1Again(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	two := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV2})
	require.NoError(t, h.Promise(t.Context(), h.by(ana), two, start.Add(30*time.Minute)))
	one := h.open(response.OpenRequest{Title: "Orders lost", Severity: incidents.SEV1})
	h.pass(30 * time.Minute)
	require.Zero(t, h.miss(), "at the instant itself it is in time")
	h.pass(time.Second)
	require.Equal(t, 2, h.miss())
	require.Zero(t, h.miss())
	require.Equal(t, incidents.UpdateMissed{Due: start.Add(30 * time.Minute)}, last[incidents.UpdateMissed](h, one))
	h.pass(5 * time.Minute)
	require.Equal(t, 2, h.miss())
	require.Equal(t, "Update overdue by 5 min. It was promised by 12:30 UTC. <@UANA>: /snafu update posts one.", last[incidents.UpdateOverdue](h, two).Words().String())
	h.pass(10 * time.Minute)
	require.Equal(t, 1, h.miss(), "only the worst is told twice")
	require.Contains(t, last[incidents.UpdateOverdue](h, one).Words().String(), "Update overdue by 15 min.")
	h.pass(9 * time.Hour)
	require.Zero(t, h.miss())

	h.tell(one, "we count", time.Time{})
	require.Zero(t, h.miss(), "an update clears it")
	h.pass(2 * time.Hour) // after a long rest of the program one line says it all
	require.Equal(t, 2, h.miss())
	require.Contains(t, last[incidents.UpdateOverdue](h, one).Words().String(), "Update overdue by 1 h 30 min.")
	require.Zero(t, h.miss())
}

func TestWorkIsFromNineToFiveInTheZoneOfTheHouse(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for name, c := range map[string]struct{ from, want string }{
		"on the same day":             {"2026-03-26 10:00", "2026-03-26 14:00"},
		"over a night":                {"2026-03-26 15:00", "2026-03-27 11:00"},
		"over a weekend and a change": {"2026-03-27 16:00", "2026-03-30 12:00"},
		"from a night":                {"2026-03-26 03:00", "2026-03-26 13:00"},
		"to the last minute":          {"2026-03-26 13:00", "2026-03-26 17:00"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", c.from, berlin)
		require.NoError(t, err)
		require.Equal(t, c.want, incidents.SEV3.Promises(from, berlin).In(berlin).Format("2006-01-02 15:04"), name)
	}
}

func TestASnoozeIsTakenBackAndWhatIsOffStaysOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV2})
	h.pass(55 * time.Minute)
	require.Equal(t, 1, h.nag())
	require.Contains(t, last[incidents.Nagged](h, id).Line, "The next update of SNAFU-1 was promised by 13:00 UTC.")
	all := response.About{}
	refused(t, h.Snooze(t.Context(), h.by(ben), id, all, start), refusal.KindInvalid, "has passed")
	require.NoError(t, h.Snooze(t.Context(), h.by(ben), id, all, start.Add(2*time.Hour)))
	h.pass(5*time.Minute + 30*time.Minute)
	require.Zero(t, h.nag(), "it is put off")
	require.NoError(t, h.NagOn(t.Context(), h.by(ben), id))
	require.Equal(t, 1, h.nag(), "until it is switched on again")
	require.Contains(t, last[incidents.Nagged](h, id).Line, "No update for 1 h 30 min. The next one was promised by 13:00 UTC.")
	refused(t, h.NagOn(t.Context(), h.by(ben), id), refusal.KindConflict, "are on")
	refused(t, h.NagOff(t.Context(), h.by(ben), id, all, " "), refusal.KindInvalid, "Why is nobody")
	require.NoError(t, h.NagOff(t.Context(), h.by(ben), id, response.About{Kind: response.NagUpdateDue}, "the lead writes mails"))
	refused(t, h.Snooze(t.Context(), h.by(ben), id, response.About{Kind: response.NagUpdateDue}, start.Add(9*time.Hour)), refusal.KindConflict, "off, by <@UBEN>: the lead writes mails")
	h.pass(4 * time.Hour)
	require.Zero(t, h.nag())
	h.tell(id, "it goes on", time.Time{})
	require.Equal(t, 1, h.nag(), "who was told hears that it is done")
}

func TestFollowersAreChosenByThemselvesOrByTheLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{})
	follow := func(by, who incidents.Person) error { return h.Follow(t.Context(), h.by(by), id, who) }
	require.NoError(t, follow(ben, ben))
	require.NoError(t, follow(ben, ben), "twice is once")
	refused(t, follow(ben, chi), refusal.KindForbidden, "Only the lead can choose who else follows")
	require.NoError(t, follow(ana, chi))
	people, err := h.Followers(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []incidents.Person{ben, chi}, people)
	require.NoError(t, h.Unfollow(t.Context(), h.by(ben), id, ben))
	people, err = h.Followers(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []incidents.Person{chi}, people)
	require.Equal(t, []string{"followed/1", "followed/1", "unfollowed/1"}, h.kinds(id)[2:])
}

func TestOwnQuietHoursWin(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *response.Options) {
		o.Zone = func(_ context.Context, p incidents.Person) *time.Location { return time.FixedZone("east", 9*3600) } // 21:00 there
	})
	id := h.open(response.OpenRequest{Severity: incidents.SEV2})
	h.pass(time.Hour)
	require.Zero(t, h.nag(), "it is ten in the evening where the lead lives")
	set := incidents.Settings{Rest: incidents.Rest{From: 23 * 60, To: 7 * 60}}
	require.NoError(t, h.Set(t.Context(), h.by(ana), set))
	require.Equal(t, 1, h.nag())
	kept, err := h.Settings(t.Context(), ana)
	require.NoError(t, err)
	require.Equal(t, set, kept)
	refused(t, h.Set(t.Context(), h.by(ana), incidents.Settings{Rest: incidents.Rest{From: 24 * 60}}), refusal.KindInvalid, "time of day")
	require.Equal(t, []incidents.Person{ana}, last[incidents.Nagged](h, id).People)
}

func TestTheDigestIsAskedForOnceOnEachMorningOfWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	asked := func() bool {
		ok, err := h.Morning(t.Context())
		require.NoError(t, err)
		return ok
	}
	require.False(t, asked(), "at noon the morning is over")
	h.pass(20*time.Hour + 59*time.Minute)
	require.False(t, asked())
	h.pass(time.Minute)
	require.True(t, asked(), "Tuesday at nine")
	require.False(t, asked())
	h.pass(4 * 24 * time.Hour)
	require.False(t, asked(), "not on a Saturday")
	h.open(response.OpenRequest{Title: "Secret", Private: true})
	h.open(response.OpenRequest{Title: "Practice", Drill: true})
	late := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV2})
	h.open(response.OpenRequest{Title: "Orders lost", Severity: incidents.SEV1})
	h.pass(2*24*time.Hour + time.Hour)
	require.True(t, asked(), "on Monday, a little late")
	h.open(response.OpenRequest{Title: "News of its own", Severity: incidents.SEV1})
	h.pass(45 * time.Minute)
	h.tell(late, "x", start.Add(8*24*time.Hour))
	open, m, err := h.DigestOf(t.Context(), "2026-01-12")
	require.NoError(t, err)
	require.False(t, m.Told)
	require.Equal(t, "2 open snafus, 1 update overdue", incidents.Digest(open, m.At))
	require.Equal(t, "Orders lost", open[0].Title)
}

// The promise of before is no word that anybody gave for now.
func TestWhatWasCancelledAndIsTakenUpAgainHasAPromiseOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV1})
	require.NoError(t, h.Cancel(t.Context(), h.by(ana), id, "a false alarm"))
	require.Zero(t, h.due(id), "nobody waits for news of it")
	h.pass(3 * time.Hour)
	require.NoError(t, h.Reopen(t.Context(), h.by(ben), id, incidents.AgainOccurs, "it is on again"))
	require.Equal(t, start.Add(3*time.Hour+30*time.Minute), h.due(id))
	require.Zero(t, h.miss(), "it is not overdue in its first second")
}
