package response

import (
	"context"
	"time"

	"snafu/incidents"
)

// The nags about what people found out, and what they try.
const (
	// NagCannot asks again about a cause that could not be stopped safely.
	NagCannot = "cannot-safely"
	// NagTryOver asks what came of a try whose time is over: first its owner, then
	// the lead.
	NagTryOver = "try-over"
	// NagNothingTried asks the lead when nothing was tried for an hour.
	NagNothingTried = "nothing-tried"
)

const (
	cannotAgain  = time.Hour
	tryUnsaid    = 15 * time.Minute
	nothingTried = time.Hour
)

// nagCannot rings each hour while the last word about the cause is that it can't
// be stopped safely.
func (r *Response) nagCannot(_ context.Context, _ asker, inc incidents.Incident, _ time.Time) ([]incidents.Nag, error) {
	last := len(inc.Acts) - 1
	if _, acted := inc.Acted(); last < 0 || acted || !inc.Phase().Live() || inc.Triage.Still() == incidents.No {
		return nil, nil
	}
	act := inc.Acts[last]
	return []incidents.Nag{{
		Kind: NagCannot, To: []incidents.Person{inc.Lead}, From: act.At,
		Beats: incidents.Beats{At: []time.Duration{cannotAgain}, Every: cannotAgain},
		Say:   incidents.Sentence("The cause of "+inc.Key()+" still can't be stopped safely, said ", act.By, " at ", incidents.Dated(act.At), ": "+act.What+". Can it be now?"),
		Do:    []incidents.NagAct{{Action: "contain.open", Label: "Stop the cause"}},
	}}, nil
}

// nagTries rings once for the owner of a try whose time is over, and then once for
// the lead.
func (r *Response) nagTries(ctx context.Context, q asker, inc incidents.Incident, at time.Time) (nags []incidents.Nag, err error) {
	if !inc.Phase().Live() {
		return nil, nil
	}
	_, board, err := newestVersion[incidents.Board](ctx, q, newestBoard, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range board {
		if !t.Spent(at) {
			continue
		}
		say := incidents.Sentence(t.Ref()+" was to be tried until ", incidents.Dated(t.Until), ": "+t.Approach+". What came of it? `/snafu try "+t.Ref()+" works|part|no`")
		do := []incidents.NagAct{{Action: "try.result", Label: "Result"}}
		nags = append(nags, incidents.Nag{
			Kind: NagTryOver, Subject: t.Ref(), To: []incidents.Person{t.Owner}, From: t.Until, Beats: incidents.Beats{At: []time.Duration{0}}, Say: say, Do: do,
		})
		if t.Owner != inc.Lead {
			nags = append(nags, incidents.Nag{
				Kind: NagTryOver, Subject: t.Ref() + ":lead", To: []incidents.Person{inc.Lead}, From: t.Until, Beats: incidents.Beats{At: []time.Duration{tryUnsaid}},
				Say: incidents.Sentence(say, " It was ", t.Owner, " who tried."), Do: do,
			})
		}
	}
	return nags, nil
}

// nagNothingTried rings once when an hour has passed since the last word about a
// try, and nothing works so far.
func (r *Response) nagNothingTried(ctx context.Context, q asker, inc incidents.Incident, _ time.Time) ([]incidents.Nag, error) {
	if p := inc.Phase(); p != incidents.PhaseTriage && p != incidents.PhaseContained {
		return nil, nil
	}
	_, board, err := newestVersion[incidents.Board](ctx, q, newestBoard, inc.ID)
	if err != nil {
		return nil, err
	}
	if _, works, _ := board.Tried(); len(board) == 0 || board.Open() > 0 || works > 0 {
		return nil, nil
	}
	var last time.Time
	for _, t := range board {
		if t.At.After(last) {
			last = t.At
		}
	}
	return []incidents.Nag{{
		Kind: NagNothingTried, To: []incidents.Person{inc.Lead}, From: last, Beats: incidents.Beats{At: []time.Duration{nothingTried}},
		Say: incidents.Sentence("Nothing is tried about "+inc.Key()+" since ", incidents.Dated(last), ". What comes next? `/snafu try WHAT for 30m`, or call somebody."),
		Do:  []incidents.NagAct{{Action: "try.add", Label: "Try something"}, {Action: "call.open", Label: "Call somebody"}},
	}}, nil
}
