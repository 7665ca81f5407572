package incidents

import (
	"regexp"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// FollowKind says what a follow-up is good for.
type FollowKind string

// What a follow-up does about the next time.
const (
	FollowDetect  FollowKind = "detect"  // it is noticed sooner
	FollowPrevent FollowKind = "prevent" // it cannot happen again
	FollowCorrect FollowKind = "correct" // what it left behind is mended
)

// ParseFollowKind reads a kind as people type it, and says whether it is one.
func ParseFollowKind(word string) (FollowKind, bool) {
	k := FollowKind(strings.ToLower(word))
	return k, k == FollowDetect || k == FollowPrevent || k == FollowCorrect
}

// FollowState says how far a follow-up is.
type FollowState string

// The states of a follow-up.
const (
	FollowOpen    FollowState = "open"
	FollowDone    FollowState = "done"
	FollowDropped FollowState = "dropped"
)

// FollowUp is a change that is owed after a snafu, with who owes it and until
// when. It may be finished long after its incident was closed.
type FollowUp struct {
	Incident  ID
	Number    int64 // T3, counted in its incident
	Text      string
	Owner     Person
	Due       time.Time // the morning of its day; zero is not said yet
	For       FollowKind
	Safeguard string // what changes in a system or a checklist
	Ticket    string
	Checklist bool   // it is shown at the next opening on the system
	Root      string // the cause that it answers
	State     FollowState
	Why       string // why it was dropped
	By        Actor
	Made      time.Time
	Ended     time.Time
	EndedBy   Actor
}

// The most that is kept of a follow-up, so that a list of them is read on a
// phone.
const (
	followTextMax   = 300
	followTicketMax = 200
	followMax       = 50 // of one incident
	followAhead     = 366 * 24 * time.Hour
)

// FollowUpGrace is from the morning of the day on which a follow-up is due to the
// end of that day, when it is late.
const FollowUpGrace = 15 * time.Hour

// Ref is how people call it: T3.
func (f FollowUp) Ref() string { return "T" + Count(f.Number) }

// ParseFollowRef reads T3, and says whether it is the name of a follow-up.
func ParseFollowRef(word string) (int64, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(strings.Trim(word, ".,:;")), "T")
	if !ok || len(rest) == 0 || len(rest) > 4 || strings.Trim(rest, "0123456789") != "" {
		return 0, false
	}
	var n int64
	for _, d := range rest {
		n = n*10 + int64(d-'0')
	}
	return n, n > 0
}

// Open says whether it is still owed.
func (f FollowUp) Open() bool { return f.State == FollowOpen }

// Late says whether its day is over and it is not done.
func (f FollowUp) Late(at time.Time) bool {
	return f.Open() && !f.Due.IsZero() && at.After(f.Due.Add(FollowUpGrace))
}

// Missing lists what nobody has said of it yet.
func (f FollowUp) Missing() (parts []string) {
	if f.Owner == "" {
		parts = append(parts, "owner")
	}
	if f.Due.IsZero() {
		parts = append(parts, "due date")
	}
	if f.Safeguard == "" {
		parts = append(parts, "safeguard")
	}
	return parts
}

// FollowUpAdded says that something is owed.
type FollowUpAdded struct {
	Number    int64
	Text      string
	Owner     Person
	Due       time.Time
	For       FollowKind
	Safeguard string
	Ticket    string
	Checklist bool
	Root      string
}

// Kind names the fact.
func (FollowUpAdded) Kind() string { return "follow-up-added/1" }

// FollowUpChanged says what is owed from now on.
type FollowUpChanged FollowUpAdded

// Kind names the fact.
func (FollowUpChanged) Kind() string { return "follow-up-changed/1" }

// FollowUpDone says that a follow-up is kept.
type FollowUpDone struct {
	Number    int64
	Text      string
	Safeguard string
	Late      bool
}

// Kind names the fact.
func (FollowUpDone) Kind() string { return "follow-up-done/1" }

