package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

func withVendors(w *workspace) *workspace {
	w.helped = func(o *response.Options) {
		o.Vendors = []response.Vendor{{
			Name: "acme", Title: "Acme CRM support", Hours: "Mon-Fri 08:00-18:00 UTC", Phone: "+44 20 7946 0999", Contract: "C-1234",
			URL: "https://support.example.com/new", CaseURL: "https://support.example.com/cases/{ref}", Within: 4 * time.Hour,
		}, {Name: "mailer"}}
		o.Sources[0].Vendor = "acme"
	}
	return w
}

// awaited does the job of a deadline as its queue does it when it is due, and says
// whether it wants to come again.
func awaited[T jobs.Args](w *workspace, do func(context.Context, jobs.Job[T]) error, args T) (again bool) {
	w.t.Helper()
	err := do(w.ctx(), jobs.Job[T]{Args: args})
	w.quiet()
	return err != nil
}

func TestAVendorIsAskedAndItsCaseIsFollowed(t *testing.T) {
	t.Parallel()
	w := withVendors(quietWorkspace(t, slacksim.FrozenClock(noon))).begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	does := func(who, types string) {
		w.slash(who, ch, types)
		w.quiet()
	}
	does("ana", "/snafu promise 2036-03-30 12:00") // no other reminder falls into it
	does("ana", "/snafu case vendor 17")
	does("ana", "/snafu call acme their sync wrote it")
	w.press("ben", ch, "Add the case number")
	w.submit(w.form("ben", "case"), slacksim.Values{"whom": "acme", "ref": "4711", "text": "they look into it"})
	w.quiet()
	does("ana", "/snafu case vendor 4711")
	does("ana", "/snafu case customer Z-9 Harbor Events asks why nobody called")
	does("ana", "/snafu case nobody 9")
	w.nags(4*time.Hour - time.Minute)
	require.Zero(t, w.happened("nagged/1"), "they have the time that they promise")
	w.nags(time.Minute)
	for _, who := range []string{"ana", "ben"} {
		_, err := w.sim.As(who).Await(w.ctx(), "@snafu", slacksim.Contains("Acme CRM support has not answered case 4711 of SNAFU-1"))
		require.NoError(t, err, "who linked it, and the lead")
	}
	w.press("ben", "@snafu", "They answered")
	w.quiet()
	w.nags(4 * time.Hour)
	does("ana", "/snafu status")
	require.Equal(t, 1, w.happened("nagged/1"), "an answered case is not asked for again")
	w.golden("vendor-case", ch)
}

func TestACaseIsAskedForAgainAfterAReopenAndNoneIsLinkedAfterTheClose(t *testing.T) {
	t.Parallel()
	w := withVendors(quietWorkspace(t, slacksim.FrozenClock(noon)))
	vendors := w.helped
	w.helped = func(o *response.Options) {
		vendors(o)
		o.Vendors[0].Within = 2 * time.Hour
	}
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	does := func(line string) { w.settledSlash("ana", ch, "/snafu "+line) }
	silent := func() int {
		return w.count(`select count(distinct detail->>'subject') from journal where kind = 'nagged/1' and detail->>'nag' = 'vendor-silent'`)
	}
	for _, line := range []string{
		"case vendor acme 4711", "triage 3 no", "contain over it ran once", "note fix the sync has a lock now",
		"resolve nothing else was touched", "close they answer when they answer",
	} {
		does(line)
	}
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'closed'`))
	does("case vendor acme 4712")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 is Closed: nobody would be asked for the answer of a case any more."))
	w.nags(3 * time.Hour)
	require.Zero(t, silent(), "nobody is asked while it is closed")

	does("reopen more they found another list")
	does("promise 2036-03-30 12:00")
	does("case vendor acme 4712")
	w.nags(time.Minute)
	require.Equal(t, 1, silent(), "the case that was silent all the while")
	w.nags(2 * time.Hour)
	w.nags(11 * time.Minute)
	require.Equal(t, 2, silent(), "and the one that was linked since")
}
