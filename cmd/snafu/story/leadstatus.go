package story

import (
	"context"
	"time"

	"snafu/bot/slacksim"
)

// leadStatus is the story: a campaign that was copied without its per-stage
// choices moves 2,926 leads to SQL, and 1,169 of them are put back.
var leadStatus = []step{
	{"Maya opens a snafu", opens},
	{"She says which run did it", picksRun},
	{"The campaign goes on, and the count shows it", grows},
	{"Maya stops the cause", stops},
	{"She calls for help", calls},
	{"Maya and Iris answer the questions", answers},
	{"Iris says what each group of leads should be", decides},
	{"Paul, who decides on money, looks from outside", looks},
	{"Rosa, in sales, corrects seven leads by hand", corrects},
	{"Maya asks for a rollback", plans},
	{"Who asked cannot approve, and a guest cannot", refuses},
	{"Ken types the wrong number, then the right one", kenApproves},
	{"Lena approves", lenaApproves},
	{"Ken runs it: twenty first, then the rest", runs},
	{"The same again finds nothing to write", again},
	{"The seven stay as Rosa set them", keeps},
	{"Iris takes the list of exactly who was fixed", takesList},
	{"The campaign is repaired and switched on again", repairs},
	{"Iris records why it happened", asksWhy},
	{"Maya resolves, once somebody owes what follows of it", resolves},
	{"She closes", ends},
}

func opens(p *play, ctx context.Context) error {
	if err := acted(p.as("maya").Slash(ctx, marketing, "/snafu open Leads moved to SQL by mistake")); err != nil {
		return err
	}
	until, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	room, err := p.as("maya").AwaitChannel(until, "#snafu-1-leads-moved-to-sql-by-mistake")
	if err != nil {
		return err
	}
	p.id, p.room = 1, "#"+room.Name
	return p.do(ctx,
		p.reads("maya", "Take a breath: records can nearly always be repaired."),
		p.rests(),
		p.command("maya", "/snafu triage 1 crm.lead"),
		p.reads("maya", "Please change nothing in crm for now. Next: which run or list did it?", "Backup of crm: unknown"),
		p.rests(),
		func(ctx context.Context) error {
			return p.presses(ctx, "maya", "Another question", slacksim.Choosing("3. Is the error still occurring?"))
		},
		p.submit("maya", "triage", slacksim.Values{"sure": "Don't know"}),
		p.rests(),
		p.reads("maya", "SNAFU-1 · Triage · SEV2 · lead @maya"),
	)
}

func picksRun(p *play, ctx context.Context) error {
	opener, err := p.as("maya").Await(ctx, p.room, slacksim.Contains("Take a breath"))
	if err != nil {
		return err
	}
	return p.do(ctx,
		func(ctx context.Context) error { return p.presses(ctx, "maya", "Answer", slacksim.On(opener.TS)) },
		p.submit("maya", "triage", slacksim.Values{"choice": "weekly-42 · 2,500 leads"}),
		p.reads("maya", "2,500 leads touched by weekly-42"),
		p.rests(),
		p.counted("members before the campaign goes on", "2500"),
	)
}

func grows(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.world("weekly-42 goes on", slice2, 426),
		p.command("maya", "/snafu count"),
		p.reads("maya", "Still happening: 2,500 -> 2,926 (+426) since "),
		p.rests(),
		p.counted("members after it", "2926"),
	)
}

func stops(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.world("Maya switches the campaign off", campaignOff, 1),
		p.command("maya", "/snafu contain"),
		p.submit("maya", "contain", slacksim.Values{"how": "Stopped", "what": "Weekly stage sync", "was": "on", "now": "off"}),
		p.reads("maya", "Stopped by @maya: Weekly stage sync (was on, now off)"),
		p.rests(),
		p.world("weekly-42 wants to take the customers, and is off", slice3, 0),
		p.command("maya", "/snafu count"), p.rests(),
		p.command("maya", "/snafu count"),
		p.reads("maya", "No new ones since ", "SNAFU-1 · Contained · SEV2 · lead @maya"),
	)
}

func calls(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("maya", "/snafu call crm-data which list fed the sync"),
		p.reads("maya", "Calling @tom"),
		p.rests(),
		p.reads("maya", "@tom did not answer in ", "Calling @iris"),
		p.rests(),
		func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return acted(p.as("iris").Press(ctx, "@snafu", "On it"))
		},
		p.reads("maya", "@iris is on it"),
		p.rests(),
		p.reads("iris", "lead @maya"),
	)
}