// Words tell it.
func (f FollowUpDone) Words(by Actor) Words {
	w := Sentence("T", f.Number, " is done, says ", by, ": "+f.Text+".")
	if f.Safeguard != "" {
		w = Sentence(w, " Safeguard: "+f.Safeguard+".")
	}
	return w
}

// FollowUpDropped says that nobody owes a follow-up any more, and why.
type FollowUpDropped struct {
	Number int64
	Text   string
	Why    string
}

// Kind names the fact.
func (FollowUpDropped) Kind() string { return "follow-up-dropped/1" }

// Words tell it.
func (f FollowUpDropped) Words(by Actor) Words {
	return Sentence("T", f.Number, " is dropped by ", by, ": "+f.Why+".")
}

// FollowUps are those of one incident, in the order in which they were made.
type FollowUps []FollowUp

// Open are those still owed.
func (l FollowUps) Open() (open FollowUps) {
	for _, f := range l {
		if f.Open() {
			open = append(open, f)
		}
	}
	return open
}

// Find returns the follow-up of that number. It refuses with NotFound one that
// does not exist.
func (l FollowUps) Find(n int64) (FollowUp, error) {
	for _, f := range l {
		if f.Number == n {
			return f, nil
		}
	}
	if len(l) == 0 {
		return FollowUp{}, refusal.NotFound("There is no follow-up yet. Write the first one: /snafu todo TEXT.")
	}
	return FollowUp{}, refusal.NotFound("There is no T%d. /snafu todos lists those of this snafu.", n)
}

// Add writes one more down. Only its text is needed: what else is missing is
// asked for before the end. It refuses with Invalid what cannot be read or asks a
// person to remember something, and with Conflict more than fifty.
func (l FollowUps) Add(f FollowUp, by Actor, at time.Time) (FollowUp, FollowUpAdded, error) {
	if len(l) >= followMax {
		return f, FollowUpAdded{}, refusal.Conflict("A snafu has at most %d follow-ups. Drop one: /snafu todo drop T3 WHY.", followMax)
	}
	f, err := f.check(at)
	if err != nil {
		return f, FollowUpAdded{}, err
	}
	f.Number, f.State, f.Why, f.By, f.Made, f.Ended, f.EndedBy = int64(len(l))+1, FollowOpen, "", by, at, time.Time{}, ""
	return f, f.added(), nil
}

func (f FollowUp) added() FollowUpAdded {
	return FollowUpAdded{
		Number: f.Number, Text: f.Text, Owner: f.Owner, Due: f.Due, For: f.For, Safeguard: f.Safeguard,
		Ticket: f.Ticket, Checklist: f.Checklist, Root: f.Root,
	}
}

// Change replaces what is owed, by whom and until when. It refuses with Conflict
// what is not owed any more, and what Add refuses of the words.
func (f FollowUp) Change(to FollowUp, at time.Time) (FollowUp, FollowUpChanged, error) {
	if err := f.owed(); err != nil {
		return f, FollowUpChanged{}, err
	}
	same := f.Due.Equal(to.Due)
	if same {
		to.Due = time.Time{} // a day that is over may stay while other words change
	}
	to, err := to.check(at)
	if err != nil {
		return f, FollowUpChanged{}, err
	}
	if !same {
		f.Due = to.Due
	}
	f.Text, f.Owner, f.For, f.Safeguard, f.Ticket, f.Checklist, f.Root = to.Text, to.Owner, to.For, to.Safeguard, to.Ticket, to.Checklist, to.Root
	return f, FollowUpChanged(f.added()), nil
}

// Done says that it is kept. It refuses with Conflict what is not owed any more,
// and one without a safeguard: nobody could say what has changed.
func (f FollowUp) Done(by Actor, at time.Time) (FollowUp, FollowUpDone, error) {
	if err := f.owed(); err != nil {
		return f, FollowUpDone{}, err
	}
	if f.Safeguard == "" {
		return f, FollowUpDone{}, refusal.Conflict("%s names no safeguard. Say first what has changed in a system or a checklist: /snafu todo edit %s.", f.Ref(), f.Ref())
	}
	late := f.Late(at)
	f.State, f.Ended, f.EndedBy = FollowDone, at, by
	return f, FollowUpDone{Number: f.Number, Text: f.Text, Safeguard: f.Safeguard, Late: late}, nil
}

