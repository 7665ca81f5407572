package view

import (
	"time"

	"snafu/incidents"
)

// boardOf is an options board in which every word is of that name.
func boardOf(name string) incidents.Board {
	until := time.Date(2026, 3, 28, 12, 30, 0, 0, time.UTC)
	return incidents.Board{
		{Number: 1, Approach: name, Owner: "T1/U1", Until: until},
		{Number: 2, Approach: "ask the vendor", Owner: "T1/U2", Result: incidents.TryPart, Counted: true, Count: 1200, Said: name},
		{Number: 3, Approach: name, Owner: "T1/U2", Result: incidents.TryNo},
		{Number: 4, Approach: name, Owner: "T1/U2"},
	}
}

// fullBoard is one that holds all it may.
func fullBoard(name string) incidents.Board {
	b := boardOf(name)
	for len(b) < 30 {
		b = append(b, incidents.Try{Number: int64(len(b) + 1), Approach: name, Owner: "T1/U1", Result: incidents.TryWorks, Said: name})
	}
	return b
}
