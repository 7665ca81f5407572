package view

import (
	"fmt"

	"github.com/slack-go/slack"
)

// TableModal asks what each cohort should be. Where there are more cohorts than
// a page holds, what was chosen on the others travels in the form.
func TableModal(f TableForm) slack.ModalViewRequest {
	blocks := section(f.Note)
	if f.Pages > 1 {
		blocks = append(blocks, section(fmt.Sprintf("*Page %d of %d.* What you choose stays when you turn the page; Save takes all pages.", f.Page, f.Pages))...)
	}
	for _, c := range f.Cohorts {
		k := c.Cohort
		label := fmt.Sprintf("%s records were %s, are %s. They should be", Number(k.Counts.Total()), cell(k.Pair.Initial.String()), cell(k.Pair.Error.String()))
		if f.Pages > 1 {
			label = fmt.Sprintf("%d. %s", k.Number, label)
		}
		blocks = append(blocks, field(fmt.Sprintf("cohort-%d", k.Number), label, "", true, selectInput("Choose", c.Chosen, c.Options))...)
	}
	if f.Rest > 0 {
		label := fmt.Sprintf("%s records have no history: nothing says what they were. They are", Number(f.Rest))
		blocks = append(blocks, field("cohort-0", label, "", true, selectInput("Choose", f.RestChosen, f.RestOptions))...)
	}
	blocks = append(blocks, field("why", "Why, if you keep any as they are or give them up for lost", "", true, textInput(f.Why, "", false))...)
	m := modal("table", "State table", "Save", f.Stamp, blocks, pageButtons(f),
		context("Another run, field or time: `/snafu pick`. A value that is not offered: `/snafu table 1 VALUE`."))
	if f.Draft != "" {
		m.PrivateMetadata += "\n" + f.Draft
	}
	return m
}

// FitsForm says whether a form of this stamp can carry so much beside it.
func FitsForm(s Stamp, carried string) bool {
	return units(s.String())+1+units(carried) <= maxPrivateData
}

func pageButtons(f TableForm) []slack.Block {
	var back, on *slack.ButtonBlockElement
	to := f.Stamp
	if f.Page > 1 {
		to.Sheet = f.Page - 1
		back = button("table.turn.back", "Page "+Number(to.Sheet), to)
	}
	if f.Page < f.Pages {
		to.Sheet = f.Page + 1
		on = button("table.turn.on", "Page "+Number(to.Sheet), to)
	}
	return buttons("pages", back, on)
}
