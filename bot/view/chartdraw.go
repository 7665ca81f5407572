package view

import (
	"bytes"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// Pictures are as wide as two phones, so that their letters, seen on one, are
// about as large as those of a message.
const (
	chartWidth  = 800
	chartHeight = 560
	bigLetters  = 32.0
	letters     = 26.0
)

// Colours that people tell apart who see no red or no green, dark on light. No
// colour alone says anything: lines differ in dashes and marks, and bars have
// their numbers beside them.
var (
	paper = drawing.Color{R: 255, G: 255, B: 255, A: 255}
	ink   = drawing.Color{R: 32, G: 32, B: 32, A: 255}
	faint = drawing.Color{R: 214, G: 214, B: 214, A: 255}
	blue  = drawing.Color{R: 0, G: 90, B: 150, A: 255}
	pale  = drawing.Color{R: 158, G: 202, B: 225, A: 255}
	rust  = drawing.Color{R: 190, G: 80, B: 0, A: 255}
)

// canvas draws on a picture of pixels or of lines.
type canvas struct{ chart.Renderer }

// lettering is the font of all pictures. The library's own function may not be
// called by two at once: it reads what it keeps without its lock.
var lettering = sync.OnceValues(chart.GetDefaultFont)

func draw(kind chart.RendererProvider, height int, paint func(canvas)) ([]byte, error) {
	r, err := kind(chartWidth, height)
	if err != nil {
		return nil, fmt.Errorf("begin a picture: %w", err)
	}
	font, err := lettering()
	if err != nil {
		return nil, fmt.Errorf("read the letters of a picture: %w", err)
	}
	r.SetDPI(72) // a point is a pixel
	r.SetFont(font)
	c := canvas{r}
	c.box(0, 0, chartWidth, height, paper)
	paint(c)
	var out bytes.Buffer
	if err := r.Save(&out); err != nil {
		return nil, fmt.Errorf("end a picture: %w", err)
	}
	return out.Bytes(), nil
}

func (c canvas) box(left, top, right, bottom int, fill drawing.Color) {
	c.ResetStyle()
	c.SetFillColor(fill)
	c.MoveTo(left, top)
	c.LineTo(right, top)
	c.LineTo(right, bottom)
	c.LineTo(left, bottom)
	c.Close()
	c.Fill()
}

func (c canvas) line(x1, y1, x2, y2 int, color drawing.Color, width float64) {
	c.ResetStyle()
	c.SetStrokeColor(color)
	c.SetStrokeWidth(width)
	c.MoveTo(x1, y1)
	c.LineTo(x2, y2)
	c.Stroke()
}

// path is a line through points, dashed or not.
func (c canvas) path(points [][2]int, color drawing.Color, dashes []float64) {
	c.ResetStyle()
	c.SetStrokeColor(color)
	c.SetStrokeWidth(5)
	c.SetStrokeDashArray(dashes)
	for i, p := range points {
		if i == 0 {
			c.MoveTo(p[0], p[1])
			continue
		}
		c.LineTo(p[0], p[1])
	}
	c.Stroke()
}

func (c canvas) dot(x, y int, color drawing.Color) {
	c.ResetStyle()
	c.SetFillColor(color)
	c.SetStrokeColor(color)
	c.Circle(8, x, y)
	c.FillStroke()
}

func (c canvas) square(x, y int, color drawing.Color) {
	c.box(x-9, y-9, x+9, y+9, color)
	c.box(x-4, y-4, x+4, y+4, paper)
}

// Where a text stands to its point.
type side int

const (
	toRight side = iota
	toLeft
	centred
)

func (c canvas) width(text string, size float64) int {
	c.SetFontSize(size)
	return c.MeasureText(text).Width()
}

// text writes one line whose foot is at y, cut to at most so many pixels.
func (c canvas) text(text string, x, y int, where side, size float64, color drawing.Color, most int) {
	c.ResetStyle()
	if font, err := lettering(); err == nil {
		c.SetFont(font)
	}
	c.SetFontColor(color)
	c.SetFontSize(size)
	text = oneCell(text)
	for c.width(text, size) > most && utf8.RuneCountInString(text) > 2 {
		text = fit(text, utf8.RuneCountInString(text)-1)
	}
	switch where {
	case toLeft:
		x -= c.width(text, size)
	case centred:
		x -= c.width(text, size) / 2
	}
	c.Text(text, max(0, x), y)
}
