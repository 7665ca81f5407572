package bot

import (
	"regexp"
	"slices"
	"strings"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// People in a hurry type as they speak. What is no verb but can be meant for one is
// answered with that one; nothing is ever done by a guess.

// spokenWords are words that begin what people say, and what helps them then.
var spokenWords = []struct {
	words []string
	says  string
}{
	{[]string{"i", "we", "me", "us", "need", "sos", "please", "hilfe", "assist"}, "To bring somebody in, in the channel of the snafu: `/snafu call`. To say that something went wrong: `/snafu open WHAT HAPPENED`. `/snafu` alone shows what you can do now."},
	{[]string{"who", "whos", "who's", "whom", "wer"}, "Who is on call: `/snafu oncall`. Who leads a snafu, and who is on it: `/snafu status`. `/snafu list` shows all that are open."},
	{[]string{"revert", "rollback", "roll", "back", "recover", "repair", "rückgängig"}, "To put records back, plan it first: `/snafu plan`. To take back what a run has written: `/snafu undo R1 WHY`. `/snafu status` shows where it stands."},
	{[]string{"done", "finished", "its", "it's", "solved", "fertig"}, "When the data is right again, the lead ends it: `/snafu resolve`. Until then a line helps: `/snafu note fix WHAT WAS DONE`."},
	{[]string{"mute", "silence", "quiet", "shut", "hush", "ruhe"}, "To be reminded later: `/snafu nag snooze 1h`. To remind nobody any more: `/snafu nag off WHY`. Your quiet hours: `/snafu settings`."},
	{[]string{"yes", "no", "yep", "nope", "ja", "nein", "maybe"}, "An answer needs its question: `/snafu triage` shows them, and `/snafu triage 3 no` answers the third."},
	{[]string{"öffnen", "melden", "neu", "report", "alarm", "fire", "broken", "problem"}, "To say that something went wrong: `/snafu open WHAT HAPPENED`. `/snafu` alone shows what you can do now."},
	{[]string{"schließen", "schliessen", "beenden", "end", "finish"}, "When the data is right again: `/snafu resolve`, and later `/snafu close`. What was none: `/snafu cancel WHY`."},
	{[]string{"abbrechen", "stopp", "halt"}, "To stop the cause: `/snafu contain`. To let a run rest: `/snafu pause R1`. To end what was none: `/snafu cancel WHY`."},
	{[]string{"sev1", "sev2", "sev3", "p1", "p2", "p3"}, "To say how bad one is: `/snafu sev 1 WHY`. To open one: `/snafu open sev1 WHAT HAPPENED`."},
}

// panelWords ask what to do now, which the bare command answers.
var panelWords = []string{
	"what", "whats", "what's", "now", "next", "where", "wheres", "where's", "how", "hi", "hello", "hey", "thanks", "thx", "danke", "ok", "okay", "was", "wo", "wie", "hallo",
}

// fillers say nothing: a verb that has only these behind it has nothing behind it.
var fillers = []string{"it", "it's", "that", "this", "them", "now", "please", "pls", "me", "us", "somebody", "someone", "anybody", "anyone", "asap", "immediately", "es", "das", "bitte", "jetzt"}

// bareOf takes off what stands around a word: dots, quotes and the like.
func bareOf(word string) string {
	return strings.ToLower(strings.Trim(word, "\"'`´.,:;!?…()[]{}*_~¡¿"))
}

var letterOrDigit = regexp.MustCompile(`[\pL\pN]`)

// sayable says whether there is a letter or a digit in a word: a picture alone, or
// two hyphens, are none.
func sayable(word string) bool { return letterOrDigit.MatchString(word) }

// emoji is how Slack writes a picture.
var emoji = regexp.MustCompile(`^:[a-z0-9_+'-]+:$`)

// unfilled drops what is behind a verb if it says nothing.
func unfilled(args []string) []string {
	for _, a := range args {
		if word := bareOf(a); word != "" && !slices.Contains(fillers, word) {
			return args
		}
	}
	return nil
}

// misspoken is the answer to words that begin with no verb.
func misspoken(w words, err error) error {
	if strings.HasPrefix(w.verb, "@") {
		return refusal.Invalid("I don't know what to do with a name alone. To call somebody: `/snafu call @colleague WHY`. To offer them the lead: `/snafu lead @colleague`. Who is on call: `/snafu oncall`.").Coded("verb")
	}
	for _, s := range spokenWords {
		if slices.Contains(s.words, w.verb) {
			return refusal.Invalid("I don't know %q. %s", short(w.verb), s.says).Coded("verb")
		}
	}
	if no, refused := refusal.As(err); refused && len(unfilled(w.args)) > 1 {
		title := incidents.Line(strings.ReplaceAll(w.verb+" "+w.rest, "`", "'"), incidents.TitleMax)
		return refusal.Invalid("%s If it is what went wrong: `/snafu open %s`.", no.Say, title).Coded("verb")
	}
	return err
}
