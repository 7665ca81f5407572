package bot

// shortcuts is everything in Slack's own menus: a form that it opens, or an act
// on the message that it was chosen on. The app manifest names the same.
var shortcuts = []shortcut{
	{callback: "open", verb: "open", form: true},
	{callback: "open.message", verb: "open", form: true},
	{callback: "note.message", verb: "note"},
	{callback: "desired.message", verb: "desired"},
}

// actions is every button and element that can be pressed. Each has a typed
// equivalent, because a press can be lost while a connection is renewed.
var actions = []action{
	{id: "home.open", verb: "open", form: true},
	{id: "status.show", verb: "status"},
	{id: "triage.answer", verb: "triage"},
	{id: "triage.open", verb: "triage", form: true},
	{id: "triage.pick", verb: "triage", form: true},
	{id: "contain.open", verb: "contain", form: true},
	{id: "call.open", verb: "call", form: true},
	{id: "page.ack", verb: "ack"},
	{id: "page.pass", verb: "pass"},
	{id: "reopen.open", verb: "reopen", form: true},
	{id: "cover.open", verb: "cover", form: true},
	{id: "cover.take", verb: "cover"},
	{id: "count.run", verb: "count"},
	{id: "count.more", verb: "count", form: true},
	{id: "count.cancel", verb: "uncount"},
	{id: "table.open", verb: "table", form: true},
	{id: "table.turn", verb: "table", turn: true},
	{id: "example.show", verb: "example"},
	{id: "example.more", verb: "example"},
	{id: "example.share", verb: "example"},
	{id: "walk.add", verb: "walk", form: true},
	{id: "walk.change", verb: "walk", form: true},
	{id: "park.open", verb: "park", form: true},
	{id: "remove.open", verb: "remove", form: true},
	{id: "plan.waive", verb: "waive", form: true},
	{id: "plan.open", verb: "plan", form: true},
	{id: "plan.propose", verb: "plan"},
	{id: "plan.freeze", verb: "plan"},
	{id: "plan.withdraw", verb: "plan"},
	{id: "plan.effects", verb: "plan", form: true},
	{id: "plan.held", verb: "plan"},
	{id: "plan.release", verb: "plan"},
	{id: "plan.review", verb: "approve", form: true},
	{id: "plan.reviewed", verb: "reviewed"},
	{id: "plan.unapprove", verb: "unapprove"},
	{id: "plan.reject", verb: "reject", form: true},
	{id: "plan.run", verb: "run", form: true},
	{id: "plan.continue", verb: "continue"},
	{id: "plan.resume", verb: "resume"},
	{id: "plan.pause", verb: "pause"},
	{id: "plan.abort", verb: "abort", form: true},
	{id: "plan.fixed", verb: "fixed"},
	{id: "plan.undo", verb: "undo", form: true},
	{id: "plan.keep", verb: "keep", form: true},
}
