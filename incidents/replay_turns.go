package incidents

// A turn takes one entry into a state.
type turn func(*State, Event) error

type turnRow struct {
	kind string
	take turn
}

// on is the turn of the facts of one kind.
func on[F Fact](take func(*State, Event, F)) turnRow {
	var of F
	return turnRow{of.Kind(), func(s *State, e Event) error {
		var f F
		if err := e.Fact.Into(&f); err != nil {
			return err
		}
		take(s, e, f)
		return nil
	}}
}

// turns has a row for each kind that changes a State, in the order of Facts.
var turns = []turnRow{
	on((*State).opened),
	on((*State).promoted),
	on((*State).cancelled),
	on((*State).related),
	on((*State).answered),
	on((*State).systemNamed),
	on((*State).causeActed),
	on((*State).contained),
	on((*State).uncontained),
	on((*State).grew),
	on((*State).grewOn),
	on((*State).quiet),
	on((*State).restoringBegan),
	on((*State).channelReady),
	on((*State).leadOffered),
	on((*State).leadAsked),
	on((*State).leadUnanswered),
	on((*State).leadDeclined),
	on((*State).leadOfferEnded),
	on((*State).leadChanged),
	on((*State).severityChanged),
	on((*State).roleChanged),
	on((*State).called),
	on((*State).calledNext),
	on((*State).callSkipped),
	on((*State).callAnswered),
	on((*State).callJoined),
	on((*State).callLapsed),
	on((*State).callUnanswered),
	on((*State).callEnded),
	on((*State).nagSnoozed),
	on((*State).nagSilenced),
	on((*State).nagResumed),
	on((*State).updated),
	on((*State).promised),
	on((*State).updateMissed),
	on((*State).updateOverdue),
	on((*State).followed),
	on((*State).unfollowed),
	on((*State).resolved),
	on((*State).closed),
	on((*State).walked),
	on((*State).whyChanged),
	on((*State).whysSkipped),
	on((*State).tryChanged),
	on((*State).triageWaived),
	on((*State).reopened),
	on((*State).gateWaived),
	on((*State).channelMoved),
	on((*State).followUpAdded),
	on((*State).followUpChanged),
	on((*State).followUpDone),
	on((*State).followUpDropped),
	on((*State).checklistTicked),
	on((*State).checklistUnticked),
	on((*State).caseLinked),
	on((*State).caseAnswered),
}

var turnOf = func() map[string]turn {
	of := map[string]turn{}
	for _, row := range turns {
		of[row.kind] = row.take
	}
	return of
}()

// StateKinds are the kinds of the entries that a State is made of.
func StateKinds() []string {
	var kinds []string
	for _, row := range turns {
		kinds = append(kinds, row.kind)
	}
	return kinds
}
