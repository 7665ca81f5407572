package rollback_test

import (
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// A plan is drafted, frozen under a digest, proposed, and started on the yes of
// two people who neither asked for it nor wrote it.
func Example() {
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	ana, ben, chi := incidents.Person("T1/ANA"), incidents.Person("T1/BEN"), incidents.Person("T1/CHI")

	draft, err := rollback.NewDraft(rollback.Spec{
		Incident: 42, Ref: "R1", Revision: 1, Kind: rollback.KindRollback, Requester: ana, Author: ana, Needs: 2,
		Scope:     rollback.Scope{Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42"},
		Decisions: []rollback.Decision{{Pair: rollback.Pair{Initial: rollback.One("MQL"), Error: rollback.One("SQL")}, Desired: rollback.One("MQL")}},
		Limits:    rollback.DefaultLimits(), Unit: "leads",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	frozen, err := draft.Freeze(rollback.Freeze{ // found by the source
		At: noon, Writes: 1169, Rows: 1169, RowsDigest: rollback.Digest{1}, Export: rollback.Export{Rows: 1169},
		Counts: []rollback.CohortCount{{Cohort: 1, Class: rollback.ClassWrite, Records: 1169}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	proposed, err := frozen.Propose(noon)
	if err != nil {
		fmt.Println(err)
		return
	}

	later := noon.Add(time.Minute)
	var plan rollback.State = proposed
	for _, who := range []incidents.Person{ana, ben, ben, chi} {
		waiting := plan.(rollback.Proposed)
		click := rollback.Click{By: who, Read: waiting.Digest(), Typed: 1169, Opened: later}
		next, err := waiting.Approve(click, []incidents.Person{ben, chi}, later)
		if err != nil {
			fmt.Println(err)
			continue
		}
		plan = next
		fmt.Println(who.User(), "approves: the plan is", plan.Name())
	}
	running, err := plan.(rollback.Approved).Start(ben, later)
	fmt.Println(running.Name(), running.Run().Label, err)
	// Output:
	// You asked for R1, so your approval can't count. <@BEN> and <@CHI> can.
	// BEN approves: the plan is proposed
	// Already counted.
	// CHI approves: the plan is approved
	// running SNAFU-42/R1 <nil>
}
