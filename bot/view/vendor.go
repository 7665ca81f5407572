package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// VendorCard is what to tell a vendor's support, and what came of it.
type VendorCard struct {
	Incident incidents.Incident
	Summary  incidents.Summary
	Vendor   string // its name in the configuration
	Title    string // what people call it
	Hours    string
	Phone    string
	Contract string
	URL      string
	Within   time.Duration // in which it promises an answer
	Why      string
	By       incidents.Person
	Cases    []incidents.Case
}

const casesShown = 8

// Vendor shows how a vendor's support is reached, a text that is ready to be sent
// to it, and the numbers of its cases.
func Vendor(c VendorCard) Message {
	key := c.Incident.ID
	m := Message{
		Text: cutMarkup(fmt.Sprintf("%s: ask %s for help", key, Escape(c.Title)), maxFallback),
		Blocks: stack(
			section(fmt.Sprintf("*Ask %s for help.* Nobody there is paged: write to their support, then add the case number.\n%s", Escape(cut(c.Title, 100)), reached(c))),
			section("Ready to send:\n```"+EscapeCode(cut(ticket(c), maxTicket))+"```"),
			paragraphs(vendorCases(c.Cases)),
			context(fmt.Sprintf("%s · %s · %s · asked for by %s", key, c.Incident.Severity, Escape(c.Incident.Title), Mention(c.By)), why(c.Why)),
		),
	}
	s := Stamp{Incident: key, Choice: c.Vendor}
	row := []*slack.ButtonBlockElement{button("case.open", "Add the case number", s)}
	for _, one := range c.Cases {
		if one.Answered.IsZero() {
			s.Choice = one.Ref
			row = append(row, button("case.answered", "They answered", s))
			break
		}
	}
	m.Blocks = append(m.Blocks, buttons("vendor-"+c.Vendor, row...)...)
	return m
}

const maxTicket = 1500

func reached(c VendorCard) string {
	var parts []string
	for _, p := range []struct{ before, said string }{{"hours ", c.Hours}, {"phone ", c.Phone}, {"contract ", c.Contract}} {
		if p.said != "" {
			parts = append(parts, p.before+Escape(cut(p.said, 200)))
		}
	}
	if c.Within > 0 {
		parts = append(parts, "promises an answer within "+Duration(c.Within))
	}
	if c.URL != "" {
		parts = append(parts, link(c.URL, "open a case"))
	}
	return strings.Join(parts, " · ")
}

// link is an address behind words; the address comes from the configuration.
func link(address, words string) string {
	return "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", " ", "%20").Replace(address) + "|" + Escape(words) + ">"
}

// ticket is the text for the vendor: what, since when, how much, and the question
// that only they can answer. It holds no value of a record.
func ticket(c VendorCard) string {
	i := c.Incident
	began := "not known yet, noticed " + plainTime(i.Opened)
	if a := i.Triage.Answer(incidents.QuestionBegan); !a.Time.IsZero() {
		began = plainTime(a.Time)
	}
	system := i.System
	if system == "" {
		system = "not known yet"
	}
	lines := []string{
		i.Title,
		"System: " + system,
		"Since: " + began,
		c.Summary.Numbers.String(),
		c.Summary.Cause.String(),
	}
	if c.Contract != "" {
		lines = append(lines, "Contract: "+c.Contract)
	}
	return strings.Join(append(lines,
		"Our reference: "+i.Key(),
		"What is the Last Saved State of this data, that is, the newest copy from before? Can you restore it, or give us what the records were?",
		"Please change nothing in these records until we have spoken.",
	), "\n")
}

func plainTime(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func vendorCases(all []incidents.Case) []string {
	if len(all) == 0 {
		return []string{"No case number yet."}
	}
	var lines []string
	for _, c := range all[max(0, len(all)-casesShown):] {
		lines = append(lines, caseLine(c))
	}
	return lines
}

func caseLine(c incidents.Case) string {
	number := Escape(cut(c.Ref, 60))
	if c.URL != "" {
		number = link(c.URL, cut(c.Ref, 60))
	}
	line := fmt.Sprintf("Case %s since %s, by %s", number, Clock(c.At), Mention(c.By))
	if c.Text != "" {
		line += ": " + Escape(cut(c.Text, 300))
	}
	if !c.Answered.IsZero() {
		line += " · answered " + Clock(c.Answered)
	}
	return line
}

// CaseForm asks for a case number.
type CaseForm struct {
	Stamp Stamp
	Whose []Option // vendors, and the customer's support
	Whom  string   // chosen before
	Ref   string
}

// CaseModal asks whose case it is, and its number.
func CaseModal(f CaseForm) slack.ModalViewRequest {
	return modal("case", "Add a case number", "Add", f.Stamp,
		field("whom", "Whose case is it?", "", false, selectInput("Choose", f.Whom, f.Whose)),
		field("ref", "Its number", "", false, textInput(f.Ref, "4711", false)),
		field("text", "What did they say?", "", true, textInput("", "", false)))
}

// WhoHelps says who can stand by, or carry something out: who is on call for the
// system, and whose support helps with it.
func WhoHelps(onCall []incidents.Person, rota, vendor string) string {
	var parts []string
	if len(onCall) > 0 {
		parts = append(parts, fmt.Sprintf("%s (%s) can stand by or carry it out: `/snafu call %s`", Mentions(onCall), Escape(cut(rota, 60)), Escape(cut(rota, 60))))
	}
	if vendor != "" {
		parts = append(parts, fmt.Sprintf("their support: `/snafu call %s`", Escape(cut(vendor, 60))))
	}
	return strings.Join(parts, " · ")
}
