package rollback

import "time"

// Table is what the configuration says about one table a plan may write. A
// connector is opened with the declarations of its source and finds them by
// Name; a Scope names one.
type Table struct {
	Name       string   // as people call it: "lead"
	Relation   string   // schema and table as written in the configuration: "crm.lead"
	Unit       string   // "leads"
	Key        []string // primary key, or unique and not null
	KeyWhere   string   // predicate of a partial unique index, empty for a whole one
	Settable   []string // the only columns a plan may write
	Insertable []string // columns that may be filled in a record that is inserted again
	Archive    Archive  // how a record is removed
	PII        []string // masked wherever a person reads them
	Export     []string // carried in the export and in the fixed list
	TouchedAt  TouchedAt
	Guard      Guard // empty means the strongest that the declaration allows
	Bypass     bool  // row security hides records, and both logins are to see past it
	History    History
	Membership Membership
	Lists      map[string]List // shown beside the members, never instead of them
	Syncs      []Sync          // what copies it elsewhere, by name
	Erasures   Erasures
	Require    Require // what must hold of a record that is put back
}

// TouchedAt is the column that says when a record was last changed, and what a
// plan does to it.
type TouchedAt struct {
	Column string
	Keep   bool // false: set to now, so that incremental syncs see the fix
}

// History declares the table that keeps every change of the set columns.
// Relation is empty when there is none; the other fields are column names.
type History struct {
	Relation   string
	Key        []string
	Order      string
	At         string
	Field      string
	FieldNames map[string]string // set column -> the name history gives it, when they differ
	Old, New   string
	Run        string
	Actor      string
	Retention  time.Duration
	Zone       string // of At, where its type has none
	Deleted    string // what Field says of a record that was deleted; empty where nothing is kept of that
}

// Membership declares the table that says which records the erroneous run
// took. Relation is empty when the run's own history entries say it.
type Membership struct {
	Relation string
	Key      []string
	Run      string // column of the run, campaign or list
	At       string
	Name     string // the one static list that every run works on; empty: the run names its own
	Zone     string // of At, where its type has none
	Runs     Runs   // where a run says which campaign or list it worked on
}

// Runs declares the table that leads from a run to its campaign or list.
// Relation is empty when the membership names the run itself.
type Runs struct {
	Relation string
	Run      string // column that the history knows the run by
	Member   string // column that the membership knows it by
}

// Erasures declares the table of records whose values must never come back.
// Relation is empty where there is none.
type Erasures struct {
	Relation string
	Key      []string
}

// List declares a static list of records, chosen by Name.
type List struct {
	Relation string
	Key      []string
	Name     string
}

// Guard is what a record must still fulfil when it is written, beside holding
// the error value.
type Guard string

// The guards, strongest first. GuardLaterWriter refuses a record that somebody
// wrote after the run even when the value came back.
const (
	GuardAnyChange   Guard = "any_change"
	GuardLaterWriter Guard = "later_writer"
	GuardTouched     Guard = "touched"
	GuardValue       Guard = "value"
)

// EffectiveGuard is the declared guard, or the default: later_writer with a
// history, touched with a touched_at column, else value.
func (t Table) EffectiveGuard() Guard {
	switch {
	case t.Guard != "":
		return t.Guard
	case t.History.Relation != "":
		return GuardLaterWriter
	case t.TouchedAt.Column != "":
		return GuardTouched
	}
	return GuardValue
}

// Scope says which records a state table and a plan are about: the members of
// one run in a window, and the columns that run spoilt. It is small on purpose:
// it is stored with every measurement and every plan.
type Scope struct {
	Source string    `json:"source"`
	Table  string    `json:"table"` // Table.Name
	Set    []string  `json:"set"`   // the set columns; every Values of the plan follows this order
	Run    string    `json:"run"`
	From   time.Time `json:"from"`           // inclusive; connectors widen the window by Skew on both sides
	To     time.Time `json:"to"`             // exclusive
	List   string    `json:"list,omitempty"` // only members that still stand on this static list of the table; empty is all
}

// evidence is what says which records belong to the scope, as a digest holds it.
func (s Scope) evidence() string {
	if s.List == "" {
		return "history"
	}
	return "history and list " + s.List
}

// Skew widens the window of a scope on both sides: the clocks of a run, its
// history and its membership table need not agree.
const Skew = 2 * time.Minute

// RunSeen is a run found in the history or membership of a table: a candidate
// for "which run did it?".
type RunSeen struct {
	Run      string
	From, To time.Time // first and last trace; To is inclusive
	Records  int64
}

// Limits are a source's bounds on a plan.
type Limits struct {
	MaxRows         int64         `json:"max_rows"`
	FreezeExpires   time.Duration `json:"freeze_expires"`   // from the snapshot to the last needed approval
	ApprovalExpires time.Duration `json:"approval_expires"` // of each approval
	StartWithin     time.Duration `json:"start_within"`     // from the last needed approval to the claim
	FreezeTimeout   time.Duration `json:"freeze_timeout"`
}

// DefaultLimits are the limits of a source that declares none.
func DefaultLimits() Limits {
	return Limits{
		MaxRows: 1_000_000, FreezeExpires: 4 * time.Hour, ApprovalExpires: 8 * time.Hour,
		StartWithin: time.Hour, FreezeTimeout: 10 * time.Minute,
	}
}

// Tolerance is how many frozen records may have changed before the first
// write. Growth is never tolerated.
type Tolerance struct {
	ShrinkPerMille int64 `json:"shrink_per_mille"` // of the writes, rounded down
	ShrinkRows     int64 `json:"shrink_rows"`      // allowed in any case
}

// DefaultTolerance is one percent, or ten records if that is more.
func DefaultTolerance() Tolerance { return Tolerance{ShrinkPerMille: 10, ShrinkRows: 10} }

// Allows is the number of changed records a plan of so many writes survives.
func (t Tolerance) Allows(writes int64) int64 {
	return max(writes/1000*t.ShrinkPerMille+writes%1000*t.ShrinkPerMille/1000, t.ShrinkRows)
}

// Batching is how a run walks the frozen records.
type Batching struct {
	Start       int64         `json:"start"`
	Min         int64         `json:"min"` // Min = Max fixes the size
	Max         int64         `json:"max"`
	TargetMin   time.Duration `json:"target_min"`
	TargetMax   time.Duration `json:"target_max"`
	Rest        time.Duration `json:"rest"`
	LockTimeout time.Duration `json:"lock_timeout"`
	Canary      int64         `json:"canary"` // records written and read back before a person continues
}

// Estimate is how long writing so many records takes when every batch is of the
// size that a run begins with and takes as long as it may; zero where nobody can
// say.
func (b Batching) Estimate(writes int64) time.Duration {
	if b.Start <= 0 || writes <= 0 {
		return 0
	}
	batches := (writes + b.Start - 1) / b.Start
	return time.Duration(batches) * (b.TargetMax + b.Rest)
}

// DefaultBatching is the batching of a source that declares none.
func DefaultBatching() Batching {
	return Batching{
		Start: 1000, Min: 200, Max: 20_000, TargetMin: 20 * time.Millisecond, TargetMax: 50 * time.Millisecond,
		LockTimeout: 200 * time.Millisecond, Canary: 20,
	}
}
