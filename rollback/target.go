package rollback

import (
	"fmt"
	"slices"
	"strings"
)

// Target is who a server says it is. All of it is in the digest and is read
// again before the first write: a plan frozen on one database can run on no
// other.
type Target struct {
	System   string `json:"system"` // "postgres"
	Host     string `json:"host"`
	Port     int64  `json:"port"`
	Database string `json:"database"`
	SystemID string `json:"system_id"` // empty where the server hides it
	Timeline int64  `json:"timeline"`  // 0 where the server hides it
	OID      int64  `json:"oid"`       // of the database
}

// Differs names the first part in which two targets are not the same, empty
// when they are.
func (t Target) Differs(other Target) string {
	switch {
	case t.System != other.System:
		return "system"
	case t.SystemID != other.SystemID:
		return "system identifier"
	case t.Timeline != other.Timeline:
		return "timeline"
	case t.Host != other.Host:
		return "host"
	case t.Port != other.Port:
		return "port"
	case t.Database != other.Database:
		return "database name"
	case t.OID != other.OID:
		return "database oid"
	}
	return ""
}

// Column is a column as the catalogue knows it.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Relation is the table a freeze was made on, as the catalogue knows it.
type Relation struct {
	Schema string   `json:"schema"`
	Name   string   `json:"name"`
	OID    int64    `json:"oid"`
	Key    []Column `json:"key"`
	Set    []Column `json:"set"`
}

// Trigger is an enabled trigger of a table.
type Trigger struct {
	Name     string   `json:"name"`
	Timing   string   `json:"timing"` // "before update", "after update"
	Columns  []string `json:"columns"`
	Function string   `json:"function"`
	Guarded  bool     `json:"guarded"` // its condition spares writes that carry our setting
	Fires    bool     `json:"fires"`   // an update of the set columns sets it off
}

// Inventory is everything a write to the set columns may set off or meet. It is
// shown in words and part of the digest.
type Inventory struct {
	Triggers     []Trigger `json:"triggers"`
	Rules        []string  `json:"rules"`
	KeysOut      []string  `json:"keys_out"` // foreign keys of this table
	KeysIn       []string  `json:"keys_in"`  // foreign keys that point here, with their cascades
	Generated    []string  `json:"generated"`
	Identity     []string  `json:"identity"`
	RowSecurity  bool      `json:"row_security"`
	Partitions   []string  `json:"partitions"`
	Publications []string  `json:"publications"`
	TouchedAt    string    `json:"touched_at"`
	Syncs        []string  `json:"syncs"`
}

// Firing are the names of the triggers that our writes set off.
func (i Inventory) Firing() []string {
	var names []string
	for _, t := range i.Triggers {
		if t.Fires && !t.Guarded {
			names = append(names, t.Name)
		}
	}
	return names
}

// Words is the trigger in one line: when it fires, what it runs, and what our
// writes are to it.
func (t Trigger) Words() string {
	line := t.Name
	if t.Timing != "" {
		line += " " + t.Timing
	}
	if len(t.Columns) > 0 {
		line += " of " + strings.Join(t.Columns, ", ")
	}
	if t.Function != "" {
		line += ", runs " + t.Function
	}
	switch {
	case t.Fires && t.Guarded:
		return line + ", spares our writes"
	case t.Fires:
		return line + ", fires for every record written"
	}
	return line + ", does not fire"
}

// Words tells the inventory in short lines, only what is there:
// "2 triggers: lead_log, lead_touch".
func (i Inventory) Words() []string {
	var triggers []string
	for _, t := range i.Triggers {
		triggers = append(triggers, t.Name)
	}
	var lines []string
	add := func(one, many string, names []string) {
		switch len(names) {
		case 0:
		case 1:
			lines = append(lines, "1 "+one+": "+names[0])
		default:
			names = slices.Sorted(slices.Values(names))
			lines = append(lines, fmt.Sprintf("%d %s: %s", len(names), many, strings.Join(names, ", ")))
		}
	}
	add("trigger", "triggers", triggers)
	add("rule", "rules", i.Rules)
	add("foreign key out", "foreign keys out", i.KeysOut)
	add("foreign key in", "foreign keys in", i.KeysIn)
	add("generated column", "generated columns", i.Generated)
	add("identity column", "identity columns", i.Identity)
	add("partition", "partitions", i.Partitions)
	add("publication", "publications", i.Publications)
	var syncs []string
	for _, c := range i.Copies() {
		syncs = append(syncs, c.Name+" ("+c.Direction+")")
	}
	add("sync", "syncs", syncs)
	if i.RowSecurity {
		lines = append(lines, "row security is on")
	}
	if i.TouchedAt != "" {
		lines = append(lines, "touch column: "+i.TouchedAt)
	}
	return lines
}

// Precondition is how a system keeps a write from overwriting a newer value.
type Precondition string

// RowCAS compares under the row lock, in the statement that writes.
const RowCAS Precondition = "row_cas"

// Atomicity is what a system commits at once.
type Atomicity string

// AtomicTransaction commits a batch, its ledger and its batch row together.
const AtomicTransaction Atomicity = "transaction"

// Caps are what a login may really do, read live, so that the bot can say what
// is missing before a person counts on it.
type Caps struct {
	Precondition Precondition
	Atomic       Atomicity
	ExactCount   bool
	CanMeasure   bool
	Missing      []string // sentences: grants or objects this login lacks
	Surplus      []string // sentences: rights this login should not have
	Unfit        []string // sentences: reviewed counts that the system does not take
}
