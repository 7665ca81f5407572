package view

import "snafu/incidents"

// checklistOf is one item more than has a button.
func checklistOf(name string) incidents.Checklist {
	list := incidents.Checklist{{From: 3, Number: 1, Text: name, By: ana.Actor(), At: noon}}
	for n := range int64(mostChecked) {
		list = append(list, incidents.ChecklistItem{From: 7, Number: n + 1, Text: name})
	}
	return list
}
