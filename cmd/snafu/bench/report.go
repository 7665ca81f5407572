package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// cell is one line of the result. Figures are in Unit; a ratio of 0 is unknown.
type cell struct {
	Section  string  `json:"section"`
	Case     string  `json:"case"`
	Rows     int64   `json:"rows"`
	Affected int64   `json:"affected"`
	Rounds   int     `json:"rounds"`
	Median   float64 `json:"median"`
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
	Unit     string  `json:"unit"`
	Ratio    float64 `json:"ratio"`
	CPURatio float64 `json:"cpu_ratio"`
	WALRatio float64 `json:"wal_ratio"` // of what writes; counting does not
	Limit    string  `json:"limit,omitempty"`
	Goal     string  `json:"goal,omitempty"`
	Good     float64 `json:"good"`
	Great    float64 `json:"great"`
	Grade    string  `json:"grade,omitempty"`
	Verdict  string  `json:"verdict"`
	Reason   string  `json:"reason,omitempty"`
}

// summary is the last line.
type summary struct {
	Verdicts map[string]int `json:"verdicts"`
	TookS    float64        `json:"took_s"`
	Load     string         `json:"load"`
}

type printer struct {
	out    io.Writer
	say    func(string)
	json   bool
	headed bool
	count  map[string]int
}

func newPrinter(o Options) *printer {
	return &printer{out: o.Out, say: o.Say, json: o.JSON, count: map[string]int{}}
}

func (p *printer) progress(format string, args ...any) { p.say(fmt.Sprintf(format, args...)) }

func (p *printer) machine(m machine) error {
	if p.json {
		return p.line(map[string]machine{"machine": m})
	}
	return p.text("%s\nA noisy wall time is judged by: %s.\n\n", m, m.Judges)
}

const columns = "%-8s  %-34s %9s %9s %9s %9s %9s  %-5s %6s %6s  %-15s %s\n"

// cell prints a result and counts its verdict.
func (p *printer) cell(c cell) error {
	p.count[c.Verdict]++
	if p.json {
		return p.line(c)
	}
	if !p.headed {
		p.headed = true
		if err := p.text(columns, "section", "case", "rows", "affected", "median", "min", "max", "unit", "ratio", "cpu", "goal", "verdict"); err != nil {
			return err
		}
	}
	return p.text(columns, c.Section, c.Case, number(c.Rows), number(c.Affected), figure(c.Median, c), figure(c.Min, c), figure(c.Max, c), c.Unit,
		share(c.Ratio), share(c.CPURatio), c.Goal, strings.Join(strings.Fields(c.Verdict+" "+c.Grade+" "+c.Reason), " "))
}

func (p *printer) summary(took time.Duration, load string) error {
	if p.json {
		return p.line(map[string]summary{"summary": {Verdicts: p.count, TookS: took.Seconds(), Load: load}})
	}
	var parts []string
	for _, v := range []string{"PASS", "FAIL", "NOISY", "SKIP", "INFO"} {
		if n := p.count[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return p.text("\n%s in %s, load %s.\n", strings.Join(parts, ", "), took.Round(time.Second/10), load)
}

func (p *printer) text(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.out, format, args...); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func (p *printer) line(v any) error {
	if err := json.NewEncoder(p.out).Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// figure leaves out what was not timed.
func figure(v float64, c cell) string {
	switch {
	case c.Unit == "":
		return "-"
	case c.Unit != "ms":
		return strconv.FormatFloat(v, 'f', 0, 64)
	case c.Rounds == 0:
		return "-"
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

func share(r float64) string {
	if r == 0 {
		return "-"
	}
	return strconv.FormatFloat(r, 'f', 2, 64)
}

func number(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

// short is a limit as people write it: 4, 7.5.
func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
