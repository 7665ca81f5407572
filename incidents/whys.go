package incidents

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// WhyRef is the place of an answer in the tree of whys: W1 is a problem, W1.2 the
// second answer to why it happened.
type WhyRef string

// WhyMark says what an answer is for the problem.
type WhyMark string

// The marks. Most answers have none.
const (
	WhyPlain        WhyMark = ""
	WhyRoot         WhyMark = "root"
	WhyContributing WhyMark = "contributing"
)

// Why is one answer in the tree, or a problem at its top.
type Why struct {
	Ref      WhyRef
	Text     string
	Evidence string // a link, or where to look; "" for none
	Mark     WhyMark
	Asked    bool // who marked it a root early was asked back once
	Gone     bool // taken out; its number is not given again
	By       Actor
	At       time.Time // of its newest words
}

// Whys is the tree of why it happened, in the order of its numbers, with what was
// taken out.
type Whys struct {
	Nodes     []Why
	Skipped   string // why there is none; "" while it was not skipped
	SkippedBy Actor
	SkippedAt time.Time
}

// The most that a tree holds, so that all of it is read on a phone.
const (
	whyBranches = 5
	whyDepth    = 9
	whyNodes    = 60
	whyTextMax  = 300
	// The fifth why stands on the sixth level: the problem is the first.
	whyFifth   = 6
	whySkipMin = 10
)

// WhyChanged is journalled for everything that changes in a tree of whys.
type WhyChanged struct {
	Ref      string
	Change   string // added, changed, removed
	Text     string
	Evidence string
	Mark     WhyMark
	Root     bool   // it is one now, and was none before
	Unmarked string // the answer above it that is a root no longer
}

// Kind names the fact.
func (WhyChanged) Kind() string { return "why-changed/1" }

// Words tell of a new root, and are none for everything else.
func (f WhyChanged) Words() Words {
	if !f.Root {
		return nil
	}
	return Sentence("Five whys: " + f.Ref + " is a root cause: " + f.Text)
}

// WhysSkipped says that nobody asks why, and why not.
type WhysSkipped struct{ Why string }

// Kind names the fact.
func (WhysSkipped) Kind() string { return "whys-skipped/1" }

// Words returns "Five whys skipped: the vendor's report says it".
func (f WhysSkipped) Words() Words { return Sentence("Five whys skipped: " + f.Why) }

var whyRef = regexp.MustCompile(`^[wW][0-9]{1,3}(\.[0-9]{1,3})*$`)

// ParseWhyRef reads "W1.2", and says whether the word is a place in a tree.
func ParseWhyRef(word string) (WhyRef, bool) {
	if !whyRef.MatchString(word) {
		return "", false
	}
	parts := strings.Split(word[1:], ".")
	for n, p := range parts {
		if parts[n] = strings.TrimLeft(p, "0"); parts[n] == "" {
			return "", false
		}
	}
	return WhyRef("W" + strings.Join(parts, ".")), true
}

// Depth is 1 for a problem.
func (r WhyRef) Depth() int { return strings.Count(string(r), ".") + 1 }

// Above is the answer or problem that it explains, "" for a problem.
func (r WhyRef) Above() WhyRef {
	if at := strings.LastIndexByte(string(r), '.'); at >= 0 {
		return r[:at]
	}
	return ""
}

func (r WhyRef) below(n int) WhyRef {
	if r == "" {
		return WhyRef("W" + strconv.Itoa(n))
	}
	return r + WhyRef("."+strconv.Itoa(n))
}

