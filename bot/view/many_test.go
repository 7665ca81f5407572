package view

import (
	"fmt"
	"strings"
	"testing"

	"snafu/incidents"
)

// A hundred cases, relations and plans are many, and no reason for Slack to refuse
// the Summary or the card of a vendor.
func TestManyOfEverythingStillFitsIntoSlack(t *testing.T) {
	for _, name := range []string{"4711", hostile, strings.Repeat("ä", 100), strings.Repeat("<!channel>", 10)} {
		m := incidents.Moment{At: noon}
		for n := range 100 {
			m.Cases = append(m.Cases, incidents.Case{ID: int64(n), Whom: incidents.CaseVendor, Title: name, Ref: fmt.Sprintf("%d %s", n, name), Text: name, By: ana, At: noon})
			m.Related = append(m.Related, incidents.Related{Other: incidents.ID(n + 100), How: incidents.RelSee, Named: true})
			m.Plans = append(m.Plans, incidents.PlanLine{Ref: fmt.Sprintf("R%d", n), State: "done", Digest: "3f9a1c07be52d0aa", Writes: 10, Written: 10, ExportN: 10})
		}
		inc := incident(t, name)
		s := incidents.Summarize(inc, m)
		within(t, Summary(s))
		within(t, Vendor(VendorCard{Summary: s, Title: name, Cases: m.Cases, By: ana}))
		within(t, Whys(WhysCard{Incident: inc.ID, Whys: fullTree(name)}))
		within(t, Board(BoardCard{Incident: inc.ID, Board: fullBoard(name)}))
	}
}
