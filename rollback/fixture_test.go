package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

const (
	ana = incidents.Person("T1/ANA")
	ben = incidents.Person("T1/BEN")
	chi = incidents.Person("T1/CHI")
	dev = incidents.Person("T1/DEV")
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func decision(initial, wrong, desired string) Decision {
	return Decision{Pair: Pair{Initial: One(initial), Error: One(wrong)}, Desired: One(desired)}
}

func leadSpec() Spec {
	return Spec{
		Install: []byte("0123456789abcdef"), Incident: 42, Plan: 7, Ref: "R1", Revision: 1, Kind: KindRollback,
		Requester: ana, Author: ana, Needs: 2,
		Scope: Scope{
			Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42",
			From: noon.Add(-time.Hour), To: noon.Add(-10 * time.Minute),
		},
		Decisions: []Decision{
			decision("Prospect", "SQL", "MQL"), decision("Nurturing", "SQL", "MQL"), decision("MQL", "SQL", "SQL"),
			{Pair: Pair{Initial: One("SQL"), Error: One("SQL")}, NoChange: true},
		},
		Guard: GuardLaterWriter, TouchedAt: TouchedAt{Column: "updated_at"}, Effects: EffectsFire,
		Batch: DefaultBatching(), Tolerance: DefaultTolerance(), Limits: DefaultLimits(), Unit: "leads",
	}
}

func leadFreeze() Freeze {
	return Freeze{
		ID: 3, At: noon, Target: Target{System: "postgres", Host: "db", Port: 5432, Database: "crm", SystemID: "77", Timeline: 1, OID: 16384},
		Relation: Relation{
			Schema: "crm", Name: "lead", OID: 16400, Key: []Column{{"id", "bigint"}}, Set: []Column{{"lead_status", "text"}},
		},
		Fingerprint: []byte("fingerprint"),
		Inventory: Inventory{Triggers: []Trigger{
			{Name: "lead_touch", Timing: "before update", Function: "crm.touch", Fires: true},
			{Name: "lead_log", Timing: "after update", Columns: []string{"lead_status"}, Function: "crm.log", Fires: true},
		}},
		Counts: []CohortCount{
			{1, ClassWrite, 497}, {1, ClassConflict, 3}, {2, ClassWrite, 672}, {2, ClassConflict, 4}, {3, ClassRight, 1000}, {4, ClassRight, 750},
		},
		Writes: 1169, Rows: 2926, RowsDigest: Digest{1}, Export: Export{Path: "x", SHA256: []byte("sum"), Rows: 2926},
	}
}

func draft(t require.TestingT) Draft {
	d, err := NewDraft(leadSpec())
	require.NoError(t, err)
	return d
}

func frozen(t require.TestingT) Frozen {
	f, err := draft(t).Freeze(leadFreeze())
	require.NoError(t, err)
	return f
}

// proposed is a plan of ana's, of which the others wrote revisions.
func proposed(t require.TestingT, authors ...incidents.Person) Proposed {
	s := leadSpec()
	s.Authors = authors
	d, err := NewDraft(s)
	require.NoError(t, err)
	f, err := d.Freeze(leadFreeze())
	require.NoError(t, err)
	p, err := f.Propose(noon)
	require.NoError(t, err)
	return p
}

func click(p Proposed, by incidents.Person) Click {
	return Click{By: by, Read: p.Digest(), Typed: p.Writes(), Opened: noon.Add(time.Minute)}
}

func approved(t require.TestingT) Approved {
	p := proposed(t)
	s, err := p.Approve(click(p, ben), nil, noon.Add(2*time.Minute))
	require.NoError(t, err)
	s, err = s.(Proposed).Approve(click(p, chi), nil, noon.Add(3*time.Minute))
	require.NoError(t, err)
	return s.(Approved)
}

func running(t require.TestingT) Running {
	r, err := approved(t).Start(ben, noon.Add(4*time.Minute))
	require.NoError(t, err)
	return r
}

func code(t testing.TB, err error) string {
	t.Helper()
	require.Error(t, err)
	return codeOf(err)
}
