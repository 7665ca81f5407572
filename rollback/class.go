package rollback

// Class says what the plan may do with one member of the run. The codes are
// stored with every frozen record and are part of the rows digest.
type Class int

// The classes by their stored code.
const (
	ClassWrite         Class = 1 // still wrong: to write
	ClassRight         Class = 2 // the run left what is right
	ClassAlready       Class = 3 // corrected by people since
	ClassConflict      Class = 4 // changed since to something else
	ClassConflictLater Class = 5 // the error value, but somebody wrote it after the run
	ClassMissing       Class = 6 // the record is gone
	ClassAmbiguous     Class = 7 // the run's entries do not tell one before and one after
	ClassUnrecoverable Class = 8 // a member without history
	ClassUndecided     Class = 9 // nobody has said what it should be
)

// Classes are all classes in the order of their codes.
var Classes = []Class{
	ClassWrite, ClassRight, ClassAlready, ClassConflict, ClassConflictLater,
	ClassMissing, ClassAmbiguous, ClassUnrecoverable, ClassUndecided,
}

var classNames = map[Class]string{
	ClassWrite: "write", ClassRight: "right", ClassAlready: "already", ClassConflict: "conflict",
	ClassConflictLater: "conflict_later", ClassMissing: "missing", ClassAmbiguous: "ambiguous",
	ClassUnrecoverable: "unrecoverable", ClassUndecided: "undecided",
}

var classWords = map[Class]string{
	ClassWrite: "to write", ClassRight: "already right", ClassAlready: "corrected by people",
	ClassConflict: "changed since", ClassConflictLater: "changed since", ClassMissing: "gone since",
	ClassAmbiguous: "contain", ClassUnrecoverable: "no evidence: contain", ClassUndecided: "decide",
}

// String is the class's stable name.
func (c Class) String() string { return classNames[c] }

// Words is the class as a card shows it.
func (c Class) Words() string { return classWords[c] }

// Counts are numbers of records per class.
type Counts struct {
	Write         int64 `json:"write"`
	Right         int64 `json:"right"`
	Already       int64 `json:"already"`
	Conflict      int64 `json:"conflict"`
	ConflictLater int64 `json:"conflict_later"`
	Missing       int64 `json:"missing"`
	Ambiguous     int64 `json:"ambiguous"`
	Unrecoverable int64 `json:"unrecoverable"`
	Undecided     int64 `json:"undecided"`
}

func (c *Counts) of(class Class) *int64 {
	switch class {
	case ClassWrite:
		return &c.Write
	case ClassRight:
		return &c.Right
	case ClassAlready:
		return &c.Already
	case ClassConflict:
		return &c.Conflict
	case ClassConflictLater:
		return &c.ConflictLater
	case ClassMissing:
		return &c.Missing
	case ClassAmbiguous:
		return &c.Ambiguous
	case ClassUnrecoverable:
		return &c.Unrecoverable
	case ClassUndecided:
		return &c.Undecided
	}
	panic("rollback: no such class")
}

// Of is the number of records of one class.
func (c Counts) Of(class Class) int64 { return *c.of(class) }

// With is the counts with n more records of a class.
func (c Counts) With(class Class, n int64) Counts {
	*c.of(class) += n
	return c
}

// Plus adds two counts.
func (c Counts) Plus(other Counts) Counts {
	for _, class := range Classes {
		c = c.With(class, other.Of(class))
	}
	return c
}

// Conflicts are the records that people changed since, by value or by writer.
func (c Counts) Conflicts() int64 { return c.Conflict + c.ConflictLater }

// Total is the number of records of all classes.
func (c Counts) Total() int64 {
	var n int64
	for _, class := range Classes {
		n += c.Of(class)
	}
	return n
}
