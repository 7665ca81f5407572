package response

import (
	"context"
	"time"

	"snafu/incidents"
)

// nagKind is a row of the table of what people are called to mind of.
//
// To add one, write a function that makes its nags of one incident from rows and
// an instant, and give it a row below. All else is done for every row alike: that
// each beat is told once whatever restarts, that a person's rest is kept, that a
// new message replaces the one before, that it is put off and switched off, and
// that those who were told hear when its cause is gone. The function returns a nag
// as long as its cause lasts, also before its first beat; Subject tells several
// apart, such as follow-ups. Whom it names in To each have a message of their own.
type nagKind struct {
	name string
	// of makes the nags of one incident that is open, or that ended names. It reads
	// through q, which may be a transaction that has locked the incident.
	of func(*Response, context.Context, asker, incidents.Incident, time.Time) ([]incidents.Nag, error)
	// ended lists further incidents, closed or cancelled, that it is about; nil is
	// for a kind that ends with its incident.
	ended func(*Response, context.Context, asker) ([]incidents.ID, error)
}

// Of several that are due in one incident, the first row is told first.
var nagKinds = []nagKind{
	{name: NagCannot, of: (*Response).nagCannot},
	{name: NagTryOver, of: (*Response).nagTries},
	{name: NagNothingTried, of: (*Response).nagNothingTried},
	{name: NagVendorSilent, of: (*Response).nagVendors},
	{name: NagUpdateDue, of: (*Response).nagUpdateDue},
	{name: NagRunPaused, of: (*Response).nagPaused},
	{name: NagContainmentOn, of: (*Response).nagContainmentOn},
	{name: NagFollowUp, of: (*Response).nagFollowUps, ended: (*Response).owing},
}

// NagContainmentOn calls to mind what is still switched off although the incident
// is resolved.
const NagContainmentOn = "containment-on"

func (r *Response) nagContainmentOn(_ context.Context, _ asker, inc incidents.Incident, _ time.Time) (nags []incidents.Nag, err error) {
	if inc.Phase() != incidents.PhaseResolved {
		return nil, nil
	}
	for _, what := range inc.SwitchedOff() {
		nags = append(nags, incidents.Nag{
			Kind: NagContainmentOn, Subject: what, To: []incidents.Person{inc.Lead}, From: inc.ResolvedAt,
			Beats: incidents.Beats{At: []time.Duration{24 * time.Hour}, Every: 24 * time.Hour},
			Say: incidents.Sentence(what+" is still switched off, and "+inc.Key()+" was resolved at ", incidents.Dated(inc.ResolvedAt),
				". Release it, or leave it off and switch this reminder off with a reason."),
			Do: []incidents.NagAct{{Action: "release.open", Label: "Release"}},
		})
	}
	return nags, nil
}