func answers(p *play, ctx context.Context) error {
	began := p.t0.Add(-47 * time.Minute).Format("2006-01-02 15:04")
	return p.do(ctx,
		p.command("maya", "/snafu triage 4 lead_status is SQL for leads that never asked for a call"),
		p.command("iris", "/snafu triage 5 SQL now; MQL is as far as most of them came"),
		p.command("iris", "/snafu triage 6 "+began),
		p.command("maya", "/snafu triage 7 workflow Weekly stage sync was copied without its per-stage choices"),
		p.command("iris", "/snafu triage 8 campaign 7 was copied this morning"),
		p.command("maya", "/snafu triage 9 none by the mail log"),
		p.rests(),
		p.press("maya", "No"),
		p.rests(),
		p.command("maya", "/snafu triage 11 colleague"),
		p.reads("maya", "Triage complete"),
	)
}

func decides(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.press("iris", "Decide"),
		p.submit("iris", "table", slacksim.Values{"cohort-1": "MQL", "cohort-2": "MQL", "cohort-3": "SQL (right already)", "cohort-4": "No change: SQL"}),
		p.reads("iris",
			"2,926 members, all with history. The static list holds 2,895: 31 left it.",
			"Prospect  SQL        MQL         500",
			"Nurturing SQL        MQL         676",
			"MQL       SQL        SQL       1,000",
			"SQL       SQL        no change   750",
			"1,176 wrong · 1,750 already right"),
		p.rests(),
		p.cohorts(),
	)
}

func looks(p *play, ctx context.Context) error {
	return p.do(ctx, func(ctx context.Context) error {
		if err := acted(p.as("paul").Slash(ctx, central, "/snafu status SNAFU-1")); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, err := p.as("paul").Await(ctx, central, slacksim.Contains("1,176 of 2,926 touched leads were wrong"), slacksim.Contains("Your role: none"), slacksim.OnlyForMe())
		return err
	})
}

func corrects(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.world("Rosa sets leads 1, 2, 3 and 501 to 504 to Disqualified", rosa, 7),
		p.remembersRosa(),
		p.command("iris", "/snafu count"),
		p.reads("iris", "7 changed by people since: Prospect 500 -> 497, Nurturing 676 -> 672. To write: 1,169."),
		p.rests(),
		p.corrected(),
	)
}

func plans(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("iris", "/snafu note IT asked"),
		p.rests(),
		p.press("maya", "Make a plan"),
		p.submit("maya", "plan", slacksim.Values{"effects": "fire", "why": "The stages of 1,176 leads are wrong", "asked": "Iris: IT agrees", "discussed": "Sales"}),
		p.reads("maya", "Rollback R1"),
		p.rests(),
		p.press("maya", "Ask for approvals"),
		p.reads("maya",
			"R1 r1 · 1,169 to write · 7 conflicts left alone · 1,750 left out · export of 2,926 rows read back",
			"lead_touch", "lead_log"),
		p.rests(),
		p.exported(),
	)
}

func refuses(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.invite("maya", "gil"), p.joins("ken"), p.joins("lena"),
		p.refused("who asked for it", func(ctx context.Context) error {
			return p.do(ctx, p.press("maya", "Review and approve"), p.hushed("maya", "You asked for R1, so your approval can't count. @ken and @lena can."))
		}),
		p.rests(),
		p.refused("a guest", func(ctx context.Context) error {
			return p.do(ctx, p.press("gil", "Review and approve"), p.hushed("gil", "Guests can't approve. @ken and @lena can."))
		}),
	)
}

func kenApproves(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.refused("the wrong number", func(ctx context.Context) error {
			return p.do(ctx, p.press("ken", "Review and approve"),
				p.submit("ken", "approve", slacksim.Values{"rows": "1176", "samples": []string{"I looked at examples of these records"}}),
				p.hushed("ken", "R1 writes 1,169 leads; you typed 1,176."))
		}),
		p.rests(),
		p.press("ken", "Review and approve"),
		p.submit("ken", "approve", slacksim.Values{"rows": "1169", "samples": []string{"I looked at examples of these records"}}),
		p.hushed("ken", "Your approval of R1 is counted"),
		p.reads("maya", "Approved by @ken · 1 of 2"),
		p.rests(),
		p.refused("a second click", func(ctx context.Context) error {
			return p.do(ctx, p.press("ken", "Review and approve"), p.hushed("ken", "Already counted"))
		}),
	)
}

func lenaApproves(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.press("lena", "Review and approve"),
		p.submit("lena", "approve", slacksim.Values{"rows": "1,169", "samples": []string{"I looked at examples of these records"}}),
		p.hushed("lena", "Your approval of R1 is counted"),
		p.reads("maya", "Approved by @ken and @lena · 2 of 2"),
		p.rests(),
		p.world("The phone number of lead 10 changes", phone, 1),
	)
}

