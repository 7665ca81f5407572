package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// counting handles "count": bare, the incident's run is measured again; with a
// name, a named count is asked; with a statement, its records are counted.
func (b *Bot) counting(ctx context.Context, c command) (reply, error) {
	word := strings.ToLower(c.arg(0))
	switch {
	case c.form:
		return b.countForm(ctx, c)
	case word == "":
		return b.recount(ctx, c)
	case word == "select" || word == "with":
		return b.countTyped(ctx, c)
	case word == "more":
		return quiet, b.noQueries()
	case word == "all":
		return b.countAll(ctx, c)
	}
	q, err := b.query(ctx, c, word)
	if err != nil {
		return quiet, err
	}
	given, err := pairs(q, behind(clean(c.in.text), len(c.words.args)-1))
	if err != nil {
		return quiet, err
	}
	return b.countNamed(ctx, c, q, given)
}

// noQueries answers who wants to pick from nothing.
func (b *Bot) noQueries() error {
	if len(b.o.Count.Queries("")) == 0 {
		return rollback.RefuseNoQuery("more", "", nil)
	}
	return refusal.Invalid("Which one? `/snafu help count` shows how to ask for it.")
}

// query finds a named count, of the incident's system first.
func (b *Bot) query(ctx context.Context, c command, name string) (rollback.Query, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return rollback.Query{}, err
	}
	return b.o.Count.Lookup(name, inc.System)
}

func (b *Bot) countNamed(ctx context.Context, c command, q rollback.Query, given map[string]string) (reply, error) {
	return b.asked(ctx, c, func(ctx context.Context) (count.Counting, error) {
		return b.o.Count.Named(ctx, c.act(), c.incident, q, given)
	})
}

// asked lets a question take its time, as every count may, and says the answer.
func (b *Bot) asked(ctx context.Context, c command, ask func(context.Context) (count.Counting, error)) (reply, error) {
	var n count.Counting
	err := b.patiently(ctx, c, func(ctx context.Context) (err error) {
		n, err = ask(ctx)
		return err
	})
	if err != nil {
		return quiet, err
	}
	return say(view.Said(countedSaid(n))), nil
}

func countedSaid(n count.Counting) string {
	return fmt.Sprintf("Counted %s: %s", view.Clock(n.Found.At), view.CountedLine(countedCard(n)))
}

// countTyped counts the records that a typed statement finds, in the incident's
// system, in that of its run, or in the only one.
func (b *Bot) countTyped(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	name := inc.System
	if known := slices.ContainsFunc(b.o.Sources, func(s Source) bool { return s.Name == name }); !known {
		m, picked, err := b.o.Count.Latest(ctx, c.incident)
		switch {
		case err != nil:
			return quiet, err
		case picked:
			name = m.Scope.Source
		case len(b.o.Sources) == 1:
			name = b.o.Sources[0].Name
		default:
			return quiet, refusal.Invalid("In which system shall I count? Say it first: `/snafu triage 1`.")
		}
	}
	return b.asked(ctx, c, func(ctx context.Context) (count.Counting, error) {
		return b.o.Count.Typed(ctx, c.act(), c.incident, name, statement(c.in.text))
	})
}

func countedCard(n count.Counting) view.CountedCard {
	card := view.CountedCard{
		Source: n.Asked.Source, Name: n.Asked.Name, Text: n.Asked.Text, Digest: n.Asked.Digest, Unit: n.Asked.Unit, Found: n.Found, By: n.By,
	}
	for _, p := range n.Asked.Params {
		card.Params = append(card.Params, p.Name+"="+p.Value)
	}
	return card
}

// Phones turn quotes into typographic ones, and a blank into one that does not
// break. In a statement nothing else may be touched: not even a line's end,
// which ends a comment.
var statementType = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "‘", "'", "’", "'", "\u00a0", " ", "\u202f", " ")

var selects = regexp.MustCompile(`(?i)(^|\s)(select|with)\b`)

// statement is the typed statement in a command, as it was typed.
func statement(text string) string {
	text = statementType.Replace(text)
	text = link.ReplaceAllStringFunc(text, func(s string) string {
		m := link.FindStringSubmatch(s)
		return first(m[2], strings.TrimPrefix(m[1], "mailto:"))
	})
	text = channel.ReplaceAllString(mention.ReplaceAllString(text, "@$1"), "#$1")
	text = entities.Replace(text)
	if at := selects.FindStringIndex(text); at != nil {
		text = strings.TrimSpace(text[at[0]:])
	}
	return text
}

// behind is what stands behind all but the last n words, as it was typed.
func behind(text string, n int) string {
	rest := strings.TrimSpace(text)
	for skip := len(strings.Fields(text)) - n; skip > 0; skip-- {
		at := strings.IndexAny(rest, " \t\n")
		if at < 0 {
			return ""
		}
		rest = strings.TrimLeft(rest[at:], " \t\n")
	}
	return rest
}

// pair is one parameter: name=value, the value in quotes if it holds blanks.
var pair = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S*))(?:\s+|$)`)

// pairs reads the values of parameters. A query with one parameter takes what
// stands there as its value.
func pairs(q rollback.Query, text string) (map[string]string, error) {
	given := map[string]string{}
	whole := strings.TrimSpace(text)
	for text = whole; text != ""; {
		m := pair.FindStringSubmatch(text)
		if m == nil {
			if len(given) == 0 && len(q.Params) == 1 {
				return map[string]string{q.Params[0].Name: strings.Trim(whole, `"'`)}, nil
			}
			return nil, rollback.RefuseParam(q, fmt.Sprintf("cannot read %q as a parameter", short(text)))
		}
		name := strings.ToLower(m[1])
		if _, twice := given[name]; twice {
			return nil, rollback.RefuseParam(q, "got "+name+" twice")
		}
		given[name] = m[2] + m[3] + m[4]
		text = text[len(m[0]):]
	}
	return given, nil
}
