package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// LeadCard is the lead on its way from one person to another.
type LeadCard struct {
	Incident incidents.Incident
	Offer    incidents.LeadOffer
}

func (c LeadCard) stamp() Stamp { return Stamp{Incident: c.Incident.ID, Offer: c.Offer.ID} }

func (c LeadCard) about() []slack.Block {
	return context(fmt.Sprintf("%s · %s · %s", c.Incident.ID, c.Incident.Severity, Escape(c.Incident.Title)))
}

// Lead shows an offer of the lead, in the channel and to whoever has to answer.
// The buttons vanish with its end.
func Lead(c LeadCard) Message {
	o := c.Offer
	line := leadLine(o)
	m := Message{
		Text:   cutMarkup(fmt.Sprintf("%s: %s", c.Incident.ID, line), maxFallback),
		Blocks: stack(section(line), section(points(o)), c.about()),
	}
	if o.State != incidents.OfferOpen {
		m.Blocks = stack(section(line), c.about())
		return m
	}
	yes, no := "Accept", "Decline"
	var take *slack.ButtonBlockElement
	if o.Asked {
		yes, no = "Hand it over", "Keep it"
		if o.Gone != "" || !o.Told.IsZero() {
			take = button("lead.take", "Take the lead", c.stamp())
		}
	}
	m.Blocks = append(m.Blocks, buttons(fmt.Sprintf("lead-%d", o.ID), primary("lead.accept", yes, c.stamp()), button("lead.decline", no, c.stamp()), take)...)
	return m
}

func points(o incidents.LeadOffer) string {
	if o.Points == "" {
		return ""
	}
	return "Open: " + Escape(cut(o.Points, maxPoints))
}

const maxPoints = 1500

func leadLine(o incidents.LeadOffer) string {
	from, to := Mention(o.From), Mention(o.To)
	switch o.State {
	case incidents.OfferAccepted:
		return fmt.Sprintf("%s leads since %s (was %s).", to, Clock(o.EndedAt), from)
	case incidents.OfferTaken:
		return fmt.Sprintf("%s took the lead at %s (was %s): %s", to, Clock(o.EndedAt), from, Escape(o.EndedWhy))
	case incidents.OfferDeclined:
		if o.Asked {
			return fmt.Sprintf("%s asked for the lead. %s keeps it.", to, from)
		}
		return fmt.Sprintf("%s declined the lead. %s leads.", to, from)
	case incidents.OfferWithdrawn:
		if o.Asked {
			return fmt.Sprintf("%s does not ask for the lead any more. %s leads.", to, from)
		}
		return fmt.Sprintf("%s took the offer to %s back, and leads.", from, to)
	case incidents.OfferReplaced:
		return fmt.Sprintf("%s offered the lead to somebody else than %s since.", from, to)
	case incidents.OfferExpired:
		if o.Asked {
			return fmt.Sprintf("%s asked for the lead at %s, and that ran out. %s leads.", to, Clock(o.At), from)
		}
		return fmt.Sprintf("The offer of the lead to %s ran out at %s. %s leads.", to, Clock(o.Due), from)
	}
	if !o.Asked {
		return fmt.Sprintf("%s offers %s the lead. Until %s accepts, %s leads. This runs out at %s.", from, to, to, from, Clock(o.Due))
	}
	why := ""
	if o.Why != "" {
		why = ": " + Escape(strings.TrimSuffix(o.Why, "."))
	}
	switch {
	case o.Gone != "":
		return fmt.Sprintf("%s asks for the lead%s. %s cannot answer: %s. %s takes it by a second word, until %s.", to, why, from, Escape(o.Gone), to, Clock(o.Due))
	case !o.Told.IsZero():
		return fmt.Sprintf("%s asked for the lead%s. %s has not answered since %s, so %s can take it, until %s.", to, why, from, Clock(o.At), to, Clock(o.Due))
	}
	return fmt.Sprintf("%s asks %s for the lead%s. If no answer comes by %s, %s can take it.", to, from, why, Clock(o.Free), to)
}

