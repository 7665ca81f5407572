package approval

import (
	"time"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// Freeze asks for one attempt to freeze a draft.
type Freeze struct {
	Plan     rollback.ID `json:"plan"`
	Revision int64       `json:"revision"`
	Attempt  int64       `json:"attempt"`
}

// Kind names the job.
func (Freeze) Kind() string { return "freeze" }

// Queue keeps freezes out of the way of what is quick.
func (Freeze) Queue() string { return jobs.Slow }

// Timeout covers a freeze of the largest plan and its export.
func (Freeze) Timeout() time.Duration { return 30 * time.Minute }

// Run asks for the execution of a claimed plan, or for going on with it. Turn
// tells one asking from the next: the job of a killed process stays in the way
// of its equal.
type Run struct {
	Plan     rollback.ID     `json:"plan"`
	Revision int64           `json:"revision"`
	Digest   rollback.Digest `json:"digest"`
	Turn     int64           `json:"turn"`
	Lost     int64           `json:"lost,omitempty"` // epoch of an owner that was lost; a sweep asks for its successor
}

// Kind names the job.
func (Run) Kind() string { return "run" }

// Queue gives runs workers of their own.
func (Run) Queue() string { return jobs.Runs }

// Timeout is long: a run ends by its own rules, and the lease notices its death.
func (Run) Timeout() time.Duration { return 12 * time.Hour }

// Swept says that a sweep asked, because an owner had died.
func (r Run) Swept() bool { return r.Lost > 0 }

// Orders is how many orders the run had been given when it was asked for.
func (r Run) Orders() int64 { return r.Turn }

// Expire asks whether a revision is over its deadline.
type Expire struct {
	Plan     rollback.ID `json:"plan"`
	Revision int64       `json:"revision"`
	At       time.Time   `json:"at"`
}

// Kind names the job.
func (Expire) Kind() string { return "expire" }
