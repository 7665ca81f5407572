package rollback

// Wish is what one record should be, as a line of a file says.
type Wish struct {
	Line    int64
	Key     []string // the parts of the key as text
	Desired Value
}

// Wished are members of a run that look the same and for which the same is
// wished. Listed is false for members that no line names.
type Wished struct {
	Listed  bool
	Known   bool // history tells what they were and became; else the pair is empty
	Pair    Pair
	Desired Value // in the form in which the source gives it
	Records int64
	Lines   []int64 // the first few that say so
}

// Matched is a file of wishes laid over a scope, in one snapshot.
type Matched struct {
	Groups    []Wished
	Strange   int64   // lines whose key no member has
	Strangers []int64 // the first few of them
	Misfits   []int64 // lines whose value the set column can't hold: the first of each value
}
