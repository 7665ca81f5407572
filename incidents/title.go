package incidents

import (
	"strconv"
	"strings"

	"snafu/incidents/refusal"
)

// TitleMax is the longest title, in characters.
const TitleMax = 80

// channelNameMax is Slack's limit for the name of a channel.
const channelNameMax = 80

// title returns the title of one line and, if it had to be cut, the whole
// text, which then becomes the first note.
func title(s string) (short, whole string, err error) {
	line := oneLine(s)
	if line == "" {
		return "", "", refusal.Invalid("A snafu needs a title of 1 to %d characters: what happened, in your words?", TitleMax)
	}
	short = shorten(line, TitleMax)
	if short != line {
		whole = clean(s)
	}
	return short, whole, nil
}

// ChannelName returns the name of the incident's channel:
// snafu-42-leads-moved-to-sql-by-mistake, of a-z, 0-9 and -, at most 80
// characters. A title without such characters leaves snafu-42. A drill begins
// with drill-.
func ChannelName(id ID, title string, drill bool) string {
	name := "snafu-"
	if drill {
		name = "drill-"
	}
	name += strconv.FormatInt(int64(id), 10)
	for _, word := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		if len(name)+1+len(word) > channelNameMax {
			if room := channelNameMax - len(name) - 1; strings.Count(name, "-") == 1 && room > 0 {
				name += "-" + word[:room]
			}
			break
		}
		name += "-" + word
	}
	return name
}
