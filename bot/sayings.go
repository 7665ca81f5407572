package bot

import (
	"slices"
	"strings"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// saying makes a sentence of a fact.
func saying[F any](words func(F) incidents.Words) func(journal.Entry) (incidents.Words, error) {
	return func(e journal.Entry) (incidents.Words, error) {
		var f F
		if err := e.Into(&f); err != nil {
			return nil, err
		}
		return words(f), nil
	}
}

// sayingBy makes a sentence of a fact and of who acted.
func sayingBy[F any](words func(F, incidents.Actor) incidents.Words) func(journal.Entry) (incidents.Words, error) {
	return func(e journal.Entry) (incidents.Words, error) {
		var f F
		if err := e.Into(&f); err != nil {
			return nil, err
		}
		return words(f, e.Actor), nil
	}
}

func fixed(text string) func(journal.Entry) (incidents.Words, error) {
	return func(journal.Entry) (incidents.Words, error) { return incidents.Sentence(text), nil }
}

func noted(e journal.Entry) (incidents.Words, error) {
	var n incidents.Noted
	if err := e.Into(&n); err != nil {
		return nil, err
	}
	what := "Note"
	if n.Note != incidents.NotePlain {
		what = "Note (" + string(n.Note) + ")"
	}
	w := incidents.Sentence(what+" by ", e.Actor)
	if e.At.Sub(n.When) > timelineSlack {
		w = incidents.Sentence(w, ", of ", incidents.Near(n.When, e.At))
	}
	return incidents.Sentence(w, ": "+n.Text), nil
}

func causeActed(e journal.Entry) (incidents.Words, error) {
	var f incidents.CauseActed
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return incidents.Containment{How: f.How, What: f.What, Was: f.Was, Now: f.Now, By: e.Actor}.Words(), nil
}

func nobodyCalled(f incidents.NobodyCalled) incidents.Words {
	return incidents.Sentence(f.Why)
}

func callPassed(f incidents.CallPassed) incidents.Words {
	if f.Why == "" {
		return incidents.Sentence(f.By, " can't.")
	}
	return incidents.Sentence(f.By, " can't: "+f.Why+".")
}

func resolved(f incidents.Resolved) incidents.Words {
	w := incidents.Sentence("Resolved: ", f.Fixed, " fixed, ", f.Kept, " kept, ", f.Left, " left.")
	if slices.Contains(f.Waived, "counted") { // what nobody measured is not nothing
		w = incidents.Sentence("Resolved.")
	}
	if f.Why != "" {
		w = incidents.Sentence(w, " "+strings.TrimRight(f.Why, ".")+".")
	}
	return waived(w, f.Waived)
}

func waived(w incidents.Words, items []string) incidents.Words {
	if len(items) == 0 {
		return w
	}
	return incidents.Sentence(w, " Waived: "+strings.Join(items, ", ")+".")
}

func rev(r approval.Rev) string { return rollback.Ref(r.Ref).Revision(r.Revision) }

func because(w incidents.Words, why string) incidents.Words {
	if why == "" {
		return incidents.Sentence(w, ".")
	}
	return incidents.Sentence(w, ": "+why)
}

func withdrawn(f approval.Withdrawn) incidents.Words {
	return because(incidents.Sentence(rev(f.Rev)+" was withdrawn"), f.Why)
}

func freezeFailed(f approval.FreezeFailed) incidents.Words {
	return incidents.Sentence(f.Why)
}

// given is silent about the last approval needed: that the plan is approved
// says it.
func given(f approval.Given) incidents.Words {
	if f.Count >= f.Needs {
		return nil
	}
	return incidents.Sentence("Approved by ", f.By, " · ", f.Count, " of ", f.Needs)
}

func takenBack(f approval.TakenBack) incidents.Words {
	return incidents.Sentence(f.By, " took the approval of "+rev(f.Rev)+" back.")
}

func approved(f approval.Approved) incidents.Words {
	var people []incidents.Person
	for _, v := range f.Voices {
		people = append(people, incidents.Person(v))
	}
	n := int64(len(people))
	return incidents.Sentence("Approved by ", people, " · ", n, " of ", n, ". Start it before ", f.StartBefore, ".")
}

func rejected(f approval.Rejected) incidents.Words {
	return because(incidents.Sentence(rev(f.Rev)+" was rejected by ", f.By), f.Why)
}

func expired(f approval.Expired) incidents.Words {
	return incidents.Sentence(rev(f.Rev) + " expired. Freeze it again: /snafu plan freeze " + f.Rev.Ref + ".")
}

func superseded(f approval.Superseded) incidents.Words {
	return because(incidents.Sentence(rev(f.Rev)+" was replaced by "+rollback.Ref(f.Rev.Ref).Revision(f.Next)), f.Why)
}

func evidenceTrusted(f approval.EvidenceTrusted) incidents.Words {
	counts := f.Take + " counts"
	if f.Take == rollback.TakeNeither {
		counts = "neither counts, and the records stay as they are"
	}
	return because(incidents.Sentence(f.By, " decided for "+f.Rev.Ref+" where "+f.Beside+" disagrees: "+counts), f.Why)
}

func spotChecked(f approval.SpotChecked) incidents.Words {
	if f.Differ > 0 {
		return incidents.Sentence(f.By, " compared ", f.Records, " records of "+rev(f.Rev)+" by hand, and ", f.Differ, " differ: it cannot be proposed.")
	}
	return incidents.Sentence(f.By, " compared ", f.Records, " records of "+rev(f.Rev)+" by hand, and all of them agree.")
}

func holdConfirmed(f approval.HoldConfirmed) incidents.Words {
	return incidents.Sentence(f.By, " holds "+f.Name+" for "+f.Rev.Ref+".")
}

func holdReleased(f approval.HoldReleased) incidents.Words {
	return incidents.Sentence(f.By, " lets "+f.Name+" run again.")
}

func conflictsKept(f approval.ConflictsKept) incidents.Words {
	w := incidents.Sentence(f.Records, " conflicts: kept as people set them")
	if f.Why != "" {
		w = incidents.Sentence(w, " ("+f.Why+")")
	}
	return w
}

func containWaived(f approval.ContainWaived) incidents.Words {
	return because(incidents.Sentence(f.By, " lets other plans run before "+f.Rev.Ref), f.Why)
}

func contained(f approval.Contained) incidents.Words {
	unit := first(f.Unit, "records")
	if f.How == rollback.InsteadSwitch {
		return incidents.Sentence(f.Rev.Ref+" contains ", f.Records, " "+unit+" while "+f.Automation+" is off. None of them was written.")
	}
	return incidents.Sentence(f.Rev.Ref+" lists ", f.Records, " "+unit+". None of them was written: `fixed "+f.Rev.Ref+"` says where the list lies, for whom they concern.")
}

func freed(f approval.Freed) incidents.Words {
	return incidents.Sentence(f.Rev.Ref + " contains nobody any more: " + f.Automation + " was released. Other plans wait until it is off again, or the lead waives " + f.Rev.Ref + ".")
}

func claimed(f approval.Claimed) incidents.Words {
	return incidents.Sentence(rev(f.Rev)+" was started by ", f.Starter, ": ", f.Writes, " to write.")
}

func canary(f approval.CanaryDone) incidents.Words {
	return incidents.Sentence(f.Written, " written, ", f.ReadBack, " read back")
}

func continued(f approval.Continued) incidents.Words {
	return incidents.Sentence(f.By, " continued "+f.Rev.Ref+".")
}

func paused(f approval.Paused) incidents.Words {
	return because(incidents.Sentence("Paused at ", f.Hi, " of ", f.Writes), f.Why)
}

func resumed(f approval.Resumed) incidents.Words {
	return incidents.Sentence(f.By, " resumed "+f.Rev.Ref+".")
}

func revived(f approval.Revived) incidents.Words {
	return incidents.Sentence(f.Source + " answers again, so " + f.Rev.Ref + " goes on.")
}

func abortAsked(f approval.AbortAsked) incidents.Words {
	return because(incidents.Sentence(f.By, " aborts "+f.Rev.Ref), f.Why)
}

func aborted(f approval.Aborted) incidents.Words {
	return because(incidents.Sentence(f.Rev.Ref+" was aborted: ", f.Counts.Written, " written, ", f.Pending, " untouched"), f.Why)
}

func dead(f DeliveryDead) incidents.Words {
	return incidents.Sentence(f.Incident.String()+": Slack refused a message of mine ("+f.Reason+"). What it told stands in the log: line ", f.Entry, ".")
}
