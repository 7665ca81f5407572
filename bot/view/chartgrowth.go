package view

import (
	"fmt"
	"time"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// PNG draws the picture. It is 800 pixels wide.
func (g GrowthChart) PNG() ([]byte, error) { return draw(chart.PNG, chartHeight, g.paint) }

// SVG draws the picture as lines and words.
func (g GrowthChart) SVG() ([]byte, error) { return draw(chart.SVG, chartHeight, g.paint) }

// plot turns instants and counts into places.
type plot struct {
	left, right, top, bottom int
	from, to                 time.Time
	most                     int64
}

func (p plot) x(at time.Time) int {
	if !p.to.After(p.from) {
		return (p.left + p.right) / 2
	}
	return p.left + int(float64(p.right-p.left)*float64(at.Sub(p.from))/float64(p.to.Sub(p.from)))
}

// y is 0 at the bottom, always: an axis that begins higher makes a small change
// look like a large one.
func (p plot) y(n int64) int {
	return p.bottom - int(float64(p.bottom-p.top)*float64(n)/float64(max(p.most, 1)))
}

func (g GrowthChart) paint(c canvas) {
	c.text(fmt.Sprintf("%s: %s touched", g.Incident, g.Unit), 24, 44, toRight, bigLetters, ink, chartWidth-48)
	if len(g.Points) == 0 {
		c.text("Nothing has been counted yet.", 24, 84, toRight, letters, ink, chartWidth-48)
		return
	}
	last := g.Points[len(g.Points)-1]
	c.text(fmt.Sprintf("%s, counted %s", g.Run, utc(last.At)), 24, 84, toRight, letters, ink, chartWidth-48)
	p := g.axes(c)
	wrong := g.decided()
	var touched, left [][2]int
	for _, one := range g.Points {
		touched = append(touched, [2]int{p.x(one.At), p.y(one.Touched)})
		if wrong {
			left = append(left, [2]int{p.x(one.At), p.y(one.Wrong)})
		}
	}
	if wrong {
		c.path(left, rust, []float64{14, 8})
	}
	c.path(touched, blue, nil)
	for i := range touched {
		if wrong {
			c.square(left[i][0], left[i][1], rust)
		}
		c.dot(touched[i][0], touched[i][1], blue)
	}
	above := p.y(last.Touched) - 18
	p.label(c, last.At, above, Number(last.Touched)+" touched", blue)
	if wrong {
		y := p.y(last.Wrong) - 18
		if y-above < int(letters)+6 { // the two lines meet: the second label goes below
			y = p.y(last.Wrong) + 40
		}
		p.label(c, last.At, min(y, p.bottom-8), Number(last.Wrong)+" still wrong", rust)
	}
}

// decided says whether every point knows what is wrong.
func (g GrowthChart) decided() bool {
	for _, p := range g.Points {
		if p.Wrong < 0 {
			return false
		}
	}
	return true
}

// axes draws both of them with their marks.
func (g GrowthChart) axes(c canvas) plot {
	p := plot{right: chartWidth - 40, top: 130, bottom: chartHeight - 92, from: g.Points[0].At, to: g.Points[len(g.Points)-1].At}
	for _, one := range g.Points {
		p.most = max(p.most, one.Touched, one.Wrong)
	}
	ticks := countTicks(p.most)
	p.most = ticks[len(ticks)-1]
	for _, n := range ticks {
		p.left = max(p.left, 36+c.width(Number(n), letters))
	}
	for _, n := range ticks {
		c.line(p.left, p.y(n), p.right, p.y(n), faint, 2)
		c.text(Number(n), p.left-12, p.y(n)+9, toLeft, letters, ink, p.left)
	}
	c.line(p.left, p.bottom, p.right, p.bottom, ink, 3)
	times, layout := timeTicks(p.from, p.to)
	for _, at := range times {
		c.line(p.x(at), p.bottom, p.x(at), p.bottom+8, ink, 3)
		half := c.width(at.UTC().Format(layout), letters) / 2
		c.text(at.UTC().Format(layout), min(p.x(at), chartWidth-8-half), p.bottom+38, centred, letters, ink, p.right)
	}
	c.text(days(p.from, p.to), p.left, chartHeight-16, toRight, letters, ink, p.right-p.left)
	return p
}

// label stands over the end of a line, inside the picture, and over whatever
// else is drawn there.
func (p plot) label(c canvas, at time.Time, y int, text string, color drawing.Color) {
	wide := c.width(text, letters)
	left := min(max(p.x(at)-wide/2, p.left), p.right-wide)
	c.box(left-4, y-int(letters)+3, left+wide+4, y+6, paper)
	c.text(text, left, y, toRight, letters, color, p.right)
}
