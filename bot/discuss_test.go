package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAPlanIsDiscussedBeforeItAsksForApprovals(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.discussed = true
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.decided()
	w.quiet()
	w.slash("ana", ch, "/snafu plan new")
	w.submit(w.form("ana", "plan"), slacksim.Values{"why": "put the stages back", "effects": "fire"})
	w.sees("ana", ch, says("who was asked in IT, and with whom was it discussed?"), slacksim.Shows("Discussed"))
	w.quiet()

	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, mine, says("Nobody has said of R1 whether IT was asked and with whom it was discussed"), says("plan undiscussed R1 WHY"))
	w.press("ana", ch, "Discussed")
	w.submit(w.form("ana", "plan"), slacksim.Values{"asked": "ben of IT agrees"})
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, mine, says("Nobody has said of R1 with whom it was discussed. Press Discussed, or write plan discussed R1 WITH WHOM"))
	require.Zero(t, w.happened("plan-proposed/1"))

	w.slash("ana", ch, "/snafu plan discussed R1 dev and the people in sales")
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, says("IT asked: ben of IT agrees"), says("Discussed with: dev and the people in sales"), slacksim.Shows("Review and approve"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan asked R1 nobody at all")
	w.sees("ana", ch, mine, says("R1 is proposed, so it can't be discussed first"))
	w.quiet()
	require.Equal(t, 2, w.happened("plan-discussed/1"))
	require.Equal(t, 1, w.count(`select count(*) from plans where asked = 'ben of IT agrees' and undiscussed = ''`))
}

func TestWhyAPlanWasNotDiscussedIsEnough(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.discussed = true
	w.begin()
	ch := w.decided()
	w.quiet()
	w.slash("ana", ch, "/snafu plan new")
	w.submit(w.form("ana", "plan"), slacksim.Values{"why": "put the stages back", "effects": "fire", "asked": "ben of IT agrees"})
	w.sees("ana", ch, slacksim.Shows("Ask for approvals"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan undiscussed R1 sales is asleep")
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, slacksim.Contains("Not asked or not discussed: sales is asleep"), slacksim.Shows("Review and approve"))
}
