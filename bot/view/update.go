package view

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// UpdateCard is an update as it was posted.
type UpdateCard struct {
	Incident incidents.Incident
	Fact     incidents.Updated
	By       incidents.Actor
	At       time.Time // when it was posted
}

// Update tells what changed, what comes next, what is needed and when the next
// update comes.
func Update(c UpdateCard) Message {
	i, f := c.Incident, c.Fact
	text := fmt.Sprintf("%s update by %s", i.ID, c.By.Mention())
	lines := []string{"*Update by " + c.By.Mention() + "*", Escape(f.Changed)}
	if f.Next != "" {
		lines = append(lines, "*Next*: "+Escape(f.Next))
	}
	if f.Need != "" {
		lines = append(lines, "*Needed from you*: "+Escape(f.Need))
	}
	if !f.Promise.IsZero() {
		by := incidents.Sentence(incidents.Due(f.Promise.UTC(), c.At))
		lines = append(lines, "*Next update by "+Say(by)+"*")
		text += ". Next by " + by.String()
	}
	return Message{
		Text:   cutMarkup(text, maxFallback),
		Blocks: stack(paragraphs(lines), context(fmt.Sprintf("%s · %s · %s · %s", i.ID, i.Phase(), i.Severity, Escape(i.Title)))),
	}
}

// UpdateForm is what the form of an update is filled with.
type UpdateForm struct {
	Stamp         Stamp
	Live          bool   // the next update is promised
	Stands        string // the promise that stands and lies ahead, in the typist's zone
	Last          incidents.Update
	Numbers, Next string // what is known now
}

// UpdateModal asks for an update.
func UpdateModal(f UpdateForm) slack.ModalViewRequest {
	changed, next := f.Numbers, f.Next
	if f.Last.Changed != "" {
		changed = f.Last.Changed + "\n" + f.Numbers
	}
	if f.Last.Next != "" {
		next = f.Last.Next
	}
	var when []slack.Block
	if f.Live {
		chosen, options := "1h", []Option{{"15m", "In 15 minutes"}, {"30m", "In 30 minutes"}, {"1h", "In 60 minutes"}}
		if f.Stands != "" {
			chosen, options = "keep", append([]Option{{"keep", "By " + f.Stands + ", as promised"}}, options...)
		}
		when = append(field("by", "Next update", "", false, selectInput("When?", chosen, options)),
			field("at", "Or at a time", "11:30, tomorrow 9:00 or in 45m", true, textInput("", "11:30", false))...)
	}
	return modal("update", "Post an update", "Post", f.Stamp,
		field("changed", "What changed?", "", false, textInput(changed, "", true)),
		field("next", "What comes next?", "", false, textInput(next, "", false)),
		field("need", "What is needed, and of whom?", "", true, textInput(f.Last.Need, "", false)), when,
		field("audience", "For whom?", "", true, radioInput(string(audienceOr(f.Last.Audience)), []Option{
			{string(incidents.AudienceAll), "All: this channel, the central one, followers"}, {string(incidents.AudienceChannel), "This channel and followers"},
		})))
}

func audienceOr(a incidents.Audience) incidents.Audience {
	if a == "" {
		return incidents.AudienceAll
	}
	return a
}
