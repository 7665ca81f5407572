package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback/count"
)

// example handles "example [COHORT|KEY] [changed]": records of the run with
// their history, to whoever asked alone. With "share", and by the button beside
// a record, one of them is shown to everybody without what is personal.
func (b *Bot) example(ctx context.Context, c command) (reply, error) {
	if c.ref() != "" {
		out, err := b.samples(ctx, c)
		no, refused := refusal.As(err)
		if key := refused && no.Code == "no-plan" && c.in.kind == kindCommand; !key { // a record may be called R7
			return out, err
		}
	}
	_, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	want, err := c.wanted(int64(len(cohorts)))
	if err != nil {
		return quiet, err
	}
	if want.share {
		return quiet, b.shareExample(ctx, c, want)
	}
	found, err := b.o.Count.Examples(ctx, c.act(), c.incident, want.Wanted)
	if err != nil {
		return quiet, err
	}
	card := view.ExampleCard{Incident: c.incident, Table: found.Scope.Table, Field: strings.Join(found.Scope.Set, ", "), Run: found.Scope.Run}
	for _, r := range found.Records {
		one := view.ExampleRecord{Record: r, Cohort: found.Cohort(r)}
		if want.Key == "" {
			one.Share = wantedChoice(want.Wanted) + "." + count.Mark(r)
		}
		card.Records = append(card.Records, one)
	}
	if want.Key == "" {
		want.Seed++
		card.More = wantedChoice(want.Wanted)
	}
	return say(view.Examples(card)), nil
}

// shareExample shows one record in the thread of the state table. Where another
// company reads along, none is.
func (b *Bot) shareExample(ctx context.Context, c command, want wish) error {
	shared, err := b.shared(ctx, c.incident)
	switch {
	case err != nil:
		b.log.WarnContext(ctx, "ask Slack about the channel", "incident", c.incident, "err", err)
		return refusal.Unavailable("Slack did not confirm that nobody outside reads this channel, so nothing was shared. Try again in a minute.").Coded("slack-unsure")
	case shared:
		return refusal.Forbidden("This channel is shared with another company, so no record is shown in it. `/snafu example` still shows you some, to you alone.").Coded("shared-channel")
	}
	return b.o.Count.Share(ctx, c.act(), c.incident, want.Wanted, want.mark)
}

// wish is which records somebody wants, and whether to share one of them.
type wish struct {
	count.Wanted
	share bool
	mark  string // of the record that was pressed
}

// wanted reads what was typed, or what the button carries. A bare number is a
// cohort where there is one of that number, else a key.
func (c command) wanted(cohorts int64) (wish, error) {
	if c.in.kind == kindPress {
		return parseWanted(c.stamp.Choice), nil
	}
	words := c.words.args
	var w wish
	for n := len(words); n > 0; n = len(words) {
		last := strings.ToLower(words[n-1])
		named := n == 2 && strings.EqualFold(words[0], "key") // it is the key
		if last != "changed" && last != "share" || named {
			break
		}
		w.Changed, w.share, words = w.Changed || last == "changed", w.share || last == "share", words[:n-1]
	}
	if len(words) == 0 {
		return w, nil
	}
	forced := len(words) > 1
	switch rest := strings.Join(words[min(1, len(words)-1):], " "); {
	case forced && strings.EqualFold(words[0], "key"):
		w.Key = rest
		return w, nil
	case forced && strings.EqualFold(words[0], "cohort"):
		n, err := strconv.ParseInt(rest, 10, 32)
		if err != nil || n < 1 {
			return w, refusal.Invalid("A cohort is known by its number in the state table: `/snafu example 1`.")
		}
		w.Cohort = n
		return w, nil
	}
	if n, err := strconv.ParseInt(words[0], 10, 64); err == nil && len(words) == 1 && n >= 1 && n <= cohorts {
		w.Cohort = n
		return w, nil
	}
	w.Key = strings.Join(words, " ")
	return w, nil
}

// A button to records carries what was asked for, never a key; one that shares
// a record carries the mark of what was seen.
func wantedChoice(w count.Wanted) string {
	return fmt.Sprintf("%d.%d.%t", w.Cohort, w.Seed, w.Changed)
}

func parseWanted(choice string) wish {
	var w wish
	parts := strings.Split(choice, ".")
	if len(parts) < 3 {
		return w
	}
	w.Cohort, _ = strconv.ParseInt(parts[0], 10, 32)
	w.Seed, _ = strconv.ParseInt(parts[1], 10, 32)
	w.Changed = parts[2] == "true"
	if len(parts) == 4 {
		w.share, w.mark = true, parts[3]
	}
	return w
}

// prepareShared posts a record that somebody shares, where counts are posted.
func (b *Bot) prepareShared(ctx context.Context, t task) (send, error, error) {
	var fact count.ExampleShared
	if err := t.entry.Into(&fact); err != nil {
		return nil, nil, err
	}
	s, found, err := b.o.Count.Example(ctx, t.Incident, int(fact.Number))
	if err != nil {
		return nil, nil, err
	}
	if !found {
		return nil, nil, fmt.Errorf("example %d of %s is not stored", fact.Number, t.Incident)
	}
	if why, err := b.tooEarly(ctx, t); why != nil || err != nil {
		return nil, why, err
	}
	m := view.SharedExample(view.SharedCard{
		Incident: t.Incident, Number: s.Number, Source: s.Scope.Source, Table: s.Scope.Table, By: s.By, At: t.entry.At,
		Record: view.ExampleRecord{Record: s.Record, Cohort: s.Cohort},
	})
	p, err := b.countedPlace(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	return b.posting(t, p, m), nil, nil
}
