package app

import (
	"maps"
	"slices"
	"strings"

	"snafu/rollback"
)

// or is the value that was written, else the default.
func or[T comparable](written, otherwise T) T {
	var none T
	if written == none {
		return otherwise
	}
	return written
}

func quotedList(words []string) string { return strings.Join(words, ", ") }

func (l PlanLimitsConfig) limits() rollback.Limits {
	d := rollback.DefaultLimits()
	return rollback.Limits{
		MaxRows:         or(l.MaxRows, d.MaxRows),
		FreezeExpires:   or(l.FreezeExpires, d.FreezeExpires),
		ApprovalExpires: or(l.ApprovalExpires, d.ApprovalExpires),
		StartWithin:     or(l.StartWithin, d.StartWithin),
		FreezeTimeout:   or(l.FreezeTimeout, d.FreezeTimeout),
	}
}

func (t ToleranceConfig) tolerance() rollback.Tolerance {
	d := rollback.DefaultTolerance()
	return rollback.Tolerance{ShrinkPerMille: or(int64(t.ShrinkShare), d.ShrinkPerMille), ShrinkRows: or(t.ShrinkRows, d.ShrinkRows)}
}

func (b BatchConfig) batching() rollback.Batching {
	d := rollback.DefaultBatching()
	return rollback.Batching{
		Start:       or(b.Start, d.Start),
		Min:         or(b.Min, min(d.Min, or(b.Start, d.Min))),
		Max:         or(b.Max, d.Max),
		TargetMin:   or(b.TargetMin, d.TargetMin),
		TargetMax:   or(b.TargetMax, d.TargetMax),
		Rest:        or(b.Rest, d.Rest),
		LockTimeout: or(b.LockTimeout, d.LockTimeout),
		Canary:      or(b.Canary, d.Canary),
	}
}

// tables are the declarations of a source by name.
func (s SourceConfig) tables() []rollback.Table {
	var all []rollback.Table
	for name, t := range s.Tables {
		all = append(all, t.table(name))
	}
	slices.SortFunc(all, func(a, b rollback.Table) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (t TableConfig) table(name string) rollback.Table {
	lists := map[string]rollback.List{}
	for list, l := range t.Lists {
		lists[list] = rollback.List{Relation: l.Table, Key: l.Key, Name: l.Name}
	}
	var syncs []rollback.Sync
	for _, sync := range slices.Sorted(maps.Keys(t.Syncs)) {
		syncs = append(syncs, rollback.Sync{Name: sync, Direction: t.Syncs[sync].Direction, Owner: t.Syncs[sync].Owner})
	}
	h, m := t.History, t.Membership
	return rollback.Table{
		Name: name, Relation: t.Table, Unit: t.Unit, Key: t.Key, KeyWhere: t.KeyWhere,
		Settable: t.Settable, Insertable: t.Insertable, PII: t.PII, Export: t.Export,
		TouchedAt: rollback.TouchedAt{Column: t.TouchedAt.Column, Keep: t.TouchedAt.OnWrite == "keep"},
		Guard:     rollback.Guard(t.Guard),
		Bypass:    t.Security == "bypass",
		Archive:   rollback.Archive{Column: t.Archive.Column, Value: t.Archive.Value},
		History: rollback.History{
			Relation: h.Table, Key: h.Key, Order: h.Order, At: h.At, Field: h.Field, FieldNames: h.FieldNames,
			Old: h.Old, New: h.New, Run: h.Run, Actor: h.Actor, Retention: h.Retention, Zone: h.Zone, Deleted: h.Deleted,
		},
		Membership: rollback.Membership{
			Relation: m.Table, Key: m.Key, Run: m.Run, At: m.At, Zone: m.Zone, Name: m.Name,
			Runs: rollback.Runs{Relation: m.Runs.Table, Run: m.Runs.Run, Member: m.Runs.Member},
		},
		Lists: lists, Syncs: syncs,
		Erasures: rollback.Erasures{Relation: t.Erasures.Table, Key: t.Erasures.Key},
		Require:  rollback.Require{SQL: t.Require.text, Says: t.Require.Says, Reads: t.Require.Reads},
	}
}
