package count

import (
	"strconv"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// Picked is journalled when people say which run an incident is about.
type Picked struct {
	Source string
	Table  string
	Set    []string
	Run    string
	From   time.Time
	To     time.Time
}

// Kind is the stored name of the fact.
func (Picked) Kind() string { return "scope-picked/1" }

// Measured is journalled for every measurement. Before is the number of
// members that the measurement before it found, -1 for the first. It carries
// counts only.
type Measured struct {
	Source    string
	Table     string
	Run       string
	ReadAt    time.Time
	Members   int64
	Before    int64
	Write     int64
	Right     int64
	Already   int64
	Conflicts int64
	Missing   int64
	Contain   int64
	Undecided int64
}

// Kind is the stored name of the fact.
func (Measured) Kind() string { return "measured/1" }

// Grew is how many members came since the measurement before.
func (m Measured) Grew() int64 {
	if m.Before < 0 {
		return 0
	}
	return m.Members - m.Before
}

// Decided is journalled when people choose what the records of cohorts should
// be. The values stay in the decisions table.
type Decided struct {
	Cohorts   int64
	Undecided int64
	Wrong     int64
	Right     int64
}

// Kind is the stored name of the fact.
func (Decided) Kind() string { return "decided/1" }

// Waived is journalled when people decide that records are wrong and stay so:
// kept on purpose, or lost. Cohort 0 are the members without history.
type Waived struct {
	Waiver  string
	Cohorts []int64
	Records int64
	Why     string
}

// Kind is the stored name of the fact.
func (Waived) Kind() string { return "waived/1" }

// Words tell it.
func (w Waived) Words(by incidents.Actor) incidents.Words {
	var numbers []string
	rest := ""
	for _, n := range w.Cohorts {
		if n == 0 {
			rest = "what has no history"
			continue
		}
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	what := rest
	if len(numbers) > 0 {
		what = "cohort " + numbers[0]
		if last := len(numbers) - 1; last > 0 {
			what = "cohorts " + strings.Join(numbers[:last], ", ") + " and " + numbers[last]
		}
		if rest != "" {
			what += ", and " + rest
		}
	}
	doing, end := " keeps ", " as it is ("
	if w.Waiver == string(rollback.WaiveLost) {
		doing, end = " gives ", " up for lost ("
	}
	unit := " records): "
	if w.Records == 1 {
		unit = " record): "
	}
	return incidents.Sentence(by, doing+what+end, w.Records, unit+w.Why)
}

// DesiredImported is journalled when what records should be came from a file.
// The file is known by its hash; nothing of what stood in it is kept here.
type DesiredImported struct {
	SHA256    string
	Lines     int64
	Cohorts   int64
	Undecided int64
	Wrong     int64
	Right     int64
}

// Kind is the stored name of the fact.
func (DesiredImported) Kind() string { return "desired-imported/1" }

// Words tell it.
func (f DesiredImported) Words(by incidents.Actor) incidents.Words {
	return incidents.Sentence(by, " said by a file what ", f.Lines, " records should be: ", f.Cohorts, " cohorts decided. File "+f.SHA256[:min(12, len(f.SHA256))]+".")
}

// ExampleShown is journalled when somebody has read records of the run. It says
// how many, never which or what stood in them.
type ExampleShown struct {
	Source  string
	Table   string
	Run     string
	Cohort  int64 // 0 for a mixture
	ByKey   bool
	Records int64
}

// Kind is the stored name of the fact.
func (ExampleShown) Kind() string { return "example-shown/1" }

// Facts are one empty fact of each kind of this room.
func Facts() []incidents.Fact {
	return []incidents.Fact{NamedWatchStarted{}, NamedWatched{}, NamedChanged{}, NamedBlind{}, NamedSees{}, NamedWatchEnded{}, Picked{}, Measured{}, Cancelled{}, Decided{}, Waived{}, ExampleShown{}, ExampleShared{}, DesiredImported{}, Counted{}}
}