func (r WhyRef) compare(other WhyRef) int {
	numbers := func(r WhyRef) []int {
		var all []int
		for p := range strings.SplitSeq(strings.TrimPrefix(string(r), "W"), ".") {
			n, _ := strconv.Atoi(p)
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(r), numbers(other))
}

// Standing are the problems and answers that were not taken out, each behind the
// one that it explains.
func (w Whys) Standing() []Why {
	var all []Why
	for _, n := range w.Nodes {
		if !n.Gone {
			all = append(all, n)
		}
	}
	return all
}

// Problems is how many problems the tree explains.
func (w Whys) Problems() int64 { return int64(len(w.children(""))) }

// Roots are the answers that are root causes.
func (w Whys) Roots() []Why {
	var all []Why
	for _, n := range w.Standing() {
		if n.Mark == WhyRoot {
			all = append(all, n)
		}
	}
	return all
}

// Find returns the answer of that place. It refuses with NotFound one that does
// not stand.
func (w Whys) Find(ref WhyRef) (Why, error) {
	at := w.index(ref)
	switch {
	case len(w.Standing()) == 0:
		return Why{}, refusal.NotFound("Nobody has asked why yet. Write the problem first: /snafu whys PROBLEM.")
	case at < 0:
		return Why{}, refusal.NotFound("There is no %s in the five whys. Their card in the channel shows the numbers.", ref)
	}
	return w.Nodes[at], nil
}

func (w Whys) index(ref WhyRef) int {
	return slices.IndexFunc(w.Nodes, func(n Why) bool { return n.Ref == ref && !n.Gone })
}

func (w Whys) children(of WhyRef) []Why {
	var all []Why
	for _, n := range w.Standing() {
		if n.Ref.Above() == of {
			all = append(all, n)
		}
	}
	return all
}

// Add puts an answer below the one at that place, or a problem for "". It ends a
// skip, and an answer above that was a root is one no longer: it has a reason of
// its own. ask says that the answer is a root before the fifth why: whoever marked
// it is asked back, once for each answer. It refuses with Invalid words that cannot
// be taken, with NotFound a place that does not exist, and with Conflict when the
// tree is full there.
func (w Whys) Add(above WhyRef, n Why, by Actor, at time.Time) (_ Whys, f WhyChanged, ask bool, err error) {
	n, err = n.check(by, at)
	if err != nil {
		return w, f, false, err
	}
	if err := w.room(above); err != nil {
		return w, f, false, err
	}
	last := 0
	for _, other := range w.Nodes {
		if other.Ref.Above() == above {
			last++
		}
	}
	n.Ref = above.below(last + 1)
	ask = n.Mark == WhyRoot && n.Ref.Depth() < whyFifth
	n.Asked = ask
	w.Nodes = slices.Clone(w.Nodes)
	f = WhyChanged{Ref: string(n.Ref), Change: "added", Text: n.Text, Evidence: n.Evidence, Mark: n.Mark, Root: n.Mark == WhyRoot}
	if up := w.index(above); above != "" && w.Nodes[up].Mark == WhyRoot {
		w.Nodes[up].Mark, f.Unmarked = WhyPlain, string(above)
	}
	w.Nodes = append(w.Nodes, n)
	slices.SortFunc(w.Nodes, func(a, b Why) int { return a.Ref.compare(b.Ref) })
	w.Skipped, w.SkippedBy, w.SkippedAt = "", "", time.Time{}
	return w, f, ask, nil
}

// room refuses where no answer more can stand.
func (w Whys) room(above WhyRef) error {
	if above != "" {
		if _, err := w.Find(above); err != nil {
			return err
		}
	}
	switch {
	case len(w.Standing()) >= whyNodes:
		return refusal.Conflict("The five whys hold at most %d answers. Change one, or take one out: /snafu whys drop W1.2.", whyNodes)
	case above == "" && len(w.children("")) >= whyBranches:
		return refusal.Conflict("There are %d problems already. Ask why below one of them: /snafu whys W1 BECAUSE.", whyBranches)
	case above != "" && above.Depth() >= whyDepth:
		return refusal.Conflict("%s is %d levels deep, and that is where it ends. Mark the root: /snafu whys root %s.", above, whyDepth, above)
	case above != "" && len(w.children(above)) >= whyBranches:
		return refusal.Conflict("%s has %d answers already. Go deeper into one of them.", above, whyBranches)
	}
	return nil
}

// Change replaces the words, the evidence and the mark of an answer. ask is as with
// Add. It refuses what Add refuses of words, and with NotFound a place that
// does not exist.
func (w Whys) Change(ref WhyRef, now Why, by Actor, at time.Time) (_ Whys, f WhyChanged, ask bool, err error) {
	old, err := w.Find(ref)
	if err != nil {
		return w, f, false, err
	}
	now, err = now.check(by, at)
	if err != nil {
		return w, f, false, err
	}
	if now.Mark == WhyRoot && len(w.children(ref)) > 0 {
		return w, f, false, refusal.Conflict("%s has a reason below it, so it is not the root. Mark the last answer of the branch.", ref)
	}
	now.Ref, now.Asked = ref, old.Asked
	f = WhyChanged{
		Ref: string(ref), Change: "changed", Text: now.Text, Evidence: now.Evidence, Mark: now.Mark,
		Root: now.Mark == WhyRoot && old.Mark != WhyRoot,
	}
	if ask = f.Root && ref.Depth() < whyFifth && !old.Asked; ask {
		now.Asked = true
	}
	w.Nodes = slices.Clone(w.Nodes)
	w.Nodes[w.index(ref)] = now
	return w, f, ask, nil
}

// Remove takes an answer out; the journal keeps it. It refuses with Conflict while
// there are answers below it.
func (w Whys) Remove(ref WhyRef) (Whys, WhyChanged, error) {
	old, err := w.Find(ref)
	if err != nil {
		return w, WhyChanged{}, err
	}
	if n := len(w.children(ref)); n > 0 {
		return w, WhyChanged{}, refusal.Conflict("%s has answers below it. Take those out first, the last one first.", ref)
	}
	w.Nodes = slices.Clone(w.Nodes)
	w.Nodes[w.index(ref)].Gone = true
	return w, WhyChanged{Ref: string(ref), Change: "removed", Text: old.Text, Evidence: old.Evidence, Mark: old.Mark}, nil
}

// Skip says why nobody asks why. It refuses with Invalid too short a reason, and
// with Conflict once there are answers.
func (w Whys) Skip(why string, by Actor, at time.Time) (Whys, WhysSkipped, error) {
	why = oneLine(why)
	switch n := len([]rune(why)); {
	case len(w.Standing()) > 0:
		return w, WhysSkipped{}, refusal.Conflict("Somebody has asked why already. Go on, or take the answers out first: /snafu whys drop W1.")
	case n < whySkipMin:
		return w, WhysSkipped{}, refusal.Invalid("Why are the five whys not needed? Say it in %d characters or more: /snafu whys skip WHY.", whySkipMin)
	case n > whyTextMax:
		return w, WhysSkipped{}, refusal.Invalid("A reason has at most %d characters; this one has %d.", whyTextMax, n)
	case NamesPerson(why):
		return w, WhysSkipped{}, ErrNamesPerson
	}
	w.Skipped, w.SkippedBy, w.SkippedAt = why, by, at
	return w, WhysSkipped{Why: why}, nil
}

// Report is the line that the report of a snafu says about its roots, "" for none.
func (w Whys) Report() string {
	roots := w.Roots()
	switch len(roots) {
	case 0:
		return ""
	case 1:
		return "Root cause: " + roots[0].Text + " (" + string(roots[0].Ref) + ")"
	}
	var all []string
	for _, r := range roots {
		all = append(all, r.Text+" ("+string(r.Ref)+")")
	}
	return shorten("Root causes: "+strings.Join(all, "; "), 1000)
}

func (n Why) check(by Actor, at time.Time) (Why, error) {
	n.Text, n.Evidence = oneLine(n.Text), oneLine(n.Evidence)
	for _, text := range []string{n.Text, n.Evidence} {
		if got := len([]rune(text)); got > whyTextMax {
			return n, refusal.Invalid("An answer has at most %d characters; this has %d. Make two answers of it.", whyTextMax, got)
		}
	}
	switch {
	case n.Text == "":
		return n, refusal.Invalid("Why? An answer needs a few words, for example: /snafu whys W1 the sync has no limit.")
	case NamesPerson(n.Text) || NamesPerson(n.Evidence):
		return n, ErrNamesPerson
	case n.Mark != WhyPlain && n.Mark != WhyRoot && n.Mark != WhyContributing:
		return n, refusal.Invalid("%q is no mark. An answer is a root, contributing, or neither.", shorten(string(n.Mark), 40))
	}
	n.By, n.At, n.Gone, n.Asked = by, at, false, false
	return n, nil
}
