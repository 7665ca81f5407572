package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// ChoosePrivate is what a button carries that opens the form for a private snafu.
const ChoosePrivate = "private"

// PrivateOffer lets somebody open a snafu of which only its members know, or call
// for help.
func PrivateOffer(id incidents.ID) []slack.Block {
	return buttons("exposed",
		button("home.open.private", "Open a private snafu", Stamp{Choice: ChoosePrivate}), button("call.open", "Call somebody", Stamp{Incident: id}))
}

// FollowUpOffer proposes to make a follow-up of a message, to one person.
func FollowUpOffer(id incidents.ID, ts string) Message {
	text := "A follow-up of this message? It asks for its owner, its day and what changes."
	return Message{Text: text, Blocks: stack(section(text), buttons("draft", button("todo.open", "Make a follow-up", Stamp{Incident: id, Message: ts})))}
}

// CallOffer lets somebody call for help.
func CallOffer(id incidents.ID) []slack.Block {
	return buttons("help", button("call.open", "Call somebody", Stamp{Incident: id}))
}

// StallOffer lets somebody answer a question, or call who might know.
func StallOffer(id incidents.ID, n incidents.Question) []slack.Block {
	return buttons("stalls",
		button(fmt.Sprintf("triage.open.%d", n), "Answer", Stamp{Incident: id, Question: n}), button("call.open", "Call somebody", Stamp{Incident: id}))
}

// AdminOffer is who looks after a system that was added.
type AdminOffer struct {
	System string
	Admin  incidents.Person
	Name   string // how they are called
}

// AdminOffers offers to call who looks after systems, to one person.
func AdminOffers(id incidents.ID, offers []AdminOffer) Message {
	var lines []string
	var bs []*slack.ButtonBlockElement
	for n, o := range offers {
		lines = append(lines, fmt.Sprintf("%s is looked after by %s.", Escape(o.System), Mention(o.Admin)))
		if n < 5 {
			bs = append(bs, button(fmt.Sprintf("call.person.%d", n), "Call "+o.Name, Stamp{Incident: id, Author: o.Admin.User()}))
		}
	}
	return Message{Text: cutMarkup(lines[0], maxMessageText), Blocks: stack(paragraphs(lines), buttons("admins", bs...))}
}

// SupportOffer is who looks after a system whose records are about to be restored.
type SupportOffer struct {
	Incident incidents.ID
	System   string
	Admins   []AdminOffer
	Vendor   string // its name in the configuration; "" for none
}

// Support offers their help to whoever begins the restore.
func Support(o SupportOffer) Message {
	var who []string
	var bs []*slack.ButtonBlockElement
	for n, a := range o.Admins {
		who = append(who, Mention(a.Admin))
		if n < 5 {
			bs = append(bs, button(fmt.Sprintf("call.person.%d", n), "Call "+a.Name, Stamp{Incident: o.Incident, Author: a.Admin.User()}))
		}
	}
	line := "The restore begins."
	if len(who) > 0 {
		line += fmt.Sprintf(" %s is looked after by %s, who can stand by.", Escape(o.System), strings.Join(who, ", "))
	}
	if o.Vendor != "" {
		line += fmt.Sprintf(" Their support: `/snafu call %s`.", Escape(cut(o.Vendor, 60)))
	}
	return Message{Text: cutMarkup(line, maxMessageText), Blocks: stack(section(line), buttons("support", bs...))}
}
