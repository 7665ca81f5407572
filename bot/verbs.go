package bot

// The headings of the help, in its order.
const (
	groupStart      = "Start"
	groupCall       = "Call"
	groupUnderstand = "Understand"
	groupStop       = "Stop"
	groupCount      = "Count"
	groupFix        = "Fix"
	groupTell       = "Tell"
	groupFinish     = "Finish"
	groupYou        = "You"
)

// verbs is everything that can be asked for. A name is for ever: a renamed verb
// keeps its old name as an alias.
var verbs []verb

// The table is filled at start, because help reads the table it stands in.
func init() {
	verbs = []verb{
		{name: "open", group: groupStart, aliases: []string{"declare", "new", "start"}, usage: "open [sev1|sev2|sev3] [TITLE] [--on SYSTEM] [--private] [--drill] [--light] [--new]", help: "Say that something went wrong", example: "open sev2 Leads moved to SQL by mistake", button: "Open a snafu", run: (*Bot).opening, form: (*Bot).openForm, opens: noArgs, bare: true, check: checkOpen},
		{name: "relate", group: groupStart, usage: "relate SNAFU-41 duplicate|cause|again|see", help: "Say what it is to another snafu; a duplicate is cancelled", example: "relate SNAFU-41 duplicate", button: "It is that again", needs: true, pairs: true, run: (*Bot).relate},
		{name: "promote", group: groupStart, usage: "promote", help: "Give a light snafu a channel of its own", example: "promote SNAFU-42", button: "Give it a channel", needs: true, run: (*Bot).promote},
		{name: "status", group: groupStart, aliases: []string{"summary", "info", "catchup"}, usage: "status", help: "Show the Summary, to you alone", example: "status SNAFU-42", button: "Details", needs: true, run: (*Bot).status},
		{name: "follow", group: groupStart, usage: "follow [@user]", help: "Hear of each update and change of phase by direct message", example: "follow SNAFU-42", button: "Follow", needs: true, run: (*Bot).follow},
		{name: "unfollow", group: groupStart, usage: "unfollow [@user]", help: "Hear of them no more", example: "unfollow SNAFU-42", button: "Unfollow", needs: true, run: (*Bot).unfollow},
		{name: "list", group: groupStart, usage: "list [mine|open|closed|all] [PAGE]", help: "List snafus, worst first", example: "list open", button: "More", run: (*Bot).list},
		{name: "lead", group: groupStart, usage: "lead [@user|accept|decline] [WHY]", help: "Offer the lead to somebody, or ask for it", example: "lead", button: "Hand over", needs: true, run: (*Bot).lead, form: (*Bot).leadForm, opens: never, check: checkLead},
		{name: "role", group: groupStart, usage: "role [NAME] [@user|none]", help: "Take a role, or give it to somebody", example: "role scribe", button: "Take a role", needs: true, run: (*Bot).role, form: (*Bot).roleForm, opens: noArgs, check: checkRole},
		{name: "sev", group: groupStart, aliases: []string{"severity"}, usage: "sev [1|2|3] [WHY]", help: "Say how bad it is", example: "sev 1 customers wait", needs: true, run: (*Bot).severity, form: (*Bot).severityForm, opens: noArgs, check: checkSeverity},
		{name: "join", group: groupStart, usage: "join [@user]", help: "Come into its channel, or bring somebody in", example: "join SNAFU-42", button: "Join", needs: true, run: (*Bot).join},
		{name: "call", group: groupCall, aliases: []string{"page", "escalate"}, usage: "call [ROTA|@user|VENDOR] [WHY]", help: "Call for help", example: "call crm-data which list fed the sync", button: "Bring in a calm second person", needs: true, run: (*Bot).call, form: (*Bot).callForm, opens: noArgs, check: checkCall},
		{name: "ack", group: groupCall, usage: "ack | ack every 30m|1h|2h | ack every off WHY", help: "Say that you are on it, or how often you are asked", example: "ack", button: "On it", needs: true, run: (*Bot).ack, form: (*Bot).stillForm, opens: neverTyped, check: checkStill},
		{name: "pass", group: groupCall, usage: "pass [WHY]", help: "Say that you can't; the next one is called now", example: "pass I am on a train", button: "Can't, next", needs: true, run: (*Bot).pass},
		{name: "triage", group: groupUnderstand, usage: "triage [N] [ANSWER]", help: "Answer the questions, in any order", example: "triage 3 no", button: "Answer", needs: true, counts: true, run: (*Bot).triage, form: (*Bot).triageForm, opens: asksQuestion, check: checkTriage},
		{name: "oncall", group: groupCall, usage: "oncall [ROTA] [TIME] | oncall contact [phone|email|code|forget ...]", help: "Show who is on call, and who is next", example: "oncall crm-data friday 18:00", run: (*Bot).oncall, form: (*Bot).contactForm, opens: neverTyped},
		{name: "cover", group: groupCall, usage: "cover [add|remove] @user|anyone FROM TO [ROTA] | take|cancel C7", help: "Put somebody else on call for a while", example: "cover anyone friday 18:00 monday 9:00", button: "I'll take it", run: (*Bot).cover, form: (*Bot).coverForm, opens: noArgs, check: checkCover},
		{name: "case", group: groupCall, usage: "case vendor|customer REF [TEXT] | case answered REF", help: "Link the number of a case at a vendor or of a customer, until the snafu is closed", example: "case vendor 4711 they look into it", button: "Add the case number", needs: true, run: (*Bot).linkCase, form: (*Bot).caseForm, opens: noArgs, check: checkCase},
		{name: "note", group: groupUnderstand, usage: "note [change|effect|fix|harm|detected] TEXT [at TIME]", help: "Add a line to the timeline", example: "note change campaign 7 was copied at 08:50", button: "Add a note", needs: true, run: (*Bot).note, form: (*Bot).noteForm, opens: noArgs, check: checkNote},
		{name: "walk", group: groupUnderstand, aliases: []string{"walkthrough"}, usage: "walk [N|drop N] [STEP | EXPECTED | OBSERVED]", help: "Walk through the flow, step by step, to where it broke", example: "walk The list feeds the sync | 500 leads | 2,926 leads", button: "Add a step", needs: true, run: (*Bot).walking, form: (*Bot).drawWalk, opens: walkOpens, check: checkWalk},
		{name: "cause", group: groupUnderstand, usage: "cause human|workflow|form|script|bot|other ... [TEXT]", help: "Say what caused it: a system or a step, never a person", example: "cause workflow form the weekly sync and its form", needs: true, run: (*Bot).cause, form: (*Bot).causeForm, opens: noArgs},
		{name: "whys", group: groupUnderstand, usage: "whys [PROBLEM|W1.2 BECAUSE] | whys root|contributing|plain|change|evidence|drop W1.2 | whys skip WHY", help: "Ask why, and why again, down to the root causes", example: "whys W1 the weekly sync has no limit", button: "Ask why", needs: true, run: (*Bot).whys, form: (*Bot).drawWhys, opens: whysOpens, check: checkWhys},
		{name: "try", group: groupUnderstand, usage: "try [@user] WHAT [for 30m] | try O1 works|part|no [NUMBER] [WORDS] | try O1 for 30m", help: "Say what you try, and what came of it", example: "try restore the list from the backup for 30m", button: "Add", needs: true, run: (*Bot).try, form: (*Bot).drawTry, opens: tryOpens, check: checkTry},
		{name: "timeline", group: groupUnderstand, usage: "timeline [PAGE] | timeline correct N TEXT [at TIME] | timeline withdraw N [WHY]", help: "Show what happened when, and put notes right", example: "timeline correct 7 campaign 7 was copied at 08:50", button: "Correct", needs: true, run: (*Bot).timeline, form: (*Bot).timelineForm, opens: timelineOpens, check: checkTimeline},
		{name: "contain", group: groupStop, aliases: []string{"stop"}, usage: "contain stopped|slowed|removed|cannot|over [WHAT] | contain switch NAME [anyway] | contain second NAME", help: "Record what was done about the cause, or switch it off", example: "contain stopped Weekly stage sync", button: "Stop the cause", needs: true, run: (*Bot).contain, form: (*Bot).containForm, opens: noArgs, check: checkContain},
		{name: "release", group: groupStop, usage: "release NAME WHY", help: "Give what was switched off the state back that it had", example: "release weekly-sync the filter is right again", button: "Release", whole: true, needs: true, run: (*Bot).release, form: (*Bot).releaseForm, opens: withoutReason, check: checkWhy},
		{name: "confirm", group: groupStop, usage: "confirm NAME [was-off]", help: "Say that what you look after stands still, or works again", example: "confirm map-push", button: "Stopped", whole: true, needs: true, run: (*Bot).confirm},
		{name: "pick", group: groupCount, usage: "pick [RUN]", help: "Say which run, field and time the count is about", example: "pick weekly-42", needs: true, counts: true, run: (*Bot).picking, form: (*Bot).pickForm, opens: noArgs, check: checkPick},
		{name: "table", group: groupCount, usage: "table [COHORT VALUE|initial|nochange] | table keep|lost COHORT WHY", help: "Say what each group of records should be", example: "table 1 MQL", button: "Decide", needs: true, run: (*Bot).table, form: (*Bot).tableForm, opens: noArgs, check: checkTable},
		{name: "count", group: groupCount, usage: "count [NAME [PARAMETER=VALUE]|all|more|select ...]", help: "Count again, now, or ask a named count", example: "count leads_of_run run=weekly-42", button: "Recount", needs: true, counts: true, ends: "Count", run: (*Bot).counting, form: (*Bot).drawCount, again: (*Bot).countAgain, opens: picksCount, wants: (*Bot).lacksParams, check: checkCount},
		{name: "uncount", group: groupCount, usage: "uncount", help: "End the count that somebody waits for", example: "uncount", button: "Cancel the count", needs: true, calm: true, run: (*Bot).uncount},
		{name: "watch", group: groupCount, usage: "watch [NAME [PARAMETER=VALUE]] [every 15m] [for 24h]", help: "Count by itself, and say when something changes", example: "watch every 5m for 12h", needs: true, run: (*Bot).watch},
		{name: "unwatch", group: groupCount, usage: "unwatch [NAME]", help: "Count no more by itself", example: "unwatch", needs: true, run: (*Bot).unwatch},
		{name: "desired", group: groupCount, usage: "desired", help: "Take what each record should be from the CSV file last shared here", example: "desired", needs: true, run: (*Bot).desired},
		{name: "map", group: groupCount, usage: "map WAS=LEFT ...", help: "Say what each value was, by the rule that spoilt it", example: "map MQL=SQL Open=Closed", whole: true, needs: true, run: (*Bot).mapping},
		{name: "example", group: groupCount, aliases: []string{"examples", "sample"}, usage: "example [R1] [COHORT|KEY] [changed] [share]", help: "Look at records with their history, to you alone, or share one without what is personal", example: "example 1", button: "Examples", needs: true, run: (*Bot).example},
		{name: "plan", group: groupFix, usage: "plan [new|freeze|propose|withdraw|conflicts|held|release|breakglass] [R1] | plan effects R1 fire|guc|hold | plan asked|discussed|undiscussed R1 TEXT", help: "Plan a rollback", example: "plan propose R1", button: "Make a plan", needs: true, run: (*Bot).plan, form: (*Bot).planForm, opens: plansAnew, check: checkPlan},
		{name: "park", group: groupFix, usage: "park rest|COHORT COLUMN=VALUE|list|switch=NAME [WHY]", help: "Plan to set aside what nobody can put back", example: "park rest parked=true nothing says what they were", button: "Park", needs: true, run: (*Bot).park, form: (*Bot).parkForm, opens: noArgs, check: checkPark},
		{name: "remove", group: groupFix, usage: "remove COHORT expect=N [WHY]", help: "Plan to mark records as removed", example: "remove 2 expect=226 the import made them up", button: "Remove", whole: true, needs: true, run: (*Bot).remove, form: (*Bot).removeForm, opens: noArgs, check: checkRemove},
		{name: "waive", group: groupFix, usage: "waive [R1|triage] WHY", help: "Let other plans run before one that parks, or do without answers of triage (the lead)", example: "waive R1 they are switched off by hand", button: "Waive", whole: true, needs: true, run: (*Bot).waive, form: (*Bot).waiveForm, opens: withoutWhy, check: checkWhy},
		{name: "restore", group: groupFix, usage: "restore BACKUP [FIELD|--gone] [--newer keep|take|hand] [--saved TIME]", help: "Plan to take what records held from a backup's copy", example: "restore nightly phone", whole: true, needs: true, counts: true, run: (*Bot).restore},
		{name: "reconstruct", group: groupFix, usage: "reconstruct EVIDENCE [FIELD] [--was VALUE]", help: "Plan to bring back what reviewed evidence says records held", example: "reconstruct last-mail step", whole: true, needs: true, counts: true, run: (*Bot).reconstruct},
		{name: "trust", group: groupFix, usage: "trust [R1] EVIDENCE|neither WHY", help: "Say which of two evidences counts where they disagree", example: "trust R1 last-mail the state was copied later", button: "Decide which counts", whole: true, needs: true, run: (*Bot).trust, form: (*Bot).trustForm, opens: noTake, check: checkTrust},
		{name: "spotcheck", group: groupFix, usage: "spotcheck [R1] [agrees|differs N]", help: "Compare by hand what evidence says of some records", example: "spotcheck R1", button: "Compare by hand", whole: true, needs: true, counts: true, run: (*Bot).spotCheck, form: (*Bot).spotForm, opens: spotOpens, check: checkSpot},
		{name: "approve", group: groupFix, usage: "approve [R1]", help: "Read a plan and approve it", example: "approve R1", button: "Review and approve", whole: true, needs: true, asks: true, ages: true, ends: "Approve", run: (*Bot).approve, form: (*Bot).approveForm, opens: always, check: checkApprove},
		{name: "unapprove", group: groupFix, usage: "unapprove [R1]", help: "Take your approval back, until the plan starts", example: "unapprove R1", button: "Take my approval back", whole: true, needs: true, calm: true, asks: true, run: (*Bot).unapprove},
		{name: "reviewed", group: groupFix, usage: "reviewed [R1]", help: "Say that you looked at a run whose requester approved it (break-glass)", example: "reviewed R1", button: "I have looked at it", whole: true, needs: true, asks: true, run: (*Bot).reviewed},
		{name: "involved", group: groupFix, usage: "involved [@user]", help: "Say that you had a part in the cause: your approval then counts for no plan", example: "involved", whole: true, needs: true, run: (*Bot).involved},
		{name: "snooze", group: groupFix, usage: "snooze [R1]", help: "Be reminded of a plan that waits for you in an hour, not sooner", example: "snooze R1", button: "In an hour", whole: true, needs: true, run: (*Bot).snooze},
		{name: "reject", group: groupFix, usage: "reject [R1] WHY", help: "Say no to a plan", example: "reject R1 the counts look too high", button: "Reject", whole: true, needs: true, calm: true, asks: true, ends: "Reject", run: (*Bot).reject, form: (*Bot).rejectForm, opens: withoutWhy, check: checkWhy},
		{name: "run", group: groupFix, usage: "run [R1]", help: "Start an approved plan", example: "run R1", button: "Run", whole: true, needs: true, asks: true, ages: true, ends: "Run", run: (*Bot).start, form: (*Bot).runForm, opens: always, check: checkRun},
		{name: "continue", group: groupFix, usage: "continue [R1]", help: "Go on after the first records were looked at", example: "continue R1", button: "Continue", whole: true, needs: true, asks: true, ages: true, run: (*Bot).goOn},
		{name: "resume", group: groupFix, usage: "resume [R1]", help: "Go on after a pause", example: "resume R1", button: "Resume", whole: true, needs: true, asks: true, ages: true, run: (*Bot).resume},
		{name: "pause", group: groupFix, usage: "pause [R1] [WHY]", help: "Let a run rest after the batch at hand", example: "pause R1", button: "Pause", needs: true, calm: true, run: (*Bot).pausing},
		{name: "abort", group: groupFix, usage: "abort [R1] WHY", help: "End a run after the batch at hand, for good", example: "abort R1 the cause is on again", button: "Abort", whole: true, needs: true, calm: true, asks: true, ends: "Abort", run: (*Bot).abort, form: (*Bot).abortForm, opens: withoutWhy, check: checkWhy},
		{name: "fixed", group: groupFix, usage: "fixed [R1] [conflicts|pending|left] [jsonl]", help: "Get the list of exactly who was fixed, or who was not", example: "fixed R1 conflicts", button: "Fixed list", needs: true, run: (*Bot).lists},
		{name: "undo", group: groupFix, usage: "undo [R1] WHY", help: "Plan to put back what a run has written", example: "undo R1 the file was last week's", button: "Undo", whole: true, needs: true, run: (*Bot).undo, form: (*Bot).undoForm, opens: withoutWhy, check: checkWhy},
		{name: "keep", group: groupFix, usage: "keep [R1] WHY", help: "Leave the conflicts as people set them", example: "keep R1 sales set these by hand", button: "Keep conflicts", needs: true, run: (*Bot).keepConflicts, form: (*Bot).keepForm, opens: withoutWhy, check: checkWhy},
		{name: "brief", group: groupTell, usage: "brief [@user]", help: "Tell a manager what is known, from data", example: "brief", button: "Tell my manager", needs: true, run: (*Bot).brief, form: (*Bot).briefForm, opens: typed, check: checkBrief},
		{name: "update", group: groupTell, usage: "update [TEXT]", help: "Tell all who wait for news, and promise the next update", example: "update the sync is off, the counting goes on", button: "Post update", needs: true, run: (*Bot).postUpdate, form: (*Bot).updateForm, opens: noArgs, check: checkUpdate},
		{name: "promise", group: groupTell, usage: "promise TIME", help: "Say by when the next update comes", example: "promise in 30m", needs: true, run: (*Bot).promise},
		{name: "resolve", group: groupFinish, usage: "resolve [WHY]", help: "Say that the data is right again", example: "resolve", button: "Resolve", needs: true, run: (*Bot).resolve, form: (*Bot).resolveForm, opens: never, check: checkResolve},
		{name: "close", group: groupFinish, usage: "close [WHY] | close waive N WHY", help: "Close it for good", example: "close", button: "Close", whole: true, needs: true, run: (*Bot).closing, form: (*Bot).waiveGateForm, opens: waivesBare, check: checkClose},
		{name: "cancel", group: groupFinish, usage: "cancel WHY", help: "End what was none: a false alarm, a duplicate, a drill (the lead or who reported it)", example: "cancel the test data was meant to be so", button: "Cancel it", whole: true, needs: true, run: (*Bot).cancel, form: (*Bot).cancelForm, opens: withoutWhy, check: checkWhy},
		{name: "reopen", group: groupFinish, usage: "reopen [again|more] WHY | reopen channel", help: "Take up again what was resolved or closed", example: "reopen again the sync was switched on", button: "Reopen", needs: true, run: (*Bot).reopen, form: (*Bot).reopenForm, opens: withoutWhich, check: checkReopen},
		{name: "todo", group: groupFinish, usage: "todo TEXT [@user] [by DAY] | todo draft TEXT | todo edit|done T3 | todo drop T3 WHY | todo tick|untick SNAFU-3.T1", help: "Write down what has to change, by whom and until when", example: "todo The clone asks for its choices by friday", button: "Add a follow-up", needs: true, run: (*Bot).todo, form: (*Bot).drawTodo, opens: todoOpens, check: checkTodo},
		{name: "todos", group: groupFinish, usage: "todos", help: "List what has to change, and the checklist of earlier snafus", example: "todos", needs: true, run: (*Bot).todos},
		{name: "export", group: groupFinish, usage: "export [md|html|csv|json|public]", help: "Write the post-mortem, or a draft of the text for everybody", example: "export html", button: "Export", needs: true, ends: "Public text", run: (*Bot).export, form: (*Bot).publicForm, opens: wantsPublic, check: checkPublic, again: (*Bot).publicAgain},
		{name: "metrics", group: groupFinish, usage: "metrics [30d|90d|1y] [SYSTEM]", help: "Show how long what took, and what came of it", example: "metrics 90d", run: (*Bot).metrics},
		{name: "nag", group: groupYou, usage: "nag snooze 30m|1h|2h|tomorrow | nag off WHY | nag on", help: "Be reminded later, or no more", example: "nag snooze 1h", button: "Snooze 1 h", needs: true, run: (*Bot).nagging, form: (*Bot).nagOffForm, opens: nagOffOpens, check: checkWhy},
		{name: "settings", group: groupYou, usage: "settings", help: "Set your quiet hours, and of what I write to you", example: "settings", run: (*Bot).settings, form: (*Bot).settingsForm, opens: always, check: checkSettings},
		{name: "version", group: groupStart, usage: "version", help: "Say which version of snafu this is", example: "version", run: (*Bot).version},
		{name: "help", group: groupStart, usage: "help [VERB]", help: "Show what I can do", example: "help plan", run: (*Bot).help},
	}
}

func noArgs(c command) bool { return c.in.kind == kindCommand && len(c.words.args) == 0 }

func always(command) bool { return true }

// typed is for verbs whose form is the only way.
func typed(c command) bool { return c.in.kind == kindCommand }

// never is for verbs whose form only buttons open.
func never(command) bool { return false }

func withoutWhy(c command) bool { return c.why() == "" }
