package rollback

import (
	"snafu/incidents/refusal"
)

// CohortRemove writes the column by which the table says that a record is no
// longer there. Nothing is ever deleted.
const CohortRemove CohortKind = "remove"

// Archive is how a table says that a record is removed. Column is empty where
// nothing can be.
type Archive struct {
	Column string
	Value  string
}

// Meant refuses a freeze that found more to write than people said they mean.
func (s Spec) Meant(f Freeze) error {
	found := f.Writes
	if s.Instead != nil {
		found = f.Listed()
	}
	if s.Expect > 0 && found > s.Expect {
		return RefuseExpect(s.Expect, found)
	}
	for i, d := range s.Decisions {
		if n := f.OfCohort(int64(i + 1)).Write; d.Expect > 0 && n > d.Expect {
			return RefuseExpect(d.Expect, n)
		}
	}
	return nil
}

// checkExpect holds a revision to what must be said of how many it writes.
func (s Spec) checkExpect() error {
	if s.Expect < 0 {
		return RefuseExpectSays(s.Expect)
	}
	for _, d := range s.Decisions {
		switch {
		case d.Expect < 0:
			return RefuseExpectSays(d.Expect)
		case d.Kind == CohortRemove && d.Expect == 0 && s.Undoes == nil:
			return RefuseUnexpected(s.Unit)
		}
	}
	return nil
}

// Most is the most records that a run may write by what people said they mean;
// false where they said nothing that bounds all of it.
func (r Run) Most() (int64, bool) {
	most, bounded := r.Expect, r.Expect > 0
	var sum int64
	for _, d := range r.Decisions {
		if d.Expect == 0 && d.Writes() {
			return most, bounded
		}
		sum += d.Expect
	}
	if !bounded || sum < most {
		most = sum
	}
	return most, most > 0
}

// expectsOf are what people said of each cohort, nothing where they said nothing
// of any.
func expectsOf(decisions []Decision) []int64 {
	out := make([]int64, len(decisions))
	said := false
	for i, d := range decisions {
		out[i] = d.Expect
		said = said || d.Expect != 0
	}
	if !said {
		return nil
	}
	return out
}

// RefuseExpect means that there is more to write than people said they mean.
func RefuseExpect(meant, found int64) error {
	return refusal.Invalid("You meant %s and the freeze found %s. Nothing was frozen.", Number(meant), Number(found)).Coded("expect")
}

// RefuseBeyond means that a run would have written more than people said they
// mean. What it tried last was not written.
func RefuseBeyond(ref Ref, meant, found int64) error {
	return refusal.Conflict("%s may write %s and would have written %s. Its last batch was not written; an admin must look.", ref, Number(meant), Number(found)).Coded("expect")
}

// RefuseUnexpected means that nobody has said how many records are to be removed.
func RefuseUnexpected(unit string) error {
	return refusal.Invalid("Say how many %s you mean to remove, as in expect=226. Finding more than that ends it.", unit).Coded("expect")
}

// RefuseExpectSays answers a number that counts nothing.
func RefuseExpectSays(n int64) error {
	return refusal.Invalid("%d is no number of records. Write how many you mean, as in expect=226.", n).Coded("expect")
}

// RefuseNoArchive means that a table does not say how a record is removed.
func RefuseNoArchive(table string) error {
	return refusal.Invalid("%s declares no archive column, so nothing of it can be removed. Its admin can declare one; nothing is ever deleted.", table).Coded("column")
}
