package response

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Answer records what somebody says to question n of triage. It refuses with
// Invalid an answer that does not fit, with NotFound a question that does not
// exist, and with Conflict once the incident is over.
func (r *Response) Answer(ctx context.Context, act journal.Act, id incidents.ID, n int, a incidents.Answer) error {
	return r.answer(ctx, act, id, n, a, func(incidents.Incident) error { return nil })
}

// AnswerOpen is Answer for a question that was open when it was asked. It refuses
// with Conflict one that somebody has answered since: a press of an old button puts
// nothing right.
func (r *Response) AnswerOpen(ctx context.Context, act journal.Act, id incidents.ID, n int, a incidents.Answer) error {
	return r.answer(ctx, act, id, n, a, func(was incidents.Incident) error { return was.Unanswered(incidents.Question(n)) })
}

func (r *Response) answer(ctx context.Context, act journal.Act, id incidents.ID, n int, a incidents.Answer, may func(was incidents.Incident) error) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, before incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		was := before.Triage.Exposed()
		inc, facts, err := before.Answer(act.By, incidents.Question(n), a, at)
		if err == nil {
			err = may(before)
		}
		if err != nil {
			return before, nil, err
		}
		if named := r.Named(a.Text); incidents.Question(n) == incidents.QuestionWhere && len(named) > 0 {
			inc, facts = inc.Named(named[0].Name, facts)
		}
		if !was && inc.Triage.Exposed() {
			more, err := r.exposed(ctx, tx, inc, at)
			return inc, append(facts, more...), err
		}
		return inc, facts, nil
	})
}

// Named finds the sources that a text names, each alone or as "crm.lead", in its
// order.
func (r *Response) Named(text string) (found []SourceInfo) {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,;\n\t", c) }) {
		s, ok := r.sourceOf(word)
		if ok && !slices.ContainsFunc(found, func(known SourceInfo) bool { return known.Name == s.Name }) {
			found = append(found, s)
		}
	}
	return found
}

func (r *Response) sourceOf(word string) (SourceInfo, bool) {
	name, _, _ := strings.Cut(word, ".")
	if s, ok := r.Source(name); ok {
		return s, true
	}
	for _, s := range r.o.Sources {
		for _, table := range s.Tables {
			if strings.EqualFold(table, word) {
				return s, true
			}
		}
	}
	return SourceInfo{}, false
}

const insertTriageWaiver = `
	insert into triage_waivers (incident, why, by, at)
	values ($1, $2, $3, $4)`

// WaiveTriage lets a plan be proposed although triage does not say all that it
// should. It refuses as Incident.WaiveTriage.
func (r *Response) WaiveTriage(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.WaiveTriage(act.By, why)
		if err != nil {
			return inc, nil, err
		}
		if _, err := tx.Exec(ctx, insertTriageWaiver, int64(id), fact.Why, string(act.By), at); err != nil {
			return inc, nil, fmt.Errorf("insert a waiver of triage: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}

// Note adds a line to the timeline; when it happened may be zero: now. It
// refuses with Invalid an empty or too long text and a time that lies ahead.
func (r *Response) Note(ctx context.Context, act journal.Act, id incidents.ID, kind, text string, when time.Time) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact, err := inc.Note(incidents.NoteKind(kind), text, when, at)
		return inc, []incidents.Fact{fact}, err
	})
}

// Contain records what was done about the cause. It refuses with Invalid an
// act without its words, and with Conflict when the incident is over.
func (r *Response) Contain(ctx context.Context, act journal.Act, id incidents.ID, c incidents.Containment) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return inc.Contain(act.By, c, at)
	})
}

// Counted lets an incident that the caller has locked judge a count, inside
// the caller's transaction: growth, or nothing new, may move the phase.
func Counted(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time, c incidents.Recount) error {
	inc, facts, err := inc.Recounted(act.By, c, at)
	if err != nil {
		return err
	}
	if err := Save(ctx, tx, inc); err != nil {
		return err
	}
	return record(ctx, tx, act, inc.ID, at, facts)
}

// Restoring moves an incident that the caller has locked to Restoring because
// its first plan was proposed, inside the caller's transaction; once there it
// changes nothing. It refuses with Conflict while the cause is not contained or triage does not
// say what the error and its cause are.
func Restoring(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, at time.Time) error {
	inc, err := load(ctx, tx, id, false)
	if err != nil {
		return err
	}
	inc, facts, err := inc.Restore(at)
	if err != nil {
		return err
	}
	if err := Save(ctx, tx, inc); err != nil {
		return err
	}
	return record(ctx, tx, act, inc.ID, at, facts)
}

// Acted records an act on the cause inside the caller's transaction, which has
// locked the incident. It refuses as Contain does.
func (r *Response) Acted(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, c incidents.Containment, at time.Time) error {
	was, err := load(ctx, tx, id, false)
	if err != nil {
		return err
	}
	inc, facts, err := was.Contain(act.By, c, at)
	if err != nil {
		return err
	}
	if err := Save(ctx, tx, inc); err != nil {
		return err
	}
	if err := r.record(ctx, tx, act, id, at, facts); err != nil || r.o.Follow == nil {
		return err
	}
	return r.o.Follow(ctx, tx, act, was, inc, at)
}
