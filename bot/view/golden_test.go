package view

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/rollback"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a view with what a reviewer has read.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(v))
	path := filepath.Join("testdata", name+".json")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, buf.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), buf.String())
}

var (
	ana  = incidents.Person("T0ACME00001/U0ANA000001")
	ben  = incidents.Person("T0ACME00001/U0BEN000001")
	chi  = incidents.Person("T0ACME00001/U0CHI000001")
	noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
)

// hostile is what somebody who hates us would name a thing.
const hostile = "<!channel> & *bold* `x` | <https://evil|bank> \u202Eright\u200B ```"

func incident(t *testing.T, name string) incidents.Incident {
	t.Helper()
	i, _, err := incidents.Open(42, incidents.Opening{Title: name, System: "crm", Reporter: ana}, noon)
	require.NoError(t, err)
	i, _, err = i.Ready("C0SNAFU0042", "snafu-42-leads-moved")
	require.NoError(t, err)
	return i
}

func answered(t *testing.T, i incidents.Incident) incidents.Incident {
	t.Helper()
	for n, a := range map[incidents.Question]incidents.Answer{
		incidents.QuestionRun:       {Text: "weekly-42"},
		incidents.QuestionStill:     {Choices: []string{incidents.No}},
		incidents.QuestionCause:     {Choices: []string{"workflow"}, Text: "the weekly stage sync"},
		incidents.QuestionCustomers: {Choices: []string{"none"}, Text: "mail log"},
		incidents.QuestionBegan:     {Time: noon.Add(-time.Hour)},
	} {
		var err error
		i, _, err = i.Answer(ana.Actor(), n, a, noon.Add(time.Minute))
		require.NoError(t, err)
	}
	return i
}

// triaged is i with the first so many questions answered, in as many words as fit.
func triaged(t *testing.T, i incidents.Incident, name string, n int) incidents.Incident {
	t.Helper()
	for _, q := range incidents.Questions[:n] {
		a := incidents.Answer{Text: string([]rune(strings.Repeat("so "+name+" ", 1000))[:3000]), Guess: true}
		switch {
		case q.Form == incidents.FormTime:
			a = incidents.Answer{Time: noon.Add(-time.Hour)}
		case q.N%5 == 3:
			a = incidents.Answer{Choices: []string{incidents.DontKnow}}
		case len(q.Choices) > 0:
			a.Choices = []string{q.Choices[0].Code}
		}
		var err error
		i, _, err = i.Answer(ana.Actor(), q.N, a, noon.Add(time.Minute))
		require.NoError(t, err)
	}
	return i
}

// leads is the state table of the field's own example: four stages, of which
// two are right, and seven records that people corrected meanwhile.
func leads(label string) TableCard {
	pair := func(was string) rollback.Pair {
		return rollback.Pair{Initial: rollback.One(was), Error: rollback.One("SQL")}
	}
	table := rollback.StateTable{
		Scope: rollback.Scope{Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42"},
		At:    noon, Members: 2926, Lists: []rollback.ListCount{{Name: "weekly-42", Records: 2895}},
	}
	add := func(was, is string, n int64) {
		table.Groups = append(table.Groups, rollback.Group{
			Known: true, Present: true, Initial: rollback.One(was), Error: rollback.One("SQL"), Current: rollback.One(is), Records: n,
		})
	}
	add(label, "SQL", 497)
	add(label, "Disqualified", 3)
	add("Nurturing", "SQL", 672)
	add("Nurturing", "Disqualified", 4)
	add("MQL", "SQL", 1000)
	add("SQL", "SQL", 750)
	decided := []rollback.Decision{
		{Pair: pair(label), Desired: rollback.One("MQL")},
		{Pair: pair("Nurturing"), Desired: rollback.One("MQL")},
		{Pair: pair("MQL"), Desired: rollback.One("SQL")},
		{Pair: pair("SQL"), NoChange: true},
	}
	c, err := table.Classify(decided)
	if err != nil {
		panic(err)
	}
	return TableCard{Incident: 42, Table: table, Cohorts: c.Cohorts, Unit: "leads", Before: 2500, Plan: true}
}

// plan is R1 over that table, in a state.
func plan(state rollback.StateName, label string) PlanCard {
	table := leads(label)
	spec := rollback.Spec{
		Incident: 42, Plan: 7, Ref: "R1", Revision: 1, Requester: ana, Author: ana, Authors: []incidents.Person{ana},
		Needs: 2, Scope: table.Table.Scope, Unit: "leads", Effects: rollback.EffectsFire, Batch: rollback.DefaultBatching(),
		TouchedAt: rollback.TouchedAt{Column: "updated_at", Keep: true},
	}
	f := rollback.Freeze{
		At: noon, Writes: 1169, Rows: 2926, Export: rollback.Export{Rows: 2926},
		Inventory: rollback.Inventory{
			Triggers: []rollback.Trigger{
				{Name: "lead_log", Timing: "after update", Columns: []string{"lead_status"}, Function: "crm.log", Fires: true},
				{Name: "lead_mail", Timing: "after update", Columns: []string{label}, Function: "crm.mail", Fires: true, Guarded: true},
			},
			KeysIn: []string{"member_lead from crm.campaign_member, on delete cascade"}, TouchedAt: "updated_at",
		},
		Conflicts: []rollback.ValueCount{{Value: rollback.One(label), Records: 7}},
	}
	for _, c := range table.Cohorts {
		spec.Decisions = append(spec.Decisions, rollback.Decision{Pair: c.Pair, Desired: c.Desired, NoChange: c.NoChange})
		for _, class := range rollback.Classes {
			if n := c.Counts.Of(class); n > 0 {
				f.Counts = append(f.Counts, rollback.CohortCount{Cohort: c.Number, Class: class, Records: n})
			}
		}
	}
	p := PlanCard{
		Spec: spec, State: state, Frozen: true, Freeze: f, Can: []incidents.Person{ben, chi},
		Expires: noon.Add(4 * time.Hour), Start: noon.Add(time.Hour), At: noon, Backup: label,
	}
	for n := range p.Digest {
		p.Digest[n] = byte(n*37 + 63)
	}
	return p
}
