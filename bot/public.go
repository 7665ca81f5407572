package bot

import (
	"context"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

func wantsPublic(c command) bool {
	return c.in.kind == kindCommand && c.arg(0) == incidents.ExportPublic
}

// publicForm asks for the words of the edition that everybody may read; its
// numbers come from the post-mortem.
func (b *Bot) publicForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.PublicModal(c.stamp, incidents.Report(inc, moment, incidents.Aftermath{}).Draft(), ""), nil
}

func (b *Bot) publicAgain(_ context.Context, c command, why string) (slack.ModalViewRequest, error) {
	return view.PublicModal(c.stamp, c.public(), why), nil
}

func (c command) public() incidents.PublicText {
	f := c.in.fields
	return incidents.PublicText{Loss: f.get("loss"), Harm: f.get("harm"), Apology: f.get("apology"), Changes: f.get("changes"), Thanks: f.get("thanks")}
}

func checkPublic(c command) map[string]string {
	if wrong := c.public().Check(nil); len(wrong) > 0 {
		return wrong
	}
	return nil
}

// writePublic writes the draft of the public edition. snafu publishes nothing.
func (b *Bot) writePublic(ctx context.Context, w Writing, report incidents.PostMortem) (Written, error) {
	const unknown = "what people are called. Look for their names yourself."
	var names []string
	asked := "Slack was not asked " + unknown
	if w.Names == nil {
		var all bool
		if names, all = b.called(ctx, report); all {
			asked = ""
		} else {
			asked = "Slack did not say of everybody " + unknown
		}
	}
	text, remarks, err := report.Public(w.Public, names)
	if err != nil {
		return Written{}, err
	}
	if asked != "" {
		remarks = append(remarks, asked)
	}
	return b.written(ctx, w, map[string][]byte{"public-draft.md": []byte(text)}, remarks...)
}

// called is what the people who had a part in an incident are called, and whether
// Slack said that of all of them.
func (b *Bot) called(ctx context.Context, p incidents.PostMortem) (names []string, all bool) {
	all = true
	for _, who := range p.People() {
		u, err := b.who(ctx, who.User())
		if err != nil {
			all = false
			continue
		}
		for _, name := range []string{u.Profile.DisplayName, u.Profile.RealName, u.Profile.FirstName, u.Profile.LastName, u.RealName, u.Name} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	return names, all
}
