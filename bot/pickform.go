package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// picking handles "pick RUN" and its form: which run, field, time and list the
// count is about. The run is also the answer to triage's question for it.
func (b *Bot) picking(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	var scope rollback.Scope
	if c.form {
		scope, err = b.scopeOf(ctx, c, inc)
	} else {
		scope, err = b.scopeNamed(ctx, c, inc)
	}
	if err != nil {
		return quiet, err
	}
	if err := b.measureScope(ctx, c, scope); err != nil {
		return quiet, err
	}
	if err := b.o.Response.Answer(ctx, c.act(), c.incident, int(incidents.QuestionRun), incidents.Answer{Text: scope.Run}); err != nil || c.form {
		return quiet, err
	}
	return b.countedNow(ctx, c)
}

// scopeNamed is that of a run of late, by the name somebody typed.
func (b *Bot) scopeNamed(ctx context.Context, c command, inc incidents.Incident) (rollback.Scope, error) {
	found, err := b.candidates(ctx, inc, c.received)
	if err != nil {
		return rollback.Scope{}, err
	}
	for _, r := range found {
		if typed := c.text(0); typed == r.value() || strings.EqualFold(typed, r.run.Run) {
			return r.scope(), nil
		}
	}
	for _, r := range found {
		if words, ok := afterRun(c.text(0), r.run.Run); ok {
			set, err := r.named(words)
			return r.scope(set...), err
		}
	}
	return rollback.Scope{}, refusal.NotFound("No run %q has left a trace in the last 30 days. `/snafu pick` lists those that have, and takes an older one with its time.", short(c.text(0)))
}

// afterRun are the words behind the name of a run.
func afterRun(typed, run string) (string, bool) {
	if len(typed) <= len(run) || typed[len(run)] != ' ' || !strings.EqualFold(typed[:len(run)], run) {
		return "", false
	}
	return typed[len(run)+1:], true
}

// scopeOf is what the form says.
func (b *Bot) scopeOf(ctx context.Context, c command, inc incidents.Incident) (rollback.Scope, error) {
	f := c.in.fields
	source, table, set, err := b.fieldsOf(f["field"])
	if err != nil {
		return rollback.Scope{}, err
	}
	drawn, err := b.drawnWindow(ctx, c)
	if err != nil {
		return rollback.Scope{}, err
	}
	scope := rollback.Scope{Source: source, Table: table, Set: set, Run: f.get("other")}
	chosen := f.get("run")
	if scope.Run == "" {
		_, scope.Run, _ = strings.Cut(chosen, "/")
	}
	from, to := f.get("from"), f.get("to")
	if !drawn.about(scope) {
		if f.get("other") != "" && from != "" && from == drawn.from {
			return scope, refusal.Invalid("The start in the form is that of %s. Write when %s began: `/snafu pick`.", short(drawn.of.Run), short(scope.Run))
		}
		from, to = unless(from, drawn.from), unless(to, drawn.to)
	}
	if f.get("other") == "" && from == "" {
		found, err := b.candidates(ctx, inc, c.received)
		if err != nil {
			return scope, err
		}
		at := slices.IndexFunc(found, func(r candidate) bool { return r.value() == chosen })
		if at < 0 {
			return scope, refusal.Conflict("%s is not among the runs of late any more. Write its time into the form: `/snafu pick`.", short(scope.Run))
		}
		scope.From = found[at].scope().From
	}
	if scope.From, err = drawn.instant(c, from, drawn.from, scope.From, drawn.of.From); err != nil {
		return scope, err
	}
	if scope.To, err = drawn.instant(c, to, drawn.to, scope.To, drawn.of.To); err != nil {
		return scope, err
	}
	if !scope.To.IsZero() && !scope.To.After(scope.From) {
		return scope, refusal.Invalid("The window ends before it begins. `/snafu pick` asks again.")
	}
	if list := f.get("list"); list != "" && list != "all" {
		of, name, _ := strings.Cut(list, "/")
		if of != source+"."+table {
			return scope, refusal.Invalid("The list %s belongs to another table. `/snafu pick` asks again.", short(name))
		}
		scope.List = name
	}
	return scope, nil
}

// measureScope measures what was picked, unless that is what is counted already.
func (b *Bot) measureScope(ctx context.Context, c command, scope rollback.Scope) error {
	known, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil || picked && count.Same(known.Scope, scope) {
		return err
	}
	return b.pickScope(ctx, c, scope)
}

