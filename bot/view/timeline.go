package view

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// TimelineCard is one page of what happened when.
type TimelineCard struct {
	Incident    incidents.ID
	Lines       []TimelineLine
	Page, Pages int64 // from 1
	At          time.Time
}

// TimelineLine is one entry: a note of a person, or what snafu journalled.
type TimelineLine struct {
	When  time.Time
	Note  *incidents.TimelineNote
	Words incidents.Words // of what is no note
}

// mostTimeline is how much of an entry one page shows.
const mostTimeline = 600

// Timeline shows a page of what happened when, to one person. Notes can be put
// right; what snafu wrote cannot.
func Timeline(c TimelineCard) Message {
	head := fmt.Sprintf("*Timeline of %s*", c.Incident)
	if c.Pages > 1 {
		head += fmt.Sprintf(" · page %d of %d", c.Page, c.Pages)
	}
	blocks := section(head)
	var plain []string
	flush := func() {
		blocks = append(blocks, paragraphs(plain)...)
		plain = nil
	}
	for _, l := range c.Lines {
		when := Say(incidents.Sentence(incidents.Near(l.When, c.At)))
		if l.Note == nil {
			plain = append(plain, when+" · "+cutMarkup(Say(l.Words), mostTimeline))
			continue
		}
		flush()
		blocks = append(blocks, noteBlocks(c.Incident, when, *l.Note)...)
	}
	flush()
	if len(c.Lines) == 0 {
		blocks = append(blocks, section("Nothing has happened yet.")...)
	}
	s := Stamp{Incident: c.Incident}
	var turns []*slack.ButtonBlockElement
	if s.Sheet = c.Page - 1; s.Sheet >= 1 {
		turns = append(turns, button("timeline.page.1", "Earlier", s))
	}
	if s.Sheet = c.Page + 1; s.Sheet <= c.Pages {
		turns = append(turns, button("timeline.page.2", "Later", s))
	}
	return Message{Text: fmt.Sprintf("%s: what happened when", c.Incident), Blocks: stack(blocks, buttons("timeline", turns...))}
}

func noteBlocks(id incidents.ID, when string, n incidents.TimelineNote) []slack.Block {
	kind := "note"
	if n.Note != incidents.NotePlain {
		kind = string(n.Note)
	}
	if n.TS != "" {
		kind = "pinned"
	}
	text := fmt.Sprintf("%s · *#%d* %s by %s: %s", when, n.Entry, kind, n.By.Mention(), cutMarkup(Say(n.Said()), mostTimeline))
	if n.Link != "" {
		text += " " + messageLink(n.Link)
	}
	for _, was := range n.Before {
		if !was.WasAt.Equal(was.When) {
			text += "\n(corrected; it was of " + Day(was.WasAt) + ")"
		}
		if was.Was != was.Text {
			text += "\n(corrected; it said: " + Escape(cut(was.Was, 200)) + ")"
		}
	}
	if n.Withdrawn {
		text += fmt.Sprintf("\n(withdrawn by %s", n.GoneBy.Mention())
		if n.Gone.Why != "" {
			text += ": " + Escape(cut(n.Gone.Why, 200))
		}
		return section(text + ")")
	}
	if n.Question != 0 {
		return section(text)
	}
	s := Stamp{Incident: id, Sheet: n.Entry}
	return stack(section(text), buttons(fmt.Sprintf("entry%d", n.Entry),
		button(fmt.Sprintf("timeline.correct.%d", n.Entry), "Correct", s), button(fmt.Sprintf("timeline.withdraw.%d", n.Entry), "Withdraw", s)))
}

// messageLink leads to a message of Slack.
func messageLink(where string) string {
	if !webAddress(where) {
		return ""
	}
	return "<" + Escape(where) + "|message>"
}

// CorrectModal asks what is right instead of what a note says.
func CorrectModal(s Stamp, n incidents.TimelineNote, when string) slack.ModalViewRequest {
	return modal("timeline", fmt.Sprintf("Correct #%d", n.Entry), "Correct", s,
		context("What it said stays in the log beside the correction."),
		field("text", "What happened?", "", false, textInput(n.Text, "", true)),
		field("when", "When?", "In your time zone: 10:42, yesterday 17:00 or 2026-03-28 10:42.", true, textInput(when, "", false)))
}

// EditionOffer asks whoever pinned a message that was edited since whether its new
// words are to stand in the timeline. Its mark tells these words from later ones.
func EditionOffer(id incidents.ID, n incidents.TimelineNote, text, mark string) Message {
	was := fmt.Sprintf("A message that you put on the timeline of %s was edited. #%d says: %s", id, n.Entry, Escape(cut(n.Text, mostTimeline)))
	now := "It says now: " + Escape(cut(text, mostTimeline)) // apart: nobody keeps what they cannot read
	s := Stamp{Incident: id, Sheet: n.Entry, Choice: mark}
	return Message{Text: fmt.Sprintf("%s: a message on the timeline was edited", id), Blocks: stack(
		section(was), section(now), context("The log keeps both."),
		buttons("edition", button("timeline.keep", "Keep the new text", s), button("timeline.leave", "Leave as it was", s)),
	)}
}
