package view

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"
)

// ContactRow is one way in which somebody is called outside of Slack.
type ContactRow struct {
	Way      string
	Address  string
	Verified time.Time // zero until they have typed back a code
}

var wayWords = map[string]string{"phone": "Telephone", "email": "E-mail"}

func wayWord(way string) string {
	if word, ok := wayWords[way]; ok {
		return word
	}
	return way
}

// Contacts shows somebody how they are called outside of Slack.
func Contacts(rows []ContactRow) Message {
	lines := []string{"You are called in Slack alone."}
	if len(rows) > 0 {
		lines = []string{"Beside Slack you are called by:"}
	}
	for _, r := range rows {
		line := fmt.Sprintf("%s %s", wayWord(r.Way), Escape(cut(r.Address, 100)))
		if r.Verified.IsZero() {
			line += ": *not yet*, it counts once you have typed back the code that I send to it"
		} else {
			line += ", since " + Day(r.Verified)
		}
		lines = append(lines, line)
	}
	return Message{
		Text:   cutMarkup(lines[0], maxFallback),
		Blocks: stack(paragraphs(lines), buttons("contact", button("contact.open", "Change", Stamp{}))),
	}
}

// ContactAsked says that a code is on its way.
func ContactAsked(way string) Message {
	line := fmt.Sprintf("I send a code of six digits to your %s. Type it within ten minutes: `/snafu oncall contact code 123456`. Until then it does not count.", telling(way))
	return Message{Text: cutMarkup(line, maxFallback), Blocks: stack(section(line), buttons("contact", primary("contact.open", "Type the code", Stamp{})))}
}

// ContactEntered tells somebody that a number or an address stands in the
// configuration for them.
func ContactEntered(way string) Message {
	line := fmt.Sprintf("My configuration names %s for you, to call you when you are on call. It counts once you have typed back a code that I send to it.", article(way))
	return Message{Text: cutMarkup(line, maxFallback), Blocks: stack(section(line), buttons("contact", primary("contact.open", "Send me a code", Stamp{})))}
}

// CodeFailed tells somebody that a code could not be sent.
func CodeFailed(way, why string) Message {
	return Said(fmt.Sprintf("The code for your %s could not be sent: %s. Look at it again: `/snafu oncall contact`.", telling(way), Escape(why)))
}

func article(way string) string {
	if way == "phone" {
		return "a telephone number"
	}
	return "an e-mail address"
}

func telling(way string) string {
	if way == "phone" {
		return "telephone number"
	}
	return "e-mail address"
}

// ContactModal asks how somebody is called outside of Slack, and for the code that
// was sent there.
func ContactModal(s Stamp, rows []ContactRow) slack.ModalViewRequest {
	at := map[string]ContactRow{}
	for _, r := range rows {
		at[r.Way] = r
	}
	note := "Only you see this. A number or an address counts once you have typed back the code that I send to it."
	return modal("oncall", "How you are called", "Go on", s, section(note),
		field("phone", "Telephone, with its country", "", true, textInput(at["phone"].Address, "+442079460000", false)),
		field("email", "E-mail", "", true, textInput(at["email"].Address, "you@example.com", false)),
		field("code", "The code that I sent", "Leave it empty to get one.", true, textInput("", "123456", false)))
}
