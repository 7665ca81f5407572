package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Act is one thing that somebody can do next: in words, as it is typed, and the
// button that does the same, if there is one.
type Act struct {
	Say, Typed    string
	Action, Label string
	Stamp         Stamp
}

func (a Act) line() string { return Escape(a.Say) + "\n`/snafu " + EscapeCode(a.Typed) + "`" }

// block is the line with its button. n keeps the ids of one message apart.
func (a Act) block(n int) []slack.Block {
	if a.Action == "" {
		return section(a.line())
	}
	return row(a.line(), button(fmt.Sprintf("%s.%d", a.Action, n), a.Label, a.Stamp))
}

func actBlocks(acts []Act) (blocks []slack.Block) {
	for n, a := range acts {
		blocks = append(blocks, a.block(n+1)...)
	}
	return blocks
}

// NextActs shows what one person can sensibly do next in an incident.
func NextActs(i incidents.Incident, acts []Act) Message {
	head := fmt.Sprintf("*%s* · %s · %s · your next steps", i.ID, Escape(i.Title), i.Phase())
	return Message{Text: cut(i.Key()+": your next steps", maxFallback), Blocks: stack(
		section(head), actBlocks(acts), context("`/snafu help` lists everything, `/snafu help VERB` explains one."),
	)}
}

// PanelCard is what a person can do from a channel that has no incident.
type PanelCard struct {
	Mine   []incidents.Incident // that they lead or reported
	Waits  []Act
	OnCall OnCallCard
}

// Panel shows the way in, what is theirs, what waits for them and who is on
// call.
func Panel(c PanelCard) Message {
	blocks := row("*Something looks wrong?* Open a snafu, even if you are not sure.\n`/snafu open WHAT HAPPENED`", primary("home.open", "Open a snafu", Stamp{}))
	if len(c.Waits) > 0 {
		blocks = append(append(blocks, section("*Waits for you*")...), actBlocks(c.Waits)...)
	}
	if len(c.Mine) > 0 {
		blocks = append(blocks, section("*Yours*")...)
		for _, i := range c.Mine {
			line := fmt.Sprintf("*%s* · %s · %s · %s", i.ID, i.Severity, i.Phase(), Escape(cut(i.Title, maxHomeTitle)))
			blocks = append(blocks, row(line, button("status.show."+i.Key(), "Details", Stamp{Incident: i.ID}))...)
		}
	}
	if len(c.OnCall.Rotas) > 0 {
		blocks = append(blocks, section("*On call*")...)
		for _, r := range c.OnCall.Rotas {
			blocks = append(blocks, context(Escape(r.Rota)+": "+onCallLine(r))...)
		}
	}
	return Message{Text: "What snafu can do for you", Blocks: stack(
		blocks, context("`/snafu list` shows what is open, `/snafu help` everything I can do."),
	)}
}
