package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback/approval"
)

// howSecond confirms that a risky automation is switched off.
const howSecond = "second"

// seconds says that somebody confirms what another person asked for.
func (c command) seconds() (word string, ok bool) {
	if strings.HasPrefix(c.in.action, "contain.second") {
		return c.stamp.Choice, true
	}
	return c.text(1), !c.form && strings.EqualFold(c.arg(0), howSecond)
}

// secondSwitch handles "contain second NAME" and its button.
func (b *Bot) secondSwitch(ctx context.Context, c command, word string) error {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return err
	}
	return b.o.Approval.SecondSwitch(ctx, c.act(), c.incident, inc.System, word)
}

// switchStates are the declared automations with what their sources say of them
// now. One that does not answer in time leaves it open.
func (b *Bot) switchStates(ctx context.Context, id incidents.ID) ([]view.SwitchLine, error) {
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.o.StateWithin)
	defer cancel()
	var all []view.SwitchLine
	for _, d := range b.o.Approval.Declared(inc.System) {
		line := view.SwitchLine{Label: d.Title + " (" + d.Source + ")", Manual: d.Manual, Dependents: d.Dependents, Risky: d.Risky}
		if !d.Manual && b.o.SwitchState != nil && ctx.Err() == nil {
			state, err := b.o.SwitchState(ctx, d.Source, d.Name)
			if err != nil {
				b.log.InfoContext(ctx, "ask a source whether an automation works", "source", d.Source, "err", err)
			} else {
				line.State = state
			}
		}
		all = append(all, line)
	}
	return all, nil
}

// secondOffers lets a second person confirm a switch.
func secondOffers(inc incidents.Incident, e journal.Entry) []slack.Block {
	var f approval.SecondWanted
	if e.Into(&f) != nil {
		return nil
	}
	return view.SecondOffer(inc.ID, f.Auto.Source+"/"+f.Auto.Name, f.Auto.Title)
}

func secondWanted(f approval.SecondWanted) incidents.Words {
	w := incidents.Sentence(f.By, " wants "+f.Auto.Label()+" switched off. It is declared risky: a second person confirms that until ", f.Until, ", or it works on.")
	w = incidents.Sentence(w, " To take it back: `/snafu release "+f.Auto.Name+" WHY`.")
	if len(f.Can) > 0 {
		return incidents.Sentence(w, " That can be ", f.Can, ".")
	}
	return incidents.Sentence(w, " That can be the lead or an approver of "+f.Auto.Source+". If there is no other, hand the lead over: `/snafu lead @colleague`.")
}

func seconded(f approval.Seconded) incidents.Words {
	return incidents.Sentence(f.Second, " confirmed what ", f.By, " asked for: "+f.Auto.Label()+" is switched off now.")
}

func secondExpired(f approval.SecondExpired) incidents.Words {
	return incidents.Sentence("Nobody confirmed within 15 minutes that " + f.Auto.Label() + " is to be switched off, so it works on. Ask again: `/snafu contain switch " + f.Auto.Name + "`.")
}
