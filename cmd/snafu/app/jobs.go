package app

import "snafu/incidents/pgdb/jobs"

// handle is the table of who does what was asked for. The args stand beside
// the one who asks.
func (a *App) handle(set *jobs.Set) {
	jobs.Handle(set, a.bot.Act)            // bot.Act: a receipt is carried out
	jobs.Handle(set, a.bot.Deliver)        // journal.Deliver: an incident is told
	jobs.Handle(set, a.bot.Homes)          // bot.Homes: the Home tabs are drawn
	jobs.Handle(set, a.response.Escalate)  // response.Escalate: the next person is called
	jobs.Handle(set, a.notify)             // response.Notify: people are called outside of Slack
	jobs.Handle(set, a.publish)            // journal.Publish: a webhook is told of an incident
	jobs.Handle(set, a.response.StillOnIt) // response.StillOnIt: who answered is asked again
	jobs.Handle(set, a.bot.Moved)          // bot.Moved: somebody came into a channel, or left it
	jobs.Handle(set, a.bot.Edited)         // bot.Edited: a message was edited that may be on a timeline
	jobs.Handle(set, a.response.LeadDue)   // response.LeadDue: the lead was offered or asked for
	jobs.Handle(set, a.bot.TellDigest)     // response.Digest: the digest of a morning is told
	jobs.Handle(set, a.bot.TellCover)      // response.TellCover: a cover is told
	jobs.Handle(set, a.bot.TellHandover)   // response.TellHandover: others are on call
	jobs.Handle(set, a.bot.SetGroup)       // response.SetGroup: a user group follows a rota
	jobs.Handle(set, a.sendCode)           // response.SendCode: a number or an address is verified
	jobs.Handle(set, a.bot.AskContact)     // response.AskContact: somebody is to verify theirs
	jobs.Handle(set, a.approval.Expire)    // approval.Expire: a plan is too old
	jobs.Handle(set, a.approval.Remind)    // approval.Remind: a plan waits for approvals
	jobs.Handle(set, a.approval.AskReview) // approval.AskReview: a run waits for its reviews
	jobs.Handle(set, a.approval.SecondDue) // approval.SecondDue: nobody confirmed a switch in time
	jobs.Handle(set, a.executor.Freeze)    // approval.Freeze: records are fixed
	jobs.Handle(set, a.executor.Run)       // approval.Run: records are written
	jobs.Handle(set, a.executor.Switch)    // approval.Switch: an automation is switched
	jobs.Handle(set, a.executor.Revive)    // approval.Revive: a source that was away is looked for
	jobs.Handle(set, a.count.Tick)         // count.Recount: a watch counts
	jobs.Handle(set, a.count.TickNamed)    // count.AskAgain: a watched named count is asked
	jobs.Handle(set, a.tick)               // Tick: a row of the schedule
}
