package rollback

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// What people read when the answer is no. The codes are stable names; the
// words may be improved, in this file first.
var leadsOf = Query{Source: "crm", Name: "leads_of", Params: []Param{{Name: "run", Type: ParamText}}}

func TestTheWordsOfTheRefusals(t *testing.T) {
	can := []incidents.Person{"T1/KEN", "T1/LENA"}
	var b strings.Builder
	for _, err := range []error{
		RefuseSelf("R1", can), RefuseAuthor("R1", 1, can), RefuseInvolved(can), RefuseNotListed("crm", can), RefuseGuest(can),
		RefuseAccount("deactivated", can), RefuseSharedChannel(), RefuseUnsure(),
		RefuseTooFew("R1", 2, nil, "crm", nil), RefuseTooFew("R1", 2, can[:1], "crm", []incidents.Person{"T1/IRIS"}),
		RefuseTooFew("R1", 3, can, "crm", []incidents.Person{"T1/IRIS"}),
		RefuseApproverEdits("R1", 1, "R2"), RefuseNotAuthor("R1", can), RefuseNotPerson(),
		RefuseRecordInvolved("T1/ANA"), RefuseRules("R1", "crm"), RefuseGlassOff("crm", nil), RefuseGlassOff("crm", []incidents.Person{"T1/IRIS"}), RefuseGlassBy("R1", "T1/ANA"),
		RefuseGlassReason(), RefuseGlassRows("R1", 501, 500), RefuseReviewed("R1", "You approved it", can), RefuseReviewed("R1", "You asked for it", nil), RefuseNothingBroken("R1"),
		RefuseVoted(), RefuseWithdrew("R1", 2), RefuseNoVoice("R1"), RefuseStale("R1", 2, 3, noon), RefuseStale("R1", 3, 3, noon),
		RefuseTyped("R1", 1169, "leads", 1176), RefuseTypedRef("R1"), RefuseTooSoon(4 * time.Second), RefuseTooLate(),
		RefuseExpired("R1", noon, 4*time.Hour), RefuseApprovalsExpired("R1", 8*time.Hour), RefuseStartLate("R1", noon),
		RefuseState("R1", NameRunning, "rejected", "`abort R1 WHY` stops it."), RefuseRunning("R3", "crm", "R1"), RefuseNoPlan("R9"),
		RefuseGrowth("R1", 12, "leads"), RefuseShrink("R1", 40, 1169, "leads", 11), RefuseSchema("R1", "crm.lead", []string{"new trigger lead_mail"}),
		RefuseSchema("R1", "crm.lead", nil), RefuseTarget("R1", "system identifier"), RefuseRowsDigest(), RefuseExport("R1"), RefuseDigest("R1"),
		RefuseNothing(Counts{Already: 1169, Conflict: 7, Right: 1750}), RefuseNothing(Counts{Right: 5, Missing: 2, Unrecoverable: 3}),
		RefuseUndecided(17, "leads"), RefuseUndecided(0, "leads"), RefuseNoKey("crm.log"), RefuseColumn("id", "part of the key"),
		RefuseTableKind("v_lead", "a view"), RefuseOverlap(3, "leads"), RefuseTooMany("R1", 1_240_000, 1_000_000), RefuseTooWide("R1", 101, "cohorts", 100),
		RefuseTwice(leadSpec().Decisions[0].Pair),
		RefuseRowSecurity("crm.lead", "snafu_exec"), RefuseSideEffect("R1", []string{"trigger lead_mail"}), RefuseSideEffect("R1", []string{"trigger lead_mail", "sync push"}), RefuseUnguarded("R1", []string{"trigger lead_mail"}), RefuseTwoWay("R1", "push"), RefuseEffects("off"), RefuseNotHeld("R1", Held{Name: "sync push", Owners: []incidents.Person{ben}}), RefuseNotOwner(Held{Name: "sync push"}), RefuseWindowOnly(),
		RefuseParam(leadsOf, "needs run"), RefuseNoQuery("leeds", "leads_of", nil), RefuseNoQuery("x", "", []string{"a", "b"}), RefuseNoQuery("x", "", nil),
		RefuseWhichSource("leads", []string{"crm", "erp"}), RefuseTypedOff("crm", []string{"leads"}), RefuseTypedOff("crm", nil), RefuseTypedGroup("crm", []string{"leads"}),
		RefuseStatement(""), RefuseStatement("frm crm.lead"), RefuseLong(), RefuseChange("the function pg_sleep"), RefuseCost(2e9, 1e7),
		RefuseLate("crm", 15*time.Second), RefuseLocked("crm"), RefuseShape("has 3 columns"), RefuseOwnCount(), RefuseRights("crm"),
		RefuseSaying("last-mail", "has no column id, which tells records apart"), RefuseSayingOf("last-mail", "since"), RefuseMisfit("last-mail", "crm", "This is not a single SELECT."),
		RefuseEvidenceChanged("last-mail"), RefuseEvidenceTable("last-mail", "queue", "lead"), RefuseSpotCheck("R1", 20), RefuseSpotDiffers("R1", 3, 20),
		RefuseOwnEvidence("R1", "You asked for R1"), RefuseSpotDone("R1", nil), RefuseSpotDone("R1", &Evidence{Spot: &Spot{Records: 20}}), RefuseSpotNumber(20),
		RefuseDisagree("R1", 3, "last-mail", "state"), RefuseNothingBeside("R1"), RefuseTake("R1", "luck", "last-mail", "state"),
		RefuseName("crm", "lead where"), RefuseName("crm", ""), RefuseBroken("crm", "22012"), RefuseUnfit(leadsOf),
		RefuseRetention("crm.lead", 90*24*time.Hour, 96*24*time.Hour), RefuseSource("crm", 15*time.Second), RefuseAway("crm"), RefuseConnections("crm"),
	} {
		no, ok := refusal.As(err)
		if !ok {
			t.Fatalf("not a refusal: %v", err)
		}
		fmt.Fprintf(&b, "%-12s %-15s %s\n", no.Kind, no.Code, no.Say)
	}
	golden(t, "testdata/refusals.txt", b.String())
}
