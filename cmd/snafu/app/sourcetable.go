package app

import (
	"slices"
	"strings"
	"time"

	"snafu/rollback"
)

// TableConfig declares one table.
type TableConfig struct {
	Table      string                `yaml:"table"`
	Unit       string                `yaml:"unit"`
	Key        []string              `yaml:"key"`
	KeyWhere   string                `yaml:"key_where"`
	Settable   []string              `yaml:"settable"`
	Insertable []string              `yaml:"insertable"`
	PII        []string              `yaml:"pii"`
	Export     []string              `yaml:"export"`
	TouchedAt  TouchedAtConfig       `yaml:"touched_at"`
	Guard      string                `yaml:"guard"`
	Security   string                `yaml:"row_security"`
	Archive    ArchiveConfig         `yaml:"archive"`
	History    HistoryConfig         `yaml:"history"`
	Membership MembershipConfig      `yaml:"membership"`
	Lists      map[string]ListConfig `yaml:"lists"`
	Syncs      map[string]SyncConfig `yaml:"syncs"`
	Erasures   ErasuresConfig        `yaml:"erasures"`
	Require    RequireConfig         `yaml:"require"`
}

// SyncConfig declares what copies the table to or from another system.
type SyncConfig struct {
	Direction string `yaml:"direction"`
	Owner     string `yaml:"owner"` // Slack user id
}

func (s SyncConfig) check(d *decoder, path, name string) {
	if strings.ContainsAny(name, " \t\n") {
		d.fault(path, "A sync is named in one word.")
	}
	switch s.Direction {
	case "out", "in", "both":
	default:
		d.fault(path+".direction", "%q is not possible. Write out, in or both.", s.Direction)
	}
	if s.Owner == "" {
		d.fault(path, "Sync %s has no owner. Name who can stop it, as a Slack user id.", name)
		return
	}
	users(d, path+".owner", []string{s.Owner})
}

// TouchedAtConfig names the column of the last change.
type TouchedAtConfig struct {
	Column  string `yaml:"column"`
	OnWrite string `yaml:"on_write"`
}

// ArchiveConfig says how a record is removed: by a value of a column.
type ArchiveConfig struct {
	Column string `yaml:"column"`
	Value  string `yaml:"value"`
}

func (a ArchiveConfig) check(d *decoder, path string, t TableConfig) {
	switch {
	case a == ArchiveConfig{}:
	case a.Column == "" || a.Value == "":
		d.fault(path, "An archive needs column, and value: what the column holds in a record that is removed.")
	case slices.Contains(t.Key, a.Column):
		d.fault(path+".column", "%q is part of the key, so no plan can set it.", a.Column)
	case slices.Contains(t.Insertable, a.Column):
		d.fault(path+".column", "%q is insertable, and what was inserted again is removed by it. Take it out of insertable.", a.Column)
	case slices.Contains(t.PII, a.Column):
		d.fault(path+".column", "%q is personal (pii). Name a column that says only whether a record is removed.", a.Column)
	}
}

// HistoryConfig declares the table that keeps every change.
type HistoryConfig struct {
	Table      string            `yaml:"table"`
	Key        []string          `yaml:"key"`
	Order      string            `yaml:"order"`
	At         string            `yaml:"at"`
	Field      string            `yaml:"field"`
	FieldNames map[string]string `yaml:"field_names"`
	Old        string            `yaml:"old"`
	New        string            `yaml:"new"`
	Run        string            `yaml:"run"`
	Actor      string            `yaml:"actor"`
	Retention  time.Duration     `yaml:"retention"`
	Zone       string            `yaml:"zone"` // of at, where its type has none
	Deleted    string            `yaml:"deleted"`
}

// MembershipConfig declares the table of the records a run took: by the run
// itself, by its campaign, or as one static list.
type MembershipConfig struct {
	Table string     `yaml:"table"`
	Key   []string   `yaml:"key"`
	Run   string     `yaml:"run"`
	At    string     `yaml:"at"`
	Zone  string     `yaml:"zone"` // of at, where its type has none
	Name  string     `yaml:"name"` // the one list that every run works on
	Runs  RunsConfig `yaml:"runs"` // leads from a run to its campaign
}

// RunsConfig declares the table that says which campaign or list a run worked on.
type RunsConfig struct {
	Table  string `yaml:"table"`
	Run    string `yaml:"run"`
	Member string `yaml:"member"`
}

// ListConfig declares a static list.
type ListConfig struct {
	Table string   `yaml:"table"`
	Key   []string `yaml:"key"`
	Name  string   `yaml:"name"`
}

