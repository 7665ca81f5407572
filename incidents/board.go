package incidents

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// TryResult says what came of something that was tried.
type TryResult string

// The results. Empty is a try that goes on.
const (
	TryOpen  TryResult = ""
	TryWorks TryResult = "works"
	TryPart  TryResult = "part"
	TryNo    TryResult = "no"
)

// Say returns the result as people say it: "works in part".
func (r TryResult) Say() string {
	switch r {
	case TryWorks:
		return "works"
	case TryPart:
		return "works in part"
	case TryNo:
		return "does not work"
	}
	return "goes on"
}

// Try is a line of the options board: what somebody tries against the error, until
// when, and what came of it.
type Try struct {
	Number   int64
	Approach string
	Owner    Person
	Until    time.Time // end of the time box; zero is none
	Result   TryResult
	Counted  bool // Count says how many records it helped
	Count    int64
	Said     string // about the result
	Added    time.Time
	By       Actor     // of the newest words
	At       time.Time // of the newest words
}

// Ref is how a line is called: O1.
func (t Try) Ref() string { return "O" + strconv.FormatInt(t.Number, 10) }

// Spent says whether its time is over and nobody has said what came of it.
func (t Try) Spent(at time.Time) bool {
	return t.Result == TryOpen && !t.Until.IsZero() && !at.Before(t.Until)
}

// Board is all that was tried, in the order of the numbers.
type Board []Try

// The most that a board holds, and the limits of a time box.
const (
	boardMax   = 30
	tryTextMax = 300
	boxMin     = time.Minute
	boxMax     = 24 * time.Hour
)

// TryChanged is journalled for everything that changes on the options board.
type TryChanged struct {
	Number   int64
	Change   string // added, result, longer
	Approach string
	Owner    Person
	Until    time.Time
	Result   TryResult
	Counted  bool
	Count    int64
	Said     string
	News     bool // it works, which it did not before
}

// Kind names the fact.
func (TryChanged) Kind() string { return "try-changed/1" }

// Words tell of what works, and are none for everything else.
func (f TryChanged) Words() Words {
	if !f.News {
		return nil
	}
	t := Try{Number: f.Number, Approach: f.Approach, Result: f.Result, Counted: f.Counted, Count: f.Count, Said: f.Said}
	return Sentence("Options board: "+t.Ref()+" ", t.Outcome(), ". It was: "+t.Approach)
}

// Outcome returns "works in part: 1,200, those with a history".
func (t Try) Outcome() Words {
	w := Sentence(t.Result.Say())
	sep := ": "
	if t.Counted {
		w, sep = Sentence(w, sep, t.Count), ", "
	}
	if t.Said != "" {
		w = Sentence(w, sep+t.Said)
	}
	return w
}

// ParseTryRef reads "O2", and says whether the word is a line of a board.
func ParseTryRef(word string) (int64, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(word), "O")
	n, err := strconv.ParseInt(rest, 10, 32)
	return n, ok && err == nil && n > 0 && rest[0] != '+'
}

// ParseTryResult reads works, part or no, as people say it.
func ParseTryResult(word string) (TryResult, bool) {
	switch strings.ToLower(word) {
	case "works", "yes", "worked":
		return TryWorks, true
	case "part", "partly", "in-part":
		return TryPart, true
	case "no", "not", "failed":
		return TryNo, true
	}
	return TryOpen, false
}

// Find returns a line. It refuses with NotFound one that does not exist.
func (b Board) Find(n int64) (Try, error) {
	switch {
	case len(b) == 0:
		return Try{}, refusal.NotFound("Nobody has tried anything yet. Say what you try: /snafu try WHAT for 30m.")
	case n < 1 || n > int64(len(b)):
		return Try{}, refusal.NotFound("The options board has O1 to O%d; there is no O%d.", len(b), n)
	}
	return b[n-1], nil
}

// Open is how many tries go on.
func (b Board) Open() int64 { return b.with(TryOpen) }

// Tried is how many have a result, of which so many work, at least in part.
func (b Board) Tried() (tried, works, part int64) {
	works, part = b.with(TryWorks), b.with(TryPart)
	return works + part + b.with(TryNo), works, part
}

