package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// StatusCard is the Summary with the part of one person in it.
type StatusCard struct {
	Incident incidents.ID
	Summary  Message
	Role     string // of the person: "none" for none
	Held     []incidents.Held
	Waits    []string // for the person
	Free     bool     // there is a role to take
	Leads    bool     // and may hand that over
}

// Status is the Summary with what waits for one person. It is for that person
// alone.
func Status(c StatusCard) Message {
	lines := []string{"Your role: " + Escape(c.Role)}
	var roles []string
	for _, h := range c.Held {
		if h.Person != "" {
			roles = append(roles, Escape(h.Role.Name)+" "+Mention(h.Person))
		}
	}
	if roles != nil {
		lines = append(lines, "Roles: "+strings.Join(roles, ", "))
	}
	for _, w := range c.Waits {
		lines = append(lines, "• "+w)
	}
	var hand, take *slack.ButtonBlockElement
	if c.Leads {
		hand = button("lead.offer", "Hand over", Stamp{Incident: c.Incident})
	}
	if c.Free {
		take = button("role.open", "Take a role", Stamp{Incident: c.Incident})
	}
	return Message{Text: c.Summary.Text, Blocks: stack(c.Summary.Blocks, section(strings.Join(lines, "\n")), buttons("status", hand, take))}
}

// RoleModal asks which role somebody takes. names are those who have one.
func RoleModal(s Stamp, i incidents.Incident, held []incidents.Held, names map[incidents.Person]string) slack.ModalViewRequest {
	var options []Option
	var lines []string
	for _, h := range held {
		label := h.Role.Name
		if h.Person != "" {
			who := names[h.Person]
			if who == "" {
				who = "somebody"
			}
			label += " (now " + who + ")"
		}
		options = append(options, Option{Value: h.Role.Name, Label: label})
		if h.Role.Does != "" {
			lines = append(lines, "*"+Escape(h.Role.Name)+"*: "+Escape(h.Role.Does))
		}
	}
	return modal("role", "Take a role", "Take it", s, section(fmt.Sprintf("Of %s. You get a brief of five lines.", i.ID)),
		field("role", "Which role?", "", false, selectInput("Choose", "", options)), paragraphs(lines))
}

// RoleTaken tells whoever has a role now what it is, and where the incident
// stands.
func RoleTaken(i incidents.Incident, s incidents.Summary, r incidents.Role, by incidents.Actor) Message {
	head := fmt.Sprintf("You are %s of %s.", Escape(r.Name), i.ID)
	var lines []string
	for _, l := range incidents.RoleBrief(s, r) {
		lines = append(lines, Say(l))
	}
	from := "To give it back: `/snafu role " + EscapeCode(r.Name) + " none`."
	if p, ok := by.Person(); ok {
		from = "By " + Mention(p) + ". " + from
	}
	if i.Channel != "" {
		from += " <#" + i.Channel + ">"
	}
	return Message{Text: cutMarkup(head, maxFallback), Blocks: stack(section("*"+head+"*"), paragraphs(lines), context(from))}
}

// SeverityChanged says how bad it is from now on, and offers to call somebody of
// a rota where that is due.
func SeverityChanged(i incidents.Incident, f incidents.SeverityChanged, rota string) Message {
	line := Say(f.Words())
	var call []slack.Block
	hint := ""
	if f.Call {
		hint = fmt.Sprintf("Nobody is called by that. To call somebody: `/snafu call`, %s would.", f.Now)
		label := "Call for help"
		if rota != "" {
			hint = fmt.Sprintf("Nobody is called by that. %s would call %s at open.", f.Now, Escape(rota))
			label = "Call " + rota
		}
		call = buttons("severity", button("call.open", label, Stamp{Incident: i.ID}))
	}
	return Message{Text: cutMarkup(fmt.Sprintf("%s: %s", i.ID, line), maxFallback), Blocks: stack(section(line), context(hint), call)}
}

// SeverityModal asks how bad it is, with what is suggested and why.
func SeverityModal(s Stamp, i incidents.Incident, suggested incidents.Severity, why string) slack.ModalViewRequest {
	options := []Option{{"1", "SEV1, the worst"}, {"2", "SEV2"}, {"3", "SEV3"}}
	return modal("sev", "Severity", "Set", s,
		section(fmt.Sprintf("%s is %s. Suggested is %s: %s.", i.ID, i.Severity, suggested, Escape(why))),
		field("severity", "How bad is it?", "Anybody may raise it. To lower it takes the lead, and a reason.", false, radioInput("", options)),
		field("why", "Why?", "", true, textInput("", "", false)))
}

// Knock asks the lead of a private incident whether somebody may come in.
func Knock(i incidents.Incident, who incidents.Person) Message {
	line := fmt.Sprintf("%s asks to come into %s. Nobody else hears of it, and they were told that there is none.", Mention(who), i.ID)
	return Message{
		Text:   cutMarkup(line, maxFallback),
		Blocks: stack(section(line), buttons("knock", button("join.let", "Let them in", Stamp{Incident: i.ID, Author: who.User()}))),
	}
}

// BriefModal asks what a manager is told; draft is made from data.
func BriefModal(s Stamp, i incidents.Incident, to, draft string) slack.ModalViewRequest {
	who := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Choose a colleague", maxPlaceholder), Input)
	who.InitialUser = to
	return modal("brief", "Tell a manager", "Send", s,
		section(fmt.Sprintf("What is known of %s, from its data. Change what you like; it goes by direct message, and the channel sees it.", i.ID)),
		field("to", "To whom?", "", false, who),
		field("text", "What you tell them", "", false, textInput(draft, "", true)))
}

// Brief is what a manager reads. text is safe to show.
func Brief(i incidents.Incident, f incidents.Briefed, text string) Message {
	head := fmt.Sprintf("%s tells you about %s:", Mention(f.By), i.ID)
	return Message{
		Text:   cutMarkup(head, maxFallback),
		Blocks: stack(section(head), section(text), buttons("brief", button("status.show", "Summary", Stamp{Incident: i.ID}), button("join.channel", "Join", Stamp{Incident: i.ID}))),
	}
}

// Briefed tells the channel what a manager was told.
func Briefed(i incidents.Incident, f incidents.Briefed, text string) Message {
	head := fmt.Sprintf("%s has told %s:", Mention(f.By), Mention(f.To))
	quote := ">" + strings.ReplaceAll(text, "\n", "\n>")
	return Message{Text: cutMarkup(fmt.Sprintf("%s: %s", i.ID, head), maxFallback), Blocks: stack(section(head), section(quote))}
}
