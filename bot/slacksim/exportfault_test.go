package slacksim

import (
	"maps"
	"slices"
)

// FaultKinds are the kinds of faults there are.
func FaultKinds() []string { return slices.Sorted(maps.Keys(faultKinds)) }
