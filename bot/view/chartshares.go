package view

import (
	"fmt"

	"github.com/wcharczuk/go-chart/v2"
)

// PNG draws the picture. It is 800 pixels wide and as high as it has bars.
func (s SharesChart) PNG() ([]byte, error) { return draw(chart.PNG, s.height(), s.paint) }

// SVG draws the picture as lines and words.
func (s SharesChart) SVG() ([]byte, error) { return draw(chart.SVG, s.height(), s.paint) }

const (
	sharesHead = 112
	shareRow   = 92 // a label and its bar
	shareFoot  = 56
)

func (s SharesChart) height() int {
	return sharesHead + shareRow*max(1, min(len(s.Bars), maxBars)) + shareFoot
}

// paint draws bars that all begin at zero and share one scale.
func (s SharesChart) paint(c canvas) {
	c.text(fmt.Sprintf("%s: what the %s were and became", s.Incident, s.Unit), 24, 44, toRight, bigLetters, ink, chartWidth-48)
	c.text(fmt.Sprintf("%s, counted %s", s.Run, utc(s.At)), 24, 84, toRight, letters, ink, chartWidth-48)
	if len(s.Bars) == 0 {
		c.text("No history tells what they were.", 24, sharesHead+40, toRight, letters, ink, chartWidth-48)
		return
	}
	var most int64
	for _, b := range s.Bars {
		most = max(most, b.Total)
	}
	const left, widest = 24, 470 // the numbers stand behind the bar
	long := func(n int64) int {
		w := int(float64(widest) * float64(n) / float64(max(most, 1)))
		if n > 0 {
			w = max(w, 3) // a few are not none
		}
		return left + w
	}
	for i, b := range s.Bars[:min(len(s.Bars), maxBars)] {
		top := sharesHead + i*shareRow
		c.text(b.Label, left, top+30, toRight, letters, ink, chartWidth-48)
		c.box(left, top+42, long(b.Total), top+76, pale)
		said := Number(b.Total)
		if b.Left >= 0 {
			c.box(left, top+42, long(b.Left), top+76, blue)
			said += ", " + Number(b.Left) + " to write"
		} else {
			c.box(left, top+42, long(b.Total), top+76, blue)
		}
		c.line(left, top+36, left, top+82, ink, 3)
		c.text(said, long(b.Total)+14, top+68, toRight, letters, ink, chartWidth-long(b.Total)-22)
	}
	c.text(s.foot(), left, s.height()-18, toRight, letters, ink, chartWidth-48)
}

func (s SharesChart) foot() string {
	if more := len(s.Bars) - maxBars; more > 0 {
		return fmt.Sprintf("And %d more, smaller ones among them.", more)
	}
	for _, b := range s.Bars {
		if b.Left < 0 {
			return "Not yet decided what they all should be."
		}
	}
	return "Dark: to write. Light: nothing to write."
}
