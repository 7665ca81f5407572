package view

import (
	"time"

	"snafu/incidents"
)

// fullTree is one that holds all it may.
func fullTree(name string) incidents.Whys {
	w := treeOf(name)
	for len(w.Standing()) < 60 {
		w.Nodes = append(w.Nodes, incidents.Why{Ref: "W5.5.5.5.5.5.5.5.5", Text: name, Evidence: name, Mark: incidents.WhyRoot})
	}
	return w
}

// treeOf is a tree of whys in which every word is of that name.
func treeOf(name string) incidents.Whys {
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	return incidents.Whys{Nodes: []incidents.Why{
		{Ref: "W1", Text: name, At: at},
		{Ref: "W1.1", Text: name, Evidence: "https://wiki.example.org/" + name, Mark: incidents.WhyContributing, At: at},
		{Ref: "W1.1.1", Text: "the sync has no limit", Evidence: "the log of " + name, Mark: incidents.WhyRoot, At: at},
		{Ref: "W1.1.2.1.1.1", Text: name, At: at.Add(time.Minute)},
		{Ref: "W2", Text: name, Gone: true, At: at},
	}}
}
