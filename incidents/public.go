package incidents

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"snafu/incidents/refusal"
)

// PublicText is what people write for the edition of a post-mortem that
// everybody may read. The numbers and the times come from the post-mortem.
type PublicText struct {
	Loss    string // the first sentence: what was lost, as "We ..."
	Harm    string
	Apology string
	Changes string // what is changed; "" takes the safeguards of the follow-ups
	Thanks  string
}

// Draft returns the text with the first sentence that the numbers allow.
func (p PostMortem) Draft() PublicText {
	t := PublicText{Loss: "We made a mistake and changed data that we should not have touched."}
	if p.Tally != nil && p.Tally.Wrong > 0 {
		t.Loss = fmt.Sprintf("We made a mistake and changed %s %s that we should not have touched.", Count(p.Tally.Wrong), unit(p.Tally))
	}
	t.Thanks = "Thank you to everyone who told us and waited."
	return t
}

var (
	ourselves   = regexp.MustCompile(`(?i)\b(we|our|us|ours)\b`)
	ownKeys     = regexp.MustCompile(`(?i)\b(SNAFU-[0-9]+|[RWT][0-9]+(\.[0-9]+)*)\b`)
	links       = regexp.MustCompile(`(?i)\bhttps?://[^\s<>)\]]+`)
	withinOnly  = regexp.MustCompile(`(?i)^https?://(([^/]*\.)?(slack\.com|[^./:]+\.(internal|local|corp|lan|intranet|test))|[^./:]+|10\.[0-9.]+|192\.168\.[0-9.]+|172\.(1[6-9]|2[0-9]|3[01])\.[0-9.]+|127\.[0-9.]+)(:[0-9]+)?(/|$)`)
	noPromise   = regexp.MustCompile(`(?i)\b(never again|will never|(can|could|will)( not|'t|not) happen again|won't happen again|guarantee[ds]?|impossible|always|100 ?%)`)
	publicSlots = []struct {
		block, name string
		of          func(PublicText) string
		must        bool
	}{
		{"loss", "The first sentence", func(t PublicText) string { return t.Loss }, true},
		{"harm", "What it meant for people", func(t PublicText) string { return t.Harm }, true},
		{"apology", "The apology", func(t PublicText) string { return t.Apology }, true},
		{"changes", "What is changed", func(t PublicText) string { return t.Changes }, false},
		{"thanks", "The thanks", func(t PublicText) string { return t.Thanks }, false},
	}
)

// Check finds what may not stand in a public text: slot to sentence. names are
// what the people of the incident are called.
func (t PublicText) Check(names []string) map[string]string {
	wrong := map[string]string{}
	for _, s := range publicSlots {
		text := oneLine(s.of(t))
		switch {
		case text == "" && s.must:
			wrong[s.block] = s.name + " is missing. A text for the public says what was lost, what it meant, and that we are sorry."
		case text != "":
			if why := unfit(text, names); why != "" {
				wrong[s.block] = why
			}
		}
	}
	if wrong["loss"] == "" && !ourselves.MatchString(t.Loss) {
		wrong["loss"] = "Write it as we: \"We made a mistake and lost ...\". It was nobody else."
	}
	return wrong
}

func unfit(text string, names []string) string {
	if NamesPerson(text) {
		return "Name no person: a text for the public says we."
	}
	for _, name := range names {
		if within(text, name) {
			return "Name no person: \"" + name + "\" has a part in this snafu. A text for the public says we."
		}
	}
	if key := ownKeys.FindString(text); key != "" {
		return "\"" + key + "\" means something here and nothing to a reader. Leave it out."
	}
	for _, link := range links.FindAllString(text, -1) {
		if withinOnly.MatchString(link) {
			return "\"" + shorten(link, 60) + "\" can be opened from inside alone. Leave it out."
		}
	}
	return ""
}

// within says whether a name stands in a text as a word of its own.
func within(text, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	if len([]rune(name)) < 3 {
		return false
	}
	lower := strings.ToLower(text)
	for from := 0; ; {
		at := strings.Index(lower[from:], name)
		if at < 0 {
			return false
		}
		at += from
		before := []rune(lower[:at])
		after := []rune(lower[at+len(name):])
		if (len(before) == 0 || !unicode.IsLetter(before[len(before)-1])) && (len(after) == 0 || !unicode.IsLetter(after[0])) {
			return true
		}
		from = at + len(name)
	}
}

