package bot

import (
	"context"

	"snafu/bot/view"
)

// help handles "help" and "help VERB"; both are made from the table of verbs.
func (b *Bot) help(ctx context.Context, c command) (reply, error) {
	if word := c.arg(0); word != "" {
		v, err := lookup(word)
		if err != nil {
			return quiet, err
		}
		return say(view.HelpVerb(v.row())), nil
	}
	return say(view.Help(helpGroups(), b.nextActs(ctx, c))), nil
}

func (v *verb) row() view.HelpRow {
	return view.HelpRow{Usage: v.usage, Help: v.help, Example: v.example, Button: v.button}
}

func helpGroups() []view.HelpGroup {
	var groups []view.HelpGroup
	for i := range verbs {
		v := &verbs[i]
		at := -1
		for j := range groups {
			if groups[j].Name == v.group {
				at = j
			}
		}
		if at < 0 {
			groups = append(groups, view.HelpGroup{Name: v.group})
			at = len(groups) - 1
		}
		groups[at].Verbs = append(groups[at].Verbs, v.row())
	}
	return groups
}

// nextActs are what helps most now: in an incident's channel its next step.
func (b *Bot) nextActs(ctx context.Context, c command) []string {
	if c.in.channel == "" && c.words.key == 0 {
		return nil
	}
	c.verb = named("status")
	if err := b.locate(ctx, &c); err != nil {
		return nil // help is never refused
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return nil
	}
	var next []string
	if q, open := inc.Triage.Next(); open {
		next = append(next, "Next: "+q.Next+" `/snafu triage`")
	}
	if _, acted := inc.Acted(); !acted {
		next = append(next, "Stop the cause: `/snafu contain`")
	}
	return append(next, "See where it stands: `/snafu status`", "Call for help: `/snafu call`")
}