// pickForm draws the form with what the sources offer now.
func (b *Bot) pickForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	known, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.PickForm{Stamp: c.stamp}
	f.Runs, f.Note = b.runs(ctx, inc, c.received)
	if f.Note != "" && len(f.Runs) == 0 {
		f.Note = strings.TrimSuffix(f.Note, " Say it in words.")
	}
	for _, s := range b.o.Sources {
		if inc.System != "" && s.Name != inc.System {
			continue
		}
		for _, t := range s.Tables {
			f.Wide = f.Wide || len(t.Set) > 1
			for _, set := range t.Set {
				f.Fields = append(f.Fields, view.Option{Value: s.Name + "." + t.Name + "/" + set, Label: first(s.Title, s.Name) + " · " + t.Name + " · " + set})
			}
			for _, list := range t.Lists {
				f.Lists = append(f.Lists, view.Option{Value: s.Name + "." + t.Name + "/" + list, Label: "Only those still on the list " + list + " of " + t.Name})
			}
		}
	}
	if len(f.Fields) == 0 {
		return slack.ModalViewRequest{}, refusal.NotFound("No field of this system can be counted. Its admin declares them as settable in my configuration.")
	}
	f.Picked = []string{f.Fields[0].Value}
	if s := known.Scope; picked {
		where := s.Source + "." + s.Table + "/"
		f.Run, f.Picked = where+s.Run, nil
		for _, set := range s.Set {
			f.Picked = append(f.Picked, where+set)
		}
		f.From, f.To = clockText(s.From, c.zone), clockText(s.To, c.zone)
		if s.List != "" {
			f.List = where + s.List
		}
	}
	return view.PickModal(f), nil
}

// clockText is an instant as a person writes it, in their own zone; "" for none.
func clockText(at time.Time, zone *time.Location) string {
	if at.IsZero() || zone == nil {
		return ""
	}
	return at.In(zone).Format("2006-01-02 15:04:05")
}

// fieldOf reads "crm.lead/lead_status".
func fieldOf(value string) (source, table, set string, ok bool) {
	where, set, ok := strings.Cut(value, "/")
	if !ok {
		return "", "", "", false
	}
	source, table, ok = strings.Cut(where, ".")
	return source, table, set, ok
}

// fieldsOf are the chosen fields of one table, in the order in which it declares
// them.
func (b *Bot) fieldsOf(chosen []string) (source, table string, set []string, err error) {
	var named []string
	for i, value := range chosen {
		s, t, column, ok := fieldOf(value)
		if !ok || i > 0 && (s != source || t != table) {
			return "", "", nil, errStale
		}
		source, table, named = s, t, append(named, column)
	}
	for _, s := range b.o.Sources {
		for _, t := range s.Tables {
			for _, column := range t.Set {
				if s.Name == source && t.Name == table && slices.Contains(named, column) {
					set = append(set, column)
				}
			}
		}
	}
	if len(set) == 0 || len(set) != len(named) {
		return "", "", nil, errStale
	}
	return source, table, set, nil
}

// checkPick reads the form alone: what is missing or belongs to another table
// is said under its field.
func checkPick(c command) map[string]string {
	f := c.in.fields
	run, other := f.get("run"), f.get("other")
	wrong := map[string]string{}
	if f.get("field") == "" {
		wrong["field"] = "Choose the field that was spoilt."
	}
	switch {
	case run == "" && other == "":
		wrong["other"] = "Choose a run, or write its name: a window of time alone says nothing about whose records it spoilt."
	case other != "" && f.get("from") == "":
		wrong["from"] = "A run that is not offered needs its start."
	}
	where, _, _ := strings.Cut(f.get("field"), "/")
	for _, other := range f["field"] {
		if of, _, _ := strings.Cut(other, "/"); of != where {
			wrong["field"] = "These are fields of two tables. A count is about fields of one."
		}
	}
	if of, name, _ := strings.Cut(run, "/"); run != "" && other == "" && of != where {
		wrong["field"] = short(name) + " was seen in " + of + ". Choose a field of that table."
	}
	if of, name, listed := strings.Cut(f.get("list"), "/"); listed && of != where {
		wrong["list"] = "The list " + short(name) + " belongs to another table."
	}
	for _, block := range []string{"from", "to"} {
		if text := f.get(block); text != "" {
			if _, err := when(text, time.UTC, farAhead); err != nil {
				wrong[block] = err.Error()
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}
