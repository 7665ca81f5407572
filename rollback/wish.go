package rollback

// Wish is what one record should be, as a line of a file says.
type Wish struct {
	Line    int64
	Key     []string // the parts of the key as text
	Desired Values   // one for each set column
}

// Staged is what comes from outside about one record: a line of a file.
type Staged struct {
	Key        Key
	Initial    Values // nil where the source's own history says it
	Desired    Values
	Confidence Confidence
	Evidence   string // what says so: the SHA-256 of the file, in hex, or a sentence
	Group      string // that the record is restored with, or not at all; empty for none
	Candidates int64  // values it may have had; 1 is the one in Desired, 0 is no evidence
}

// Wished are members of a run that look the same: those that a file names, and
// those it does not.
type Wished struct {
	Listed  bool
	Known   bool // history tells what they were and became; else the pair is empty
	Pair    Pair
	Values  int64  // how many different ones are wished for them
	Desired Values // the one, in the form in which the source gives it; one of them where there are several
	Records int64
	Lines   []int64 // the first few that name them
}

// Matched is a file of wishes laid over a scope, in one snapshot.
type Matched struct {
	Groups    []Wished
	Strange   int64   // lines whose key no member has
	Strangers []int64 // the first few of them
	Misfits   []int64 // lines whose value the set column can't hold: the first of each value
}
