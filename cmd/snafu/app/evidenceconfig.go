package app

import (
	"maps"
	"slices"

	"snafu/rollback"
)

// EvidenceConfig declares what says of single records what they were, where no
// history does: a reviewed file of SQL whose answer has a line for each record.
type EvidenceConfig struct {
	Table      string              `yaml:"table"`      // whose records it is about, by its name in this source
	File       string              `yaml:"file"`       // of one SELECT
	Rule       string              `yaml:"rule"`       // how it infers, in words
	Confidence string              `yaml:"confidence"` // derived, guess
	Group      string              `yaml:"group"`      // column that names what is restored as a whole
	Complete   Share               `yaml:"complete"`   // of a group, or it is left alone
	Source     string              `yaml:"source"`     // where it is asked; empty: here
	Author     string              `yaml:"author"`     // Slack user id of who wrote the file
	Beside     string              `yaml:"beside"`     // a second evidence of the same records, which must not disagree
	Reads      map[string][]string `yaml:"reads"`      // relations and columns that the login must be able to read for it

	text string
}

// whole is a share of all of them.
const whole = 1000

func (e *EvidenceConfig) check(d *decoder, path, name string, s *SourceConfig, c Config) {
	if !nameRule.MatchString(name) {
		d.fault(path, "%q cannot name evidence. Write small letters, digits, - and _, at most 32.", name)
	}
	table, ok := s.Tables[e.Table]
	switch {
	case e.Table == "":
		d.fault(path, "%s.table is missing.", path)
	case !ok:
		d.fault(path+".table", "There is no table %q in this source. Declare it under tables.", e.Table)
	case len(table.Settable) == 0:
		d.fault(path+".table", "Table %s declares no settable column, so nothing of it can be brought back.", e.Table)
	}
	if e.Source != "" {
		if _, ok := c.Sources[e.Source]; !ok {
			d.fault(path+".source", "There is no source %q. Declare it, or leave the key out: the file is then asked in this source.", e.Source)
		}
	}
	if e.Rule == "" {
		d.fault(path, "%s.rule is missing. Say how the file infers what was: people approve that.", path)
	}
	if e.Confidence != "" && e.Confidence != string(rollback.ConfidenceDerived) && e.Confidence != string(rollback.ConfidenceGuess) {
		d.fault(path+".confidence", "%q is not possible for confidence. Write derived, or guess where it says one of several.", e.Confidence)
	}
	if e.Author == "" {
		d.fault(path, "%s.author is missing. Name who wrote the file: somebody else has to compare what it says by hand.", path)
	} else {
		users(d, path+".author", []string{e.Author})
	}
	e.checkBeside(d, path+".beside", name, s)
	if e.Group != "" && !d.has(path+".complete") {
		e.Complete = whole
	}
	for relation, columns := range e.Reads {
		if len(columns) == 0 {
			d.fault(path+".reads."+relation, "Name the columns of %s that the file reads.", relation)
		}
	}
	if e.File == "" {
		d.fault(path, "%s.file is missing.", path)
		return
	}
	e.text = c.reviewed(d, path+".file", e.File, "evidence", rollback.MaxReviewed)
}

// checkBeside holds a second evidence to be one of the same table, without a
// third. Both are read at once.
func (e *EvidenceConfig) checkBeside(d *decoder, path, name string, s *SourceConfig) {
	if e.Beside == "" {
		return
	}
	switch other, ok := s.Evidence[e.Beside]; {
	case !ok || e.Beside == name:
		d.fault(path, "There is no other evidence %q in this source. Declare it under evidence.", e.Beside)
	case other.Table != e.Table:
		d.fault(path, "%s is about table %s, and %s about %s: only evidence of the same records can stand beside it.", e.Beside, other.Table, name, e.Table)
	case s.Counts.Connections == 1:
		d.fault(path, "Two evidences are read at once, and counts.connections allows one connection. Write 2 or more.")
	}
	if e.Beside == rollback.TakeNeither || name == rollback.TakeNeither {
		d.fault(path, "%q means that none of two evidences counts. Call it otherwise.", rollback.TakeNeither)
	}
}

// at is where evidence of a source is asked.
func (e EvidenceConfig) at(source string) string { return or(e.Source, source) }

// reviewed is evidence as its connector asks it, for a plan on a table of source.
func (c Config) evidence(source, name string) (rollback.Reviewed, bool) {
	s := c.Sources[source]
	e, ok := s.Evidence[name]
	t := s.Tables[e.Table]
	r := rollback.Reviewed{
		Query: rollback.Query{Source: e.at(source), Name: name, Text: e.text, Unit: t.Unit}, Of: source, Rule: e.Rule,
		Key: t.Key, May: t.Settable, Group: e.Group, Guess: e.Confidence == string(rollback.ConfidenceGuess), Most: s.Limits.limits().MaxRows,
	}
	for _, relation := range slices.Sorted(maps.Keys(e.Reads)) {
		r.Reads = append(r.Reads, rollback.Read{Relation: relation, Columns: e.Reads[relation]})
	}
	return r, ok
}

// asks gathers for each source the evidence that is asked there, whichever
// source it is about.
func (c Config) asks() {
	asked := map[string][]rollback.Reviewed{}
	c.each(func(name string, s SourceConfig) {
		for _, key := range slices.Sorted(maps.Keys(s.Evidence)) {
			r, _ := c.evidence(name, key)
			asked[r.Source] = append(asked[r.Source], r)
		}
	})
	c.each(func(name string, s SourceConfig) {
		s.asked = asked[name]
		c.Sources[name] = s
	})
}
