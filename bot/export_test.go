package bot

import (
	"context"
	"encoding/json"
	"strings"

	"snafu/rollback/count"
)

// ReadSchedule reads the words behind watch.
func ReadSchedule(text string) (count.Schedule, error) { return schedule(strings.Fields(text)) }

// Hear takes a payload as a connection would bring it, whoever made it, and
// returns what the acknowledgement carries.
func (b *Bot) Hear(ctx context.Context, envelope string, payload map[string]any) (any, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	answer := b.receive(ctx, envelope, raw)
	if answer.then != nil {
		answer.then(ctx)
	}
	return answer.body, nil
}

// Forget makes the bot ask Slack again who somebody is and where, as it does
// after a few minutes.
func (b *Bot) Forget() {
	b.people.mu.Lock()
	defer b.people.mu.Unlock()
	clear(b.people.known)
	b.privates.Clear()
}

// VerbNames are the names of all verbs, in the order of their table.
func VerbNames() (names []string) {
	for i := range verbs {
		names = append(names, verbs[i].name)
	}
	return names
}

// VerbExample is what the help shows of a verb, "" of one that there is not.
func VerbExample(name string) string {
	if v := named(name); v != nil {
		return v.example
	}
	return ""
}

// ActionNames are the ids of everything that can be pressed.
func ActionNames() (names []string) {
	for _, a := range actions {
		names = append(names, a.id)
	}
	return names
}
