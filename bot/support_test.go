package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/response"
)

func TestWhoBeginsARestoreReadsOnceWhoLooksAfterTheSystem(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.helped = func(o *response.Options) {
		o.Sources[0].Admins = []incidents.Person{w.id("dev"), w.id("ana")}
		o.Vendors = []response.Vendor{{Name: "acme", Title: "Acme CRM support"}}
		o.Sources[0].Vendor = "acme"
	}
	w.begin()
	ch, _ := w.proposed()
	w.sees("ana", ch, slacksim.Contains("The restore begins."))
	reads := func(who string) (n int) {
		messages, err := w.sim.As(who).Sees(ch)
		require.NoError(t, err)
		for _, m := range messages {
			if strings.Contains(m.Plain, "The restore begins. The CRM is looked after by @dev, who can stand by. Their support: /snafu call acme.") {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, reads("ana"), "who looks after it themselves is not offered to themselves")
	w.slash("ana", ch, "/snafu plan withdraw R1 once more")
	w.quiet()
	w.propose(ch, 2)
	require.Equal(t, 1, reads("ana"), "it is offered once")
	for _, who := range []string{"ben", "chi", "dev"} {
		require.Zero(t, reads(who), "nobody else is disturbed")
	}
	w.press("ana", ch, "Call dev")
	w.quiet()
	require.Equal(t, []incidents.Person{w.id("dev")}, w.newestCall().Steps[0].People)
}
