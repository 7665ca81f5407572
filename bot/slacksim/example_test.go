package slacksim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/slacksim"
)

func Example() {
	sim, err := slacksim.Start(slacksim.Options{Clock: slacksim.FrozenClock(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))})
	if err != nil {
		return
	}
	defer sim.Close()

	// The app: any Slack client, told where Slack is.
	app := slack.New(sim.Tokens().Bot, slack.OptionAPIURL(sim.APIURL()))

	ctx, ana := context.Background(), sim.As("ana")
	_, _ = ana.Invites(ctx, "#general", "snafu")
	said, _ := ana.Says(ctx, "#general", "Leads look wrong, @snafu")
	_, _, _ = app.PostMessage(said.Channel, slack.MsgOptionTS(said.TS), slack.MsgOptionText("Since *09:12*, <@"+said.User+">.", false))
	_, _ = ana.Reacts(ctx, "#general", said.TS, "eyes")

	fmt.Print(sim.Transcript("#general"))
	// Output:
	// #general
	//   @ana      Leads look wrong, @snafu
	//     snafu     Since 09:12, @ana.
	//   @ana      reacts with :eyes:
}