func (t TableConfig) check(d *decoder, path, name string) {
	for key, value := range map[string]string{"table": t.Table, "unit": t.Unit} {
		if value == "" {
			d.fault(path, "%s.%s is missing.", path, key)
		}
	}
	if len(t.Key) == 0 {
		d.fault(path, "Table %s has no key. Name the columns of its primary key.", name)
	}
	t.columns(d, path)
	t.History.check(d, path+".history", t)
	t.Archive.check(d, path+".archive", t)
	t.Membership.check(d, path+".membership", len(t.Key))
	t.Erasures.check(d, path+".erasures", len(t.Key))
	for list, l := range t.Lists {
		if l.Table == "" || len(l.Key) != len(t.Key) || l.Name == "" {
			d.fault(path+".lists."+list, "A list needs table, as many key columns as the table, and name: the column that holds the list's name.")
		}
	}
	for name, s := range t.Syncs {
		s.check(d, path+".syncs."+name, name)
	}
	if t.Security != "" && t.Security != "refuse" && t.Security != "bypass" {
		d.fault(path+".row_security", "%q is not possible. Write refuse or bypass.", t.Security)
	}
	switch rollback.Guard(t.Guard) {
	case "", rollback.GuardValue:
	case rollback.GuardTouched:
		if t.TouchedAt.Column == "" {
			d.fault(path+".guard", "Guard touched needs touched_at.column.")
		}
	case rollback.GuardLaterWriter:
		if t.History.Table == "" {
			d.fault(path+".guard", "Guard later_writer needs a history.")
		}
	case rollback.GuardAnyChange:
	default:
		d.fault(path+".guard", "%q is not a guard. Write value, touched, later_writer or any_change.", t.Guard)
	}
	if w := t.TouchedAt.OnWrite; w != "" && w != "now" && w != "keep" {
		d.fault(path+".touched_at.on_write", "%q is not possible. Write now or keep.", w)
	}
}

// columns holds the lists of columns to what a plan can do with them.
func (t TableConfig) columns(d *decoder, path string) {
	for _, list := range []struct {
		key   string
		names []string
	}{{"key", t.Key}, {"settable", t.Settable}, {"insertable", t.Insertable}, {"pii", t.PII}, {"export", t.Export}} {
		for i, name := range list.names {
			switch {
			case name == "":
				d.fault(path+"."+list.key, "An empty name stands in %s.", list.key)
			case slices.Contains(list.names[:i], name):
				d.fault(path+"."+list.key, "%q stands twice in %s.", name, list.key)
			case list.key == "settable" && slices.Contains(t.Key, name):
				d.fault(path+".settable", "%q is part of the key, so no plan can set it.", name)
			case list.key == "insertable" && slices.Contains(t.Key, name):
				d.fault(path+".insertable", "%q is part of the key, which is always filled. Leave it out.", name)
			case list.key == "insertable" && i == rollback.MostColumns:
				d.fault(path+".insertable", "A plan fills at most %d columns beside the key.", rollback.MostColumns)
			case list.key == "settable" && slices.Contains(t.PII, name):
				d.fault(path+".settable", "%q is personal (pii), and a state table shows the values of a settable column to everybody in its channel. Take it out of one of the two.", name)
			case list.key == "settable" && name == t.TouchedAt.Column:
				d.fault(path+".settable", "%q is the column of the last change, so a plan sets it by itself or not at all.", name)
			}
		}
	}
}

func (h HistoryConfig) check(d *decoder, path string, t TableConfig) {
	if h.Table == "" {
		if d.has(path) {
			d.fault(path, "%s.table is missing.", path)
		}
		return
	}
	if len(h.Key) != len(t.Key) || h.Order == "" || h.At == "" || h.Field == "" || h.Old == "" || h.New == "" {
		d.fault(path, "A history needs as many key columns as the table, and order, at, field, old and new.")
	}
	if h.Run == "" {
		d.fault(path, "A history needs run: the column that says which run wrote an entry. Where it knows only who wrote, name that column.")
	}
	zone(d, path, h.Zone)
	for set := range h.FieldNames {
		if !slices.Contains(t.Settable, set) && !slices.Contains(t.Insertable, set) {
			d.fault(path+".field_names."+set, "%q is not settable, so its name in the history says nothing.", set)
		}
	}
}

func zone(d *decoder, path, name string) {
	if name == "" {
		return
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		d.fault(path+".zone", "%q is not a time zone. Write one such as UTC or Europe/Berlin.", name)
	}
}

func (m MembershipConfig) check(d *decoder, path string, key int) {
	zone(d, path, m.Zone)
	switch {
	case m.Table == "" && d.has(path):
		d.fault(path, "%s.table is missing.", path)
	case m.Table == "":
	case len(m.Key) != key || m.Run == "":
		d.fault(path, "A membership needs as many key columns as the table, and run: the column of the run, campaign or list.")
	case m.Name != "" && m.Runs.Table != "":
		d.fault(path+".name", "A membership is one list by its name, or found through runs, not both.")
	case m.Runs.Table == "" && d.has(path+".runs"), m.Runs.Table != "" && (m.Runs.Run == "" || m.Runs.Member == ""):
		d.fault(path+".runs", "runs needs table, run and member: which column the history knows a run by, and which one the membership.")
	}
}
