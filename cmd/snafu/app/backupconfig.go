package app

import (
	"slices"
	"time"
)

// BackupConfig declares the copy of a backup that was restored to a server of
// its own. A plan reads it; it is never loaded into the source.
type BackupConfig struct {
	Title     string          `yaml:"title"`
	DSNEnv    string          `yaml:"dsn_env"`
	DSNFile   string          `yaml:"dsn_file"`
	Tables    []string        `yaml:"tables"` // that it holds, by the names they have in the source; empty: all
	LastSaved LastSavedConfig `yaml:"last_saved"`

	DSN Secret
}

// LastSavedConfig says of when a copy is: a column of it, or an instant. Without
// either who plans has to say it.
type LastSavedConfig struct {
	Column string `yaml:"column"`
	At     string `yaml:"at"`

	at time.Time
}

// ErasuresConfig declares the table of records whose values must never come
// back.
type ErasuresConfig struct {
	Table string   `yaml:"table"`
	Key   []string `yaml:"key"`
}

func (b *BackupConfig) check(d *decoder, secret secrets, path, name string, s *SourceConfig, need bool) {
	if !nameRule.MatchString(name) {
		d.fault(path, "%q cannot name a backup. Write small letters, digits, - and _, at most 32.", name)
	}
	b.DSN = secret.read(path+".dsn", b.DSNEnv, b.DSNFile, given(need, required))
	if b.DSN.Given() && (b.DSN == s.CountDSN || b.DSN == s.ExecDSN) {
		d.fault(path+".dsn_env", "This is the source itself. A backup is read from a copy that was restored to another database.")
	}
	for _, table := range b.Tables {
		if _, ok := s.Tables[table]; !ok {
			d.fault(path+".tables", "There is no table %q in this source. Declare it under tables.", table)
		}
	}
	switch l := &b.LastSaved; {
	case l.Column != "" && l.At != "":
		d.fault(path+".last_saved", "The Last Saved State is told by a column or by an instant, not by both.")
	case l.At != "":
		at, err := time.Parse(time.RFC3339, l.At)
		if err != nil {
			d.fault(path+".last_saved.at", "%q is not an instant. Write one with its zone, such as 2026-03-28T02:10:00Z.", l.At)
		}
		l.at = at.UTC()
	}
}

// holds says that a copy is said to hold a table.
func (b BackupConfig) holds(table string) bool {
	return len(b.Tables) == 0 || slices.Contains(b.Tables, table)
}

func (e ErasuresConfig) check(d *decoder, path string, key int) {
	switch {
	case e.Table == "" && d.has(path):
		d.fault(path, "%s.table is missing.", path)
	case e.Table != "" && len(e.Key) != key:
		d.fault(path+".key", "The erasures need as many key columns as the table.")
	}
}
