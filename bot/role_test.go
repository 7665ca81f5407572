package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
)

// withGreetings shows newcomers where it stands. Transcripts of other things do
// without: a greeting may come between any two lines.
func withGreetings(o *bot.Options) { o.Greet = true }

func (w *workspace) joins(who, ch string) {
	w.t.Helper()
	_, err := w.sim.As(who).Joins(w.ctx(), ch)
	require.NoError(w.t, err)
}

func (w *workspace) leaves(who, ch string) {
	w.t.Helper()
	_, err := w.sim.As(who).Leaves(w.ctx(), ch)
	require.NoError(w.t, err)
}

func TestALateJoinerReadsWhereItStandsAndTakesARole(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements, withGreetings)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 3 yes")
	w.quiet()
	require.NoError(t, w.sim.Advance(20*time.Minute))
	w.press("ben", "#data-incidents", "Join")
	w.sees("ben", "#data-incidents", slacksim.OnlyForMe(), slacksim.Contains("You are in SNAFU-1 now"))
	w.quiet()
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("Still occurring, said at 12:00"), slacksim.Contains("Your role: none"), slacksim.Shows("Take a role"))
	w.press("ben", ch, "Take a role")
	w.submit(w.form("ben", "role"), slacksim.Values{"role": "scribe"})
	w.quiet()
	told := w.sees("ben", "@snafu", slacksim.Contains("You are scribe of SNAFU-1."), slacksim.Contains("scribe: Writes down what was done"))
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("scribe @ben"))
	w.slash("ben", ch, "/snafu role scribe @ben")
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("@ben is scribe of SNAFU-1 already."))
	w.slash("ben", ch, "/snafu join")
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("You are in SNAFU-1 already"))
	w.quiet()
	w.golden("late-joiner", ch, "#data-incidents", told.Channel)

	w.leaves("ben", ch)
	w.joins("ben", ch)
	w.quiet()
	require.Equal(t, 1, w.happened("arrived/1"), "a newcomer is one once")
	w.slash("ana", ch, "/snafu role butler @ben")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains(`There is no role "butler". There are comms, scribe and source-admin`))
	w.slash("ana", ch, "/snafu role scribe @gus")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("Only a full member of this workspace can have a role, and that account is a guest."))
	w.slash("ben", ch, "/snafu role scribe none")
	w.quiet()
	w.slash("ben", ch, "/snafu status")
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("Your role: none"), slacksim.Not(slacksim.Contains("Roles:")))
	w.quiet()
}

func TestALeadWhoLeavesTheChannelIsAskedToHandOverAndLeadsStill(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withGreetings)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for _, who := range []string{"ben", "chi"} {
		w.joins(who, ch)
		w.quiet()
	}
	w.leaves("chi", ch)
	w.leaves("ana", ch)
	w.quiet()
	require.Equal(t, w.id("ana"), w.leads())
	away := w.sees("ana", "@snafu", slacksim.Contains("You have left the channel of SNAFU-1, and you lead it still."), slacksim.Shows("Hand over"))
	w.slash("ben", ch, "/snafu lead")
	w.quiet()
	w.sees("ben", ch, slacksim.Contains("@ana cannot answer: not in the channel."))
	w.press("ben", ch, "Take the lead")
	w.submit(w.form("ben", "lead"), slacksim.Values{"why": "somebody has to decide"})
	w.quiet()
	require.Equal(t, w.id("ben"), w.leads())
	w.golden("lead-leaves", ch, away.Channel)
}

func TestTheSeverityIsRaisedByAnybodyAndLoweredByTheLeadWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ben", "#general", "/snafu sev SNAFU-1 1 customers got the mail")
	w.quiet()
	w.sees("ana", ch, slacksim.Contains("SEV1 (was SEV3), raised by @ben: customers got the mail"), slacksim.Shows("Call crm-data"))
	w.sees("ana", "#data-incidents", slacksim.Contains("(SEV1)"))
	require.Zero(t, w.count(`select count(*) from pages`), "nobody is called by that")
	w.slash("ben", "#general", "/snafu sev SNAFU-1 2 it was a test list")
	w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("Only the lead can lower the severity. That is @ana."))
	w.quiet()
	w.press("ana", ch, "Call crm-data")
	w.submit(w.form("ana", "call"), slacksim.Values{"who": "crm-data"})
	w.quiet()
	for _, line := range []string{"sev 2", "sev 2 it was a test list", "sev 2 again"} {
		w.slash("ana", ch, "/snafu "+line)
		w.quiet()
	}
	inc, err := w.response.Get(w.ctx(), 1)
	require.NoError(t, err)
	require.Equal(t, incidents.SEV2, inc.Severity)
	require.Equal(t, w.id("ana"), inc.Lead)
	w.golden("severity", ch, "#data-incidents")
}

func TestAManagerIsToldWhatIsKnownInTheWordsOfTheSender(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.press("ana", ch, "Tell my manager")
	form := w.form("ana", "brief")
	require.NotEmpty(t, w.submit(form, slacksim.Values{"to": "@dev", "text": " "}).Errors)
	w.submit(form, slacksim.Values{"to": "@dev", "text": "The CRM moved leads to SQL. <!channel> Sales should wait; ask <@" + w.id("ben").User() + ">."})
	w.quiet()
	told := w.sees("dev", "@snafu", slacksim.Contains("@ana tells you about SNAFU-1:"), slacksim.Contains("ask @ben"))
	require.Contains(t, told.Plain, "<!channel>", "it is shown as it was typed, and calls nobody")
	w.slash("ana", ch, "/snafu brief @dev")
	w.submit(w.form("ana", "brief"), slacksim.Values{})
	w.sees("dev", "@snafu", slacksim.Contains("What: Leads moved to SQL by mistake (SNAFU-1, SEV3, Triage)"), slacksim.Contains("Size: not known yet."),
		slacksim.Contains("Not known yet: which run did it, whether it still occurs, when it began, the cause"), slacksim.Contains("Lead: ana"))
	w.quiet()
	w.golden("manager-brief", ch, told.Channel)
	w.slash("ana", ch, "/snafu brief")
	w.submit(w.form("ana", "brief"), slacksim.Values{"to": "@gus"})
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("Only a full member of this workspace can be told, and that account is a guest."))
	w.quiet()
}

func TestWhoIsNotInAPrivateSnafuKnocksAndReadsThatThereIsNone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withGreetings)
	ch := w.open("ana", "sev3 Salaries were shared --private")
	for range 2 {
		w.slash("ben", "#general", "/snafu join SNAFU-1")
		w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("There is no SNAFU-1 that you can see."))
		w.quiet()
	}
	w.slash("ben", "#general", "/snafu join SNAFU-9")
	w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("There is no SNAFU-9 that you can see."))
	w.quiet()
	require.Equal(t, 1, w.happened("join-asked/1"), "the lead is asked once in a quarter of an hour")
	w.sees("ana", "@snafu", slacksim.Contains("@ben asks to come into SNAFU-1"))
	w.press("ana", "@snafu", "Let them in")
	w.quiet()
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("Your role: none"))
	w.slash("ana", ch, "/snafu brief")
	w.submit(w.form("ana", "brief"), slacksim.Values{"to": "@dev"})
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 is private, and @dev is not in its channel."))
	w.slash("ana", ch, "/snafu lead @chi")
	w.quiet()
	got := w.sees("chi", "@snafu", slacksim.Contains("SNAFU-1 needs you"))
	require.NotContains(t, got.Plain, "Salaries")
}