// Public returns the edition for everybody as a draft in Markdown, and what
// whoever reads it should think of again. It refuses with Invalid what Check
// finds.
func (p PostMortem) Public(t PublicText, names []string) (string, []string, error) {
	wrong := t.Check(names)
	for _, s := range publicSlots {
		if why := wrong[s.block]; why != "" {
			return "", nil, refusal.Invalid("%s", why).Coded("public")
		}
	}
	changes := oneLine(t.Changes)
	if changes == "" {
		changes = p.safeguards(names)
	}
	began := p.began()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n\n", args...) }
	plain := func(s string) string { return markdownEscape.Replace(Visible(oneLine(s))) }
	line("> DRAFT. Nobody has published this.")
	line("*%s*", p.Made.UTC().Format(time.DateOnly))
	line("%s", plain(t.Loss))
	line("## What happened")
	line("%s", plain("It began on "+p.day()+"."+p.stoppedOn()))
	if p.Tally != nil {
		line("%s", plain(p.publicNumbers()))
	}
	line("## What it meant")
	line("%s", plain(t.Harm))
	line("## We are sorry")
	line("%s", plain(t.Apology))
	line("## What we change")
	line("%s", first(plain(changes), "We are still working on this, and will say so here."))
	if thanks := plain(t.Thanks); thanks != "" {
		line("%s", thanks)
	}
	var warnings []string
	for _, again := range p.Aftermath.Again {
		line("## Update of %s", again.day())
		line("%s", plain(again.cameBack()))
		warnings = append(warnings, "The same came back as "+again.Incident.Key()+". Look again at what you say is changed.")
	}
	for _, promise := range noPromise.FindAllString(strings.Join([]string{t.Loss, t.Harm, t.Apology, changes, t.Thanks}, "\n"), -1) {
		warnings = append(warnings, "\""+promise+"\" promises more than anybody can keep. Say what was changed instead.")
	}
	if began.After(p.Made) {
		warnings = append(warnings, "It began after this was written. Look at the time of question 6.")
	}
	return strings.TrimRight(b.String(), "\n") + "\n", warnings, nil
}

// began is when it began as people said, or else when it was opened.
func (p PostMortem) began() time.Time {
	if at := p.Incident.Triage.Answer(QuestionBegan).Time; !at.IsZero() {
		return at
	}
	return p.Incident.Opened
}

func (p PostMortem) day() string { return p.began().UTC().Format(time.DateOnly) }

// cameBack is what a later incident adds to the text about the one of which it is
// the same again.
func (p PostMortem) cameBack() string {
	s := "It happened again on " + p.day() + "." + p.stoppedOn()
	if p.Tally != nil {
		s += " " + p.publicNumbers()
	}
	return s
}

func first(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (p PostMortem) stoppedOn() string {
	if r, ok := p.Aftermath.Reached[MilestoneContained]; ok {
		return " We stopped it on " + r.Last.UTC().Format(time.DateOnly) + "."
	}
	return ""
}

func (p PostMortem) publicNumbers() string {
	all, t := p.Summary.Total, p.Tally
	s := fmt.Sprintf("%s of %s %s that it reached were wrong.", Count(all.Wrong), Count(all.Total), unit(t))
	if t.AsIntended > 0 {
		s += fmt.Sprintf(" %s were right all along.", Count(t.AsIntended))
	}
	if all.Fixed > 0 {
		s += fmt.Sprintf(" We have put %s right.", Count(all.Fixed))
	}
	if all.Kept > 0 {
		s += fmt.Sprintf(" %s had been set by people since, and stay as they set them.", Count(all.Kept))
	}
	if all.Unrestorable > 0 {
		s += fmt.Sprintf(" %s cannot be restored.", Count(all.Unrestorable))
	}
	if all.Left > 0 {
		s += fmt.Sprintf(" %s are still wrong, and we work on them.", Count(all.Left))
	}
	return s
}

// safeguards are what the follow-ups change, as far as a stranger may read it.
func (p PostMortem) safeguards(names []string) string {
	var all []string
	for _, f := range p.Aftermath.Follow {
		if s := strings.TrimRight(oneLine(f.Safeguard), "."); s != "" && f.State != FollowDropped && unfit(s, names) == "" {
			all = append(all, s+".")
		}
	}
	return strings.Join(all, " ")
}
