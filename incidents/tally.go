package incidents

import (
	"fmt"
	"time"
)

// Tally is the numbers of one measurement: what a run touched, what is wrong
// with it, what has become of that.
type Tally struct {
	Source string // name of the system
	Table  string
	Unit   string // what a record is called, in the plural: "leads"
	Run    string
	At     time.Time // instant of the snapshot

	Touched      int64
	Wrong        int64 // were wrong, whatever has become of them
	Fixed        int64 // written by a plan
	Kept         int64 // set by people since, or decided to keep
	Unrestorable int64 // lost, decided so
	Left         int64
	AsIntended   int64 // right all along
	Undecided    int64 // nobody has said what they should be

	Untouched     int64  // in the table, outside the run
	UntouchedWhat string // what those are called; "" for Unit

	Rows []TallyRow
}

// TallyRow is one cohort of the state table.
type TallyRow struct {
	Was, Now, Should string // labels as shown, not a record's private values
	Total            int64
	Wrong            int64
	Fixed            int64
	Kept             int64
	Unrestorable     int64
	Left             int64
	AsIntended       bool
	Undecided        bool
}

// Holds says whether the numbers add up; its error says both sides. touched =
// wrong + as intended + undecided; per cohort and in total wrong = fixed +
// kept + unrestorable + left; no number is below 0; totals run over all rows.
func (t Tally) Holds() error {
	if sum := t.Wrong + t.AsIntended + t.Undecided; t.Touched != sum {
		return fmt.Errorf("touched %s, but wrong %s + as intended %s + undecided %s = %s",
			Count(t.Touched), Count(t.Wrong), Count(t.AsIntended), Count(t.Undecided), Count(sum))
	}
	if err := addsUp("all", t.Wrong, t.Fixed, t.Kept, t.Unrestorable, t.Left); err != nil {
		return err
	}
	for _, n := range []int64{t.Touched, t.AsIntended, t.Undecided, t.Untouched} {
		if n < 0 {
			return fmt.Errorf("a count is below 0: %d", n)
		}
	}
	if t.Rows == nil {
		return nil
	}
	var sum Tally
	for _, r := range t.Rows {
		if err := r.holds(); err != nil {
			return err
		}
		sum.Touched += r.Total
		sum.Wrong += r.Wrong
		sum.Fixed += r.Fixed
		sum.Kept += r.Kept
		sum.Unrestorable += r.Unrestorable
		sum.Left += r.Left
		switch {
		case r.AsIntended:
			sum.AsIntended += r.Total
		case r.Undecided:
			sum.Undecided += r.Total
		}
	}
	for _, pair := range []struct {
		name      string
		all, rows int64
	}{
		{"touched", t.Touched, sum.Touched},
		{"wrong", t.Wrong, sum.Wrong},
		{"fixed", t.Fixed, sum.Fixed},
		{"kept", t.Kept, sum.Kept},
		{"not restorable", t.Unrestorable, sum.Unrestorable},
		{"left", t.Left, sum.Left},
		{"as intended", t.AsIntended, sum.AsIntended},
		{"undecided", t.Undecided, sum.Undecided},
	} {
		if pair.all != pair.rows {
			return fmt.Errorf("%s %s in total, but %s over all rows", pair.name, Count(pair.all), Count(pair.rows))
		}
	}
	return nil
}

func (r TallyRow) holds() error {
	label := r.Was + ">" + r.Now
	if r.AsIntended || r.Undecided {
		if r.AsIntended && r.Undecided || r.Wrong != 0 || r.Total < 0 {
			return fmt.Errorf("%s is %s and counts %s wrong", label, map[bool]string{true: "as intended", false: "undecided"}[r.AsIntended], Count(r.Wrong))
		}
	} else if r.Total != r.Wrong {
		return fmt.Errorf("%s holds %s, but %s are wrong", label, Count(r.Total), Count(r.Wrong))
	}
	return addsUp(label, r.Wrong, r.Fixed, r.Kept, r.Unrestorable, r.Left)
}

func addsUp(label string, wrong int64, parts ...int64) error {
	var sum int64
	for _, n := range append([]int64{wrong}, parts...) {
		if n < 0 {
			return fmt.Errorf("%s: a count is below 0: %d", label, n)
		}
	}
	for _, n := range parts {
		sum += n
	}
	if wrong != sum {
		return fmt.Errorf("%s: wrong %s, but fixed %s + kept %s + not restorable %s + left %s = %s", label,
			Count(wrong), Count(parts[0]), Count(parts[1]), Count(parts[2]), Count(parts[3]), Count(sum))
	}
	return nil
}

// PlanLine is what an incident needs to know of a plan to speak about it.
type PlanLine struct {
	Ref       string // R1
	Revision  int64
	State     string // draft, frozen, proposed, approved, running, paused, done, …
	Digest    string // hex
	Writes    int64
	Conflicts int64
	Written   int64
	Failed    int64
	Canary    bool // paused after the canary
	Needs     int64
	Requester Person
	Approved  []Person
	Missing   []Person // who may still approve
	CanRun    []Person // who may run or continue it
	RunBy     Person
	ExportN   int64  // rows of the copy made before writing, read back
	Waits     string // for what to be switched off, instead of being proposed
	WroteAt   time.Time
	Glass     string // why its requester's own approval counted; empty: it did not
	Reviews   int64  // by others, still missing of such a run
}

// Live says whether the plan may still write.
func (p PlanLine) Live() bool {
	switch p.State {
	case "proposed", "approved", "running", "paused":
		return true
	}
	return false
}

// Short returns the first 12 characters of the digest, as people compare it.
func (p PlanLine) Short() string {
	if len(p.Digest) > 12 {
		return p.Digest[:12]
	}
	return p.Digest
}
