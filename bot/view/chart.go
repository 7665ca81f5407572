package view

import (
	"fmt"
	"time"

	"snafu/incidents"
)

// GrowthChart is a picture of how many records a run touched, and how many of them
// are still wrong, over the counts of an incident.
type GrowthChart struct {
	Incident incidents.ID
	Unit     string // what a record is called, in the plural
	Run      string
	Points   []GrowthPoint // oldest first
}

// GrowthPoint is one count. Wrong is below zero while nobody has decided what
// the records should be.
type GrowthPoint struct {
	At             time.Time
	Touched, Wrong int64
}

// SharesChart is a picture of a state table: a bar for each kind of record.
type SharesChart struct {
	Incident incidents.ID
	Unit     string
	Run      string
	At       time.Time
	Bars     []ShareBar
}

// ShareBar is a cohort: how many records it has, and how many of them are to be
// written still. To is below zero while nobody has decided.
type ShareBar struct {
	Label string // "Prospect -> SQL"
	Total int64
	Left  int64
}

// Words say what the picture shows, for who cannot see it.
func (g GrowthChart) Words() string {
	if len(g.Points) == 0 {
		return "Nothing has been counted yet."
	}
	first, last := g.Points[0], g.Points[len(g.Points)-1]
	text := fmt.Sprintf("%s: %s touched %s %s, counted %s.", g.Incident, visible(g.Run), Number(last.Touched), visible(g.Unit), utc(last.At))
	if len(g.Points) > 1 {
		text = fmt.Sprintf("%s: %s touched by %s went from %s (%s) to %s (%s), in %d counts.", g.Incident, visible(g.Unit), visible(g.Run),
			Number(first.Touched), utc(first.At), Number(last.Touched), utc(last.At), len(g.Points))
	}
	if last.Wrong >= 0 {
		text += fmt.Sprintf(" Still wrong: %s.", Number(last.Wrong))
	}
	return cut(text, maxAlt)
}

// Words say what the picture shows, for who cannot see it.
func (s SharesChart) Words() string {
	text := fmt.Sprintf("%s: %s by what they were and became, counted %s.", s.Incident, visible(s.Unit), utc(s.At))
	for i, b := range s.Bars {
		if i == maxBars {
			text += fmt.Sprintf(" And %d more.", len(s.Bars)-i)
			break
		}
		text += fmt.Sprintf(" %s: %s", visible(b.Label), Number(b.Total))
		if b.Left >= 0 {
			text += fmt.Sprintf(", to write %s", Number(b.Left))
		}
		text += "."
	}
	return cut(text, maxAlt)
}

func utc(at time.Time) string { return at.UTC().Format("2 Jan 15:04") + " UTC" }

// Slack takes 2,000 characters of alternative text with an image block, and
// 1,000 with a file.
const maxAlt = 1000

// maxBars keeps bars and their labels large enough for a phone.
const maxBars = 8
