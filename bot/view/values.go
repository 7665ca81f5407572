package view

import (
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// Message is what a channel or one person reads. Text is the fallback that a
// phone shows: one sentence, the key first, no record's value in it.
type Message struct {
	Text   string
	Blocks []slack.Block
}

// Stamp says what a button or a form is about. It is read back from Slack, so
// it proves nothing: whoever presses is asked who they are, and what they
// press about is compared with what is stored.
type Stamp struct {
	Incident incidents.ID
	Channel  string // where a form was opened
	Ref      rollback.Ref
	Plan     rollback.Stamp // what was on the screen
	Question incidents.Question
	Choice   string
	Page     int64
	Sheet    int64  // the page of a form that a button in it leads to
	Opened   int64  // unix milliseconds at which a form was opened
	Message  string // ts of the message that a form was opened from
	Thread   string // ts of the head of its thread, "" if it stands in none
	Author   string // user id of who wrote it
	Offer    int64  // of the lead
	Nag      string // the kind of a nag
	Subject  string // what it is about
	Reply    string // Slack's address for an answer where a form was asked for
}

// String writes the stamp as pairs, at most 200 characters without the address.
func (s Stamp) String() string {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	number := func(key string, n int64) {
		if n != 0 {
			v.Set(key, strconv.FormatInt(n, 10))
		}
	}
	number("i", int64(s.Incident))
	set("c", s.Channel)
	set("r", string(s.Ref))
	if s.Plan != (rollback.Stamp{}) {
		set("p", s.Plan.String())
	}
	number("q", int64(s.Question))
	set("a", s.Choice)
	number("g", s.Page)
	number("s", s.Sheet)
	number("o", s.Opened)
	set("m", s.Message)
	set("h", s.Thread)
	set("u", s.Author)
	number("l", s.Offer)
	set("n", s.Nag)
	set("t", s.Subject)
	set("w", s.Reply)
	return v.Encode()
}

// ParseStamp reads what String wrote. What it cannot read stays empty: the
// handler then says that the button is too old.
func ParseStamp(text string) Stamp {
	v, err := url.ParseQuery(text)
	if err != nil {
		return Stamp{}
	}
	number := func(key string) int64 {
		n, err := strconv.ParseInt(v.Get(key), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	s := Stamp{
		Incident: incidents.ID(number("i")), Channel: v.Get("c"), Ref: rollback.Ref(v.Get("r")),
		Question: incidents.Question(number("q")), Choice: v.Get("a"), Page: number("g"), Sheet: number("s"), Opened: number("o"),
		Message: v.Get("m"), Thread: v.Get("h"), Author: v.Get("u"), Offer: number("l"),
		Nag: v.Get("n"), Subject: v.Get("t"), Reply: v.Get("w"),
	}
	if p, err := rollback.ParseStamp(v.Get("p")); err == nil {
		s.Plan = p
	}
	return s
}

// OpenerCard is the calm first message.
type OpenerCard struct {
	Incident incidents.Incident
	Backup   string // what is known of the system's backup: "unknown"
	// HistoryUntil is when the oldest entry that is needed leaves the history of the
	// system's records; zero where it declares no end.
	HistoryUntil time.Time
	Learned      []string // what earlier incidents on the system have taught
	Checklist    incidents.Checklist
}

// TriageCard holds all of the field's questions.
type TriageCard struct {
	Incident incidents.Incident
	// Measured is what a count says about "still occurring", "" if nothing does.
	Measured string
}

// PageCard is one call for help.
type PageCard struct {
	Page     incidents.Page
	Title    string
	Severity incidents.Severity
	Lead     incidents.Person
}

// StopCard is what was done to the causes, and whether it held.
type StopCard struct {
	Incident incidents.Incident
	// Automations are what was switched off, or is about to be.
	Automations []rollback.Switched
	Members     int64 // -1 before a count
	At          time.Time
}

// TableCard is the state table.
type TableCard struct {
	Incident incidents.ID
	Table    rollback.StateTable
	Cohorts  []rollback.Cohort
	Unit     string
	Tally    []incidents.TallyRow // what has become of each cohort, in their order; nil before a plan
	Before   int64                // members of the measurement before, -1 for the first
	Given    rollback.Decision    // the waiver about what has no history; its zero value is none
	Plan     bool                 // every cohort is decided and something is to write
	Remove   bool                 // records of the table can be removed
}

// PlanCard is a rollback as people decide about it.
type PlanCard struct {
	Spec      rollback.Spec
	State     rollback.StateName
	Frozen    bool
	Freeze    rollback.Freeze
	Digest    rollback.Digest
	Approvals []rollback.Approval
	Reviews   int64              // still missing of a run whose requester was a voice
	Hasty     []incidents.Person // of those who approved: one approval after the other
	Can       []incidents.Person // who can still approve, as configured
	Expires   time.Time          // of the counts
	Start     time.Time          // the latest start, once approved
	StartedBy incidents.Person
	Progress  rollback.Progress
	Pace      rollback.Pace
	Canary    bool  // it rests after its first records were read back
	Unread    int64 // of them, without their value when they were read back
	Why       string
	Disagree  int64           // records of which two evidences say different things, while nobody has decided which counts
	Compare   int64           // records that somebody has to compare by hand before it can be proposed
	Holds     []rollback.Held // what its owners stop while it writes
	Backup    string          // what is known of the source's backup; "" is not said
	Report    *rollback.Report
	ThreadURL string
	At        time.Time
	Said      rollback.Said    // who was asked, and with whom it was discussed
	Unsaid    bool             // that is wanted before approvals are asked for
	Waived    *rollback.Waived // other plans need not wait for it
	Freed     bool             // what contained its records was released
}

// Stamp is what the plan's buttons carry.
func (p PlanCard) Stamp() Stamp {
	return Stamp{
		Incident: p.Spec.Incident, Ref: p.Spec.Ref,
		Plan: rollback.Stamp{Plan: p.Spec.Plan, Revision: p.Spec.Revision, Digest: p.Digest},
	}
}

// ListRow is one incident of a list.
type ListRow struct {
	Incident incidents.Incident
}

// HomeCard is the Home tab of one person.
type HomeCard struct {
	For     incidents.Person
	Open    []HomeRow            // worst first
	More    bool                 // there are more open ones than these
	Ended   []incidents.Incident // that were closed last, the newest first
	Backups []HomeBackup
	Late    int64 // acts that nobody has done for a while
	Version string
	// OnCall is who is on call now, and who is next.
	OnCall OnCallCard
}

// HomeBackup is what is known of the backup of a system.
type HomeBackup struct{ System, Said string }

// HomeRow is one open incident of a Home tab, with what waits in it.
type HomeRow struct {
	Incident incidents.Incident
	Numbers  incidents.Words
	Pages    []incidents.Page
	Plans    []PlanCard      // that wait for approvals
	Watch    incidents.Words // how it is counted by itself; empty if it is not
	// Following says that whose tab it is hears of it by direct message.
	Following bool
}

// HelpGroup is one heading of the help with its verbs.
type HelpGroup struct {
	Name  string
	Verbs []HelpRow
}

// HelpRow is one verb.
type HelpRow struct{ Name, Who, Usage, Help, Example, Button string }

// OpenForm is what the form to open a snafu starts with.
type OpenForm struct {
	Channel string // where it was asked for
	Reply   string // Slack's address for an answer there
	Systems []Option
	Title   string
	Quote   Quote    // the message it is opened from; empty for none
	How     []string // what is ticked: "private"
	// What was chosen before the form was drawn anew.
	System, Still, Severity string
	Same                    SameCard // the open ones that it may be the same as
}

// Quote is a message that somebody pointed at, as Slack wrote it.
type Quote struct {
	Channel, TS string
	Thread      string // ts of the head of its thread; "" if it stands in none
	Author      string // user id; "" for an app
	Text        string
	File        string // id of its first file; "" for none
}

// QuestionForm is one question of triage.
type QuestionForm struct {
	Stamp   Stamp
	Asked   incidents.Asked
	Now     incidents.Answer
	Options []Option // what the source offers: systems or runs
	Note    string   // shown above, for example why there are no runs to pick
}

// CallForm asks whom to call.
type CallForm struct {
	Stamp Stamp
	Rotas []Option
}

// TableForm asks what each cohort should be, a page of them at a time.
type TableForm struct {
	Stamp       Stamp
	Cohorts     []CohortForm // of this page
	Rest        int64        // members without history, if they are asked about here
	RestOptions []Option
	RestChosen  string
	Page, Pages int64 // from 1
	Why         string
	Draft       string // what was chosen on other pages, as the form carries it
	Note        string
}

// CohortForm is one cohort with the values it may be given.
type CohortForm struct {
	Cohort  rollback.Cohort
	Options []Option
	Chosen  string
}

// GateForm asks for a reason and shows what is still open.
type GateForm struct {
	Stamp   Stamp
	Lines   []string
	Problem string
}

// ReopenForm asks why an incident is taken up again. Which is chosen
// beforehand, if it is known.
type ReopenForm struct {
	Stamp    Stamp
	Incident incidents.Incident
	Which    incidents.Again
	Why      string
}
