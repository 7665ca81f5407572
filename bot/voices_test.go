package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// approves presses the button of the plan's review and fills the form in.
func (w *workspace) approves(who, ch, rows string) {
	w.t.Helper()
	w.press(who, ch, "Review and approve")
	w.submit(w.form(who, "approve"), slacksim.Values{"rows": rows, "samples": []string{"looked"}})
	w.quiet()
}

func TestWordsAndSignsDecideNothingAndAMessageIsNoApproval(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	ch, _ := w.proposed()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	for _, who := range []string{"chi", "dev"} {
		_, err := w.sim.As(who).Joins(w.ctx(), ch)
		require.NoError(t, err)
	}
	review := w.sees("chi", ch, slacksim.Shows("Review and approve"))

	w.run("Adversarial25 a typed yes and a thumb decide nothing", func() {
		for _, words := range []string{"approve", "approve R1", "R1 approved", "yes, 1176"} {
			_, err := w.sim.As("chi").Says(w.ctx(), ch, words)
			require.NoError(w.t, err)
		}
		_, err := w.sim.As("chi").Reacts(w.ctx(), ch, review.TS, "+1")
		require.NoError(w.t, err)
		w.slash("chi", ch, "/snafu approve R1 1176")
		_, err = w.form("chi", "approve").Close(w.ctx())
		require.NoError(w.t, err)
		w.quiet()
		require.Zero(w.t, w.voices(), "the typed word opens the form, and the form is the approval")
		require.Zero(w.t, w.happened("approval-given/1"))
	})

	w.run("an approval is taken back by its button and by its verb", func() {
		w.approves("chi", ch, "1176")
		w.sees("dev", ch, says("Approved by @chi · 1 of 2"), slacksim.Shows("Take my approval back"))
		w.press("dev", ch, "Take my approval back")
		w.sees("dev", ch, mine, says("You have no approval of R1 to withdraw."))
		w.press("chi", ch, "Take my approval back")
		w.sees("chi", ch, mine, says("Your approval of R1 r1 is taken back"))
		w.sees("ana", ch, says("@chi took the approval of R1 r1 back."))
		w.quiet()
		w.slash("chi", ch, "/snafu approve R1")
		_, err := w.sim.As("chi").Modal(w.ctx(), says("You withdrew your approval of R1 r1. Someone else can give one, or wait for r2."))
		require.NoError(w.t, err)
		w.approves("dev", ch, "1176")
		w.slash("dev", ch, "/snafu unapprove R1")
		w.sees("ana", ch, says("@dev took the approval of R1 r1 back."))
		w.quiet()
		require.Equal(w.t, 1, w.count(`select count(*) from revisions where state = 'proposed'`))
		require.Zero(w.t, w.count(`select count(*) from approvals where counts`))
	})
}

// Slack keeps what people do to messages; what is decided rests on rows.
func TestWhatBecomesOfAMessageChangesNoDecision(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	ch, stamp := w.proposed()
	w.run("Adversarial23 a review whose text was forged or that is gone decides nothing by itself", func() {
		review := w.sees("chi", ch, slacksim.Shows("Review and approve"))
		// A button of the right plan beside any text approves what the database
		// holds, by the number that the database holds.
		yes := func(rows string) string {
			return w.ended(w.sends("approve", forgery{by: w.id("chi"), fields: map[string]string{"rows": rows}, meta: stamp.String()}))
		}
		require.Equal(w.t, "refused invalid typed", yes("1"), "whatever a message says it would write")
		unlooked := forgery{by: w.id("chi"), fields: map[string]string{"rows": "1176", "samples": ""}, meta: stamp.String()}
		require.Equal(w.t, "refused invalid samples", w.ended(w.sends("approve", unlooked)), "nobody approves so many without a look at some")
		require.NoError(w.t, w.sim.Admin().DeleteMessage(ch, review.TS))
		require.Equal(w.t, "effect", yes("1176"), "the plan stands without its message")
		require.Equal(w.t, 1, w.voices())
		w.sees("dev", ch, says(1), slacksim.Shows("Review and approve"))
		w.approves("dev", ch, "1176")
		require.Equal(w.t, 1, w.count(`select count(*) from revisions where state = 'approved'`))
	})
}

func TestWhoIsInvolvedOrHasAnotherAccountIsNoVoice(t *testing.T) {
	t.Parallel()
	w := repairing(t, slacksim.WorkspacePerson{Name: "ana2", Email: "ana@example.com"})
	ch, stamp := w.proposed()
	mine := slacksim.OnlyForMe()
	for _, who := range []string{"chi", "dev"} {
		_, err := w.sim.As(who).Joins(w.ctx(), ch)
		require.NoError(t, err)
	}
	yes := func(who string) string {
		return w.ended(w.sends("approve", forgery{by: w.id(who), fields: map[string]string{"rows": "1176"}, meta: stamp.String()}))
	}
	require.Equal(t, "refused forbidden account", yes("ana2"), "the requester's other account")

	w.slash("chi", ch, "/snafu involved @dev")
	w.sees("chi", ch, mine, slacksim.Contains("Only the lead can record that about somebody else. That is @ana."))
	w.slash("dev", ch, "/snafu involved")
	w.sees("dev", ch, mine, slacksim.Contains("Recorded. Your approval counts for no plan of SNAFU-1"))
	require.Equal(t, "refused forbidden involved", yes("dev"))
	require.Equal(t, "effect", yes("chi"))
	w.quiet()
	w.slash("ana", ch, "/snafu involved @chi")
	w.sees("ana", ch, mine, slacksim.Contains("Recorded. @chi's approval counts for no plan of SNAFU-1"))
	w.sees("ana", ch, slacksim.Contains("R1 r1 was replaced by R1 r2: an approval of it does not count any more"))
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from revisions where state = 'draft' and number = 2`))
	require.Equal(t, "refused conflict stale", yes("chi"))
	w.sees("chi", ch, mine, slacksim.Contains("R1 r1 was replaced by r2"), slacksim.Contains("It stands here."))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}

// says is what a review says once so many have approved.
func says(have int) slacksim.Matching {
	return slacksim.Contains([]string{"2 of 2 approvals missing", "1 of 2 approvals missing"}[have])
}

// run is a part of a test whose parts share a workspace and follow each other.
func (w *workspace) run(name string, do func()) {
	outer := w.t
	outer.Run(name, func(t *testing.T) {
		w.t = t
		defer func() { w.t = outer }()
		do()
	})
}
