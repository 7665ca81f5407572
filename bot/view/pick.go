package view

import (
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// PickForm asks what a count is about. Nothing in it is SQL: runs, fields and
// lists are those that the source offers.
type PickForm struct {
	Stamp  Stamp
	Runs   []Option // runs of late, newest first
	Run    string   // chosen already; "" for none
	Other  string   // the name of a run that is not offered
	Fields []Option // columns that may be set
	Picked []string // those that are chosen
	Wide   bool     // a table has several of them, so that more than one may be chosen
	Lists  []Option // static lists; none is a table without
	List   string
	From   string // as it is written; "" is the run's first trace
	To     string
	Note   string // shown above, for example why there are no runs
}

// PickModal asks for table and field, the erroneous run, the window of time and
// whose records count.
func PickModal(f PickForm) slack.ModalViewRequest {
	blocks := section(f.Note)
	if len(f.Runs) > 0 {
		blocks = append(blocks, field("run", "Which run did it?", "", true, selectInput("Runs of late", f.Run, f.Runs))...)
	}
	other := "As the source writes it, letter by letter. It needs a start below."
	blocks = append(blocks, field("other", "Or another run, by its name", other, true, textInput(f.Other, "weekly-42", false))...)
	blocks = append(blocks, f.fields()...)
	blocks = append(blocks, field("from", "From", "Empty is its first trace. Write 10:42, yesterday 17:00 or 2026-03-28 10:42.", true, textInput(f.From, "", false))...)
	blocks = append(blocks, field("to", "Until", "Empty is open: a run that still goes on is then seen to.", true, textInput(f.To, "", false))...)
	if len(f.Lists) > 0 {
		all := []Option{{"all", "All records that the run touched"}}
		blocks = append(blocks, field("list", "Whose records count?", "Records may have left a list since. The state table says how many.", false,
			selectInput("Choose", or(f.List, "all"), append(all, f.Lists...)))...)
	}
	return modal("pick", "What to count", "Count", f.Stamp, blocks)
}

func (f PickForm) fields() []slack.Block {
	if !f.Wide {
		return field("field", "Which table and field did it spoil?", "", false, selectInput("Choose", strings.Join(f.Picked, ""), f.Fields))
	}
	hint := "Several fields of one table are counted, and put back, together."
	return field("field", "Which table and fields did it spoil?", hint, false, severalInput("Choose", rollback.MostColumns, f.Picked, f.Fields))
}

func or(text, usual string) string {
	if text == "" {
		return usual
	}
	return text
}
