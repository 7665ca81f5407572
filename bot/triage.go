package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// triage handles "triage", a Yes or No on the card, and the form of a question.
func (b *Bot) triage(ctx context.Context, c command) (reply, error) {
	n, err := question(c)
	if err != nil {
		return quiet, err
	}
	if n == 0 {
		inc, err := b.o.Response.Get(ctx, c.incident)
		if err != nil {
			return quiet, err
		}
		return say(view.Triage(view.TriageCard{Incident: inc, Measured: measured(inc)})), nil
	}
	asked, ok := n.Ask()
	if !ok {
		return quiet, refusal.NotFound("There are %d questions. `/snafu triage` shows them.", len(incidents.Questions))
	}
	a, err := c.answer(asked)
	if err != nil {
		return quiet, err
	}
	if n == incidents.QuestionRun && !a.Unknown() {
		if a, err = b.pick(ctx, c, a); err != nil {
			return quiet, err
		}
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	record := b.o.Response.Answer
	if c.in.kind == kindPress { // a card offers buttons for an open question alone
		record = b.o.Response.AnswerOpen
	}
	if err := record(ctx, c.act(), c.incident, int(n), a); err != nil || n != incidents.QuestionWhere {
		return quiet, err
	}
	return b.offerAdmins(ctx, c, inc.Triage.Answer(n).Text, a.Text), nil
}

// cause handles "cause KIND... [TEXT]", which is the answer to that question.
func (b *Bot) cause(ctx context.Context, c command) (reply, error) {
	q, _ := incidents.QuestionCause.Ask()
	a := typedChoices(q, c.text(0))
	if len(a.Choices) == 0 {
		return quiet, refusal.Invalid("What kind of cause? Write one or several of human, workflow, form, script, bot or other, then the system or step: `/snafu cause workflow form the weekly sync`.")
	}
	return quiet, b.o.Response.Answer(ctx, c.act(), c.incident, int(q.N), a)
}

// causeForm draws the form of that question.
func (b *Bot) causeForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	c.stamp.Question = incidents.QuestionCause
	return b.triageForm(ctx, c)
}

// question is the number that is meant: that of the button, or the first word.
func question(c command) (incidents.Question, error) {
	if c.stamp.Question != 0 {
		return c.stamp.Question, nil
	}
	word := strings.TrimPrefix(c.arg(0), "#")
	if word == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		return 0, refusal.Invalid("%q is not the number of a question. `/snafu triage 3 no` answers the third.", short(word))
	}
	return incidents.Question(n), nil
}

// asksQuestion is true for "triage 4": the question without an answer.
func asksQuestion(c command) bool {
	n, err := question(c)
	return err == nil && n != 0 && len(c.words.args) == 1
}

// answer reads what was pressed, sent in the form, or typed.
func (c command) answer(q incidents.Asked) (incidents.Answer, error) {
	if c.stamp.Choice != "" {
		return incidents.Answer{Choices: []string{c.stamp.Choice}}, nil
	}
	a := incidents.Answer{Text: c.text(1)}
	if c.form {
		a = incidents.Answer{Choices: c.in.fields["choice"], Text: c.in.fields.get("answer"), Guess: c.in.fields.get("sure") == "guess"}
		if c.in.fields.get("sure") == incidents.DontKnow {
			return incidents.Answer{Choices: []string{incidents.DontKnow}}, nil
		}
	} else if slices.Contains([]string{"don't know", "dont know", "dont-know", "unknown", "?"}, strings.ToLower(a.Text)) {
		return incidents.Answer{Choices: []string{incidents.DontKnow}}, nil
	}
	switch q.Form {
	case incidents.FormTime:
		zone := c.zone
		if zone == nil {
			zone = time.UTC
		}
		at, err := when(a.Text, zone, c.received)
		return incidents.Answer{Time: at, Guess: a.Guess}, err
	case incidents.FormPick:
		if len(a.Choices) > 0 {
			a.Text, a.Choices = strings.Join(a.Choices, ", "), nil
		}
	case incidents.FormChoice, incidents.FormChoices:
		if !c.form {
			return typedChoices(q, a.Text), nil
		}
	}
	return a, nil
}

// typedChoices reads "no", "workflow, form" or "none by the mail log".
func typedChoices(q incidents.Asked, text string) incidents.Answer {
	var a incidents.Answer
	rest := strings.Fields(text)
	for len(rest) > 0 {
		word := strings.Trim(strings.ToLower(rest[0]), ",;.")
		at := slices.IndexFunc(q.Choices, func(o incidents.Choice) bool {
			return o.Code == word || strings.EqualFold(o.Say, word)
		})
		if at < 0 || (q.Form == incidents.FormChoice && len(a.Choices) == 1) {
			break
		}
		a.Choices, rest = append(a.Choices, q.Choices[at].Code), rest[1:]
	}
	a.Text = strings.Join(rest, " ")
	return a
}

// triageForm draws the form of one question, with what the source offers.
func (b *Bot) triageForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	n, err := question(c)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if n == 0 {
		next, open := inc.Triage.Next()
		if !open {
			next = incidents.Questions[0]
		}
		n = next.N
	}
	asked, ok := n.Ask()
	if !ok {
		return slack.ModalViewRequest{}, refusal.NotFound("There are %d questions. `/snafu triage` shows them.", len(incidents.Questions))
	}
	c.stamp.Question, c.stamp.Choice = n, ""
	f := view.QuestionForm{Stamp: c.stamp, Asked: asked, Now: inc.Triage.Answer(n)}
	switch n {
	case incidents.QuestionWhere:
		f.Options = b.tables()
	case incidents.QuestionRun:
		f.Options, f.Note = b.runs(ctx, inc, c.received)
	}
	return view.QuestionModal(f), nil
}

// tables are all tables that can be counted, as "crm.lead".
func (b *Bot) tables() []view.Option {
	var all []view.Option
	for _, s := range b.o.Sources {
		for _, t := range s.Tables {
			all = append(all, view.Option{Value: s.Name + "." + t.Name, Label: first(s.Title, s.Name) + " · " + t.Name})
		}
	}
	return all
}

func checkTriage(c command) map[string]string {
	q, ok := c.stamp.Question.Ask()
	if !ok {
		return nil
	}
	f := c.in.fields
	if q.N == incidents.QuestionCause && incidents.NamesPerson(f.get("answer")) {
		return map[string]string{"answer": incidents.ErrNamesPerson.Error()}
	}
	if (q.Form == incidents.FormChoice || q.Form == incidents.FormChoices) && len(f["choice"]) == 0 && f.get("sure") != incidents.DontKnow {
		return map[string]string{firstBlock(c.in): "Choose an answer, or say that you don't know."}
	}
	if f.get("sure") == incidents.DontKnow || len(f["choice"]) > 0 || f.get("answer") != "" {
		if q.Form != incidents.FormTime || f.get("sure") == incidents.DontKnow {
			return nil
		}
		if _, err := when(f.get("answer"), time.UTC, farAhead); err != nil {
			return map[string]string{"answer": err.Error()}
		}
		return nil
	}
	return map[string]string{firstBlock(c.in): "Give an answer, or say that you don't know."}
}

// farAhead lets a form be read without asking for the time: whether the instant
// has passed is decided when it is recorded.
var farAhead = time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC)
