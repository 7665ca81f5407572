package incidents

// Question is the number of a triage question, 1 to 11.
type Question int64

// The questions, in the order in which they are asked.
const (
	QuestionWhere     Question = 1 + iota // which system and table
	QuestionRun                           // which run, list, import or query
	QuestionStill                         // still occurring
	QuestionError                         // what is the error
	QuestionStates                        // current and desired state
	QuestionBegan                         // when did it begin
	QuestionCause                         // what caused it
	QuestionChanged                       // what changed just before
	QuestionCustomers                     // did it reach customers
	QuestionExposed                       // was data exposed
	QuestionNoticed                       // how was it noticed
)

// Form says how a question is answered.
type Form string

// The forms of an answer. Each also takes "don't know".
const (
	FormText    Form = "text"    // free text
	FormPick    Form = "pick"    // one of what the source offers, or text
	FormChoice  Form = "choice"  // one of Choices, with text if wanted
	FormChoices Form = "choices" // several of Choices, with text if wanted
	FormTime    Form = "time"    // an instant
)

// Choice is one possible answer: its stored name and its words.
type Choice struct{ Code, Say string }

// The choices of the questions that are a yes or a no.
const (
	Yes      = "yes"
	No       = "no"
	DontKnow = "dont-know"
)

// Asked is one row of the table of questions.
type Asked struct {
	N       Question
	Ask     string // the question as asked
	Next    string // the question inside "Next: …", lower case
	Short   string // the label in front of an answer
	Form    Form
	Choices []Choice
	Hint    string
}

var yesNo = []Choice{{Yes, "Yes"}, {No, "No"}}

// Questions is the field's triage, all of it. Any order will do; the first
// open one is the next step.
var Questions = []Asked{
	{QuestionWhere, "Which system and table?", "which system and table is it?", "Where", FormPick, nil, "crm.lead"},
	{QuestionRun, "Which run, list, import or query did it?", "which run or list did it?", "Run", FormPick, nil, "the name of the run, list or import"},
	{QuestionStill, "Is the error still occurring?", "is the error still occurring?", "Still occurring", FormChoice, yesNo, ""},
	{QuestionError, "What is the error?", "what is the error?", "Error", FormText, nil, "what the records say now that is not true"},
	{QuestionStates, "What is the current state, and what should it be?", "what is the current state, and what should it be?", "Is and should be", FormText, nil, "now SQL, should be what it was before"},
	{QuestionBegan, "When did it begin?", "when did it begin?", "Began", FormTime, nil, "10:42, yesterday 17:00, 2026-03-28 10:42"},
	{QuestionCause, "What caused it?", "what caused it?", "Cause", FormChoices, []Choice{
		{"human", "A step done by hand"},
		{"workflow", "Workflow"},
		{"form", "Form"},
		{"script", "Script"},
		{"bot", "Bot"},
		{"other", "Something else"},
	}, "name the system or the step, not a person"},
	{QuestionChanged, "What changed just before? A release, a campaign, an import?", "what changed just before?", "Changed before", FormText, nil, "a release, a campaign, an import"},
	{QuestionCustomers, "Did it reach customers?", "did it reach customers?", "Customers", FormChoice, []Choice{
		{"none", "None"},
		{"some", "Some"},
	}, "how you know, for example the mail log"},
	{QuestionExposed, "Was data shown to someone who should not see it?", "was data shown to someone who should not see it?", "Data exposed", FormChoice, yesNo, ""},
	{QuestionNoticed, "How was it noticed?", "how was it noticed?", "Noticed by", FormChoice, []Choice{
		{"colleague", "A colleague"},
		{"customer", "A customer"},
		{"monitor", "A monitor"},
		{"support", "Support"},
		{"other", "Something else"},
	}, ""},
}

// Ask returns the row of question n, and whether there is one.
func (n Question) Ask() (Asked, bool) {
	if n < 1 || int(n) > len(Questions) {
		return Asked{}, false
	}
	return Questions[n-1], true
}

// Say returns the words of a choice of this question.
func (q Asked) Say(code string) string {
	for _, c := range q.Choices {
		if c.Code == code {
			return c.Say
		}
	}
	if code == DontKnow {
		return "Don't know"
	}
	return code
}

func (q Asked) offers(code string) bool {
	for _, c := range q.Choices {
		if c.Code == code {
			return true
		}
	}
	return false
}
