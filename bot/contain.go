package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// contain handles "contain <how> <what>". The channel hears the outcome from
// the journal; the person who typed it hears only a refusal.
func (b *Bot) contain(ctx context.Context, c command) (reply, error) {
	if err := b.stopsWhat(ctx, c); err != nil {
		return quiet, err
	}
	if word, ok := c.seconds(); ok {
		return quiet, b.secondSwitch(ctx, c, word)
	}
	if c.switches() {
		return quiet, b.switchOff(ctx, c)
	}
	done, err := c.containment()
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Contain(ctx, c.act(), c.incident, done)
}

// stopsWhat asks back when "stop" could mean a run that writes just now.
func (b *Bot) stopsWhat(ctx context.Context, c command) error {
	if c.words.verb != "stop" {
		return nil
	}
	plans, err := b.o.Approval.OfIncident(ctx, c.incident)
	if err != nil {
		return err
	}
	for _, v := range plans {
		if v.State.Live() {
			return refusal.Conflict("Stop what? `/snafu pause %s` lets the run rest. `/snafu contain stopped WHAT` records that the cause was stopped.", v.Spec.Ref).Coded("which-stop")
		}
	}
	return nil
}

func (c command) containment() (incidents.Containment, error) {
	if c.form {
		f := c.in.fields
		how, err := incidents.ParseHow(f.get("how"))
		return incidents.Containment{How: how, What: f.get("what"), Was: f.get("was"), Now: f.get("now"), Proof: f.get("proof")}, err
	}
	how, err := incidents.ParseHow(c.arg(0))
	what, was, now := states(c.text(1))
	return incidents.Containment{How: how, What: what, Was: was, Now: now}, err
}

// states reads "Weekly stage sync (was on, now off)".
func states(text string) (what, was, now string) {
	head, tail, found := strings.Cut(text, "(was ")
	if !found || !strings.HasSuffix(strings.TrimSpace(tail), ")") {
		return text, "", ""
	}
	was, now, _ = strings.Cut(strings.TrimSuffix(strings.TrimSpace(tail), ")"), ", now ")
	return strings.TrimSpace(head), was, now
}

func (b *Bot) containForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	automations, err := b.switchable(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	states, err := b.switchStates(ctx, c.incident)
	return view.ContainModal(c.stamp, automations, states), err
}

func checkContain(c command) map[string]string {
	how := incidents.How(c.in.fields.get("how"))
	switch what := c.in.fields.get("what"); {
	case how == howSwitch && c.in.fields.get("automation") == "":
		return map[string]string{"automation": "Choose which one."}
	case how == howSwitch:
		return nil
	case how == "":
		return map[string]string{"how": "What was done?"}
	case what == "" && how == incidents.Cannot:
		return map[string]string{"what": "Why can't it be stopped?"}
	case what == "" && how != incidents.Over:
		return map[string]string{"what": "Name the workflow or the step."}
	}
	return nil
}
