package incidents

// Fact is something that happened, as it is journalled: a plain struct of
// strings, int64s, bools, times, bytes, and slices or structs of these. Kind
// carries a version; a changed meaning is a new version, and an old kind
// stays readable for ever. A fact never holds the value of a customer's record.
type Fact interface{ Kind() string }

// Facts returns one empty fact of each kind that this package makes, so that
// a table of how each is told can be held complete.
func Facts() []Fact {
	return []Fact{
		Opened{},
		KeptOut{},
		Noted{},
		Answered{},
		TriageComplete{},
		CauseActed{},
		Contained{},
		Uncontained{},
		Grew{},
		GrewOn{},
		Quiet{},
		WatchStarted{},
		Watched{},
		WatchBlind{},
		WatchSees{},
		WatchSlow{},
		WatchEnded{},
		RestoringBegan{},
		ChannelReady{},
		LeadOffered{},
		LeadAsked{},
		LeadUnanswered{},
		LeadDeclined{},
		LeadOfferEnded{},
		LeadChanged{},
		LeadLeft{},
		Called{},
		NobodyCalled{},
		CalledNext{},
		CallSkipped{},
		CallAnswered{},
		CallJoined{},
		CallStillAsked{},
		CallConfirmed{},
		CallLapsed{},
		CallUnreached{},
		CallSent{},
		CallPassed{},
		CallUnanswered{},
		CallEnded{},
		Nagged{},
		NagOver{},
		Resolved{},
		Closed{},
		Walked{},
		WhyChanged{},
		WhysSkipped{},
		TryChanged{},
		Reopened{},
		FollowUpAdded{},
		FollowUpChanged{},
		FollowUpDone{},
		FollowUpDropped{},
		CoverMade{},
		CoverTaken{},
		CoverCancelled{},
		VendorCalled{},
		CaseLinked{},
		CaseAnswered{},
		VendorSilent{},
	}
}