// Drop says that nobody owes it any more. It refuses with Invalid a missing
// reason, and with Conflict what is not owed any more.
func (f FollowUp) Drop(by Actor, why string, at time.Time) (FollowUp, FollowUpDropped, error) {
	if err := f.owed(); err != nil {
		return f, FollowUpDropped{}, err
	}
	why = shorten(strings.TrimRight(oneLine(why), "."), followTextMax)
	if why == "" {
		return f, FollowUpDropped{}, refusal.Invalid("Say why: /snafu todo drop %s WHY.", f.Ref())
	}
	f.State, f.Why, f.Ended, f.EndedBy = FollowDropped, why, at, by
	return f, FollowUpDropped{Number: f.Number, Text: f.Text, Why: why}, nil
}

func (f FollowUp) owed() error {
	if f.Open() {
		return nil
	}
	return refusal.Conflict("%s is %s already. What is still owed is a new one: /snafu todo TEXT.", f.Ref(), f.State)
}

// check makes the words storable.
func (f FollowUp) check(at time.Time) (FollowUp, error) {
	for _, text := range []*string{&f.Text, &f.Safeguard, &f.Root} {
		*text = strings.TrimRight(oneLine(*text), ".")
		if n := len([]rune(*text)); n > followTextMax {
			return f, refusal.Invalid("A follow-up says each thing in at most %d characters; this has %d. Split it.", followTextMax, n)
		}
	}
	f.Ticket = shorten(oneLine(f.Ticket), followTicketMax)
	switch {
	case f.Text == "":
		return f, refusal.Invalid("Say what is to be done: /snafu todo TEXT.")
	case f.For != "" && f.For != FollowDetect && f.For != FollowPrevent && f.For != FollowCorrect:
		return f, refusal.Invalid("%q is no kind of follow-up. It helps to detect, prevent or correct.", shorten(string(f.For), 40))
	case !f.Due.IsZero() && at.After(f.Due.Add(FollowUpGrace)):
		return f, refusal.Invalid("That day is over. Write one that lies ahead, for example: by friday.")
	case f.Due.Sub(at) > followAhead:
		return f, refusal.Invalid("That is more than a year ahead. Write a nearer day.")
	}
	if f.Checklist && f.Safeguard == "" {
		return f, refusal.Invalid("A checklist needs its item. Say under safeguard what is to be looked at next time.")
	}
	if say := NoSafeguard(f.Safeguard); say != "" {
		return f, refusal.Invalid("%s", say).Coded("safeguard")
	}
	f.Due = f.Due.UTC().Truncate(time.Microsecond)
	return f, nil
}

// A promise that somebody will remember changes nothing that the next one who is
// tired meets.
var reminding = regexp.MustCompile(`(?i)^(?:please )?(?:(?:talk|speak|chat) (?:to|with)|tell|remind|(?:be|being) more careful|be careful|pay (?:more )?attention)\b`)

// NoSafeguard says in a sentence why words are no safeguard, and is "" for those
// that are one, and for none.
func NoSafeguard(text string) string {
	text = oneLine(text)
	switch {
	case strings.Contains(text, "<@") || mentionLike.MatchString(text):
		return "A safeguard names what changes in a system or a checklist, not a person. Its owner stands beside it."
	case reminding.MatchString(text):
		return "“" + shorten(text, 40) + "” changes no system: the next person would meet the same trap. Say what changes in a system or a checklist, for example: Copying a campaign asks for its choices."
	}
	return ""
}

var mentionLike = regexp.MustCompile(`(?:^|\s)@[A-Za-z0-9]`)
