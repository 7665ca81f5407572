package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// In the form the ways to contain records without writing them stand among the
// columns. No column begins like that.
const (
	chosenList   = "=list"
	chosenSwitch = "=switch:"
)

// chosenInstead reads the choice of the form, nil for a column.
func chosenInstead(choice string) *rollback.Instead {
	name, switches := strings.CutPrefix(choice, chosenSwitch)
	switch {
	case switches:
		return &rollback.Instead{How: rollback.InsteadSwitch, Automation: name}
	case choice == chosenList:
		return &rollback.Instead{How: rollback.InsteadList}
	}
	return nil
}

// typedInstead reads "list" and "switch=weekly-sync".
func typedInstead(word string) *rollback.Instead {
	how, name, said := strings.Cut(word, "=")
	switch {
	case strings.EqualFold(how, rollback.InsteadList) && !said:
		return &rollback.Instead{How: rollback.InsteadList}
	case strings.EqualFold(how, rollback.InsteadSwitch) && name != "":
		return &rollback.Instead{How: rollback.InsteadSwitch, Automation: name}
	}
	return nil
}

// insteadOptions are the ways to contain records without writing them.
func (b *Bot) insteadOptions(ctx context.Context, id incidents.ID) ([]view.Option, error) {
	all := []view.Option{{Value: chosenList, Label: "Nothing is written: keep a list of them"}}
	can, err := b.switchable(ctx, id)
	for _, o := range can {
		all = append(all, view.Option{Value: chosenSwitch + o.Value, Label: "Nothing is written: switch off " + o.Label})
	}
	return all, err
}

// among keeps a column that is called switch a column.
func (w *wantedPark) among(columns []string) {
	if w.instead.Switches() && slices.Contains(columns, w.column) {
		w.instead = nil
	}
}

// switchedOff is what contains the records where no column is written: a list, or
// an automation, which is switched off now unless that is under way already.
func (b *Bot) switchedOff(ctx context.Context, c command, source string, of *rollback.Instead) (*rollback.Instead, error) {
	if !of.Switches() {
		return of, nil
	}
	mine, err := b.o.Approval.Automations(ctx, c.incident)
	if err != nil {
		return nil, err
	}
	if have, err := approval.Among(mine, of.Automation); err == nil {
		return &rollback.Instead{How: of.How, Automation: have.Word()}, nil
	}
	act := c.act()
	act.Key += ":switch"
	err = b.o.Approval.SwitchOff(ctx, act, c.incident, source, of.Automation)
	if errors.Is(err, journal.ErrAlready) {
		err = nil // by the first try of this command
	}
	return of, err
}