// LeadUnanswered tells whoever asked for the lead that nobody answered.
func LeadUnanswered(c LeadCard) Message {
	line := fmt.Sprintf("%s has not answered since %s. You can take the lead of %s until %s, with a reason.",
		Mention(c.Offer.From), Clock(c.Offer.At), c.Incident.ID, Clock(c.Offer.Due))
	return Message{
		Text:   cutMarkup(line, maxFallback),
		Blocks: stack(section(line), c.about(), buttons("take", primary("lead.take", "Take the lead", c.stamp()))),
	}
}

// Leading tells a new lead what the lead owns, and how to hand it over.
func Leading(i incidents.Incident, f incidents.LeadChanged) Message {
	head := fmt.Sprintf("You lead %s now (was %s).", i.ID, Mention(f.Was))
	open := ""
	if f.Points != "" {
		open = "Open: " + Escape(cut(f.Points, maxPoints))
	}
	where := ""
	if i.Channel != "" {
		where = " · <#" + i.Channel + ">"
	}
	owns := "Until it is resolved you see to it that\n" +
		"• the cause is stopped, and somebody does the next step that the Summary names\n" +
		"• people hear where it stands when that was promised\n" +
		"• the severity fits: only the lead lowers it\n" +
		"• it is resolved and closed: `/snafu resolve`, `/snafu close`\n" +
		"You decide and ask; the work can be done by others. To hand it over: `/snafu lead @colleague`."
	return Message{
		Text: cutMarkup(head, maxFallback),
		Blocks: stack(
			section("*"+head+"*"), section(open), section(owns), context(fmt.Sprintf("%s · %s%s", i.Severity, Escape(i.Title), where)),
			buttons("leading", button("lead.offer", "Hand over", Stamp{Incident: i.ID}), button("status.show", "Summary", Stamp{Incident: i.ID})),
		),
	}
}

// LeadAway tells whoever left the channel that they still lead.
func LeadAway(i incidents.Incident) Message {
	line := fmt.Sprintf("You have left the channel of %s, and you lead it still. Hand it over to somebody, or come back: <#%s>", i.ID, i.Channel)
	return Message{
		Text:   cutMarkup(line, maxFallback),
		Blocks: stack(section(line), context(Escape(i.Title)), buttons("away", primary("lead.offer", "Hand over", Stamp{Incident: i.ID}))),
	}
}

// LeadOwn answers the lead who asks for the lead.
func LeadOwn(i incidents.Incident) Message {
	line := fmt.Sprintf("You lead %s. To hand it over: `/snafu lead @colleague`.", i.ID)
	return Message{Text: line, Blocks: stack(section(line), buttons("own", button("lead.offer", "Hand over", Stamp{Incident: i.ID})))}
}

// HandOverModal asks to whom the lead goes, and what is open.
func HandOverModal(s Stamp, i incidents.Incident, open string) slack.ModalViewRequest {
	who := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Choose a colleague", maxPlaceholder), Input)
	return modal("lead", "Hand over", "Offer", s,
		section(fmt.Sprintf("You lead %s until they accept. The offer stands for 15 minutes.", i.ID)),
		field("to", "To whom?", "", false, who),
		field("points", "What is open", "They and the channel read it.", true, textInput(open, "", true)))
}

// TakeLeadModal asks whoever had no answer for the second word.
func TakeLeadModal(s Stamp, o incidents.LeadOffer) slack.ModalViewRequest {
	line := fmt.Sprintf("%s has not answered since %s. With this you lead %s.", Mention(o.From), Clock(o.At), o.Incident)
	if o.Gone != "" {
		line = fmt.Sprintf("%s cannot answer: %s. With this you lead %s.", Mention(o.From), Escape(o.Gone), o.Incident)
	}
	return ReasonModal("lead", "Take the lead", "Take the lead", s, line)
}
