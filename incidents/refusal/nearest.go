package refusal

// Nearest returns the known word that is fewest slips away from the typed one,
// or "" if none is near enough to be meant.
func Nearest(typed string, known []string) string {
	best, at := "", 1+len([]rune(typed))/2
	for _, word := range known {
		if d := slips(typed, word); d < at {
			best, at = word, d
		}
	}
	return best
}

// slips counts the letters to add, drop, change or swap with the next one
// until a becomes b.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
