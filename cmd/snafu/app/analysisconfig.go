package app

import (
	"regexp"
	"slices"

	"snafu/bot"
	"snafu/incidents"
	"snafu/incidents/response"
)

// ReactionsConfig names the emoji by which people put messages to use, without
// colons.
type ReactionsConfig struct {
	Timeline []string `yaml:"timeline"`  // the message goes to the timeline
	FollowUp []string `yaml:"follow_up"` // a follow-up is proposed
}

var emojiRule = regexp.MustCompile(`^[a-z0-9_+'-]{1,100}$`)

// ourEmoji is what the bot itself puts on a message.
const ourEmoji = "eyes"

func (r *ReactionsConfig) check(d *decoder) {
	if len(r.Timeline) == 0 {
		r.Timeline = []string{"pushpin"}
	}
	if len(r.FollowUp) == 0 {
		r.FollowUp = []string{"clipboard"}
	}
	for key, names := range map[string][]string{"slack.reactions.timeline": r.Timeline, "slack.reactions.follow_up": r.FollowUp} {
		for _, name := range names {
			switch {
			case !emojiRule.MatchString(name):
				d.fault(key, "%q is not the name of an emoji. Write it as Slack shows it, without colons: pushpin.", name)
			case name == ourEmoji:
				d.fault(key, "%s is what snafu itself puts on a message that is on the timeline. Choose another one.", name)
			}
		}
	}
	for _, name := range r.FollowUp {
		if slices.Contains(r.Timeline, name) {
			d.fault("slack.reactions.follow_up", "%s can't mean both: it stands under timeline too.", name)
		}
	}
}

func (r ReactionsConfig) reactions() bot.Reactions {
	return bot.Reactions{Timeline: r.Timeline, FollowUp: r.FollowUp}
}

// checkSecurity holds the contact to what can be called.
func (c Config) checkSecurity(d *decoder) {
	if _, known := c.Rotas[c.Security]; c.Security != "" && !known && !userRule.MatchString(c.Security) {
		d.fault("security", "%q is neither a rota of rotas nor a Slack user id. Whoever stands here is called when data was shown to someone who should not see it.", c.Security)
	}
}

// security is who is called when data was shown to someone who should not see it.
func (c Config) security(person func(string) incidents.Person) response.Target {
	if _, known := c.Rotas[c.Security]; known {
		return response.Target{Rota: c.Security}
	}
	if c.Security == "" {
		return response.Target{}
	}
	return response.Target{Person: person(c.Security)}
}
