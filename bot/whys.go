package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// whys handles "whys PROBLEM", "whys W1.2 BECAUSE", what is done to one answer
// ("whys root W1.2"), "whys skip WHY", and the form of an answer.
func (b *Bot) whys(ctx context.Context, c command) (reply, error) {
	if c.form {
		return b.whyForm(ctx, c)
	}
	if strings.EqualFold(c.arg(0), "skip") {
		return quiet, b.o.Response.SkipWhys(ctx, c.act(), c.incident, c.text(1))
	}
	if ref, ok := incidents.ParseWhyRef(c.arg(1)); ok {
		if do := strings.ToLower(c.arg(0)); slices.Contains(whyDeeds, do) {
			return b.whyDeed(ctx, c, do, ref)
		}
	}
	above, _ := incidents.ParseWhyRef(c.arg(0))
	text := c.text(0)
	if above != "" {
		text = c.text(1)
	}
	ref, ask, err := b.o.Response.AddWhy(ctx, c.act(), c.incident, above, incidents.Why{Text: text})
	return askBack(c, ref, ask), err
}

// What is typed in front of an answer's place.
var whyDeeds = []string{"root", "contributing", "plain", "change", "evidence", "drop"}

func (b *Bot) whyDeed(ctx context.Context, c command, do string, ref incidents.WhyRef) (reply, error) {
	if do == "drop" {
		return quiet, b.o.Response.RemoveWhy(ctx, c.act(), c.incident, ref)
	}
	words := c.text(2)
	ask, err := b.o.Response.ChangeWhy(ctx, c.act(), c.incident, ref, func(n incidents.Why) (incidents.Why, error) {
		switch do {
		case "change":
			n.Text = words
		case "evidence":
			n.Evidence = words
		case "plain":
			n.Mark = incidents.WhyPlain
		default:
			n.Mark = incidents.WhyMark(do)
		}
		return n, nil
	})
	return askBack(c, ref, ask), err
}

// askBack asks whoever marked a root early whether that is where it ends.
func askBack(c command, ref incidents.WhyRef, ask bool) reply {
	if !ask {
		return quiet
	}
	return say(view.WhyAskBack(c.incident, ref))
}

// whyForm records what a form says of an answer.
func (b *Bot) whyForm(ctx context.Context, c command) (reply, error) {
	f := c.in.fields
	said := incidents.Why{Text: f.get("text"), Evidence: f.get("evidence")}
	if mark := f.get("mark"); mark != "plain" {
		said.Mark = incidents.WhyMark(mark)
	}
	if c.stamp.Sheet == 0 {
		above, _ := incidents.ParseWhyRef(f.get("above"))
		ref, ask, err := b.o.Response.AddWhy(ctx, c.act(), c.incident, above, said)
		return askBack(c, ref, ask), err
	}
	ref := incidents.WhyRef(c.stamp.Choice)
	if slices.Contains(f["drop"], "drop") {
		return quiet, b.o.Response.RemoveWhy(ctx, c.act(), c.incident, ref)
	}
	ask, err := b.o.Response.ChangeWhy(ctx, c.act(), c.incident, ref, func(n incidents.Why) (incidents.Why, error) {
		if n.At.UnixMicro() != c.stamp.Sheet {
			return n, refusal.Conflict("Somebody changed %s since you opened it. `/snafu whys %s` shows it as it is.", ref, ref).Coded("stale")
		}
		return said, nil
	})
	return askBack(c, ref, ask), err
}

// whysOpens is true for "whys" and "whys W1.2": an answer without its words.
func whysOpens(c command) bool {
	if len(c.words.args) == 0 {
		return true
	}
	_, ok := incidents.ParseWhyRef(c.arg(0))
	return ok && len(c.words.args) == 1
}

func (b *Bot) drawWhys(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	tree, err := b.o.Response.Whys(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.WhyForm{Whys: tree, Above: incidents.WhyRef(c.stamp.Choice)}
	change := c.in.action == view.WhyChange
	if c.in.kind == kindCommand {
		var ref incidents.WhyRef
		ref, change = incidents.ParseWhyRef(c.arg(0))
		c.stamp.Choice = string(ref)
	}
	if change {
		n, err := tree.Find(incidents.WhyRef(c.stamp.Choice))
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		f.Of, c.stamp.Sheet = &n, n.At.UnixMicro()
	}
	f.Stamp = c.stamp
	return view.WhyModal(f), nil
}

// checkWhys reads the form alone.
func checkWhys(c command) map[string]string {
	f := c.in.fields
	if slices.Contains(f["drop"], "drop") {
		return nil
	}
	if f.get("text") == "" {
		return map[string]string{"text": "Why? A few words are enough."}
	}
	for _, block := range []string{"text", "evidence"} {
		if incidents.NamesPerson(f.get(block)) {
			return map[string]string{block: incidents.ErrNamesPerson.Error()}
		}
	}
	return nil
}

// roots are the lines about root causes that the report of an incident has.
func (b *Bot) roots(ctx context.Context, inc incidents.Incident) ([]string, error) {
	if inc.Phase() != incidents.PhaseResolved && inc.Phase() != incidents.PhaseClosed {
		return nil, nil
	}
	tree, err := b.o.Response.Whys(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	left, err := b.o.Response.Checklist(ctx, inc)
	var lines []string
	for _, line := range []string{tree.Report(), left.Report()} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, err
}
