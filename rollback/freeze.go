package rollback

import "time"

// CohortCount is the number of frozen records of one cohort and class. Cohort
// 0 holds the members that belong to no cohort: those without history, and
// those of a pair that nobody decided.
type CohortCount struct {
	Cohort  int64 `json:"cohort"`
	Class   Class `json:"class"`
	Records int64 `json:"records"`
}

// Export is the before-image file, made and read back before the freeze counts.
type Export struct {
	Path   string `json:"path"`
	SHA256 []byte `json:"sha256"` // over the uncompressed bytes
	Rows   int64  `json:"rows"`

	Columns []string `json:"columns"` // names of the export columns; people's copies carry them
}

// Freeze is the dry run: what a source fixed in its own tables for one attempt,
// and what it found while doing so.
type Freeze struct {
	ID          int64          `json:"id"` // freeze_id in the source
	At          time.Time      `json:"at"` // snapshot instant of the source, UTC microseconds
	Target      Target         `json:"target"`
	Relation    Relation       `json:"relation"`
	Fingerprint []byte         `json:"fingerprint"`
	Inventory   Inventory      `json:"inventory"`
	Counts      []CohortCount  `json:"counts"` // sorted by cohort, then class; no zeros
	Conflicts   []ValueCount   `json:"conflicts"`
	Writes      int64          `json:"writes"`
	Rows        int64          `json:"rows"`
	RowsDigest  Digest         `json:"rows_digest"`
	Export      Export         `json:"export"`
	Evidence    *EvidenceFound `json:"evidence,omitempty"` // of a plan that rests on evidence
	Since       int64          `json:"since,omitempty"`    // chosen members that are written and no longer hold what the run left
}

// Classes are the frozen records per class.
func (f Freeze) Classes() Counts {
	var c Counts
	for _, n := range f.Counts {
		c = c.With(n.Class, n.Records)
	}
	return c
}

// OfCohort are the frozen records of one cohort per class.
func (f Freeze) OfCohort(number int64) Counts {
	var c Counts
	for _, n := range f.Counts {
		if n.Cohort == number {
			c = c.With(n.Class, n.Records)
		}
	}
	return c
}

// FrozenRow is one record of a freeze as it enters the rows digest.
type FrozenRow struct {
	Ord     int64 // dense from 1; the writes first
	Cohort  int64
	Class   Class
	Key     Key
	Initial Values
	Error   Values
	Desired Values
	Mark    Value // what the guard compares
	Version Value // the row version at the freeze
}