func (b Board) with(r TryResult) int64 {
	var n int64
	for _, t := range b {
		if t.Result == r {
			n++
		}
	}
	return n
}

// Add puts a line on the board; box is how long it is tried, 0 for no end. It
// refuses with Invalid words and times that cannot be taken, and with Conflict when
// the board is full.
func (b Board) Add(approach string, owner Person, box time.Duration, by Actor, at time.Time) (Board, TryChanged, error) {
	approach = oneLine(approach)
	switch n := len([]rune(approach)); {
	case n == 0:
		return b, TryChanged{}, refusal.Invalid("What is tried? For example: /snafu try restore the list from the backup for 30m.")
	case n > tryTextMax:
		return b, TryChanged{}, refusal.Invalid("An approach has at most %d characters; this one has %d.", tryTextMax, n)
	case len(b) >= boardMax:
		return b, TryChanged{}, refusal.Conflict("The options board is full with %d lines. Write what you try as a note: /snafu note TEXT.", boardMax)
	}
	t := Try{Number: int64(len(b) + 1), Approach: approach, Owner: owner, Added: at, By: by, At: at}
	if box != 0 {
		if err := checkBox(box); err != nil {
			return b, TryChanged{}, err
		}
		t.Until = at.Add(box)
	}
	return append(slices.Clone(b), t), t.changed("added"), nil
}

// Longer gives a try more time, from now on. It refuses with NotFound a line that
// does not exist, with Invalid a time that cannot be taken, and with Conflict what
// has a result.
func (b Board) Longer(n int64, box time.Duration, by Actor, at time.Time) (Board, TryChanged, error) {
	t, err := b.Find(n)
	if err != nil {
		return b, TryChanged{}, err
	}
	if t.Result != TryOpen {
		return b, TryChanged{}, refusal.Conflict("%s has its result: it %s. Trying it again is a new line: /snafu try WHAT.", t.Ref(), t.Result.Say())
	}
	if err := checkBox(box); err != nil {
		return b, TryChanged{}, err
	}
	t.Until, t.By, t.At = at.Add(box), by, at
	return b.put(t), t.changed("longer"), nil
}

// TryOutcome is what came of a try.
type TryOutcome struct {
	Result  TryResult
	Counted bool
	Count   int64
	Said    string
}

// Settle says what came of a try; said again, the later one holds. It refuses with
// NotFound a line that does not exist, and with Invalid a result that is none.
func (b Board) Settle(n int64, o TryOutcome, by Actor, at time.Time) (Board, TryChanged, error) {
	t, err := b.Find(n)
	if err != nil {
		return b, TryChanged{}, err
	}
	o.Said = oneLine(o.Said)
	switch long := len([]rune(o.Said)); {
	case o.Result != TryWorks && o.Result != TryPart && o.Result != TryNo:
		return b, TryChanged{}, refusal.Invalid("What came of %s? It works, works in part, or does not: /snafu try %s works|part|no.", t.Ref(), t.Ref())
	case long > tryTextMax:
		return b, TryChanged{}, refusal.Invalid("A result has at most %d characters; this one has %d.", tryTextMax, long)
	case o.Count < 0:
		return b, TryChanged{}, refusal.Invalid("A number of records is 0 or more.")
	}
	news := o.Result != t.Result && o.Result != TryNo
	t.Result, t.Counted, t.Count, t.Said, t.By, t.At = o.Result, o.Counted, o.Count, o.Said, by, at
	f := t.changed("result")
	f.News = news
	return b.put(t), f, nil
}

func (b Board) put(t Try) Board {
	b = slices.Clone(b)
	b[t.Number-1] = t
	return b
}

func (t Try) changed(change string) TryChanged {
	return TryChanged{
		Number: t.Number, Change: change, Approach: t.Approach, Owner: t.Owner, Until: t.Until,
		Result: t.Result, Counted: t.Counted, Count: t.Count, Said: t.Said,
	}
}

func checkBox(box time.Duration) error {
	if box < boxMin || box > boxMax {
		return refusal.Invalid("A time box is 1 minute to 24 hours, for example 30m.")
	}
	return nil
}
