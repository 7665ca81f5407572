package view

import (
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Home is the Home tab of one person: what waits for them, the door to a new
// snafu, and the open ones, worst first.
func Home(c HomeCard) slack.HomeTabViewRequest {
	open := buttons("open", primary("home.open", "Open a snafu", Stamp{}))
	foot := slices.Concat(homeBackups(c.Backups), homeEnded(c.Ended), homeFoot(c))
	if len(c.Open) == 0 {
		return home(
			section("*No snafu is open.*\nWhen data looks wrong, open one, even if you are not sure: it gets a channel of its own, and the next step is always written there."),
			open, OnCallNow(c.OnCall), foot)
	}
	var waits, list []slack.Block
	for _, r := range c.Open {
		waits = append(waits, homeWaits(r, c.For)...)
		list = append(list, homeRow(r)...)
	}
	if waits != nil {
		waits = slices.Concat(heading("Waits for you"), waits)
	}
	if c.More {
		list = append(list, context("There are more: `/snafu list open`.")...)
	}
	return home(waits, open, heading("Open snafus"), list, OnCallNow(c.OnCall), foot)
}

func homeBackups(all []HomeBackup) []slack.Block {
	var lines []string
	for _, b := range all {
		mark := ""
		if b.Said == "unknown" {
			mark = ":red_circle: "
		}
		lines = append(lines, fmt.Sprintf("%sBackup of %s: %s", mark, Escape(b.System), Escape(b.Said)))
	}
	if lines == nil {
		return nil
	}
	return slices.Concat(heading("Backups"), paragraphs(lines))
}

func homeEnded(all []incidents.Incident) []slack.Block {
	var lines []string
	for _, i := range all {
		lines = append(lines, fmt.Sprintf("%s · %s · %s %s", i.ID, Escape(cut(i.Title, maxHomeTitle)), string(i.Phase()), Day(i.ClosedAt)))
	}
	if lines == nil {
		return nil
	}
	return slices.Concat(heading("Closed last"), paragraphs(lines))
}

// homeFoot says how we are ourselves: what is drawn here was read from the log.
func homeFoot(c HomeCard) []slack.Block {
	jobs := "jobs ok"
	if c.Late > 0 {
		jobs = fmt.Sprintf(":red_circle: %s acts wait for more than a minute", Number(c.Late))
	}
	said := "log ok, " + jobs
	if c.Version != "" {
		said += " · snafu " + Escape(c.Version)
	}
	return context("`/snafu help` lists everything I can do. This tab keeps itself up to date.", said)
}

// HomeTold is a Home tab that only tells.
func HomeTold(text string) slack.HomeTabViewRequest { return home(section(text)) }

func home(parts ...[]slack.Block) slack.HomeTabViewRequest {
	all := slices.Concat(parts...)
	if len(all) > maxModalBlocks {
		all = append(all[:maxModalBlocks-1], context("There is more than fits here: `/snafu list open`.")...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: all}}
}

// homeWaits are the calls and approvals of an incident that wait for a person.
func homeWaits(r HomeRow, p incidents.Person) []slack.Block {
	var out []slack.Block
	title := Escape(cut(r.Incident.Title, maxHomeTitle))
	for _, page := range r.Pages {
		if step, ok := page.Step(); ok && page.State == incidents.PageCalling && slices.Contains(step.People, p) {
			text := fmt.Sprintf("*You are called* · %s · %s\n%s", r.Incident.ID, r.Incident.Severity, title)
			out = append(out, row(text, primary("page.ack", "On it", Stamp{Incident: r.Incident.ID, Page: page.ID}))...)
		}
	}
	for _, plan := range r.Plans {
		if slices.Contains(plan.Can, p) {
			text := fmt.Sprintf("*%s waits for your approval* · %s · %s to write\n%s", plan.Spec.Is(), r.Incident.ID, Number(plan.Freeze.Writes), title)
			out = append(out, row(text, button("plan.review", "Review and approve", plan.Stamp()))...)
		}
	}
	return out
}

// homeRow is one open incident, with the way to its channel.
func homeRow(r HomeRow) []slack.Block {
	i := r.Incident
	head := fmt.Sprintf("*%s* · %s · %s · lead %s", i.ID, i.Severity, i.Phase(), Mention(i.Lead))
	if i.Channel != "" {
		head += " · <#" + i.Channel + ">"
	}
	for _, b := range i.Badges() {
		head = b + " · " + head
	}
	text := head + "\n" + Escape(cut(i.Title, maxHomeTitle)) + "\n" + Say(r.Numbers)
	if len(r.Watch) > 0 {
		text += "\n" + Say(r.Watch)
	}
	return menuRow(text, i.Key(), homeActs(r))
}

// homeActs are what the menu of an open incident offers. A light one has nowhere to
// call anybody to.
func homeActs(r HomeRow) []Option {
	s := Stamp{Incident: r.Incident.ID}
	acts := []Option{item("status.show", "Details", s)}
	if r.Following {
		acts = append(acts, item("follow.off", "Unfollow", s))
	} else {
		acts = append(acts, item("follow.on", "Follow", s))
	}
	acts = append(acts, item("update.open", "Post update", s))
	if !r.Incident.Light {
		acts = append(acts, item("call.open", "Call", s))
	}
	return acts
}
