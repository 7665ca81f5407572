package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// candidate is a run that a source has seen, in one of its tables.
type candidate struct {
	source Source
	table  Table
	run    rollback.RunSeen
}

// value is how a form carries a candidate back.
func (r candidate) value() string { return r.source.Name + "." + r.table.Name + "/" + r.run.Run }

// candidates are the runs of late, of the incident's system or of all.
func (b *Bot) candidates(ctx context.Context, inc incidents.Incident, now time.Time) ([]candidate, error) {
	var all []candidate
	for _, s := range b.o.Sources {
		if inc.System != "" && s.Name != inc.System {
			continue
		}
		for _, t := range s.Tables {
			runs, err := b.o.Count.Runs(ctx, s.Name, t.Name, now)
			if err != nil {
				return all, err
			}
			for _, r := range runs {
				all = append(all, candidate{source: s, table: t, run: r})
			}
		}
	}
	return all, nil
}

// runs offers the candidates in a form. A silent source leaves the text field.
func (b *Bot) runs(ctx context.Context, inc incidents.Incident, now time.Time) ([]view.Option, string) {
	found, err := b.candidates(ctx, inc, now)
	var options []view.Option
	for _, r := range found {
		label := r.run.Run + " · " + view.Number(r.run.Records) + " " + first(r.table.Unit, "records")
		options = append(options, view.Option{Value: r.value(), Label: label})
	}
	switch {
	case err != nil:
		return options, b.explain(ctx, "list runs", err)
	case len(options) == 0:
		return nil, "No run was found in a system that I can count in. Say it in words."
	}
	return options, ""
}

// pick turns the answer to "which run did it?" into a count: a run that a source
// knows is measured at once. What no source knows stays an answer in words.
func (b *Bot) pick(ctx context.Context, c command, a incidents.Answer) (incidents.Answer, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return a, err
	}
	found, err := b.candidates(ctx, inc, c.received)
	if _, refused := refusal.As(err); err != nil && !refused {
		return a, err
	}
	for _, r := range found {
		if a.Text != r.value() && !strings.EqualFold(a.Text, r.run.Run) {
			continue
		}
		a.Text = r.run.Run
		return a, b.measureRun(ctx, c, r)
	}
	if _, run, ok := strings.Cut(a.Text, "/"); ok && err != nil {
		a.Text = run // it was chosen from a list of a source that is silent now
	}
	return a, nil
}

// scope is the candidate's run from its first trace on, in the columns that were
// named or, without a word, the first that its table lets a plan set: the form
// asks which, where there are several.
func (r candidate) scope(named ...string) rollback.Scope {
	if len(named) == 0 {
		named = r.table.Set[:min(1, len(r.table.Set))]
	}
	return count.ScopeOf(r.source.Name, r.table.Name, named, r.run)
}

// named reads the columns that somebody typed behind a run, in the order in which
// the table declares them: which is named first is nothing that two counts could
// differ by.
func (r candidate) named(words string) ([]string, error) {
	typed := strings.FieldsFunc(words, func(c rune) bool { return c == ',' || c == ' ' })
	var out []string
	for _, set := range r.table.Set {
		if slices.ContainsFunc(typed, func(w string) bool { return strings.EqualFold(w, set) }) {
			out = append(out, set)
		}
	}
	for _, w := range typed {
		if !slices.ContainsFunc(out, func(set string) bool { return strings.EqualFold(w, set) }) {
			return nil, refusal.Invalid("A plan can't set %s of %s. It can set %s.", short(w), r.table.Name, strings.Join(r.table.Set, ", "))
		}
	}
	if len(out) > rollback.MostColumns {
		return nil, refusal.Invalid("A count is about at most %d fields. Name fewer.", rollback.MostColumns)
	}
	return out, nil
}

func (b *Bot) measureRun(ctx context.Context, c command, r candidate) error {
	scope := r.scope()
	known, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return err
	}
	if picked && known.Scope.Run == scope.Run && known.Scope.Table == scope.Table && known.Scope.Source == scope.Source {
		return nil
	}
	return b.pickScope(ctx, c, scope)
}

func (b *Bot) pickScope(ctx context.Context, c command, scope rollback.Scope) error {
	act := c.act()
	act.Key += ":pick"
	err := b.patiently(ctx, c, func(ctx context.Context) error { return b.o.Count.Pick(ctx, act, c.incident, scope) })
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}
