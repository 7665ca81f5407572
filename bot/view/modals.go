package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// OpenModal asks for the little that is needed.
func OpenModal(f OpenForm) slack.ModalViewRequest {
	blocks := field("title", "What happened?", "", false, textInput(f.Title, "Leads moved to SQL by mistake", false))
	if len(f.Systems) > 0 {
		which := selectInput("Which system?", f.System, f.Systems)
		which.ActionID = "open.system"
		system := slack.NewInputBlock("system", plain("System", maxInputLabel), nil, which).WithDispatchAction(true)
		system.Optional = true
		blocks = append(blocks, system)
	}
	blocks = append(blocks, sameInForm(f.Same)...)
	blocks = append(blocks, field("still", "Still happening?", "", true, radioInput(f.Still, []Option{{incidents.Yes, "Yes"}, {incidents.No, "No"}, {incidents.DontKnow, "Don't know"}}))...)
	blocks = append(blocks, field("severity", "Severity", "", true, selectInput("Suggest one", f.Severity, []Option{{"1", "SEV1"}, {"2", "SEV2"}, {"3", "SEV3"}}))...)
	blocks = append(blocks, field("how", "For a few eyes, or for practice?", "", true, checkInput(f.How, []Option{
		{"private", "Private: only who is in its channel knows of it"}, {"drill", "A drill: nothing of it is real"}, {"light", "Light: a thread instead of a channel"},
	}))...)
	if f.Quote.TS == "" {
		return modal("open", "Open a snafu", "Open", Stamp{Channel: f.Channel, Reply: f.Reply}, blocks)
	}
	note := "The message becomes the first note, with a link to it."
	if f.Quote.Author != "" {
		note = "The message of " + Mention(incidents.Person(f.Quote.Author)) + " becomes the first note, with a link to it."
	}
	s := Stamp{Channel: f.Channel, Reply: f.Reply, Message: f.Quote.TS, Thread: f.Quote.Thread, Author: f.Quote.Author}
	m := modal("open", "Open a snafu", "Open", s, blocks, context(note))
	m.PrivateMetadata = cut(m.PrivateMetadata+"\n"+f.Quote.Text, maxPrivateData)
	return m
}

// QuestionModal asks one question.
func QuestionModal(f QuestionForm) slack.ModalViewRequest {
	var answer slack.BlockElement = textInput(f.Now.Text, "", f.Asked.Form == incidents.FormText)
	options := f.Options
	for _, c := range f.Asked.Choices {
		options = append(options, Option{c.Code, c.Say})
	}
	blocks := section(f.Note)
	optional := false
	switch {
	case f.Asked.Form == incidents.FormChoices:
		blocks = append(blocks, field("choice", f.Asked.Ask, "", true, checkInput(f.Now.Choices, options))...)
		optional = true
	case len(options) > 0 && f.Asked.N == incidents.QuestionWhere:
		blocks = append(blocks, field("choice", f.Asked.Ask, "Several, if it is in several.", true, severalInput("Choose", 10, nil, options))...)
		optional = true
	case len(options) > 0:
		blocks = append(blocks, field("choice", f.Asked.Ask, "", true, selectInput("Choose", strings.Join(f.Now.Choices, ""), options))...)
		optional = true
	}
	label := f.Asked.Ask
	switch {
	case f.Asked.N == incidents.QuestionCustomers:
		label = "How do you know?" // none without that shows nobody that it is so
	case f.Asked.Form == incidents.FormChoice, f.Asked.Form == incidents.FormChoices:
		label = "In words, beside it"
	case optional:
		label = "Or in words"
	}
	blocks = append(blocks, field("answer", label, f.Asked.Hint, true, answer)...)
	blocks = append(blocks, field("sure", "How sure?", "", true, radioInput("", []Option{{"known", "Known"}, {"guess", "A guess"}, {incidents.DontKnow, "Don't know"}}))...)
	return modal("triage", fmt.Sprintf("Question %d", f.Asked.N), "Save", f.Stamp, blocks)
}

// ContainModal asks what was done to the cause.
func ContainModal(s Stamp, automations []Option, states []SwitchLine) slack.ModalViewRequest {
	hows := []Option{{"stopped", "Stopped"}, {"slowed", "Slowed down"}, {"removed", "Step removed"}, {"cannot", "Cannot be stopped safely"}, {"over", "Over: it ran once"}}
	submit := "Record"
	var which []slack.Block
	if len(automations) > 0 {
		submit = "Go on"
		hows = append([]Option{{"switch", "Switch it off now"}}, hows...)
		which = stack(paragraphs(switchLines(states)), field("automation", "To switch off now: which one?", "What snafu switches gets its state back with release. What only a person can stop is asked of that person.", true, selectInput("Choose", "", automations)))
		which = append(which, field("alone", "If it is not declared what stands still with it", "", true, checkInput(nil, []Option{{"alone", "Who looks after it says what depends on it"}}))...)
	}
	return modal("contain", "Stop the cause", submit, s,
		field("how", "What was done?", "", false, selectInput("Choose", "", hows)), which,
		field("what", "Which workflow or step? If it cannot be stopped: why?", "", true, textInput("", "Weekly stage sync", false)),
		field("was", "Its state before", "", true, textInput("", "on", false)),
		field("now", "Its state now", "", true, textInput("", "off", false)),
		field("proof", "How does one see it?", "", true, textInput("", "", false)))
}

