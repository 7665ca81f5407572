package count

import "strings"

// row is a line of a file that is not empty, with its number in the file.
type row struct {
	line  int
	cells []field
}

type field struct {
	text   string
	quoted bool
}

// trouble is where the file stops being a table.
type trouble struct {
	line int
	why  string
}

// split cuts a file into rows. The separator is what the first line has most of
// outside quotes. A quoted field may hold separators, ends of lines and doubled
// quotes.
func split(text string) ([]row, trouble) {
	sep := separator(text)
	var rows []row
	var cells []field
	var b strings.Builder
	line, start := 1, 1
	inside, quoted := false, false
	end := func() {
		cells = append(cells, field{b.String(), quoted})
		b.Reset()
		quoted = false
	}
	endRow := func() {
		end()
		if len(cells) > 1 || cells[0].text != "" {
			rows = append(rows, row{start, cells})
		}
		cells = nil
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '"' && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		case inside && c == '"':
			inside = false
		case inside:
			if c == '\n' {
				line++
			}
			b.WriteByte(c)
		case c == '"' && b.Len() == 0 && !quoted:
			inside, quoted = true, true
		case c == '"' || quoted && c != sep && c != '\n' && c != '\r':
			return nil, trouble{line, "a quote in the middle of a field"}
		case c == sep:
			end()
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n':
		case c == '\n' || c == '\r':
			endRow()
			line++
			start = line
		default:
			b.WriteByte(c)
		}
	}
	if inside {
		return nil, trouble{start, "a quote that is opened and never closed"}
	}
	if b.Len() > 0 || len(cells) > 0 || quoted {
		endRow()
	}
	return rows, trouble{}
}

// separator is what the first line has most of, a comma if it has none.
func separator(text string) byte {
	counts := map[byte]int{}
	inside := false
	for i := range len(text) {
		c := text[i]
		if c == '"' {
			inside = !inside
		}
		if !inside && (c == '\n' || c == '\r') && len(counts) > 0 {
			break
		}
		if !inside && (c == ',' || c == ';' || c == '\t') {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}
