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