// CallModal asks whom to call and why.
func CallModal(f CallForm) slack.ModalViewRequest {
	return modal("call", "Call somebody", "Call", f.Stamp,
		field("who", "Whom?", "", false, selectInput("Choose a rota", "", f.Rotas)),
		field("why", "Why?", "", true, textInput("", "", false)))
}

// NoteModal asks for a line of the timeline.
func NoteModal(s Stamp) slack.ModalViewRequest {
	return modal("note", "Add a note", "Add", s,
		field("kind", "About", "", true, selectInput("A note", "", []Option{{"change", "A change"}, {"effect", "An effect"}, {"fix", "A fix"}, {"harm", "Harm"}, {"detected", "How it was noticed"}})),
		field("text", "What happened?", "", false, textInput("", "", true)),
		field("when", "When?", "Left open, now. In your time zone: 10:42, yesterday 17:00 or 2026-03-28 10:42.", true, textInput("", "", false)))
}

// PlanModal asks why, and shows what would be planned.
func PlanModal(s Stamp, lines []string) slack.ModalViewRequest {
	var blocks []slack.Block
	for _, l := range lines {
		blocks = append(blocks, section(l)...)
	}
	return modal("plan", "Plan a rollback", "Freeze", s, blocks,
		field("why", "Why?", "", false, textInput("", "", true)),
		saidFields(rollback.Said{}),
		expectField("How many records do you mean to write?", true),
		field("effects", "Triggers of the table, should there be any", "The review names each of them.", false, radioInput("", effectOptions)))
}

// ApproveModal shows what is approved, and asks for its size: nobody approves
// a number that they have not read.
func ApproveModal(p PlanCard, s Stamp) slack.ModalViewRequest {
	blocks := stack(
		section(sizeLine(p)), section(cohortTable(p)), section(leaveTable(p)), paragraphs(effects(p)), section(dryRunLine(p)),
		context(fmt.Sprintf("digest `%s` · counts of %s", p.Digest.Short(), Clock(p.Freeze.At)), "asked by "+Mention(p.Spec.Requester)),
		field("rows", "Rows to write", "Type the number, so that it is read once more.", false, textInput("", "", false)),
	)
	if p.Freeze.Writes > rollback.ManyRows {
		blocks = append(blocks, field("samples", "Samples", "", false, checkInput(nil, []Option{{"looked", "I looked at examples of these records"}}))...)
	}
	return modal("approve", "Review and approve", "Approve", s, blocks, field("comment", "Comment", "", true, textInput("", "", false)))
}

// ReasonModal asks for a reason before something ends.
func ReasonModal(callback, title, submit string, s Stamp, text string) slack.ModalViewRequest {
	return modal(callback, title, submit, s, section(text), field("why", "Why?", "", false, textInput("", "", false)))
}

// ResolveModal lets the lead say that the data is right again. missing is what that
// lacks, each with its next step; it asks for a reason where one lets all of it pass.
func ResolveModal(s Stamp, missing []incidents.Gate) slack.ModalViewRequest {
	blocks := section("The data is right again, and nothing new goes wrong?")
	for _, g := range missing {
		say := strings.Replace(g.Say, ": /snafu resolve WHY.", ".", 1) // this form is that
		blocks = append(blocks, section("• Not yet: "+Escape(say))...)
	}
	var why []slack.Block
	if len(missing) > 0 && !slices.ContainsFunc(missing, func(g incidents.Gate) bool { return g.Hard }) {
		why = field("why", "Why can it do without?", "10 characters or more. The log keeps it.", false, textInput("", "", true))
	}
	return modal("resolve", "Resolve", "Resolve", s, blocks, why)
}

// ReopenModal asks why an incident is taken up again.
func ReopenModal(f ReopenForm) slack.ModalViewRequest {
	options := []Option{
		{string(incidents.AgainOccurs), "The error occurs again"},
		{string(incidents.AgainMore), "More records need fixing"},
	}
	return modal("reopen", "Reopen", "Reopen", f.Stamp, section(fmt.Sprintf("%s is %s.", f.Incident.Key(), f.Incident.Phase())),
		field("which", "What is it about?", "", false, radioInput(string(f.Which), options)),
		field("why", "Why?", "", false, textInput(f.Why, "The sync was switched on again", true)))
}

// RunModal asks to type the plan's name, and says who can help.
func RunModal(p PlanCard, s Stamp, help []string) slack.ModalViewRequest {
	return modal("run", "Run "+string(p.Spec.Ref), "Run", s,
		section(fmt.Sprintf("%s writes %s records in %s.", p.Spec.Is(), Number(p.Freeze.Writes), Escape(p.Spec.Scope.Source))),
		context(help...),
		field("ref", "Type "+string(p.Spec.Ref), "", false, textInput("", "", false)))
}

// GateModal shows what is still open and asks for a reason.
func GateModal(callback, title, submit string, f GateForm) slack.ModalViewRequest {
	var blocks []slack.Block
	for _, l := range f.Lines {
		blocks = append(blocks, section(l)...)
	}
	return modal(callback, title, submit, f.Stamp, blocks, field("why", "In a sentence", "", true, textInput("", "", true)))
}

// Loading stands in a form while what it shows is read.
func Loading(title string) slack.ModalViewRequest {
	return modal("", title, "", Stamp{}, section("One moment…"))
}

// Recording stands in a form while what was decided is recorded.
func Recording(title string) slack.ModalViewRequest {
	return modal("", title, "", Stamp{}, section("Recording…"))
}

// Told is a form that only tells.
func Told(title, text string) slack.ModalViewRequest {
	return modal("", title, "", Stamp{}, section(text))
}