func runs(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.press("ken", "Run"),
		p.submit("ken", "run", slacksim.Values{"ref": "R1"}),
		p.hushed("ken", "R1 starts now"),
		p.reads("maya", "20 written, 20 read back"),
		p.rests(),
		p.press("lena", "Continue"),
		p.writing(),
		p.press("maya", "Pause"),
		p.reads("maya", "Paused at "),
		p.rests(),
		p.reads("maya", "SNAFU-1 · Restoring · SEV2 · lead @maya"),
		p.press("ken", "Resume"),
		p.reads("maya",
			"R1 done: 1,169 written · 7 conflicts left alone · 0 failed",
			"Recount: SQL 1,750 · MQL 1,169 · Customer 74 · Disqualified 7 · total 3,000"),
	)
}

func again(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("maya", "/snafu count"), p.rests(),
		p.command("maya", "/snafu plan new"),
		p.submit("maya", "plan", slacksim.Values{"effects": "fire", "why": "To be sure"}),
		p.reads("maya", "R2 r1 is frozen"),
		p.rests(),
		p.press("maya", "Ask for approvals"),
		p.whispered("maya", "Nothing to write: 1,169 already right, 7 changed by people since, 1,750 right all along."),
		p.rests(),
		p.command("maya", "/snafu plan withdraw R2"),
		p.reads("maya", "R2 r1 was withdrawn"),
	)
}

func keeps(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("iris", "/snafu keep R1 Rosa knows these seven"),
		p.reads("maya", "7 conflicts: kept as people set them"),
	)
}

func takesList(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.press("iris", "Fixed list"),
		p.whispered("iris", "R1 fixed 1,169 leads."),
		p.rests(),
		p.fixedList(),
	)
}

func repairs(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.world("The campaign gets its per-stage choices back, and Maya switches it on", campaignOn, 1),
		p.world("weekly-43 runs and takes nobody", weekly43, 0),
		p.command("maya", "/snafu note fix Weekly stage sync has its per-stage choices back and is on again"),
		p.rests(),
		p.command("maya", "/snafu count"),
		p.whispered("maya", "2,926 leads touched by weekly-42."),
	)
}

func asksWhy(p *play, ctx context.Context) error {
	for _, line := range []string{
		"whys 1,176 leads became SQL that should be MQL", "whys W1 the copied campaign sets one stage for all",
		"whys W1.1 copying a campaign drops its per-stage choices", "whys W1 nobody saw it on the first leads", "whys W1.2 no trial on ten leads",
		"whys root W1.1.1", "whys root W1.2.1",
	} {
		if err := p.do(ctx, p.command("iris", "/snafu "+line), p.rests()); err != nil {
			return err
		}
	}
	return p.do(ctx, p.reads("maya", "2 root causes"))
}

func resolves(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("maya", "/snafu todo draft Copying a campaign keeps its per-stage choices"),
		p.rests(),
		p.command("maya", "/snafu todo draft The first ten leads of a campaign are looked at"),
		p.rests(),
		p.command("maya", "/snafu resolve"),
		p.whispered("maya", "Not yet: 2 follow-ups have no owner."),
		p.command("maya", "/snafu todo edit T1"),
		p.owes("iris", "It cannot happen again", "The clone asks for the choice of each stage"),
		p.rests(),
		p.command("maya", "/snafu todo edit T2"),
		p.owes("maya", "It is noticed sooner", "A campaign stops after ten leads until somebody continues it"),
		p.rests(),
		p.command("maya", "/snafu resolve"),
		p.reads("maya", "SNAFU-1 · Resolved · SEV2 · lead @maya"),
		p.rests(),
	)
}

// owes fills in what a follow-up lacks; it is due in a week.
func (p *play) owes(owner, kind, safeguard string) deed {
	return p.submit("maya", "todo", slacksim.Values{
		"owner": owner, "due": time.Now().AddDate(0, 0, 7).Format(time.DateOnly), "kind": kind, "safeguard": safeguard,
	})
}

func ends(p *play, ctx context.Context) error {
	return p.do(ctx,
		p.command("maya", "/snafu close"),
		p.whispered("maya", "Not yet: the last write is less than 24 h old"),
		p.command("maya", "/snafu close waive 3 weekly-43 ran after the repair and took nobody"),
		p.reads("maya", "waived by @maya: weekly-43 ran after the repair and took nobody"),
		p.rests(),
		p.command("maya", "/snafu export md"),
		p.rests(),
		p.press("maya", "Close"),
		p.reads("maya", "Closed: 1,169 leads are right again, 7 kept as people set them."),
		p.reads("maya", "SNAFU-1 · Closed · SEV2 · lead @maya"),
	)
}
