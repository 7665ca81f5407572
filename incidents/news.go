package incidents

import "strings"

// News is what programs outside of Slack are told of a fact. It holds no record's
// value; what people wrote is in it only where they wrote it for all who wait.
type News struct {
	Event    string // incident.opened, incident.phase, update.posted and so on
	Was, Now string // phases, severities, or people by their ids in Slack
	Update   *Updated
}

// news are the facts that are told outside of Slack, by their kind. Each makes its
// news of the fact alone, so that another try says the same.
var news = map[string]func(into func(any) error) (News, error){
	Opened{}.Kind():          told(func(Opened) News { return News{Event: "incident.opened"} }),
	Contained{}.Kind():       told(func(Contained) News { return moved(PhaseTriage, PhaseContained) }),
	Uncontained{}.Kind():     told(func(Uncontained) News { return moved(PhaseContained, PhaseTriage) }),
	RestoringBegan{}.Kind():  told(func(RestoringBegan) News { return moved(PhaseContained, PhaseRestoring) }),
	SeverityChanged{}.Kind(): told(func(f SeverityChanged) News { return News{"incident.severity", f.Was.String(), f.Now.String(), nil} }),
	LeadChanged{}.Kind():     told(func(f LeadChanged) News { return News{"incident.lead", f.Was.User(), f.Now.User(), nil} }),
	Resolved{}.Kind():        told(func(Resolved) News { return News{Event: "incident.resolved", Now: string(PhaseResolved)} }),
	Closed{}.Kind():          told(func(Closed) News { return News{Event: "incident.closed", Now: string(PhaseClosed)} }),
	Cancelled{}.Kind():       told(func(Cancelled) News { return News{Event: "incident.cancelled", Now: string(PhaseCancelled)} }),
	Reopened{}.Kind(): told(func(f Reopened) News {
		return News{"incident.reopened", strings.ToLower(f.Was), strings.ToLower(f.Now), nil}
	}),
	Updated{}.Kind(): told(func(f Updated) News {
		if f.Audience != string(AudienceAll) { // that one is for the channel alone
			f = Updated{Number: f.Number, Promise: f.Promise}
		}
		return News{Event: "update.posted", Update: &f}
	}),
}

func moved(was, now Phase) News {
	return News{Event: "incident.phase", Was: string(was), Now: string(now)}
}

func told[F Fact](say func(F) News) func(func(any) error) (News, error) {
	return func(into func(any) error) (News, error) {
		var f F
		if err := into(&f); err != nil {
			return News{}, err
		}
		return say(f), nil
	}
}

// Published says whether facts of a kind are told outside of Slack.
func Published(kind string) bool { return news[kind] != nil }

// NewsOf returns what is told outside of Slack of a fact of that kind, which into
// reads. Of a kind that is not told there is none, and no event in it.
func NewsOf(kind string, into func(any) error) (News, error) {
	say, ok := news[kind]
	if !ok {
		return News{}, nil
	}
	return say(into)
}
