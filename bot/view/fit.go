package view

import "fmt"

// mostLines is how long the lines of one card are together, in UTF-16 units: a
// message takes no more with all that stands around them.
const mostLines = 8000

// fitting draws so many lines, each as wide as lets all of them stand in one card.
// Where even short ones do not fit, the last line says how many are left out.
func fitting(n int, draw func(n, width int) string) []string {
	for _, width := range []int{300, 120, 60, 30} {
		var lines []string
		long := 0
		for i := range n {
			line := draw(i, width)
			if long += units(line) + 1; long > mostLines {
				break
			}
			lines = append(lines, line)
		}
		switch {
		case len(lines) == n:
			return lines
		case width == 30:
			return append(lines, fmt.Sprintf("and %d more", n-len(lines)))
		}
	}
	return nil
}
