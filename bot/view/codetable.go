package view

import (
	"strings"
	"unicode/utf8"
)

// codeTable draws rows as a code block that a phone can show: at most
// codeWidth columns. The first texts columns hold text, the rest numbers at
// the right. Text columns share what the numbers leave; the widest gives way
// first, down to six columns: then ten millions still fit beside it.
//
// A row may end early: tail then stands where its missing cells would be.
func codeTable(texts int, head []string, rows []codeRow) string {
	widths := measured(head, rows)
	for total(widths) > codeWidth {
		w := widest(widths[:texts])
		if widths[w] <= leastText {
			break
		}
		widths[w]--
	}
	lines := []string{tableLine(texts, widths, codeRow{cells: head})}
	for _, r := range rows {
		lines = append(lines, tableLine(texts, widths, r))
	}
	return "```\n" + controls.Replace(strings.Join(lines, "\n")) + "\n```"
}

const leastText = 6

// codeRow is one line of a code table. A row of one cell is a remark, which is
// not cut; short stands where the first cell has no room.
type codeRow struct {
	cells []string
	tail  string
	short string
}

func cells(c ...string) codeRow { return codeRow{cells: c} }

func tableLine(texts int, widths []int, r codeRow) string {
	var b strings.Builder
	if len(r.cells) == 1 && len(widths) > 1 && r.tail == "" {
		return fit(oneCell(r.cells[0]), codeWidth)
	}
	for i, w := range widths {
		if i >= len(r.cells) {
			b.WriteString(" " + oneCell(r.tail))
			break
		}
		cell := oneCell(r.cells[i])
		if i == 0 && r.short != "" && utf8.RuneCountInString(cell) > w {
			cell = r.short
		}
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		if i < texts {
			b.WriteString(pad(fit(cell, w), w, false))
			continue
		}
		b.WriteString(pad(cell, w, true))
	}
	return strings.TrimRight(b.String(), " ")
}

// gap stands between two columns.
const gap = 1

func measured(head []string, rows []codeRow) []int {
	widths := make([]int, len(head))
	for _, r := range append([]codeRow{{cells: head}}, rows...) {
		if len(r.cells) == 1 && len(widths) > 1 && r.tail == "" {
			continue
		}
		for i, cell := range r.cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneCell(cell)))
		}
	}
	return widths
}

func total(widths []int) int {
	n := gap * (len(widths) - 1)
	for _, w := range widths {
		n += w
	}
	return n
}

func widest(widths []int) int {
	at := 0
	for i, w := range widths {
		if w > widths[at] {
			at = i
		}
	}
	return at
}

// fit cuts by rune with an ellipsis.
func fit(s string, w int) string {
	if utf8.RuneCountInString(s) <= w {
		return s
	}
	return string([]rune(s)[:w-1]) + "…"
}

func pad(s string, w int, right bool) string {
	blanks := strings.Repeat(" ", max(0, w-utf8.RuneCountInString(s)))
	if right {
		return blanks + s
	}
	return s + blanks
}

// oneCell is text as a cell holds it: one line, nothing that ends the block.
// Escaping comes last, over the whole block, so that widths stay true.
func oneCell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(visible(s)), " "), "`", "'")
}
