// Package approval is what people decide about a plan.
//
// It drafts, asks for the freeze, collects approvals, hands out the one claim
// and passes orders to a run. It knows no source and no Slack: the freeze and
// the run are jobs that others do, and whether a person counts is asked through
// Eligible before a transaction opens. What two people must do together is
// refused three times over: by the types of rollback, by the constraints of the
// tables and by the digest that every button carries.
package approval

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/rollback"
)

// Standing is who Slack says a person is; rollback decides what that allows.
type Standing = rollback.Standing

// Question asks for the standing of one person on one source, at this moment.
type Question struct {
	Incident  incidents.ID // whose channel must not be shared
	Source    string
	Users     []string // approver list: Slack user ids
	Usergroup string   // approver group, empty for none
	Person    incidents.Person
	Others    []incidents.Person // who took part in the plan: none of them may be the same human
}

// Eligible answers a Question from Slack. An error means that Slack did not
// answer, and nothing is counted.
type Eligible func(context.Context, Question) (Standing, error)

// Source is what approval must know of a source.
type Source struct {
	Name            string
	Title           string
	Admins          []string // Slack user ids
	Tables          []rollback.Table
	Automations     []rollback.Automation
	Drill           bool     // only for practice
	Users           []string // approver list: Slack user ids
	Usergroup       string
	Needed          int64
	RequesterCounts bool
	InvolvedCounts  bool // also who is involved in the cause may approve
	Discussed       bool // a plan is discussed before it asks for approvals, or somebody says why not
	BreakGlass      Glass
	Limits          rollback.Limits
	Tolerance       rollback.Tolerance
	Batch           rollback.Batching
}

// Glass says whether a requester may be a voice of one plan, for a reason, and
// how much such a plan may write.
type Glass struct {
	Enabled bool
	MaxRows int64
}

// Options of New.
type Options struct {
	DB       *pgdb.DB
	Eligible Eligible
	Sources  []Source
	MinRead  time.Duration // least time between proposal and approval; zero means rollback.MinRead
	Look     Look          // at evidence; nil where none is declared
	Acted    Acted         // nil records no act on the cause
}

// Acted records an act on the cause of an incident that is locked.
type Acted func(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, c incidents.Containment, at time.Time) error

// Approval is the use cases of a plan. One method is one transaction.
type Approval struct {
	db       *pgdb.DB
	eligible Eligible
	sources  []Source
	minRead  time.Duration
	look     Look
	acted    Acted
}

// New makes the use cases.
func New(o Options) *Approval {
	if o.MinRead == 0 {
		o.MinRead = rollback.MinRead
	}
	return &Approval{db: o.DB, eligible: o.Eligible, sources: o.Sources, minRead: o.MinRead, look: o.Look, acted: o.Acted}
}

func (a *Approval) source(name string) (Source, error) {
	i := slices.IndexFunc(a.sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		return Source{}, refuseNoSource(name)
	}
	return a.sources[i], nil
}

// rules are what the source demands of approvals.
func (s Source) rules() rollback.Rules {
	return rollback.Rules{Needs: s.Needed, RequesterCounts: s.RequesterCounts, InvolvedCounts: s.InvolvedCounts}
}

// table finds the declaration a scope is about and holds the set columns to it.
func (s Source) table(scope rollback.Scope) (rollback.Table, error) {
	i := slices.IndexFunc(s.Tables, func(t rollback.Table) bool { return t.Name == scope.Table })
	if i < 0 {
		return rollback.Table{}, refuseNoTable(s.Name, scope.Table)
	}
	t := s.Tables[i]
	for _, column := range scope.Set {
		if !slices.Contains(t.Settable, column) {
			return t, rollback.RefuseColumn(column, "not settable")
		}
	}
	return t, nil
}

// planned finds the declaration that a plan's scope is about. The column that
// marks a record as removed may be in it, which people cannot choose to set.
func (s Source) planned(scope rollback.Scope) (rollback.Table, error) {
	i := slices.IndexFunc(s.Tables, func(t rollback.Table) bool { return t.Name == scope.Table })
	if i >= 0 && s.Tables[i].Archive.Column != "" && slices.Equal(scope.Set, []string{s.Tables[i].Archive.Column}) {
		return s.Tables[i], nil
	}
	if i >= 0 && len(s.Tables[i].Insertable) > 0 && slices.Equal(scope.Set, s.Tables[i].Insertable) { // of records that are inserted again
		return s.Tables[i], nil
	}
	return s.table(scope)
}

// person of the same workspace as another: configuration names users only.
func person(user string, like incidents.Person) incidents.Person {
	if strings.Contains(user, "/") {
		return incidents.Person(user)
	}
	return incidents.Person(like.Team() + "/" + user)
}

// ask asks for one person's standing; silence is a standing of its own, so that
// the refusal is journalled like any other.
func (a *Approval) ask(ctx context.Context, id incidents.ID, s Source, who incidents.Person, others ...incidents.Person) Standing {
	others = slices.DeleteFunc(slices.Clone(others), func(p incidents.Person) bool { return p == who })
	st, err := a.eligible(ctx, Question{Incident: id, Source: s.Name, Users: s.Users, Usergroup: s.Usergroup, Person: who, Others: others})
	if err != nil || st.Person != who {
		return Standing{Person: who, Source: s.Name, Unsure: true}
	}
	st.Source = s.Name
	return st
}
