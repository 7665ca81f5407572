package rollback

import "time"

// EntryGroup is a set of entries of a run in the history that look the same:
// what they say was there before, and what their records hold now. A record
// with two entries is in two groups.
type EntryGroup struct {
	Old     Values // as the entries say
	Current Values // nil where the records are gone
	Present bool
	Entries int64
	Changed int64     // records that no longer hold what the entry wrote
	First   time.Time // oldest and newest entry
	Last    time.Time
}
