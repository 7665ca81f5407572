package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/rollback"
)

// Inputs of the form: one for each parameter of the count that was picked, or
// one for all of them where it is picked in the form.
const (
	queryBlock  = "query"
	paramsBlock = "params"
	paramBlock  = "param-"
)

// picksCount says that somebody wants to choose from the named counts.
func picksCount(c command) bool {
	return c.in.kind == kindCommand && strings.EqualFold(c.arg(0), "more")
}

// lacksParams says that a named count was asked without a value that it needs.
// The run of the incident is known to the log, so its absence is no lack yet.
func (b *Bot) lacksParams(c command) bool {
	q, err := b.o.Count.Lookup(c.arg(0), "")
	if err != nil || len(q.Params) == 0 {
		return false
	}
	given, err := pairs(q, behind(clean(c.in.text), len(c.words.args)-1))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(q.Params, func(p rollback.Param) bool {
		_, there := given[p.Name]
		return !there && p.Name != "run"
	})
}

// drawCount draws the form of named counts, or of the one that was named.
func (b *Bot) drawCount(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.CountForm{Stamp: c.stamp}
	if word := c.arg(0); word != "" && !picksCount(c) {
		q, err := b.o.Count.Lookup(word, inc.System)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		given, err := pairs(q, behind(clean(c.in.text), len(c.words.args)-1))
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		if m, picked, err := b.o.Count.Latest(ctx, c.incident); err == nil && picked && given["run"] == "" && m.Scope.Source == q.Source {
			given["run"] = m.Scope.Run
		}
		f.Stamp.Choice = q.Source + "." + q.Name
		f.Query, f.Given = q, given
		return view.CountModal(f), nil
	}
	if f.Queries = b.pickable(inc.System); len(f.Queries) == 0 {
		return slack.ModalViewRequest{}, b.noQueries()
	}
	return view.CountModal(f), nil
}

// countAgain draws a form that was refused once more, with what was typed into it
// and why it was refused.
func (b *Bot) countAgain(ctx context.Context, c command, why string) (slack.ModalViewRequest, error) {
	f := view.CountForm{Stamp: c.stamp, Note: why, Chosen: c.in.fields.get(queryBlock), Params: c.in.fields.get(paramsBlock)}
	if c.stamp.Choice == "" {
		inc, err := b.o.Response.Get(ctx, c.stamp.Incident)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		f.Queries = b.pickable(inc.System)
		return view.CountModal(f), nil
	}
	q, err := b.o.Count.Lookup(c.stamp.Choice, "")
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f.Query, f.Given = q, map[string]string{}
	for _, p := range q.Params {
		f.Given[p.Name] = c.in.fields.get(paramBlock + p.Name)
	}
	return view.CountModal(f), nil
}

// pickable are all named counts, those of a system first.
func (b *Bot) pickable(system string) []rollback.Query {
	all := b.o.Count.Queries("")
	slices.SortStableFunc(all, func(x, y rollback.Query) int { return elsewhere(x, system) - elsewhere(y, system) })
	return all
}

func elsewhere(q rollback.Query, system string) int {
	if q.Source == system {
		return 0
	}
	return 1
}

// countForm handles the form that was sent.
func (b *Bot) countForm(ctx context.Context, c command) (reply, error) {
	name := first(c.stamp.Choice, c.in.fields.get(queryBlock))
	q, err := b.o.Count.Lookup(name, "")
	if err != nil {
		return quiet, err
	}
	given := map[string]string{}
	if c.stamp.Choice == "" {
		if given, err = pairs(q, strings.ReplaceAll(clean(c.in.fields.get(paramsBlock)), "\n", " ")); err != nil {
			return quiet, err
		}
	}
	for _, p := range q.Params {
		if v := c.in.fields[paramBlock+p.Name]; len(v) > 0 && v[0] != "" {
			given[p.Name] = v[0]
		}
	}
	return b.countNamed(ctx, c, q, given)
}

func checkCount(c command) map[string]string {
	if c.stamp.Choice == "" && c.in.fields.get(queryBlock) == "" {
		return map[string]string{firstBlock(c.in): "Which count?"}
	}
	return nil
}
