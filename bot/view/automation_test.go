package view

import "snafu/rollback"

// switchesOf are more automations than the form has room for.
func switchesOf(name string) []SwitchLine {
	all := []SwitchLine{
		{Label: name, State: rollback.SwitchOn, Dependents: []string{name, "Scoring"}, Risky: true},
		{Label: "Nightly scoring (crm)"},
		{Label: "MAP push (crm)", Manual: true},
	}
	for range mostSwitchLines {
		all = append(all, SwitchLine{Label: name, State: rollback.SwitchOff})
	}
	return all
}
