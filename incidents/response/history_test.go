package response_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// history is what people and time do with a few incidents, in any order.
type history struct {
	*house
	r    *rapid.T
	all  []incidents.ID
	id   incidents.ID // of the next decision
	item string       // of the checklist of the crm
}

var people = []incidents.Person{ana, ben, chi, dev}

func draw[T any](h *history, what string, of ...T) T { return rapid.SampledFrom(of).Draw(h.r, what) }

// someone acts: as often as not whoever leads, who may do most.
func (h *history) someone() journal.Act {
	return h.by(draw(h, "who", append([]incidents.Person{h.get(h.id).Lead, h.get(h.id).Lead, h.get(h.id).Lead}, people...)...))
}

func (h *history) words() string {
	return draw(h, "words", "the sync has no limit", "restore the list from the backup", "a guard in the import", "the stage is set twice", "", "it was <@UANA>")
}

func (h *history) number() int64 { return draw[int64](h, "number", 1, 1, 2, 3) }

func (h *history) soon() time.Time {
	return h.db.Clock().Add(draw(h, "when", 5*time.Minute, -time.Minute, time.Hour, 26*time.Hour, 30*24*time.Hour))
}

// asked acts: as often as not whoever an offer of the lead waits for, or a call.
func (h *history) asked() journal.Act {
	who := people
	if o := h.offer(h.id); o.ID != 0 {
		who = append([]incidents.Person{o.Answers(), o.To, o.From, o.Answers()}, who...)
	}
	pages, err := h.Pages(h.t.Context(), h.id)
	if err == nil && len(pages) > 0 && len(pages[len(pages)-1].Steps) > 0 {
		steps := pages[len(pages)-1].Steps
		who = append(slices.Clone(steps[len(steps)-1].People), who...)
	}
	return h.by(rapid.SampledFrom(who).Draw(h.r, "asked"))
}

// step is one decision that somebody asks for.
type step struct {
	name string
	do   func(context.Context, *history) error
}

