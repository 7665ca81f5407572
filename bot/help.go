package bot

import (
	"context"

	"snafu/bot/view"
)

// help handles "help" and "help VERB", which are made from the table of verbs, and
// the bare command.
func (b *Bot) help(ctx context.Context, c command) (reply, error) {
	if c.words.verb == "" {
		return b.panel(ctx, c)
	}
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
	return view.HelpRow{Name: v.name, Who: v.who(), Usage: v.usage, Help: v.help, Example: v.example, Button: v.button}
}

// leads are the verbs of which a use case says that only some may.
var leads = map[string]string{
	"cancel": "The lead, or who reported it.", "resolve": "The lead.", "close": "The lead.", "waive": "The lead.",
}

// who says who can ask for it, as far as the verb alone tells.
func (v *verb) who() string {
	switch {
	case leads[v.name] != "":
		return leads[v.name]
	case v.asks:
		return "Who the source names for it; I say so if you can't."
	case v.needs:
		return "Any full member of the workspace in the incident's channel, or with its key: `/snafu " + v.name + " SNAFU-42`."
	}
	return "Any full member of the workspace, in any channel."
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

// nextActs are what helps most now: in an incident's channel its next steps.
func (b *Bot) nextActs(ctx context.Context, c command) []view.Act {
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
	acts, err := b.acts(ctx, inc, c.by)
	if err != nil {
		return nil
	}
	return acts
}
