package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// howSwitch is the way to stop a cause that snafu does itself, or asks a person
// to do: a declared automation is switched off.
const howSwitch = "switch"

// switches says that somebody wants a declared automation switched off.
func (c command) switches() bool {
	if c.form {
		return c.in.fields.get("how") == howSwitch
	}
	return strings.EqualFold(c.arg(0), howSwitch)
}

// switchOff handles "contain switch NAME [anyway]".
func (b *Bot) switchOff(ctx context.Context, c command) error {
	word, sure := strings.CutSuffix(c.text(1), " anyway")
	if c.form {
		word, sure = c.in.fields.get("automation"), c.in.fields.get("alone") != ""
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return err
	}
	unknown, err := b.o.Approval.DependentsUnknown(inc.System, word)
	if err != nil {
		return err
	}
	if unknown && !sure {
		return refusal.Conflict("Nobody has declared what stands still with %s. Ask who looks after it, then tick that in the form, or type `/snafu contain switch %s anyway`.", word, word).Coded("dependents")
	}
	return b.o.Approval.SwitchOff(ctx, c.act(), c.incident, inc.System, word)
}

// switchable are the declared automations, those of the incident's system where
// that is known.
func (b *Bot) switchable(ctx context.Context, id incidents.ID) ([]view.Option, error) {
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []view.Option
	for _, d := range b.o.Approval.Declared(inc.System) {
		label := d.Title + " (" + d.Source + ")"
		if d.Manual {
			label += ", by its owner"
		}
		switch {
		case len(d.Dependents) > 0:
			label += "; with it: " + strings.Join(d.Dependents, ", ")
		case !d.Manual:
			label += "; what stands still with it is not declared"
		}
		all = append(all, view.Option{Value: d.Word(), Label: label})
	}
	return all, nil
}

// release handles "release NAME WHY" and its form.
func (b *Bot) release(ctx context.Context, c command) (reply, error) {
	word, why := c.arg(0), c.text(1)
	if c.form {
		word, why = c.stamp.Choice, c.why()
	}
	if word == "" {
		return quiet, refusal.Invalid("Release what? `/snafu release NAME WHY` gives back the state that it had before.").Coded("automation")
	}
	return quiet, b.o.Approval.Release(ctx, c.act(), c.incident, word, why)
}

func (b *Bot) releaseForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	word := c.stamp.Choice
	if c.in.kind == kindCommand {
		word = c.arg(0)
	}
	all, err := b.o.Approval.Automations(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	mine, err := approval.Among(all, word)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.ReleaseModal(c.stamp, mine), nil
}

// withoutReason is true for a name alone.
func withoutReason(c command) bool {
	return c.in.kind == kindCommand && c.arg(0) != "" && c.arg(1) == ""
}

// confirm handles "confirm NAME [was-off]" and the buttons of who looks after an
// automation.
func (b *Bot) confirm(ctx context.Context, c command) (reply, error) {
	word, was := c.arg(0), rollback.SwitchOn
	if strings.EqualFold(c.arg(1), "was-off") {
		was = rollback.SwitchOff
	}
	if c.in.kind == kindPress {
		word = c.stamp.Choice
		if strings.HasPrefix(c.in.action, view.WasOff) {
			was = rollback.SwitchOff
		}
	}
	if word == "" {
		return quiet, refusal.Invalid("Confirm what? `/snafu confirm NAME` says that it stands still, or works again, as was asked. Behind the name, was-off says that it stood still before.").Coded("automation")
	}
	return quiet, b.o.Approval.Confirm(ctx, c.act(), c.incident, word, was)
}

func automationWanted(f approval.AutomationWanted) incidents.Words {
	do, press := "stop "+f.Auto.Label(), "Stopped"
	if f.Release {
		do, press = "let "+f.Auto.Label()+" work again", "Works again"
	}
	w := incidents.Sentence("Who looks after it: ")
	if f.Owner != "" {
		w = incidents.Sentence(f.Owner, ": ")
	}
	w = incidents.Sentence(w, do+", then press "+press+". Asked by ", f.By)
	if f.Why != "" {
		return incidents.Sentence(w, ": "+f.Why)
	}
	return incidents.Sentence(w, ".")
}

func automationSwitched(f approval.AutomationSwitched) incidents.Words {
	if f.Before == f.After {
		return incidents.Sentence(f.Auto.Label() + " was off already, and stays off until it is released.")
	}
	return incidents.Sentence(f.Auto.Label() + " is off: " + f.Proof + ". What it was before, " + f.Before + ", it gets back by /snafu release " + f.Auto.Name + " WHY.")
}

func automationReleased(f approval.AutomationReleased) incidents.Words {
	switch {
	case f.For != "":
		return incidents.Sentence(f.Auto.Label()+" stays off: "+f.For+" needs that. Released here by ", f.By, ": "+f.Why)
	case f.After == f.Before && f.After == string(rollback.SwitchOff):
		return incidents.Sentence(f.Auto.Label()+" stays off, as it was before. Released by ", f.By, ": "+f.Why)
	}
	return incidents.Sentence(f.Auto.Label()+" is on again (it was on before): "+f.Proof+". Released by ", f.By, ": "+f.Why)
}

func automationRefused(f approval.AutomationRefused) incidents.Words {
	if f.Release {
		return incidents.Sentence(f.Auto.Label() + " was not released. " + f.Say)
	}
	say := f.Auto.Label() + " was not switched off. " + f.Say
	if f.Code != approval.WishTakenBack {
		say += " What is done by hand is recorded with `/snafu contain stopped " + f.Auto.Title + "`."
	}
	return incidents.Sentence(say)
}
