package rollback

import (
	"fmt"
	"reflect"

	"snafu/incidents"
)

// formatMore opens the canonical bytes of a plan that says more than the first
// format could. A plan that says no more keeps the first format, so what was
// approved before an upgrade still has the digest that was approved.
const formatMore = "snafu-plan-v2"

// canonicalMore is what a plan may say beyond a canonicalPlan. Only what it does
// say is encoded, under the field's name: a field may join at any time, if its
// zero value means what plans meant before there was the field.
type canonicalMore struct {
	Of             []string // the columns of the state table in which members were chosen
	Members        []int64  // by cohort: 0 where values decide, 1 for those of a pair, 3 for those without evidence
	InvolvedCounts bool
	BreakGlass     BreakGlass
	Accepted       []string // what may fire all the same, by name

	Evidence string  // what the plan rests on, where no history says it
	Found    string  // and what that came to when it was frozen
	Newer    []int64 // cohorts that overwrite what people entered since
	Expect   int64   // the most records that people mean to write
	Expects  []int64 // the same by cohort

	Require string  // what must hold of a record when it is written
	Since   int64   // chosen members that people have put right since and that are written all the same
	Instead Instead // what contains the records of which it writes none
}

// moreOf gathers what a plan says beyond the first format.
func moreOf(s Spec, f Freeze) canonicalMore {
	var more canonicalMore
	more.Expect, more.Expects = s.Expect, expectsOf(s.Decisions)
	more.Of, more.Members = s.Of, membersOf(s.Decisions)
	more.InvolvedCounts, more.Since = s.InvolvedCounts, f.Since
	if s.BreakGlass != nil {
		more.BreakGlass = *s.BreakGlass
	}
	more.Accepted = s.Accepted
	if s.Instead != nil {
		more.Instead = *s.Instead
	}
	if s.Evidence != nil {
		more.Evidence = said(s.Evidence)
	}
	if f.Evidence != nil {
		more.Found = said(f.Evidence)
	}
	if s.Require != nil {
		more.Require = said(s.Require)
	}
	for i, d := range s.Decisions {
		if d.Newer {
			more.Newer = append(more.Newer, int64(i+1))
		}
	}
	return more
}

// saying is one field that says something.
type saying struct {
	Name  string
	Value any
}

// withMore opens the bytes of a plan with their format, and puts behind them
// what the plan says beyond the first one.
func withMore(body []byte, more any) ([]byte, error) {
	var said []saying
	fields := reflect.ValueOf(more)
	for i := range fields.NumField() {
		if v := fields.Field(i); !v.IsZero() {
			said = append(said, saying{fields.Type().Field(i).Name, v.Interface()})
		}
	}
	if len(said) == 0 {
		return append([]byte(format), body...), nil
	}
	tail, err := incidents.Encode(said)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return append(append([]byte(formatMore), body...), tail...), nil
}
