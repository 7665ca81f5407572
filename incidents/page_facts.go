package incidents

import "time"

// Called is the first step of a call.
type Called struct {
	Page     int64
	Target   string
	Step     int64
	Name     string
	People   []Person
	Why      string
	Due      time.Time
	Next     []Person
	NextName string
}

// Kind names the fact.
func (Called) Kind() string { return "called/1" }

// Words returns "Calling @tom (crm-data)."
func (c Called) Words() Words { return calling(c.People, c.Name) }

func calling(who []Person, name string) Words {
	if name == "" {
		return Sentence("Calling ", who, ".")
	}
	return Sentence("Calling ", who, " ("+name+").")
}

// NobodyCalled says that a call that should have begun by itself did not.
type NobodyCalled struct{ Why string }

// Kind names the fact.
func (NobodyCalled) Kind() string { return "nobody-called/1" }

// CalledNext says that one step went unanswered and the next is called.
type CalledNext struct {
	Page     int64
	Silent   []Person
	After    int64 // seconds
	Step     int64
	Name     string
	People   []Person
	Due      time.Time
	Next     []Person
	NextName string
}

// Kind names the fact.
func (CalledNext) Kind() string { return "called-next/1" }

// Words returns "@tom did not answer in 5 min. Calling @iris (crm-data)."
// Where nobody was silent (somebody passed, or a rung was empty), only the
// second half is said.
func (c CalledNext) Words() Words {
	if len(c.Silent) == 0 {
		return calling(c.People, c.Name)
	}
	return Sentence(c.Silent, " did not answer in "+Took(time.Duration(c.After)*time.Second)+". Calling ", c.People, ".")
}

// CallSkipped says that a rung had nobody to call, so the next one is called
// at once.
type CallSkipped struct {
	Page int64
	Step int64
	Name string
	Why  string
}

// Kind names the fact.
func (CallSkipped) Kind() string { return "call-skipped/1" }

// Words returns "Nobody is on call in crm-data now. The next step follows at
// once."
func (c CallSkipped) Words() Words { return Sentence(c.Why + " The next step follows at once.") }

// CallAnswered says who is on it. It stops the ladder.
type CallAnswered struct {
	Page  int64
	By    Person
	After int64 // seconds since the call began
}

// Kind names the fact.
func (CallAnswered) Kind() string { return "call-answered/1" }

// Words returns "@iris is on it (2 min 41 s)".
func (c CallAnswered) Words() Words {
	return Sentence(c.By, " is on it ("+Took(time.Duration(c.After)*time.Second)+")")
}

// CallJoined says who is on it too.
type CallJoined struct {
	Page int64
	By   Person
}

// Kind names the fact.
func (CallJoined) Kind() string { return "call-joined/1" }

// CallStillAsked says that whoever answered is asked whether they still are on
// it.
type CallStillAsked struct {
	Page   int64
	People []Person
	Silent int64 // seconds in which nothing was heard of them
	Due    time.Time
}

// Kind names the fact.
func (CallStillAsked) Kind() string { return "call-still-asked/1" }

// CallConfirmed says that whoever answered still is on it.
type CallConfirmed struct {
	Page int64
	By   Person
}

// Kind names the fact.
func (CallConfirmed) Kind() string { return "call-confirmed/1" }

// CallLapsed says that nothing was heard of whoever answered, so that others are
// called again.
type CallLapsed struct {
	Page  int64
	Who   Person
	After int64 // seconds since they were asked
}

// Kind names the fact.
func (CallLapsed) Kind() string { return "call-lapsed/1" }

// Words returns "@iris was on it and did not answer in 5 min whether they still
// are. The call goes on."
func (c CallLapsed) Words() Words {
	return Sentence(c.Who, " was on it and did not answer in "+Took(time.Duration(c.After)*time.Second)+" whether that still holds. The call goes on.")
}

// CallUnreached says that somebody who is called cannot be reached in Slack.
type CallUnreached struct {
	Page int64
	Who  Person
	Why  string // Slack's word
}

// Kind names the fact.
func (CallUnreached) Kind() string { return "call-unreached/1" }

// Words returns "@tom could not be reached in Slack (account_inactive)."
func (c CallUnreached) Words() Words {
	return Sentence(c.Who, " could not be reached in Slack ("+c.Why+").")
}

// CallPassed says that somebody who was called can't, so the next is called.
type CallPassed struct {
	Page int64
	By   Person
	Why  string
}

// Kind names the fact.
func (CallPassed) Kind() string { return "call-passed/1" }

// CallUnanswered says that the ladder has no rung left.
type CallUnanswered struct {
	Page     int64
	Silent   []Person
	After    int64 // seconds that the last rung had
	Fallback string
	Lead     Person
}

// Kind names the fact.
func (CallUnanswered) Kind() string { return "call-unanswered/1" }

// Words returns "Nobody answered. Fallback: Data hotline, +44 … Lead @maya
// told."
func (c CallUnanswered) Words() Words {
	fallback := "There is no fallback contact in the configuration."
	if c.Fallback != "" {
		fallback = "Fallback: " + c.Fallback + "."
	}
	begin := "Nobody answered. "
	if len(c.Silent) == 0 {
		begin = "There is nobody left to call. "
	}
	return Sentence(begin+fallback+" Lead ", c.Lead, " told.")
}

// CallEnded says that a call ended without need of an answer.
type CallEnded struct {
	Page int64
	Why  string
}

// Kind names the fact.
func (CallEnded) Kind() string { return "call-ended/1" }
