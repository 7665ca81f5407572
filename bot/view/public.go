package view

import (
	"github.com/slack-go/slack"

	"snafu/incidents"
)

// PublicModal asks for what a text for everybody needs and no number says.
// problem is why the last try was refused, "" for the first.
func PublicModal(s Stamp, draft incidents.PublicText, problem string) slack.ModalViewRequest {
	var told []slack.Block
	if problem != "" {
		told = section(":warning: " + problem)
	}
	return modal("export", "Public text", "Write the draft", s, told,
		context("Dates and numbers are added. No names, no keys, no links from inside. Nothing is published: you get a draft."),
		field("loss", "What was lost, in one sentence", "\"We made a mistake and lost ...\"", false, textInput(draft.Loss, "", true)),
		field("harm", "What it meant for those who were hit", "", false, textInput(draft.Harm, "", true)),
		field("apology", "The apology", "", false, textInput(draft.Apology, "", true)),
		field("changes", "What you change", "Without words here the safeguards of the follow-ups stand there.", true, textInput(draft.Changes, "", true)),
		field("thanks", "Thanks, and where to read more", "", true, textInput(draft.Thanks, "", true)))
}