// steps are the decisions of this room, and those that other rooms make through it.
var steps = []step{
	{"answer", func(ctx context.Context, h *history) error {
		q := rapid.SampledFrom(incidents.Questions).Draw(h.r, "question")
		a := incidents.Answer{Text: draw(h, "text", "crm.lead", "mail", "weekly-42", "words"), Guess: draw(h, "guess", true, false)}
		for _, c := range q.Choices {
			a.Choices = append(a.Choices, c.Code)
		}
		if len(q.Choices) > 0 {
			a.Choices = []string{rapid.SampledFrom(a.Choices).Draw(h.r, "choice")}
		}
		if q.Form == incidents.FormTime {
			a.Time = h.soon()
		}
		if draw(h, "knows", true, true, false) {
			return h.Answer(ctx, h.someone(), h.id, int(q.N), a)
		}
		return h.Answer(ctx, h.someone(), h.id, int(q.N), incidents.Answer{Choices: []string{incidents.DontKnow}})
	}},
	{"still", func(ctx context.Context, h *history) error {
		return h.Answer(ctx, h.someone(), h.id, int(incidents.QuestionStill), incidents.Answer{Choices: []string{draw(h, "still", incidents.Yes, incidents.No)}})
	}},
	{"contain", func(ctx context.Context, h *history) error {
		c := incidents.Containment{How: rapid.SampledFrom(incidents.Hows).Draw(h.r, "how"), What: h.words(), Was: "on", Now: "off", Proof: "the log"}
		return h.Contain(ctx, h.someone(), h.id, c)
	}},
	{"count", func(_ context.Context, h *history) error {
		touched := draw[int64](h, "touched", 2500, 2500, 2926)
		run := draw(h, "run", "weekly-42", "weekly-42", "import 7")
		return h.in(h.someone(), h.id, func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
			return response.Counted(ctx, tx, act, inc, at, incidents.Recount{Source: "crm", Table: "crm.lead", Run: run, Touched: touched, At: at})
		})
	}},
	{"propose", func(_ context.Context, h *history) error {
		return h.in(h.someone(), h.id, func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
			return response.Restoring(ctx, tx, act, inc.ID, at)
		})
	}},
	{"hold", func(_ context.Context, h *history) error {
		name := draw(h, "hold", "R1", incidents.OffHold("weekly-sync"), "R1"+incidents.HoldsBetween+"sync map_push")
		off := draw(h, "off", true, false, false)
		return h.in(h.someone(), h.id, func(ctx context.Context, tx pgx.Tx, _ journal.Act, inc incidents.Incident, _ time.Time) error {
			if off {
				return response.Hold(ctx, tx, inc.ID, name)
			}
			return response.Release(ctx, tx, inc.ID, name)
		})
	}},
	{"waive triage", func(ctx context.Context, h *history) error {
		return h.WaiveTriage(ctx, h.someone(), h.id, h.words())
	}},
	{"resolve", func(ctx context.Context, h *history) error {
		return h.Resolve(ctx, h.someone(), h.id, draw(h, "why", "", "there is no source to count in"))
	}},
	{"close", func(ctx context.Context, h *history) error {
		held := h.get(h.id).Holds
		err := h.Close(ctx, h.someone(), h.id, draw(h, "why", "", "it was decided in the round of Monday"))
		for _, name := range held {
			if err == nil && name == "R1" {
				h.r.Fatalf("%s was closed while %s held it", h.id, name)
			}
		}
		return err
	}},
	{"waive gate", func(ctx context.Context, h *history) error {
		return h.WaiveGate(ctx, h.someone(), h.id, draw[int64](h, "item", 1, 5, 6, 9, 10), h.words())
	}},
	{"reopen", func(ctx context.Context, h *history) error {
		return h.Reopen(ctx, h.someone(), h.id, draw(h, "which", incidents.AgainOccurs, incidents.AgainMore), h.words())
	}},
	{"cancel", func(ctx context.Context, h *history) error {
		return h.Cancel(ctx, h.someone(), h.id, h.words())
	}},
	{"note", func(ctx context.Context, h *history) error {
		return h.Note(ctx, h.someone(), h.id, draw(h, "kind", "", "fix", "harm"), h.words(), time.Time{})
	}},
	{"severity", func(ctx context.Context, h *history) error {
		return h.SetSeverity(ctx, h.someone(), h.id, draw(h, "severity", incidents.SEV1, incidents.SEV2, incidents.SEV3), h.words())
	}},
	{"role", func(ctx context.Context, h *history) error {
		return h.GiveRole(ctx, h.someone(), h.id, draw(h, "role", "comms", "scribe", "cook"), draw(h, "to", "", ana, ben))
	}},
	{"offer lead", func(ctx context.Context, h *history) error {
		return h.OfferLead(ctx, h.someone(), h.id, rapid.SampledFrom(people).Draw(h.r, "to"), "R1 waits")
	}},
	{"ask lead", func(ctx context.Context, h *history) error {
		return h.AskLead(ctx, h.asked(), h.id, draw(h, "gone", "", "they left"), "they sleep")
	}},
	{"accept lead", func(ctx context.Context, h *history) error { return h.AcceptLead(ctx, h.asked(), h.id, 0) }},
	{"take lead", func(ctx context.Context, h *history) error {
		return h.TakeLead(ctx, h.asked(), h.id, 0, draw(h, "gone", "", "they left"), h.words())
	}},
	{"decline lead", func(ctx context.Context, h *history) error { return h.DeclineLead(ctx, h.asked(), h.id, 0) }},
	{"relate", func(ctx context.Context, h *history) error {
		other := rapid.SampledFrom(append([]incidents.ID{99}, h.all...)).Draw(h.r, "other")
		how := draw(h, "how", incidents.RelSee, incidents.RelAgain, incidents.RelCause, incidents.RelDuplicate)
		return h.Relate(ctx, h.someone(), h.id, other, how)
	}},
	{"promote", func(ctx context.Context, h *history) error { return h.Promote(ctx, h.someone(), h.id) }},
	{"channel", func(ctx context.Context, h *history) error {
		return h.ChannelReady(ctx, h.someone(), h.id, draw(h, "channel", "C1", "C2", "C3"), "snafu")
	}},
	{"move channel", func(ctx context.Context, h *history) error {
		return h.MoveChannel(ctx, h.someone(), h.id, fmt.Sprintf("M%d", h.id), "snafu-2")
	}},
	{"follow", func(ctx context.Context, h *history) error {
		return h.Follow(ctx, h.someone(), h.id, rapid.SampledFrom(people).Draw(h.r, "whom"))
	}},
	{"unfollow", func(ctx context.Context, h *history) error {
		return h.Unfollow(ctx, h.someone(), h.id, rapid.SampledFrom(people).Draw(h.r, "whom"))
	}},
	{"promise", func(ctx context.Context, h *history) error { return h.Promise(ctx, h.someone(), h.id, h.soon()) }},
	{"update", func(ctx context.Context, h *history) error {
		due := draw(h, "due", time.Time{}, h.db.Clock().Add(20*time.Minute), h.db.Clock().Add(-time.Minute))
		return h.Update(ctx, h.someone(), h.id, incidents.Update{Changed: h.words(), Next: "we count"}, due)
	}},
	{"snooze", func(ctx context.Context, h *history) error {
		return h.Snooze(ctx, h.someone(), h.id, h.about(), h.soon())
	}},
	{"nag off", func(ctx context.Context, h *history) error {
		return h.NagOff(ctx, h.someone(), h.id, h.about(), h.words())
	}},
	{"nag on", func(ctx context.Context, h *history) error { return h.NagOn(ctx, h.someone(), h.id) }},
	{"why", func(ctx context.Context, h *history) error {
		_, _, err := h.AddWhy(ctx, h.someone(), h.id, h.place(), h.why())
		return err
	}},
	{"change why", func(ctx context.Context, h *history) error {
		to := h.why()
		_, err := h.ChangeWhy(ctx, h.someone(), h.id, h.place(), func(incidents.Why) (incidents.Why, error) { return to, nil })
		return err
	}},
	{"drop why", func(ctx context.Context, h *history) error { return h.RemoveWhy(ctx, h.someone(), h.id, h.place()) }},
	{"skip whys", func(ctx context.Context, h *history) error { return h.SkipWhys(ctx, h.someone(), h.id, h.words()) }},
	{"walk", func(ctx context.Context, h *history) error {
		return h.AddStep(ctx, h.someone(), h.id, h.number(), h.walkStep())
	}},
	{"change walk", func(ctx context.Context, h *history) error {
		n, s := h.number(), h.walkStep()
		return h.ChangeStep(ctx, h.someone(), h.id, func(incidents.Walk) (int64, error) { return n, nil }, s)
	}},
	{"drop walk", func(ctx context.Context, h *history) error {
		n := h.number()
		return h.RemoveStep(ctx, h.someone(), h.id, func(incidents.Walk) (int64, error) { return n, nil })
	}},
	{"tick", func(ctx context.Context, h *history) error {
		return h.Tick(ctx, h.someone(), h.id, draw(h, "item", h.item, h.item, "SNAFU-1.T9"), draw(h, "on", true, true, false))
	}},
	{"try", func(ctx context.Context, h *history) error {
		return h.Try(ctx, h.someone(), h.id, h.words(), ana, draw(h, "box", 0, 30*time.Minute, time.Second))
	}},
	{"try longer", func(ctx context.Context, h *history) error {
		return h.TryLonger(ctx, h.someone(), h.id, h.number(), 30*time.Minute)
	}},
	{"tried", func(ctx context.Context, h *history) error {
		o := incidents.TryOutcome{Result: draw(h, "result", incidents.TryWorks, incidents.TryPart, incidents.TryNo), Counted: true, Count: h.number(), Said: h.words()}
		return h.Tried(ctx, h.someone(), h.id, h.number(), o)
	}},
	{"todo", func(ctx context.Context, h *history) error {
		_, err := h.AddFollowUp(ctx, h.someone(), h.id, incidents.FollowUp{Text: h.words(), Owner: draw(h, "owner", "", ben), Safeguard: h.words(), Due: draw(h, "due", time.Time{}, h.soon())})
		return err
	}},
	{"todo edit", func(ctx context.Context, h *history) error {
		text, due := h.words(), h.soon()
		_, err := h.ChangeFollowUp(ctx, h.someone(), h.id, h.number(), func(f incidents.FollowUp) (incidents.FollowUp, error) {
			f.Text, f.Due, f.Safeguard = text, due, text
			return f, nil
		})
		return err
	}},
	{"todo done", func(ctx context.Context, h *history) error { return h.DoneFollowUp(ctx, h.someone(), h.id, h.number()) }},
	{"todo drop", func(ctx context.Context, h *history) error {
		return h.DropFollowUp(ctx, h.someone(), h.id, h.number(), h.words())
	}},
	{"vendor", func(ctx context.Context, h *history) error {
		return h.CallVendor(ctx, h.someone(), h.id, draw(h, "vendor", "acme", "nobody"), h.words())
	}},
	{"case", func(ctx context.Context, h *history) error {
		whom := draw(h, "whom", incidents.CaseVendor, incidents.CaseCustomer, "")
		return h.LinkCase(ctx, h.someone(), h.id, response.CaseRequest{Whom: whom, Ref: draw(h, "ref", "4711", "4712", "")})
	}},
	{"case answered", func(ctx context.Context, h *history) error {
		return h.CaseAnswered(ctx, h.someone(), h.id, draw(h, "ref", "4711", "4712"), h.words())
	}},
	{"call", func(ctx context.Context, h *history) error {
		return h.Call(ctx, h.someone(), h.id, draw(h, "target", response.Target{}, response.Target{Rota: "crm-data"}, response.Target{Person: dev}), h.words())
	}},
	{"call again", func(ctx context.Context, h *history) error { return h.CallAgain(ctx, h.someone(), h.id, h.number()) }},
	{"ack", func(ctx context.Context, h *history) error { return h.Ack(ctx, h.asked(), h.id, 0) }},
	{"pass", func(ctx context.Context, h *history) error { return h.Pass(ctx, h.asked(), h.id, 0, h.words()) }},
	{"pin", func(ctx context.Context, h *history) error {
		return h.Pin(ctx, h.someone(), h.id, incidents.Pinned{Channel: "C1", TS: draw(h, "ts", "1.1", "1.2", ""), Text: h.words()})
	}},
	{"unpin", func(ctx context.Context, h *history) error {
		return h.Unpin(ctx, h.someone(), h.id, "C1", draw(h, "ts", "1.1", "1.2"))
	}},
	{"correct", func(ctx context.Context, h *history) error {
		return h.Correct(ctx, h.someone(), h.id, h.number(), h.words(), time.Time{})
	}},
	{"withdraw", func(ctx context.Context, h *history) error {
		return h.Withdraw(ctx, h.someone(), h.id, h.number(), h.words())
	}},
	{"export", func(ctx context.Context, h *history) error {
		return h.Exported(ctx, h.someone(), h.id, incidents.Exported{Format: "md"}, "")
	}},
}

func (h *history) about() response.About {
	return draw(h, "about", response.About{}, response.About{Kind: response.NagUpdateDue})
}

func (h *history) place() incidents.WhyRef {
	return draw[incidents.WhyRef](h, "place", "", "W1", "W1.1", "W2", "W1.1.1")
}

func (h *history) why() incidents.Why {
	return incidents.Why{Text: h.words(), Mark: draw(h, "mark", incidents.WhyPlain, incidents.WhyRoot, incidents.WhyContributing)}
}

func (h *history) walkStep() incidents.WalkStep {
	return incidents.WalkStep{Step: h.words(), Expected: "MQL", Observed: draw(h, "observed", "", "MQL", "SQL")}
}
